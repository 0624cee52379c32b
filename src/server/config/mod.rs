//! The configuration: environment and `.env`, parsed once into types. All errors are reported together.

mod env_file;
mod origin;
mod secret;
mod variables;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;

use self::variables::{default, environment, value};
pub use self::{
    origin::Origin,
    secret::{Secret, SecretError},
    variables::{VARIABLES, Variable, help},
};
use super::{http::client_address::TrustedProxies, observability::logging::LogFormat, store::DatabaseUrl};
use crate::domain::Registration;

/// The maximum lifetime of a token, and of an idle session: nothing else bounds a stolen token.
const LONGEST_SESSION_TTL: Duration = Duration::from_mins(30);
/// The maximum lifetime of a session in use, and the retention period of the session denylist.
pub const LONGEST_SESSION_MAX: Duration = Duration::from_hours(30 * 24);

#[expect(clippy::struct_excessive_bools, reason = "each is a separate setting")]
pub struct Config {
    pub secret: Secret,
    /// Verifies and decrypts only, during a rotation of the secret.
    pub previous_secret: Option<Secret>,
    pub database: DatabaseUrl,
    pub origin: Origin,
    /// Allows sessions over plain http, where anyone on the network can read them.
    pub insecure_http: bool,
    /// Adds `includeSubDomains` to `Strict-Transport-Security`.
    pub hsts_subdomains: bool,
    pub trusted_proxies: TrustedProxies,
    /// The lifetime of a token and its cookie; whole seconds, at least one.
    pub session_ttl: Duration,
    /// The lifetime of a session with all its renewals; whole seconds, at least one.
    pub session_max: Duration,
    pub rate_limits: bool,
    pub registration: Registration,
    /// A URI for vulnerability reports.
    pub security_contact: Option<String>,
    /// Per user.
    pub max_todos: u32,
    pub max_connections: u32,
    pub address: SocketAddr,
    /// Never equal to `address`.
    pub metrics_address: Option<SocketAddr>,
    pub site_root: PathBuf,
    pub log_filter: EnvFilter,
    pub log_format: LogFormat,
    /// Set under `cargo leptos watch`, by `LEPTOS_WATCH`.
    pub watched: bool,
}

impl Config {
    /// All secrets that verify and decrypt; the first one also signs and encrypts.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.secret).chain(&self.previous_secret)
    }

    /// Reads the environment, then `.env` in the working directory. Parent directories are not searched: another user may own
    /// them.
    ///
    /// # Errors
    /// One sentence per fault.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::parse(environment().map_err(|fault| vec![fault])?)
    }

    /// Reads `DATABASE_URL` only, for the operator's commands.
    ///
    /// # Errors
    /// A sentence that names the fault.
    pub fn database_from_env() -> Result<DatabaseUrl, String> {
        DatabaseUrl::parse(&value("DATABASE_URL")?).map_err(|fault| format!("DATABASE_URL {fault}"))
    }

    /// Reads `LEPTOS_SITE_ADDR` only, for the health check.
    ///
    /// # Errors
    /// A sentence that names the fault.
    pub fn address_from_env() -> Result<SocketAddr, String> {
        parse_address(&value("LEPTOS_SITE_ADDR")?).map_err(|fault| format!("LEPTOS_SITE_ADDR {fault}"))
    }

    /// Parses the variables that `lookup` returns.
    ///
    /// # Errors
    /// One sentence per fault.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut faults = Faults::default();
        Self::parse_or_note(lookup, &mut faults).ok_or(faults.0)
    }

    /// `None` after a fault.
    fn parse_or_note(lookup: impl Fn(&str) -> Option<String>, faults: &mut Faults) -> Option<Self> {
        let get = |name: &str| lookup(name).unwrap_or_else(|| default(name).to_owned());
        let secret = faults.check("JWT_SECRET", Secret::parse(&get("JWT_SECRET")).map_err(SecretError::sentence));
        let previous_secret = match lookup("JWT_SECRET_PREVIOUS") {
            Some(text) if text == get("JWT_SECRET") => Err("equals JWT_SECRET: set it to the previous secret, or unset it"),
            Some(text) => Secret::parse(&text).map(Some).map_err(SecretError::sentence),
            None => Ok(None),
        };
        let previous_secret = faults.check("JWT_SECRET_PREVIOUS", previous_secret);
        let database = faults.check("DATABASE_URL", DatabaseUrl::parse(&get("DATABASE_URL")));
        let address = faults.check("LEPTOS_SITE_ADDR", parse_address(&get("LEPTOS_SITE_ADDR")));
        let metrics_address = faults.check("METRICS_ADDR", parse_metrics_address(&get("METRICS_ADDR"), address));
        let origin = match (lookup("PUBLIC_ORIGIN"), address) {
            (Some(text), _) => faults.check("PUBLIC_ORIGIN", Origin::parse(&text)),
            (None, Some(address)) => faults.check("PUBLIC_ORIGIN", default_origin(&address)),
            (None, None) => None,
        };
        let is_https = origin.as_ref().map(Origin::is_https);
        let insecure_http = match parse_bool(&get("INSECURE_HTTP")) {
            Ok(true) if is_https == Some(true) => Err("can't be combined with an https PUBLIC_ORIGIN: unset one of them"),
            insecure_http => insecure_http,
        };
        let insecure_http = faults.check("INSECURE_HTTP", insecure_http);
        let hsts_subdomains = match parse_bool(&get("HSTS_INCLUDE_SUBDOMAINS")) {
            Ok(true) if is_https == Some(false) => Err("needs an https PUBLIC_ORIGIN: change one of them"),
            hsts_subdomains => hsts_subdomains,
        };
        let hsts_subdomains = faults.check("HSTS_INCLUDE_SUBDOMAINS", hsts_subdomains);
        let trusted_proxies = faults.check("TRUSTED_PROXIES", TrustedProxies::parse(&get("TRUSTED_PROXIES")));
        let session_ttl = parse_duration(&get("SESSION_TTL"), LONGEST_SESSION_TTL);
        let session_ttl = faults.check("SESSION_TTL", session_ttl.ok_or("must be a time from 1s to 30m, as in 30m or 90s"));
        let session_max = parse_duration(&get("SESSION_MAX"), LONGEST_SESSION_MAX);
        let session_max = faults.check("SESSION_MAX", session_max.ok_or("must be a time from 1s to 30d, as in 12h or 7d"));
        let rate_limits = faults.check("RATE_LIMITS", parse_bool(&get("RATE_LIMITS")));
        let max_todos = faults.check("MAX_TODOS", parse_count(&get("MAX_TODOS")));
        let max_connections = faults.check("MAX_CONNECTIONS", parse_count(&get("MAX_CONNECTIONS")));
        let registration = faults.check("REGISTRATION", parse_registration(&get("REGISTRATION")));
        let security_contact = faults.check("SECURITY_CONTACT", parse_contact(&get("SECURITY_CONTACT")));
        let log_filter = EnvFilter::try_new(get("RUST_LOG"));
        let log_filter = log_filter.map_err(|_| "must be a level such as info, or directives such as warn,holdfast=debug");
        let log_filter = faults.check("RUST_LOG", log_filter);
        let log_format = faults.check("LOG_FORMAT", parse_log_format(&get("LOG_FORMAT")));
        Some(Self {
            secret: secret?,
            previous_secret: previous_secret?,
            database: database?,
            origin: origin?,
            insecure_http: insecure_http?,
            hsts_subdomains: hsts_subdomains?,
            trusted_proxies: trusted_proxies?,
            session_ttl: session_ttl?,
            session_max: session_max?,
            rate_limits: rate_limits?,
            max_todos: max_todos?,
            max_connections: max_connections?,
            registration: registration?,
            security_contact: security_contact?,
            address: address?,
            metrics_address: metrics_address?,
            site_root: get("LEPTOS_SITE_ROOT").into(),
            log_filter: log_filter?,
            log_format: log_format?,
            watched: lookup("LEPTOS_WATCH").is_some(),
        })
    }
}

/// One sentence per fault.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check<T>(&mut self, name: &str, value: Result<T, &'static str>) -> Option<T> {
        value.map_err(|fault| self.0.push(format!("{name} {fault}"))).ok()
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "must be an address and a port, as in 127.0.0.1:3000")
}

fn parse_metrics_address(text: &str, site: Option<SocketAddr>) -> Result<Option<SocketAddr>, &'static str> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(address) if Some(address) == site => Err("equals LEPTOS_SITE_ADDR: metrics need their own address or port"),
        Ok(address) => Ok(Some(address)),
        Err(_) => Err("must be an address and a port, as in 127.0.0.1:9100"),
    }
}

fn parse_registration(text: &str) -> Result<Registration, &'static str> {
    match text {
        "open" => Ok(Registration::Open),
        "closed" => Ok(Registration::Closed),
        _ => Err("must be open or closed"),
    }
}

/// Control characters are rejected, because the URI becomes a line of `security.txt`.
fn parse_contact(text: &str) -> Result<Option<String>, &'static str> {
    let is_uri = ["mailto:", "https://", "tel:"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    match text {
        "" => Ok(None),
        _ if is_uri && text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(text.to_owned())),
        _ => Err("must be a URI, as in mailto:security@example.org or https://example.org/security"),
    }
}

/// The origin for a browser on this machine.
fn default_origin(address: &SocketAddr) -> Result<Origin, &'static str> {
    let port = address.port();
    match address.ip() {
        ip if ip.is_unspecified() => Origin::parse(&format!("http://127.0.0.1:{port}")),
        IpAddr::V4(ip) => Origin::parse(&format!("http://{ip}:{port}")),
        // Without the zone of a link-local address: URLs have none.
        IpAddr::V6(ip) => Origin::parse(&format!("http://[{ip}]:{port}")),
    }
}

fn parse_bool(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err("must be on or off, or true or false"),
    }
}

fn parse_log_format(text: &str) -> Result<LogFormat, &'static str> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "json" => Ok(LogFormat::Json),
        "pretty" => Ok(LogFormat::Pretty),
        _ => Err("must be auto, json or pretty"),
    }
}

fn parse_count(text: &str) -> Result<u32, &'static str> {
    const FAULT: &str = "must be a whole number from 1 to 10000000";
    text.parse().ok().filter(|count| (1..=10_000_000).contains(count)).ok_or(FAULT)
}

/// Accepts `7d`, `12h`, `30m`, `1800s` and plain seconds; at least one second.
fn parse_duration(text: &str, max: Duration) -> Option<Duration> {
    let (number, unit) = text.strip_suffix('d').map_or((text, 1), |days| (days, 24 * 60 * 60));
    let time = match number.parse::<u64>() {
        Ok(count) => Duration::from_secs(count.checked_mul(unit)?),
        Err(_) => Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()?,
    };
    (time.subsec_nanos() == 0 && !time.is_zero() && time <= max).then_some(time)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use super::Config;
    use crate::domain::Registration;

    const SECRET: &str = "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP";

    fn parse(set: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let set: HashMap<_, _> = set.iter().copied().collect();
        Config::parse(|name| set.get(name).filter(|value| !value.is_empty()).map(ToString::to_string))
    }

    #[test]
    fn only_the_secret_is_required() {
        let config = parse(&[("JWT_SECRET", SECRET)]).ok().unwrap();
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
        assert_eq!(config.session_ttl, Duration::from_mins(30));
        assert!(config.rate_limits);
        assert_eq!((config.registration, config.security_contact), (Registration::Open, None));
    }

    #[test]
    fn all_faults_are_reported_together_without_values() {
        let faults = parse(&[
            ("JWT_SECRET", "hunter2"),
            ("JWT_SECRET_PREVIOUS", "hunter22"),
            ("DATABASE_URL", "mysql://root:hunter2@db"),
            ("PUBLIC_ORIGIN", "hunter2"),
            ("INSECURE_HTTP", "hunter2"),
            ("HSTS_INCLUDE_SUBDOMAINS", "hunter2"),
            ("TRUSTED_PROXIES", "hunter2"),
            ("SESSION_TTL", "hunter2"),
            ("SESSION_MAX", "hunter2"),
            ("MAX_TODOS", "hunter2"),
            ("MAX_CONNECTIONS", "0"),
            ("RATE_LIMITS", "hunter2"),
            ("REGISTRATION", "hunter2"),
            ("SECURITY_CONTACT", "hunter2"),
            ("LEPTOS_SITE_ADDR", "hunter2"),
            ("METRICS_ADDR", "hunter2"),
            ("RUST_LOG", "info,[hunter2"),
            ("LOG_FORMAT", "hunter2"),
        ])
        .err()
        .unwrap();
        let names: Vec<_> = faults.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
        assert_eq!(
            names,
            [
                "JWT_SECRET",
                "JWT_SECRET_PREVIOUS",
                "DATABASE_URL",
                "LEPTOS_SITE_ADDR",
                "METRICS_ADDR",
                "PUBLIC_ORIGIN",
                "INSECURE_HTTP",
                "HSTS_INCLUDE_SUBDOMAINS",
                "TRUSTED_PROXIES",
                "SESSION_TTL",
                "SESSION_MAX",
                "RATE_LIMITS",
                "MAX_TODOS",
                "MAX_CONNECTIONS",
                "REGISTRATION",
                "SECURITY_CONTACT",
                "RUST_LOG",
                "LOG_FORMAT"
            ]
        );
        assert!(!faults.concat().contains("hunter2"), "{faults:?}");
    }

    #[test]
    fn metrics_address_is_optional_and_not_that_of_the_site() {
        let parse = |address, site| {
            let config = parse(&[("JWT_SECRET", SECRET), ("METRICS_ADDR", address), ("LEPTOS_SITE_ADDR", site)]);
            config.map(|config| config.metrics_address.map(|address| address.to_string()))
        };
        assert_eq!(parse("", "127.0.0.1:3000"), Ok(None));
        for own in ["127.0.0.1:9100", "127.0.0.2:3000", "[::1]:3000"] {
            assert_eq!(parse(own, "127.0.0.1:3000"), Ok(Some(own.to_owned())));
        }
        for (refused, site) in
            [("127.0.0.1:3000", ""), ("[::1]:80", "[::1]:80"), ("9100", ""), (":9100", ""), ("localhost:9100", "")]
        {
            let faults = parse(refused, site).unwrap_err();
            assert!(faults.len() == 1 && faults[0].starts_with("METRICS_ADDR "), "{refused}: {faults:?}");
        }
    }

    #[test]
    fn weak_secrets_are_refused() {
        let sample = include_str!("../../../.env.example").lines().find_map(|line| line.strip_prefix("JWT_SECRET=")).unwrap();
        let dressed = [format!("'{sample}'"), format!(" {sample}\n"), sample.to_uppercase(), format!("{} \n", &SECRET[..31])];
        let plain = ["", "secret", &SECRET[..31], &"x".repeat(32), &"ab".repeat(16), sample];
        for weak in plain.into_iter().chain(dressed.iter().map(String::as_str)) {
            assert!(parse(&[("JWT_SECRET", weak)]).is_err(), "{weak:?}");
            let previous = parse(&[("JWT_SECRET", SECRET), ("JWT_SECRET_PREVIOUS", weak)]);
            assert_eq!(previous.is_err(), !weak.is_empty(), "{weak:?}");
        }
        assert!(parse(&[("JWT_SECRET", SECRET), ("JWT_SECRET_PREVIOUS", SECRET)]).is_err(), "the previous secret must differ");
    }

    #[test]
    fn session_ttl_is_from_one_second_to_thirty_minutes() {
        let ttl = |text| parse(&[("JWT_SECRET", SECRET), ("SESSION_TTL", text)]).ok().map(|config| config.session_ttl.as_secs());
        assert_eq!(ttl("90"), Some(90));
        assert_eq!(ttl("90s"), Some(90));
        assert_eq!(ttl("30m"), Some(1800));
        for refused in ["0", "-5s", "0s", "1801", "31m", "1.5s", "1d", "soon"] {
            assert_eq!(ttl(refused), None, "{refused}");
        }
    }

    #[test]
    fn session_max_is_from_one_second_to_thirty_days_and_defaults_to_twelve_hours() {
        let max = |text| parse(&[("JWT_SECRET", SECRET), ("SESSION_MAX", text)]).ok().map(|config| config.session_max.as_secs());
        for (text, seconds) in
            [("", 43_200), ("1s", 1), ("90", 90), ("24h", 86_400), ("7d", 604_800), ("30d", 2_592_000), ("720h", 2_592_000)]
        {
            assert_eq!(max(text), Some(seconds), "{text}");
        }
        for refused in ["0", "0d", "-1d", "31d", "721h", "2592001", "1.5d", "d", "18446744073709551615d", "for ever"] {
            assert_eq!(max(refused), None, "{refused}");
        }
    }

    #[test]
    fn security_contact_is_a_single_uri() {
        let contact =
            |text| parse(&[("JWT_SECRET", SECRET), ("SECURITY_CONTACT", text)]).ok().map(|config| config.security_contact);
        for uri in ["mailto:security@example.org", "https://example.org/security", "tel:+1-201-555-0123"] {
            assert_eq!(contact(uri), Some(Some(uri.to_owned())));
        }
        for refused in ["security@example.org", "mailto:", "http://example.org", "https://a b", "mailto:a@b.c\nExpires: never"] {
            assert_eq!(contact(refused), None, "{refused}");
        }
    }

    #[test]
    fn public_origin_follows_the_address_unless_set() {
        let origin = |set: &[(&str, &str)]| {
            let config = parse(&[&[("JWT_SECRET", SECRET)], set].concat()).ok().unwrap();
            config.origin.as_str().to_owned()
        };
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "127.0.0.1:4000")]), "http://127.0.0.1:4000");
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "0.0.0.0:4000")]), "http://127.0.0.1:4000");
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "[::1]:4000")]), "http://[::1]:4000");
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "127.0.0.1:80")]), "http://127.0.0.1");
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "[::ffff:127.0.0.1]:4000")]), "http://[::ffff:7f00:1]:4000");
        assert_eq!(origin(&[("LEPTOS_SITE_ADDR", "[fe80::1%2]:4000")]), "http://[fe80::1]:4000");
    }

    #[test]
    fn public_origin_is_as_browsers_write_it() {
        let origin = |text| parse(&[("JWT_SECRET", SECRET), ("PUBLIC_ORIGIN", text)]).map(|config| config.origin);
        for (input, serialized) in [
            ("HTTPS://Todo.Example.org:443/", "https://todo.example.org"),
            ("http://todo.lan:080", "http://todo.lan"),
            ("https://todo.lan:80", "https://todo.lan:80"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("https://B\u{dc}CHER.example:8443", "https://xn--bcher-kva.example:8443"),
            ("https://b%C3%BCcher.example", "https://xn--bcher-kva.example"),
            ("http://127.1:3000", "http://127.0.0.1:3000"),
            ("http://0x7f000001", "http://127.0.0.1"),
            ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
            ("http://[2001:DB8::0:1]", "http://[2001:db8::1]"),
        ] {
            assert_eq!(origin(input).ok().unwrap().as_str(), serialized, "{input}");
        }
        for refused in [
            "https:todo.example.org",
            "https:///todo.example.org",
            "https://todo.example.org//",
            "https://todo.example.org?x",
            "https://todo.example.org/#x",
            "https://todo.example.org\\x",
            "https://todo .example.org",
            "https://todo\n.example.org",
            "https://[::1",
            "http://127.0.0.1.1",
            "null",
            "todo.example.org",
            "ftp://todo.example.org",
            "https://a@b",
            "https://todo.example.org/x",
            "https://",
            "https://x:99999",
            "https://x:",
        ] {
            assert!(parse(&[("JWT_SECRET", SECRET), ("PUBLIC_ORIGIN", refused)]).is_err(), "{refused}");
        }
    }

    #[test]
    fn insecure_http_with_https_is_refused() {
        let set = |origin| parse(&[("JWT_SECRET", SECRET), ("INSECURE_HTTP", "true"), ("PUBLIC_ORIGIN", origin)]);
        assert!(set("http://todo.lan").is_ok_and(|config| config.insecure_http));
        assert!(set("http://127.0.0.1:3000").is_ok_and(|config| config.insecure_http), "Safari needs it on loopback");
        let faults = set("https://todo.lan").err().unwrap();
        assert!(faults.len() == 1 && faults[0].starts_with("INSECURE_HTTP can't be"), "{faults:?}");
        assert!(parse(&[("JWT_SECRET", SECRET)]).is_ok_and(|config| !config.insecure_http));
    }

    ///
    #[test]
    fn hsts_for_subdomains_is_set_for_https_alone_and_off_by_default() {
        let set = |value, origin| {
            let set = [("JWT_SECRET", SECRET), ("HSTS_INCLUDE_SUBDOMAINS", value), ("PUBLIC_ORIGIN", origin)];
            parse(&set).map(|config| config.hsts_subdomains)
        };
        assert_eq!(set("", "https://todo.example.org"), Ok(false));
        assert_eq!(set("on", "https://todo.example.org"), Ok(true));
        let faults = set("on", "http://todo.lan").unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with("HSTS_INCLUDE_SUBDOMAINS needs"), "{faults:?}");
    }
}

//! Configuration: environment and `.env`, parsed once into types. Every fault is told at once.

use std::{
    env::VarError,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{
    client_address::TrustedProxies,
    env_file,
    secret::{Secret, SecretError},
    store::DatabaseUrl,
    telemetry::LogFormat,
};
use crate::domain::Registration;

/// The longest a token may be good, and with it a session that nobody uses: this is all that bounds a stolen one.
const LONGEST_SESSION_TTL: Duration = Duration::from_mins(30);
/// The longest a session may last that is used all the time. What was signed out is remembered for as long.
pub const LONGEST_SESSION_MAX: Duration = Duration::from_hours(30 * 24);

/// A variable of the environment, as `--help` and `.env.example` show it.
pub struct Variable {
    pub name: &'static str,
    /// What counts when it is unset; `None` where something must be set, and empty where nothing need be.
    pub default: Option<&'static str>,
    pub help: &'static str,
}

/// Every variable that is for an operator to set.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "JWT_SECRET",
        default: None,
        help: "Signs tokens and encrypts cookies: at least 32 random bytes, for instance from\n\
               `openssl rand -base64 32`. All replicas share it; a new one signs everybody out, unless JWT_SECRET_PREVIOUS has the old one.",
    },
    Variable {
        name: "JWT_SECRET_PREVIOUS",
        default: Some(""),
        help: "The secret before: what it signed is good until it expires, and nothing new is signed with it.\n\
               Take it away once SESSION_TTL has passed.",
    },
    Variable {
        name: "DATABASE_URL",
        default: Some("sqlite://data/holdfast.db"),
        help: "Where the data is: sqlite://PATH, where file and folder are made if missing; or, for several servers,\n\
               postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full.",
    },
    Variable {
        name: "PUBLIC_ORIGIN",
        default: Some("http://127.0.0.1:3000"),
        help: "What people type into the browser: scheme, host and port, as in https://todo.example.org.\n\
               Unset, it follows LEPTOS_SITE_ADDR. 127.0.0.1 also goes by the name localhost.",
    },
    Variable {
        name: "INSECURE_HTTP",
        default: Some("false"),
        help: "true: sign people in over plain http, on another host than localhost. Everybody in the same network\n\
               can then read their passwords, sessions and todos. Without it they can't sign in but by https.",
    },
    Variable {
        name: "HSTS_INCLUDE_SUBDOMAINS",
        default: Some("off"),
        help: "on: with a PUBLIC_ORIGIN of https, browsers use https alone for a year not only for its host, but for each\n\
               host below it as well. Only if all of those have it: no later setting takes that back.",
    },
    Variable {
        name: "TRUSTED_PROXIES",
        default: Some(""),
        help: "Addresses or networks of proxies in front, as in 127.0.0.1,10.0.0.7: what they say in X-Forwarded-For\n\
               is believed. Of networks only such in which there is nothing but proxies. Unset, nobody is believed, and\n\
               behind a proxy all people share one address and its limits.",
    },
    Variable {
        name: "SESSION_TTL",
        default: Some("30m"),
        help: "How long a session lasts that nobody uses, from 1s to 30m. Each use of it begins this time again.",
    },
    Variable {
        name: "SESSION_MAX",
        default: Some("12h"),
        help: "How long a session lasts at most, however much it is used, from 1s to 30d. Then the password is asked for.",
    },
    Variable {
        name: "RATE_LIMITS",
        default: Some("on"),
        help: "on: from one address 10 passwords for one account at once, then one each minute; 30 for all accounts,\n\
               then one each 5 s; 20 new accounts, then one each 3 minutes (of IPv6 also 100 from one /48, then one each\n\
               36 s). For one account from all addresses 50 passwords at once, then one each 30 s. 1000 requests of one\n\
               user to the API at once, then 100 each second. off: no limits, for tests; guessing passwords is easy then.",
    },
    Variable {
        name: "MAX_TODOS",
        default: Some("10000"),
        help: "How many todos one user may have. As many deleted ones are kept; beyond that, those deleted longest ago go\n\
               for good.",
    },
    Variable {
        name: "MAX_CONNECTIONS",
        default: Some("10000"),
        help: "How many connections there may be at once; more are closed. Each is an open file: see `ulimit -Hn`.",
    },
    Variable {
        name: "REGISTRATION",
        default: Some("open"),
        help: "open: anyone who reaches the site may sign up. closed: nobody; `holdfast user create` makes accounts.",
    },
    Variable {
        name: "SECURITY_CONTACT",
        default: Some(""),
        help: "Where to report a hole in the security of this site: mailto:, https:// or tel:. It is published in\n\
               /.well-known/security.txt (RFC 9116), which is missing without it.",
    },
    Variable { name: "LEPTOS_SITE_ADDR", default: Some("127.0.0.1:3000"), help: "Address and port to listen on." },
    Variable {
        name: "METRICS_ADDR",
        default: Some(""),
        help: "Address and port, as in 127.0.0.1:9100, where Prometheus gets metrics from: /metrics, for whoever reaches it.\n\
               Unset, there is no such thing.",
    },
    Variable { name: "LEPTOS_SITE_ROOT", default: Some("target/site"), help: "Folder of the built site: styles, scripts, WASM." },
    Variable {
        name: "RUST_LOG",
        default: Some("info"),
        help: "What is logged: error, warn, info, debug, trace, or a level for each module. Of libraries at\n\
               most info: what they write of a request below that, nobody can promise.",
    },
    Variable {
        name: "LOG_FORMAT",
        default: Some("auto"),
        help: "json: a line of JSON for each event. pretty: for people. auto: pretty on a terminal, else json.",
    },
];

/// The part of `--help` about the environment.
#[must_use]
pub fn help() -> String {
    let variable = |Variable { name, default, help }: &Variable| {
        let default = match default {
            None => "required".to_owned(),
            Some("") => "optional".to_owned(),
            Some(default) => format!("default: {default}"),
        };
        format!("\n\n  {name}  [{default}]\n      {}", help.replace('\n', "\n      "))
    };
    let variables: String = VARIABLES.iter().map(variable).collect();
    format!("Environment (also read from .env in the working directory):{variables}")
}

/// The configuration, checked.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting by itself")]
pub struct Config {
    pub secret: Secret,
    /// Only for what was signed and encrypted before the secret was changed.
    pub previous_secret: Option<Secret>,
    pub database: DatabaseUrl,
    pub origin: Origin,
    /// Whether sessions may go over plain http, where anybody can read them.
    pub insecure_http: bool,
    /// Whether `Strict-Transport-Security` is for the hosts below that of the origin as well.
    pub hsts_subdomains: bool,
    pub trusted_proxies: TrustedProxies,
    /// How long a token and its cookie are good for, if they are not renewed; whole seconds, at least one.
    pub session_ttl: Duration,
    /// How long they can be renewed after the password was typed; whole seconds, at least one.
    pub session_max: Duration,
    /// Whether it is limited how often somebody may do something.
    pub rate_limits: bool,
    pub registration: Registration,
    /// Where to report a hole in the security of the site: a URI.
    pub security_contact: Option<String>,
    /// How many todos a user may have.
    pub max_todos: u32,
    /// How many connections there may be at once.
    pub max_connections: u32,
    pub address: SocketAddr,
    /// Where metrics are, if anywhere; not where the site is.
    pub metrics_address: Option<SocketAddr>,
    pub site_root: PathBuf,
    pub log_filter: EnvFilter,
    pub log_format: LogFormat,
    /// Whether `cargo leptos watch` runs the program; it sets `LEPTOS_WATCH`, nobody else should.
    pub watched: bool,
}

/// Where people reach the site: scheme, host and port as browsers write them (the URL standard), without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As an `Origin` header has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The port, unless it is the scheme's own.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.0.parse::<axum::http::Uri>().ok()?.port_u16()
    }

    /// Whether this `Host` header names us.
    #[must_use]
    pub fn is_at(&self, host: &str) -> bool {
        let scheme = if self.is_https() { "https" } else { "http" };
        Self::parse(&format!("{scheme}://{host}")).is_ok_and(|origin| self.is(origin.as_str()))
    }

    /// Whether it is plain http to another machine: browsers keep no `Secure` cookie there, and anybody on the way reads along.
    #[must_use]
    pub fn is_in_the_open(&self) -> bool {
        let url = Url::parse(&self.0).ok();
        let is_loopback = match url.as_ref().and_then(Url::host) {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
            Some(Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
            None => false,
        };
        !self.is_https() && !is_loopback
    }

    /// Whether this `Origin` header names us.
    #[must_use]
    pub fn is(&self, origin: &str) -> bool {
        origin == self.0 || Some(origin) == self.loopback_twin().as_deref()
    }

    /// The path and query of a URL of ours, or `None` if it is somebody else's.
    #[must_use]
    pub fn local_part<'a>(&self, url: &'a str) -> Option<&'a str> {
        let ours = |origin: &str| url.strip_prefix(origin).filter(|rest| rest.starts_with('/'));
        ours(&self.0).or_else(|| ours(&self.loopback_twin()?))
    }

    /// Someone who develops types `localhost` as often as `127.0.0.1`, so that either may stand for the other. Nobody
    /// else can answer under a loopback name.
    fn loopback_twin(&self) -> Option<String> {
        for (host, twin) in [("http://127.0.0.1", "http://localhost"), ("http://localhost", "http://127.0.0.1")] {
            if let Some(port) = self.0.strip_prefix(host).filter(|rest| rest.is_empty() || rest.starts_with(':')) {
                return Some(format!("{twin}{port}"));
            }
        }
        None
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "must be a scheme, a host and perhaps a port, as in https://todo.example.org, and nothing after that";
        // What a browser would mend, as in `https:todo.example.org` or `https://x:`, is more likely a mistake.
        let (scheme, rest) = text.split_once("://").ok_or(FAULT)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "/\\?#@".contains(c);
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str())
            || authority.ends_with(':')
            || authority.contains(is_odd)
        {
            return Err(FAULT);
        }
        // As browsers send it: the host in ASCII and lower case, an address in its one spelling, no port that the scheme implies.
        Ok(Self(Url::parse(text).map_err(|_| FAULT)?.origin().ascii_serialization()))
    }
}

impl Config {
    /// The secrets that are good for what was made with them; new things are made with the first.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.secret).chain(&self.previous_secret)
    }

    /// Reads the process's environment, and `.env` in the working directory for what it leaves unset. Folders above are
    /// not searched: whoever owns one of those is not asked for secrets.
    ///
    /// # Errors
    /// One sentence for each fault.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::parse(environment().map_err(|fault| vec![fault])?)
    }

    /// Reads of all this only where the database is, which is all that the operator's commands need.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn database_from_env() -> Result<DatabaseUrl, String> {
        DatabaseUrl::parse(&value("DATABASE_URL")?).map_err(|fault| format!("DATABASE_URL {fault}"))
    }

    /// Reads of all this only where the site is, which is all that one needs to ask it something.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn address_from_env() -> Result<SocketAddr, String> {
        parse_address(&value("LEPTOS_SITE_ADDR")?).map_err(|fault| format!("LEPTOS_SITE_ADDR {fault}"))
    }

    /// Parses what `lookup` says of each variable.
    ///
    /// # Errors
    /// One sentence for each fault.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let get = |name: &str| lookup(name).unwrap_or_else(|| default(name).to_owned());
        let mut check = |name: &str, fault: &str| faults.push(format!("{name} {fault}"));

        let secret = Secret::parse(&get("JWT_SECRET")).map_err(|error| check("JWT_SECRET", secret_fault(error)));
        let previous_secret = match lookup("JWT_SECRET_PREVIOUS") {
            Some(text) if text == get("JWT_SECRET") => Err("is JWT_SECRET itself: set it to the secret before, or take it away"),
            Some(text) => Secret::parse(&text).map(Some).map_err(secret_fault),
            None => Ok(None),
        };
        let previous_secret = previous_secret.map_err(|fault| check("JWT_SECRET_PREVIOUS", fault));
        let database = DatabaseUrl::parse(&get("DATABASE_URL")).map_err(|fault| check("DATABASE_URL", fault));
        let address = parse_address(&get("LEPTOS_SITE_ADDR")).map_err(|fault| check("LEPTOS_SITE_ADDR", fault));
        let metrics_address = parse_metrics_address(&get("METRICS_ADDR"), address.as_ref().ok().copied());
        let metrics_address = metrics_address.map_err(|fault| check("METRICS_ADDR", fault));
        let origin = match (lookup("PUBLIC_ORIGIN"), &address) {
            (Some(text), _) => Origin::parse(&text).map_err(|fault| check("PUBLIC_ORIGIN", fault)),
            (None, Ok(address)) => origin_of(address).map_err(|fault| check("PUBLIC_ORIGIN", fault)),
            (None, Err(())) => Err(()),
        };
        let insecure_http = parse_switch(&get("INSECURE_HTTP"));
        let insecure_http = match (insecure_http, &origin) {
            (Ok(true), Ok(origin)) if origin.is_https() => Err("can't be with a PUBLIC_ORIGIN of https: unset one of them"),
            (insecure_http, _) => insecure_http,
        };
        let insecure_http = insecure_http.map_err(|fault| check("INSECURE_HTTP", fault));
        let hsts_subdomains = match (parse_switch(&get("HSTS_INCLUDE_SUBDOMAINS")), &origin) {
            (Ok(true), Ok(origin)) if !origin.is_https() => Err("needs a PUBLIC_ORIGIN of https: change one of them"),
            (hsts_subdomains, _) => hsts_subdomains,
        };
        let hsts_subdomains = hsts_subdomains.map_err(|fault| check("HSTS_INCLUDE_SUBDOMAINS", fault));
        let trusted_proxies = TrustedProxies::parse(&get("TRUSTED_PROXIES")).map_err(|fault| check("TRUSTED_PROXIES", fault));
        let session_ttl =
            parse_time(&get("SESSION_TTL"), LONGEST_SESSION_TTL).ok_or("must be a time from 1s to 30m, as in 30m or 90s");
        let session_ttl = session_ttl.map_err(|fault| check("SESSION_TTL", fault));
        let session_max =
            parse_time(&get("SESSION_MAX"), LONGEST_SESSION_MAX).ok_or("must be a time from 1s to 30d, as in 12h or 7d");
        let session_max = session_max.map_err(|fault| check("SESSION_MAX", fault));
        let rate_limits = parse_switch(&get("RATE_LIMITS")).map_err(|fault| check("RATE_LIMITS", fault));
        let max_todos = parse_count(&get("MAX_TODOS")).map_err(|fault| check("MAX_TODOS", fault));
        let max_connections = parse_count(&get("MAX_CONNECTIONS")).map_err(|fault| check("MAX_CONNECTIONS", fault));
        let registration = parse_registration(&get("REGISTRATION")).map_err(|fault| check("REGISTRATION", fault));
        let security_contact = parse_contact(&get("SECURITY_CONTACT")).map_err(|fault| check("SECURITY_CONTACT", fault));
        let log_filter = EnvFilter::try_new(get("RUST_LOG"))
            .map_err(|_| check("RUST_LOG", "must be a level such as info, or a list such as warn,holdfast=debug"));
        let log_format = parse_log_format(&get("LOG_FORMAT")).map_err(|fault| check("LOG_FORMAT", fault));

        let all = (secret, previous_secret, database, origin, insecure_http, trusted_proxies);
        let more = (session_ttl, rate_limits, max_todos, max_connections, registration, security_contact);
        let rest = (session_max, address, metrics_address, log_filter, log_format, hsts_subdomains);
        let (Ok(secret), Ok(previous_secret), Ok(database), Ok(origin), Ok(insecure_http), Ok(trusted_proxies)) = all else {
            return Err(faults);
        };
        let (Ok(session_ttl), Ok(rate_limits), Ok(max_todos), Ok(max_connections), Ok(registration), Ok(security_contact)) = more
        else {
            return Err(faults);
        };
        let (Ok(session_max), Ok(address), Ok(metrics_address), Ok(log_filter), Ok(log_format), Ok(hsts_subdomains)) = rest
        else {
            return Err(faults);
        };
        Ok(Self {
            secret,
            previous_secret,
            database,
            origin,
            insecure_http,
            hsts_subdomains,
            trusted_proxies,
            session_ttl,
            session_max,
            rate_limits,
            max_todos,
            max_connections,
            registration,
            security_contact,
            address,
            metrics_address,
            site_root: get("LEPTOS_SITE_ROOT").into(),
            log_filter,
            log_format,
            watched: lookup("LEPTOS_WATCH").is_some(),
        })
    }
}

/// What a variable is set to, in the process's environment or else in `.env`; an empty value counts as unset. White space around
/// it is none of it: what a file or a command gave often ends with a line break.
fn environment() -> Result<impl Fn(&str) -> Option<String>, String> {
    let file = env_file::read(Path::new(".env"))?;
    let is_text = |name| !matches!(std::env::var(name), Err(VarError::NotUnicode(_)));
    if let Some(Variable { name, .. }) = VARIABLES.iter().find(|variable| !is_text(variable.name)) {
        return Err(format!("{name} is no text in UTF-8"));
    }
    Ok(move |name: &str| {
        let set = [std::env::var(name).ok(), file.get(name).cloned()];
        set.into_iter().flatten().map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
    })
}

/// That of one variable, or its default.
fn value(name: &str) -> Result<String, String> {
    Ok(environment()?(name).unwrap_or_else(|| default(name).to_owned()))
}

fn default(name: &str) -> &'static str {
    VARIABLES.iter().find(|variable| variable.name == name).and_then(|variable| variable.default).unwrap_or_default()
}

fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "must be an address and a port, as in 127.0.0.1:3000")
}

fn parse_metrics_address(text: &str, site: Option<SocketAddr>) -> Result<Option<SocketAddr>, &'static str> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(address) if Some(address) == site => Err("is where the site is: metrics need an address or a port of their own"),
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

/// It goes into a file of lines, so it has none itself.
fn parse_contact(text: &str) -> Result<Option<String>, &'static str> {
    let is_uri = ["mailto:", "https://", "tel:"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    match text {
        "" => Ok(None),
        _ if is_uri && text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(text.to_owned())),
        _ => Err("must be a URI, as in mailto:security@example.org or https://example.org/security"),
    }
}

/// Where a browser on this machine finds a server that listens on `address`.
fn origin_of(address: &SocketAddr) -> Result<Origin, &'static str> {
    let port = address.port();
    match address.ip() {
        ip if ip.is_unspecified() => Origin::parse(&format!("http://127.0.0.1:{port}")),
        IpAddr::V4(ip) => Origin::parse(&format!("http://{ip}:{port}")),
        // Without the zone of a link-local address, which no URL has.
        IpAddr::V6(ip) => Origin::parse(&format!("http://[{ip}]:{port}")),
    }
}

fn parse_switch(text: &str) -> Result<bool, &'static str> {
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

/// Accepts `7d`, `12h`, `30m`, `1800s` and plain seconds, of which there must be some.
fn parse_time(text: &str, longest: Duration) -> Option<Duration> {
    let (number, unit) = text.strip_suffix('d').map_or((text, 1), |days| (days, 24 * 60 * 60));
    let time = match number.parse::<u64>() {
        Ok(count) => Duration::from_secs(count.checked_mul(unit)?),
        Err(_) => Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()?,
    };
    (time.subsec_nanos() == 0 && !time.is_zero() && time <= longest).then_some(time)
}

fn secret_fault(error: SecretError) -> &'static str {
    match error {
        SecretError::Missing => "is not set: put at least 32 random bytes into .env, for instance from `openssl rand -base64 32`",
        SecretError::Short => "is too short: it must have at least 32 random bytes, for instance from `openssl rand -base64 32`",
        SecretError::Sample => {
            "is the sample of .env.example, which everybody knows: make your own with `openssl rand -base64 32`"
        }
        SecretError::Repetitive => "is too regular to be random: make one with `openssl rand -base64 32`",
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use super::{Config, Origin, VARIABLES};
    use crate::domain::Registration;

    const SECRET: &str = "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP";

    fn parse(set: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let set: HashMap<_, _> = set.iter().copied().collect();
        Config::parse(|name| set.get(name).filter(|value| !value.is_empty()).map(ToString::to_string))
    }

    #[test]
    fn a_secret_is_all_that_must_be_set() {
        let config = parse(&[("JWT_SECRET", SECRET)]).ok().unwrap();
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
        assert_eq!(config.session_ttl, Duration::from_mins(30));
        assert!(config.rate_limits);
        assert_eq!((config.registration, config.security_contact), (Registration::Open, None));
    }

    #[test]
    fn every_fault_is_told_at_once_and_no_value_is_quoted() {
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
    fn metrics_have_an_address_of_their_own_or_none() {
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
        let sample = include_str!("../../.env.example").lines().find_map(|line| line.strip_prefix("JWT_SECRET=")).unwrap();
        let dressed = [format!("'{sample}'"), format!(" {sample}\n"), sample.to_uppercase(), format!("{} \n", &SECRET[..31])];
        let plain = ["", "secret", &SECRET[..31], &"x".repeat(32), &"ab".repeat(16), sample];
        for weak in plain.into_iter().chain(dressed.iter().map(String::as_str)) {
            assert!(parse(&[("JWT_SECRET", weak)]).is_err(), "{weak:?}");
            let previous = parse(&[("JWT_SECRET", SECRET), ("JWT_SECRET_PREVIOUS", weak)]);
            assert_eq!(previous.is_err(), !weak.is_empty(), "{weak:?}");
        }
        assert!(parse(&[("JWT_SECRET", SECRET), ("JWT_SECRET_PREVIOUS", SECRET)]).is_err(), "that is no other secret");
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
    fn session_max_is_from_one_second_to_thirty_days_and_by_itself_twelve_hours() {
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
    fn security_contact_is_one_uri() {
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
        for (typed, sent) in [
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
            assert_eq!(origin(typed).ok().unwrap().as_str(), sent, "{typed}");
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
    fn localhost_stands_for_the_loopback_address_and_for_nothing_else() {
        let origin = Origin::parse("http://127.0.0.1:3000").unwrap();
        assert!(origin.is("http://127.0.0.1:3000") && origin.is("http://localhost:3000"));
        for other in
            ["https://127.0.0.1:3000", "http://127.0.0.1:3001", "http://localhost", "http://127.0.0.1:3000.evil.example", "null"]
        {
            assert!(!origin.is(other), "{other}");
        }
        assert!(!Origin::parse("http://127.0.0.10").unwrap().is("http://localhost0"));
        assert!(!Origin::parse("https://todo.example.org").unwrap().is("http://localhost"));
    }

    #[test]
    fn host_is_ours_by_name_and_port() {
        for (origin, ours, others) in [
            (
                "http://127.0.0.1:3000",
                &["127.0.0.1:3000", "localhost:3000"][..],
                &["127.0.0.1", "192.168.1.5:3000", "", "x y"][..],
            ),
            ("https://todo.example.org", &["todo.example.org", "TODO.example.org:443"], &["todo.example.org:80", "example.org"]),
            ("http://todo.lan", &["todo.lan", "todo.lan:80"], &["todo.lan:443", "todo.lan.evil.example", "a@todo.lan"]),
        ] {
            let origin = Origin::parse(origin).unwrap();
            assert!(ours.iter().all(|host| origin.is_at(host)) && !others.iter().any(|host| origin.is_at(host)), "{origin:?}");
        }
    }

    #[test]
    fn plain_http_is_in_the_open_but_on_this_machine() {
        for (origin, expected) in [
            ("http://todo.lan", true),
            ("http://192.168.1.5:3000", true),
            ("http://localhost.evil.example", true),
            ("http://[2001:db8::1]:3000", true),
            ("http://127.0.0.1:3000", false),
            ("http://[::1]:3000", false),
            ("http://localhost", false),
            ("http://todo.localhost:3000", false),
            ("https://todo.lan", false),
        ] {
            assert_eq!(Origin::parse(origin).unwrap().is_in_the_open(), expected, "{origin}");
        }
    }

    #[test]
    fn insecure_http_with_https_is_refused() {
        let set = |origin| parse(&[("JWT_SECRET", SECRET), ("INSECURE_HTTP", "true"), ("PUBLIC_ORIGIN", origin)]);
        assert!(set("http://todo.lan").is_ok_and(|config| config.insecure_http));
        assert!(set("http://127.0.0.1:3000").is_ok_and(|config| config.insecure_http), "Safari needs it there too");
        let faults = set("https://todo.lan").err().unwrap();
        assert!(faults.len() == 1 && faults[0].starts_with("INSECURE_HTTP can't be"), "{faults:?}");
        assert!(parse(&[("JWT_SECRET", SECRET)]).is_ok_and(|config| !config.insecure_http));
    }

    #[test]
    fn a_06_hsts_for_subdomains_is_set_for_https_alone_and_off_by_default() {
        let set = |value, origin| {
            let set = [("JWT_SECRET", SECRET), ("HSTS_INCLUDE_SUBDOMAINS", value), ("PUBLIC_ORIGIN", origin)];
            parse(&set).map(|config| config.hsts_subdomains)
        };
        assert_eq!(set("", "https://todo.example.org"), Ok(false));
        assert_eq!(set("on", "https://todo.example.org"), Ok(true));
        let faults = set("on", "http://todo.lan").unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with("HSTS_INCLUDE_SUBDOMAINS needs"), "{faults:?}");
    }

    #[test]
    fn local_part_is_only_of_our_own_urls() {
        let origin = Origin::parse("http://127.0.0.1:3000").unwrap();
        assert_eq!(origin.local_part("http://localhost:3000/todos?edit=1"), Some("/todos?edit=1"));
        for other in ["http://127.0.0.1:3000.evil.example/", "http://127.0.0.1:3000", "https://evil.example/", "/todos"] {
            assert_eq!(origin.local_part(other), None, "{other}");
        }
    }

    #[test]
    fn env_example_is_what_the_code_reads() {
        let sample: Vec<_> = include_str!("../../.env.example")
            .lines()
            .filter_map(|line| line.strip_prefix("# ").unwrap_or(line).split_once('='))
            .filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            .collect();
        let names: Vec<_> = sample.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, VARIABLES.iter().map(|v| v.name).collect::<Vec<_>>());
        for (name, value) in sample {
            let default = VARIABLES.iter().find(|v| v.name == name).unwrap().default;
            assert!(default.is_none_or(|default| default == value), "{name}");
        }
    }
}

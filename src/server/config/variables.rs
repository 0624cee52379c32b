//! The environment variables: names, defaults, help and lookup.

use std::{env::VarError, path::Path};

use super::env_file;

/// An environment variable, as `--help` and `.env.example` document it.
pub struct Variable {
    pub name: &'static str,
    /// `None` for a required variable; empty for an optional one.
    pub default: Option<&'static str>,
    pub help: &'static str,
}

/// Every variable that an operator can set.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "JWT_SECRET",
        default: None,
        help: "Signs tokens and encrypts cookies: at least 32 random bytes, for example from `openssl rand -base64 32`.\n\
               All replicas share it. A new secret ends all sessions, unless JWT_SECRET_PREVIOUS holds the old one.",
    },
    Variable {
        name: "JWT_SECRET_PREVIOUS",
        default: Some(""),
        help: "The previous secret: what it signed is valid until it expires, and nothing new is signed with it.\n\
               Unset it once SESSION_TTL has passed.",
    },
    Variable {
        name: "DATABASE_URL",
        default: Some("sqlite://data/holdfast.db"),
        help: "The database: sqlite://PATH, whose file and folder are created if missing; or, for several servers,\n\
               postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full.",
    },
    Variable {
        name: "PUBLIC_ORIGIN",
        default: Some("http://127.0.0.1:3000"),
        help: "The URL of the site in a browser: scheme, host and port, as in https://todo.example.org.\n\
               Unset, it follows LEPTOS_SITE_ADDR. localhost is an alias of 127.0.0.1.",
    },
    Variable {
        name: "INSECURE_HTTP",
        default: Some("false"),
        help: "true: allow sign-in over plain http on hosts other than localhost. Anyone on the network can then read\n\
               passwords, sessions and todos. false: sign-in on those hosts needs https.",
    },
    Variable {
        name: "HSTS_INCLUDE_SUBDOMAINS",
        default: Some("off"),
        help: "on: with an https PUBLIC_ORIGIN, browsers enforce https for a year on all subdomains, not on its host alone.\n\
               Use it only if all of them serve https: no later setting revokes it.",
    },
    Variable {
        name: "TRUSTED_PROXIES",
        default: Some(""),
        help: "Addresses or networks of reverse proxies whose X-Forwarded-For is trusted, as in 127.0.0.1,10.0.0.7.\n\
               A network must contain proxies only. Unset, no proxy is trusted, and all clients behind one share its\n\
               address and rate limits.",
    },
    Variable {
        name: "SESSION_TTL",
        default: Some("30m"),
        help: "Lifetime of an idle session, from 1s to 30m. Each use restarts it.",
    },
    Variable {
        name: "SESSION_MAX",
        default: Some("12h"),
        help: "Maximum lifetime of a session in use, from 1s to 30d. Then the user must sign in again.",
    },
    Variable {
        name: "RATE_LIMITS",
        default: Some("on"),
        help: "on: per address, a burst of 10 passwords for one account, then one per minute; of 30 for all accounts, then\n\
               one per 5 s; of 20 sign-ups, then one per 3 minutes (IPv6: also 100 per /48, then one per 36 s).\n\
               Per account, from all addresses: a burst of 50 passwords, then one per 30 s. Per user: a burst of 1000 API\n\
               requests, then 100 per second. off: no limits, for tests only; passwords are then easy to guess.",
    },
    Variable {
        name: "MAX_TODOS",
        default: Some("100000"),
        help: "Todos per user. The trash holds as many; beyond that, the todos deleted first are purged.",
    },
    Variable {
        name: "MAX_CONNECTIONS",
        default: Some("10000"),
        help: "Concurrent connections; further ones are closed. Each is an open file: see `ulimit -Hn`.",
    },
    Variable {
        name: "REGISTRATION",
        default: Some("open"),
        help: "open: anyone who reaches the site can sign up. closed: only `holdfast user create` creates accounts.",
    },
    Variable {
        name: "SECURITY_CONTACT",
        default: Some(""),
        help: "Where to report vulnerabilities of this site: mailto:, https:// or tel:. It is published in\n\
               /.well-known/security.txt (RFC 9116), which does not exist without it.",
    },
    Variable { name: "LEPTOS_SITE_ADDR", default: Some("127.0.0.1:3000"), help: "Address and port to listen on." },
    Variable {
        name: "METRICS_ADDR",
        default: Some(""),
        help: "Address and port of the Prometheus endpoint /metrics, as in 127.0.0.1:9100. It needs no authentication.\n\
               Unset, there is no endpoint.",
    },
    Variable { name: "LEPTOS_SITE_ROOT", default: Some("target/site"), help: "Folder of the built site: styles, scripts, WASM." },
    Variable {
        name: "RUST_LOG",
        default: Some("info"),
        help: "Log level: error, warn, info, debug, trace, or a level per module. Keep libraries at info: at debug and\n\
               trace they may log request data.",
    },
    Variable {
        name: "LOG_FORMAT",
        default: Some("auto"),
        help: "json: one line of JSON per event. pretty: for people. auto: pretty on a terminal, else json.",
    },
];

/// The environment section of `--help`.
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

/// Looks a variable up in the environment, then in `.env`; an empty value counts as unset. Values are trimmed, because the
/// output of a file or a command often ends with a line break.
pub fn environment() -> Result<impl Fn(&str) -> Option<String>, String> {
    let file = env_file::read(Path::new(".env"))?;
    let is_text = |name| !matches!(std::env::var(name), Err(VarError::NotUnicode(_)));
    if let Some(Variable { name, .. }) = VARIABLES.iter().find(|variable| !is_text(variable.name)) {
        return Err(format!("{name} is not UTF-8"));
    }
    Ok(move |name: &str| {
        let set = [std::env::var(name).ok(), file.get(name).cloned()];
        set.into_iter().flatten().map(|value| value.trim().to_owned()).find(|value| !value.is_empty())
    })
}

/// The value of one variable, or its default.
pub fn value(name: &str) -> Result<String, String> {
    Ok(environment()?(name).unwrap_or_else(|| default(name).to_owned()))
}

pub fn default(name: &str) -> &'static str {
    VARIABLES.iter().find(|variable| variable.name == name).and_then(|variable| variable.default).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::VARIABLES;

    #[test]
    fn env_example_lists_every_variable_with_its_default() {
        let sample: Vec<_> = include_str!("../../../.env.example")
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

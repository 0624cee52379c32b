//! The variables of the environment: their names, defaults and help, and what they are set to.

use std::{env::VarError, path::Path};

use super::env_file;

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

/// What a variable is set to, in the process's environment or else in `.env`; an empty value counts as unset. White space around
/// it is none of it: what a file or a command gave often ends with a line break.
pub fn environment() -> Result<impl Fn(&str) -> Option<String>, String> {
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
    fn env_example_is_what_the_code_reads() {
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

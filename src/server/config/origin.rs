//! The public origin of the site.

use url::{Host, Url};

/// Scheme, host and port as browsers serialise them (URL standard), without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// `None` for the default port of the scheme.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.0.parse::<axum::http::Uri>().ok()?.port_u16()
    }

    /// Whether the value of a `Host` header names this origin.
    #[must_use]
    pub fn matches_host(&self, host: &str) -> bool {
        let scheme = if self.is_https() { "https" } else { "http" };
        Self::parse(&format!("{scheme}://{host}")).is_ok_and(|origin| self.is(origin.as_str()))
    }

    /// Plain http beyond loopback: browsers store no `Secure` cookie, and the network can read the traffic.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        let url = Url::parse(&self.0).ok();
        let is_loopback = match url.as_ref().and_then(Url::host) {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
            Some(Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
            None => false,
        };
        !self.is_https() && !is_loopback
    }

    /// Whether the value of an `Origin` header names this origin.
    #[must_use]
    pub fn is(&self, origin: &str) -> bool {
        origin == self.0 || Some(origin) == self.loopback_alias().as_deref()
    }

    /// The path, query and fragment of a URL of this origin; `None` for another origin.
    #[must_use]
    pub fn local_part<'a>(&self, url: &'a str) -> Option<&'a str> {
        let path = |origin: &str| url.strip_prefix(origin).filter(|rest| rest.starts_with('/'));
        path(&self.0).or_else(|| path(&self.loopback_alias()?))
    }

    /// `localhost` and `127.0.0.1` are interchangeable, for development: no other machine can answer under a loopback name.
    fn loopback_alias(&self) -> Option<String> {
        for (host, alias) in [("http://127.0.0.1", "http://localhost"), ("http://localhost", "http://127.0.0.1")] {
            if let Some(port) = self.0.strip_prefix(host).filter(|rest| rest.is_empty() || rest.starts_with(':')) {
                return Some(format!("{alias}{port}"));
            }
        }
        None
    }

    /// # Errors
    /// A sentence with the expected form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FAULT: &str = "must be a scheme, a host and optionally a port, as in https://todo.example.org, without a path";
        // Rejects what browsers would repair, such as `https:todo.example.org` or `https://x:`: it is more likely a mistake.
        let (scheme, rest) = text.split_once("://").ok_or(FAULT)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let is_illegal = |c: char| c.is_whitespace() || c.is_control() || "/\\?#@".contains(c);
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str())
            || authority.ends_with(':')
            || authority.contains(is_illegal)
        {
            return Err(FAULT);
        }
        // Normalises: the host is ASCII in lower case, an IP address canonical, and a default port dropped.
        Ok(Self(Url::parse(text).map_err(|_| FAULT)?.origin().ascii_serialization()))
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

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
    fn host_header_matches_by_name_and_port() {
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
            assert!(
                ours.iter().all(|host| origin.matches_host(host)) && !others.iter().any(|host| origin.matches_host(host)),
                "{origin:?}"
            );
        }
    }

    #[test]
    fn plain_http_beyond_loopback_is_insecure() {
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
            assert_eq!(Origin::parse(origin).unwrap().is_insecure(), expected, "{origin}");
        }
    }

    #[test]
    fn local_part_is_only_of_our_own_urls() {
        let origin = Origin::parse("http://127.0.0.1:3000").unwrap();
        assert_eq!(origin.local_part("http://localhost:3000/todos?edit=1"), Some("/todos?edit=1"));
        for other in ["http://127.0.0.1:3000.evil.example/", "http://127.0.0.1:3000", "https://evil.example/", "/todos"] {
            assert_eq!(origin.local_part(other), None, "{other}");
        }
    }
}

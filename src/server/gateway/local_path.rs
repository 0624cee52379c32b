//! A path of this site, safe to redirect to.

/// An absolute path with perhaps a query, on our own origin for sure (CWE-601).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Longest that is accepted, in bytes.
    const MAX_BYTES: usize = 2048;

    /// Refuses whatever a browser might read as another origin: `//host`, `/\host` (browsers take a backslash for a
    /// slash) and anything with white space or control characters, which browsers drop. Those would also be illegal in
    /// a header, and `leptos_axum::redirect` panics on that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let legal = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let local = text.starts_with('/') && !text.starts_with("//");
        (legal && local && text.len() <= Self::MAX_BYTES).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sign-in page that leads back here. An unreserved byte stands for itself (RFC 3986, section 2.3), and so may
    /// a slash in a query.
    #[must_use]
    pub fn behind_sign_in(&self) -> String {
        let escaped = self.0.bytes().map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        format!("/sign-in?next={}", escaped.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::LocalPath;

    #[test]
    fn only_a_path_of_our_own_is_local() {
        for local in ["/", "/todos", "/todos?edit=1&show=active", "/%09/evil.example", "/a//b"] {
            assert!(LocalPath::parse(local).is_some(), "{local}");
        }
        let long = format!("/{}", "a".repeat(10_000));
        let foreign =
            ["", "todos", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "javascript:alert(1)"];
        for foreign in foreign.into_iter().chain(["/\t/evil.example", "/a\r\nb", " /todos", "/é", &long]) {
            assert_eq!(LocalPath::parse(foreign), None, "{foreign:?}");
        }
    }

    #[test]
    fn sign_in_page_keeps_the_way_back() {
        let path = LocalPath::parse("/todos?edit=1&show=active").unwrap();
        assert_eq!(path.behind_sign_in(), "/sign-in?next=/todos%3Fedit%3D1%26show%3Dactive");
    }
}

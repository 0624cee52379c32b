//! A path of this site, safe to redirect to.

use axum::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bff::paths::{EXPORT, ROOT, TODOS};

/// All but unreserved characters (RFC 3986, section 2.3) and the slash, which is legal in a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// An absolute path with an optional query, always on our own origin (CWE-601).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    const MAX_BYTES: usize = 2048;

    /// Rejects text that a browser might resolve to another origin: `//host`, `/\host` (a backslash counts as a slash), white space
    /// and control characters (browsers drop them). `leptos_axum::redirect` panics on text that is illegal in a header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let legal = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let local = text.starts_with('/') && !text.starts_with("//");
        let is_uri = text.len() <= Self::MAX_BYTES && text.parse::<Uri>().is_ok();
        (legal && local && is_uri).then(|| Self(text.to_owned()))
    }

    /// Whether the path can be a page: not a server function, the API, a built file or the export.
    #[must_use]
    pub fn is_page(&self) -> bool {
        ![ROOT, "/api", "/pkg", EXPORT].iter().any(|other| self.0.starts_with(other))
    }

    /// For paths in our own source.
    #[must_use]
    pub fn from_static(path: &'static str) -> Self {
        Self::parse(path).expect("our own paths are local")
    }

    /// `next` if it is a page of this site, otherwise the todos.
    #[must_use]
    pub fn page_or_todos(next: Option<&str>) -> Self {
        next.and_then(Self::parse).filter(Self::is_page).unwrap_or_else(|| Self::from_static(TODOS))
    }

    #[must_use]
    pub fn to_uri(&self) -> Uri {
        self.0.parse().expect("parse has checked it")
    }

    #[must_use]
    pub fn without(&self, parameters: &[&str]) -> Self {
        let (path, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let is_kept =
            |pair: &&str| !pair.is_empty() && !parameters.contains(&pair.split_once('=').map_or(*pair, |(name, _)| name));
        let kept: Vec<_> = query.split('&').filter(is_kept).collect();
        Self(if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) })
    }

    /// The value of a parameter, still percent-encoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.0.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Adds a parameter. `value` must need no escaping.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let joint = if self.0.contains('?') { '&' } else { '?' };
        Self(format!("{}{joint}{name}={value}", self.0))
    }

    /// The same path at an element of the page. Add it last: it follows the query.
    #[must_use]
    pub fn at(&self, element: &str) -> Self {
        Self(format!("{}#{element}", self.0))
    }

    #[must_use]
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&*self.0, |(path, _)| path)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of `page` with this path as its parameter `next`.
    #[must_use]
    pub fn as_next_of(&self, page: &str) -> String {
        format!("{page}?next={}", encoded(&self.0))
    }
}

/// A text as the value of a parameter.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
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
    fn functions_and_files_are_not_pages() {
        for (path, expected) in [
            ("/todos?edit=1", true),
            ("/", true),
            ("/account", true),
            ("/account/export", false),
            ("/bff/sign_out", false),
            ("/api/v1/me", false),
            ("/pkg/x.js", false),
        ] {
            assert_eq!(LocalPath::parse(path).unwrap().is_page(), expected, "{path}");
        }
    }

    #[test]
    fn parameters_are_added_and_removed() {
        let path = LocalPath::parse("/todos?show=active&edit=1&editor=2&edit&&=3").unwrap();
        assert_eq!(path.without(&["edit"]).as_str(), "/todos?show=active&editor=2&=3");
        assert_eq!(path.without(&["edit", "show", "editor", ""]).as_str(), "/todos");
        let path = LocalPath::from_static("/todos").with("edit", "1").with("show", "active");
        assert_eq!(path.as_str(), "/todos?edit=1&show=active");
        assert_eq!((path.parameter("show"), path.parameter("sho"), path.parameter("x")), (Some("active"), None, None));
        assert_eq!((path.path(), path.without(&["edit", "show"]).path()), ("/todos", "/todos"));
        assert_eq!(path.at("t-1").as_str(), "/todos?edit=1&show=active#t-1");
        assert_eq!(path.at("t-1").to_uri(), "/todos?edit=1&show=active");
    }

    #[test]
    fn next_is_percent_encoded() {
        let path = LocalPath::parse("/todos?edit=1&show=active").unwrap();
        assert_eq!(path.as_next_of("/sign-in"), "/sign-in?next=/todos%3Fedit%3D1%26show%3Dactive");
    }
}

//! Where the site is, for what must be said with a whole address.

/// As in `https://todo.example.org`, without a slash at the end.
#[derive(Clone)]
pub struct SiteOrigin(pub String);

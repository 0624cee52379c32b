//! What plain http does to somebody who is about to sign in.

/// There is nothing to say where a page is reached as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpWarning {
    /// The page was asked for at another address than the site's, where the browser drops the session and forms are refused.
    Elsewhere,
    /// The site is at plain http, where the browser drops the session.
    HttpsNeeded,
    /// The same, but whoever runs it wants it so: everybody in the network can read along.
    InTheOpen,
}

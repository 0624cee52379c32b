//! What ties a page to its line in the server's log.

/// The id of the request that a page answers, for people who ask for help.
#[derive(Clone)]
pub struct SupportId(pub String);

//! Plain http: where it keeps people from signing in, and where they do so in the open.

use axum::http::{HeaderMap, header};

use crate::{
    server::{
        config::{Config, Origin},
        gateway::SEC_FETCH_SITE,
    },
    ui::page_context::HttpWarning,
};

/// What was configured about it.
#[derive(Clone)]
pub struct PlainHttp {
    origin: Origin,
    is_allowed: bool,
}

impl PlainHttp {
    pub fn new(config: &Config) -> Self {
        Self { origin: config.origin.clone(), is_allowed: config.insecure_http }
    }

    /// What somebody should know before they sign in on a page that they asked for in this way.
    pub fn warning(&self, headers: &HeaderMap) -> Option<HttpWarning> {
        let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
        // Browsers send that header to where they keep our cookie: over https, and to this very machine.
        let is_elsewhere = host.is_some_and(|host| !self.origin.is_at(host)) && !headers.contains_key(SEC_FETCH_SITE);
        match (is_elsewhere, self.origin.is_in_the_open()) {
            (true, _) => Some(HttpWarning::Elsewhere),
            (false, true) if self.is_allowed => Some(HttpWarning::InTheOpen),
            (false, true) => Some(HttpWarning::HttpsNeeded),
            (false, false) => None,
        }
    }
}

//! Warns on the sign-in page about plain http.

use axum::http::{HeaderMap, header};

use crate::{
    server::{
        config::{Config, Origin},
        gateway::SEC_FETCH_SITE,
    },
    ui::page_context::HttpWarning,
};

pub struct PlainHttp {
    origin: Origin,
    /// Of the origin, which most requests name without another spelling.
    host: String,
    is_insecure: bool,
    insecure_http: bool,
}

impl PlainHttp {
    pub fn new(config: &Config) -> Self {
        let origin = config.origin.clone();
        let host = origin.as_str().split_once("://").map_or("", |(_, host)| host).to_owned();
        Self { host, is_insecure: origin.is_insecure(), origin, insecure_http: config.insecure_http }
    }

    pub fn warning(&self, headers: &HeaderMap) -> Option<HttpWarning> {
        let host = headers.get(header::HOST).map(|host| host.to_str().unwrap_or_default());
        // Browsers send `Sec-Fetch-Site` over https and to loopback only, which is where they store the cookie.
        let is_other_host = host.is_some_and(|host| host != self.host && !self.origin.matches_host(host));
        let is_other_host = is_other_host && !headers.contains_key(SEC_FETCH_SITE);
        match (is_other_host, self.is_insecure) {
            (true, _) => Some(HttpWarning::Elsewhere),
            (false, true) if self.insecure_http => Some(HttpWarning::InTheOpen),
            (false, true) => Some(HttpWarning::HttpsNeeded),
            (false, false) => None,
        }
    }
}

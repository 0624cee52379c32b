//! The backend for the frontend: the only place that knows the cookie and turns it into a bearer header. May import
//! `api` (as a service to call), `identity`, `contract`, `domain`, of `bff` the paths of functions and pages, of `ui` what a page is told,
//! of `store` its error alone, and what stands beside this folder as far as `tests/it/architecture.rs` lists it.

mod answer;
mod api_client;
mod bounce;
mod cookie;
mod export;
mod forms;
mod guard;
mod local_path;
mod middleware;
mod routes;
mod same_origin;
mod sent_form;
mod session;

pub use self::{
    answer::{accepts_page, redirect, set_page_status},
    api_client::ApiClient,
    export::export,
    guard::{signed_in, start},
    middleware::Gateway,
    same_origin::SEC_FETCH_SITE,
    session::Session,
};

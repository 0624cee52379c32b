//! The backend for the frontend: the only module that knows the cookie and turns it into a bearer header. It may import `api` (as a
//! service), `identity`, `contract`, `domain`, the paths of `bff`, the page context of `ui`, the error of `store`, and the sibling modules
//! that `tests/it/architecture.rs` lists.

mod answer;
mod api_client;
mod bounce;
mod cookie;
mod export;
mod forms;
mod guard;
mod list;
mod local_path;
mod middleware;
mod routes;
mod same_origin;
mod sent_form;
mod session;

pub use self::{
    answer::{accepts_page, redirect, set_page_status},
    api_client::{ApiClient, ListQuery, Seen},
    export::export,
    guard::{signed_in, start},
    list::{form_scope, todos},
    middleware::Gateway,
    same_origin::SEC_FETCH_SITE,
    session::Session,
};

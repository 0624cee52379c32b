//! Holdfast: a todo app anyone can host, and the reference for a browser that signs in but never holds a token.
//!
//! Data flows one way, and `tests/it/architecture.rs` holds every module to it:
//!
//! ```text
//! ui ──▶ bff ──▶ server::gateway ──▶ server::api ──▶ server::{identity, store}
//! ```
//!
//! | module       | compiled for     | what it is                                                     |
//! |--------------|------------------|----------------------------------------------------------------|
//! | [`domain`]   | server, browser  | what is true without HTTP or SQL: e-mail, password, title, ids  |
//! | [`contract`] | server, browser  | what may cross to a browser; there is no type for a token in it |
//! | [`bff`]      | server, browser  | the server functions: their names, and one call each            |
//! | [`ui`]       | server, browser  | pages (server only HTML) and islands (hydrated)                 |
//! | `server`     | server           | configuration, gateway, identity, REST API, store               |

pub mod bff;
pub mod contract;
pub mod domain;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod server;

/// The browser's way in: wakes the islands of a page that the server has rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    ui::todo_list::prepare();
    leptos::mount::hydrate_islands();
}

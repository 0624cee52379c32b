//! Holdfast: a todo app anyone can host, and the reference for a browser that signs in but never holds a token.
//!
//! Data flows one way; `tests/it/architecture.rs` checks the imports of every module:
//!
//! ```text
//! ui ──▶ bff ──▶ server::gateway ──▶ server::api ──▶ server::{identity, store}
//! ```
//!
//! | module       | compiled for     | contents                                                          |
//! |--------------|------------------|-------------------------------------------------------------------|
//! | [`domain`]   | server, browser  | types independent of HTTP and SQL: e-mail, password, title, ids   |
//! | [`contract`] | server, browser  | types that cross to the browser; none of them can hold a token    |
//! | [`bff`]      | server, browser  | server functions: their names, and one call each                  |
//! | [`ui`]       | server, browser  | pages (static HTML) and islands (hydrated)                        |
//! | `server`     | server           | configuration, gateway, identity, REST API, store                 |

pub mod bff;
pub mod contract;
pub mod domain;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod server;

/// The WASM entry point: makes the island of a server-rendered page interactive.
///
/// Not by Leptos' `#[island]`, which creates an owner for signals, effects and resources: the island has none, and an island without
/// elements and properties would be 4 KB of WASM.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    ui::todo_list::start();
}

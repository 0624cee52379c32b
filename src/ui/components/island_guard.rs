//! What stands beside the island and outlives it: a page whose program has ended must not look as if it worked.

use leptos::{nonce::use_nonce, prelude::*};

use crate::bff::paths;

/// Keeps the island as the server sent it. If an extension or a translator has changed its nodes by the time that it is hydrated, it is
/// put back, with what is typed. If the WASM ends in a trap, whether at hydration or later, the listeners that are left are cut off, so
/// that the forms work again, and what is not saved is told: the island notes that in `#unsaved` before it sends it.
///
/// In the page and not a file: it has to run before anything else can touch the island.
const GUARD: &str = include_str!("island_guard.js");

/// Above the island.
#[component]
pub fn BrokenNotice() -> impl IntoView {
    view! {
        <div id="broken" class="notice notice-error" role="alert" hidden>
            <p>"This page ran into a problem. You can go on, but each step loads it again. " <a href=paths::TODOS>"Reload"</a></p>
            <div class="not-saved"><p>"Not saved:"</p><p id="unsaved"></p></div>
        </div>
    }
}

/// Right after the island.
#[component]
pub fn IslandGuard() -> impl IntoView {
    view! { <script nonce=use_nonce()>{GUARD}</script> }
}

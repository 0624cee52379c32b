//! Recovery from a trap in the island's WASM: the page reports the failure and falls back to plain forms.

use std::sync::LazyLock;

use leptos::{nonce::use_nonce, prelude::*};

use crate::bff::paths;

/// Undoes before hydration what an extension or a translator has changed in the server-rendered nodes, and keeps typed input.
/// After a WASM trap it blocks the remaining listeners, so that the forms work again, and shows the changes noted in `#unsaved`.
///
/// An inline script, because it has to run before anything else can modify the island. Without its comments and indentation, which
/// each page would pay for.
static GUARD: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("island_guard.js").lines().map(str::trim);
    lines.filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n")
});

#[component]
pub fn BrokenNotice() -> impl IntoView {
    view! {
        <div id="broken" class="notice notice-error" role="alert" hidden>
            <p>"This page ran into a problem. You can go on, but each step loads it again. " <a href=paths::TODOS>"Reload"</a></p>
            <div class="not-saved"><p>"Not saved:"</p><p id="unsaved"></p></div>
        </div>
    }
}

/// Has to follow the island directly.
#[component]
pub fn IslandGuard() -> impl IntoView {
    view! { <script nonce=use_nonce()>{GUARD.as_str()}</script> }
}

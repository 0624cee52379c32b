//! The button in a box for a password that shows what one types, and the script behind it.

use leptos::{nonce::use_nonce, prelude::*};

/// Hidden until the script wakes it: without scripting it could do nothing.
#[component]
pub fn ShowPassword(
    /// Id of the box.
    of: &'static str,
    /// The label of the box.
    label: &'static str,
) -> impl IntoView {
    let name = format!("Show {}", label.to_lowercase());
    view! {
        <button class="show-password" type="button" aria-controls=of aria-pressed="false" aria-label=name hidden>
            "Show"
        </button>
    }
}

/// Once on a page with such buttons. A small file of its own, so that these pages need no WASM.
#[component]
pub fn ShowPasswordScript() -> impl IntoView {
    view! { <script src="/show-password.js" nonce=use_nonce() defer></script> }
}

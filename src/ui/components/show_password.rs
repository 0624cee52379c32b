//! What shows a password while one types it: a small file of its own, so that these pages need no WASM.

use leptos::{nonce::use_nonce, prelude::*};

/// Once on each page with a box for a password.
#[component]
pub fn ShowPassword() -> impl IntoView {
    view! { <script src="/show-password.js" nonce=use_nonce() defer></script> }
}

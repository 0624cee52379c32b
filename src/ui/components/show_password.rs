//! The button that reveals a password: a small script, so that these pages need no WASM.

use leptos::{nonce::use_nonce, prelude::*};

/// Include once per page with a password input.
#[component]
pub fn ShowPassword() -> impl IntoView {
    view! { <script src="/show-password.js" nonce=use_nonce() defer></script> }
}

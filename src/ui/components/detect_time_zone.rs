//! The browser's time zone as a field of a form. Without scripting the field stays empty.

use leptos::{nonce::use_nonce, prelude::*};

const DETECT: &str = "document.currentScript.previousElementSibling.value=Intl.DateTimeFormat().resolvedOptions().timeZone";

#[component]
pub fn DetectTimeZone() -> impl IntoView {
    view! {
        <input type="hidden" name="time_zone" />
        <script nonce=use_nonce()>{DETECT}</script>
    }
}

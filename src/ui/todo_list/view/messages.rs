//! The places that `texts` writes.

use leptos::prelude::*;

/// Only a failed form has a message before there is a script.
#[component]
pub fn Messages(failures: String) -> impl IntoView {
    view! {
        <div class="failures" role="alert" hidden=failures.is_empty() inner_html=failures></div>
        <p class="notice offline" role="status" hidden></p>
    }
}

/// Instead of the list, or of its rows, and below them.
#[component]
pub fn Place(class: &'static str, text: String) -> impl IntoView {
    view! { <div class=class inner_html=text></div> }
}

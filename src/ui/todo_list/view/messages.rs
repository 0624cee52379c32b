//! The places of the messages about failed and pending changes; `texts` writes them.

use leptos::prelude::*;

use super::list::List;

/// Only a failed form has a message before there is a script.
#[component]
pub fn Messages(list: List) -> impl IntoView {
    let failures = list.texts.with_value(|texts| texts.failures.clone());
    view! {
        <div class="failures" role="alert" hidden=failures.is_empty() inner_html=failures></div>
        <p class="notice offline" role="status" hidden></p>
    }
}

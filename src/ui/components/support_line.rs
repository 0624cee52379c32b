//! The request id, by which the operator finds the request in the log.

use leptos::prelude::*;

use crate::ui::page_context::PageContext;

#[component]
pub fn SupportLine() -> impl IntoView {
    let id = PageContext::current().support_id;
    id.map(|id| view! { <p class="aside">"Support ID: "<code>{id}</code></p> })
}

//! The line by which whoever runs the server finds what happened.

use leptos::prelude::*;

use crate::contract::SupportId;

#[component]
pub fn SupportLine() -> impl IntoView {
    let id = use_context::<SupportId>();
    id.map(|SupportId(id)| view! { <p class="aside">"If you ask for help, give this id: "<code>{id}</code></p> })
}

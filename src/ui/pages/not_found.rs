//! The page for an address where there is nothing.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found · Holdfast" />
        <main id="main" class="card" tabindex="-1">
            <p class="brand">"Holdfast"</p>
            <h1>"Not found"</h1>
            <p>"There is no page at this address. It may have been mistyped, or the page is gone."</p>
            <p>
                <a href="/">"Go to your todos"</a>
            </p>
        </main>
    }
}

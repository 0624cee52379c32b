//! The mark of Holdfast: a tick held between two posts, which are an H.

use leptos::prelude::*;

/// Decorative: the name beside it says what it is. The icon of the site, which the browser has anyway.
#[component]
pub fn Mark() -> impl IntoView {
    view! { <img class="mark" src="/favicon.svg" alt="" width="24" height="24" /> }
}

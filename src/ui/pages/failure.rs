//! The error page for an HTTP status.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

use crate::ui::{
    components::{Mark, SupportLine, Top},
    page_context::PageContext,
    words,
};

#[component]
pub fn Failure(
    status: u16,
    /// In seconds, if a retry can help.
    retry_after: Option<u32>,
) -> impl IntoView {
    let (title, sentence) = words::failure(status);
    let next = match retry_after {
        Some(seconds) => Either::Left(format!("Try again in {}.", words::time(seconds))),
        None => Either::Right(view! { <a href="/">"Go to your todos"</a> }),
    };
    let brand = if PageContext::current().is_signed_in {
        (Some(view! { <Top /> }), None)
    } else {
        (None, Some(view! { <p class="brand"><Mark />"Holdfast"</p> }))
    };
    view! {
        <Title text=format!("{title} · Holdfast") />
        {brand.0}
        <main id="main" class="card" tabindex="-1">
            {brand.1}
            <h1>{title}</h1>
            <p>{sentence}</p>
            <p>{next}</p>
            <SupportLine />
        </main>
    }
}

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
    let PageContext { is_signed_in, .. } = PageContext::current();
    let (title, sentence) = words::failure(status);
    let next = match retry_after {
        Some(seconds) => Either::Left(format!("Try again in {}.", words::time(seconds))),
        None => Either::Right(view! { <a href="/">"Go to your todos"</a> }),
    };
    view! {
        <Title text=format!("{title} · Holdfast") />
        {is_signed_in.then(|| view! { <Top /> })}
        <main id="main" class="card" tabindex="-1">
            {(!is_signed_in).then(|| view! { <p class="brand"><Mark />"Holdfast"</p> })}
            <h1>{title}</h1>
            <p>{sentence}</p>
            <p>{next}</p>
            <SupportLine />
        </main>
    }
}

//! The error page for an HTTP status.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

use crate::ui::{
    components::{Mark, SupportLine},
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
    view! {
        <Title text=format!("{title} · Holdfast") />
        <main id="main" class="card" tabindex="-1">
            <p class="brand"><Mark />"Holdfast"</p>
            <h1>{title}</h1>
            <p>{sentence}</p>
            <p>{next}</p>
            <SupportLine />
        </main>
    }
}

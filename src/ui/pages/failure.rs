//! The page for whatever keeps a page from being shown.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

use crate::ui::{components::SupportLine, words};

#[component]
pub fn Failure(
    /// HTTP status.
    status: u16,
    /// In how many seconds it may be tried again, if waiting helps.
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
            <p class="brand">"Holdfast"</p>
            <h1>{title}</h1>
            <p>{sentence}</p>
            <p>{next}</p>
            <SupportLine />
        </main>
    }
}

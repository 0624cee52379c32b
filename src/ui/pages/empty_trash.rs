//! The confirmation page for emptying the trash, which states the loss.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract::{AppError, TrashView},
    ui::{
        components::{Notice, Top},
        page_context::PageContext,
    },
};

#[component]
pub fn EmptyTrash() -> impl IntoView {
    let error = PageContext::current().error();
    let page = async move {
        match bff::list_trash(None).await {
            Ok(trash) => Either::Left(view! {
                <Top at=paths::TRASH />
                <main id="main" class="card" tabindex="-1">
                    <h1>"Empty trash"</h1>
                    {if trash.todos.is_empty() {
                        Either::Left(view! { <p>"The trash is empty. " <a href=paths::TODOS>"Go to your todos"</a></p> })
                    } else {
                        Either::Right(view! { <Confirmation trash error /> })
                    }}
                </main>
            }),
            Err(error) => Either::Right(view! { <NotShown heading="Your trash can’t be shown" error again=paths::TRASH /> }),
        }
    };
    view! {
        <Title text="Empty trash · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn Confirmation(trash: TrashView, error: Option<AppError>) -> impl IntoView {
    view! {
        {error.map(|error| view! { <Notice error /> })}
        <p>"This permanently deletes "<b>{loss(&trash)}</b>". This can’t be undone."</p>
        <form method="post" action=bff::EmptyTrash::PATH>
            <p class="choice">
                <button class="button button-danger" type="submit">"Empty trash"</button>
                <a class="button" href=paths::TRASH>"Cancel"</a>
            </p>
        </form>
    }
}

/// Counts only the first page: beyond it, the exact number does not matter.
fn loss(TrashView { todos, next }: &TrashView) -> String {
    match (todos.len(), next) {
        (count, Some(_)) => format!("more than {count} todos"),
        (1, None) => "1 todo".to_owned(),
        (count, None) => format!("{count} todos"),
    }
}

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
        let found = async { Ok((bff::current_user().await?, bff::list_trash(None).await?)) };
        match found.await {
            Ok((user, trash)) => Either::Left(view! {
                <Top email=Some(user.email) />
                <main id="main" class="card" tabindex="-1">
                    <h1>"Empty the trash"</h1>
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
        <Title text="Empty the trash · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn Confirmation(trash: TrashView, error: Option<AppError>) -> impl IntoView {
    view! {
        {error.map(|error| view! { <Notice error /> })}
        <p><b>{loss(&trash)}</b>" will be gone for good. Nobody can bring this back."</p>
        <form method="post" action=bff::EmptyTrash::PATH>
            <button class="button button-danger" type="submit">"Empty the trash for good"</button>
        </form>
        <p><a href=paths::TRASH>"Keep what is in it"</a></p>
    }
}

/// Counts only the first page: beyond it, the exact number does not matter.
fn loss(TrashView { todos, next }: &TrashView) -> String {
    match (todos.len(), next) {
        (count, Some(_)) => format!("More than {count} todos"),
        (1, None) => "1 todo".to_owned(),
        (count, None) => format!("{count} todos"),
    }
}

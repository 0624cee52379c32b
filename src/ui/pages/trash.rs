//! The trash page: deleted todos, which can be restored.

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
    server_fn::ServerFn,
};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract::{DeletedTodoView, TrashView},
    domain::{DAYS_IN_TRASH, TodoId},
    ui::{
        components::{Notice, Top},
        page_context::PageContext,
    },
};

#[component]
pub fn Trash() -> impl IntoView {
    let error = PageContext::current().error();
    let query = use_query_map().get_untracked();
    let cursor = query.get("cursor");
    let is_first = cursor.is_none();
    let restored = query.get("restored").and_then(|id| id.parse::<TodoId>().ok());
    let page = async move {
        match bff::list_trash(cursor).await {
            Ok(trash) => {
                // The URL carries only the id; reading the todo confirms the restore and gives its title.
                let restored = match restored {
                    Some(id) => bff::read_todo(id).await.ok(),
                    None => None,
                };
                let restored = restored.map(|todo| {
                    view! { <div class="notice" role="status"><p>"Restored “"<b dir="auto">{todo.title}</b>"”."</p></div> }
                });
                Either::Left(view! {
                    <Top at=paths::TRASH />
                    <main id="main" class="trash" tabindex="-1">
                        <h1>"Trash"</h1>
                        {restored}
                        {error.map(|error| view! { <Notice error /> })}
                        <Content trash is_first />
                    </main>
                })
            }
            Err(error) => Either::Right(view! { <NotShown heading="Your trash can’t be shown" error again=paths::TRASH /> }),
        }
    };
    view! {
        <Title text="Trash · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn Content(trash: TrashView, is_first: bool) -> impl IntoView {
    let TrashView { todos, next } = trash;
    match (todos.is_empty(), is_first) {
        (true, true) => {
            EitherOf3::A(view! { <p class="empty">"The trash is empty. " <a href=paths::TODOS>"Go to your todos"</a></p> })
        }
        (true, false) => {
            EitherOf3::B(view! { <p class="empty">"There is nothing older. " <a href=paths::TRASH>"Show the latest"</a></p> })
        }
        (false, _) => EitherOf3::C(view! {
            <p class="aside">"Deleted todos are kept for " {DAYS_IN_TRASH} " days. If the trash fills up, the oldest items are removed sooner."</p>
            <ul class="trash-list">{todos.into_iter().map(row).collect_view()}</ul>
            <p class="trash-footer">
                {(!is_first).then(|| view! { <a class="button" href=paths::TRASH>"Latest"</a> })}
                {next.map(|next| view! { <a class="button" href=format!("{}?cursor={next}", paths::TRASH)>"Older"</a> })}
                <a class="button button-danger" href=paths::EMPTY_TRASH>"Empty trash…"</a>
            </p>
        }),
    }
}

fn row(deleted: DeletedTodoView) -> impl IntoView {
    let DeletedTodoView { todo, deleted_at, seconds_ago } = deleted;
    let name = format!("Restore: {}", todo.title);
    view! {
        <li>
            <div class="trash-text">
                <p dir="auto" translate="no">{todo.title}</p>
                <p class="aside">
                    {if todo.completed { "Completed, deleted " } else { "Deleted " }}
                    <time datetime=deleted_at>{ago(seconds_ago)}</time>
                </p>
            </div>
            <form method="post" action=bff::RestoreTodos::PATH>
                <input type="hidden" name="ids[0]" value=todo.id.to_string() />
                <button class="button button-plain" type="submit" aria-label=name>"Restore"</button>
            </form>
        </li>
    }
}

/// A relative time, because the server does not know the user's time zone.
fn ago(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn elapsed_time_is_in_its_largest_whole_unit() {
        for (seconds, text) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3599, "59 minutes ago"),
            (3600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (40 * 86_400, "40 days ago"),
        ] {
            assert_eq!(ago(seconds), text);
        }
    }
}

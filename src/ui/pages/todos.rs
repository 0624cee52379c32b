//! The todo page: the island and what stands around it.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    bff,
    ui::{
        components::{Notice, Shortcuts, SignInDialog, form_error},
        islands::{Show, TodoList},
    },
};

/// Everything on it works by forms and links alone; the island only makes it instant.
#[component]
pub fn Todos() -> impl IntoView {
    let error = form_error::<bff::AddTodo>()
        .or_else(form_error::<bff::RenameTodo>)
        .or_else(form_error::<bff::CompleteTodo>)
        .or_else(form_error::<bff::ReopenTodo>)
        .or_else(form_error::<bff::DeleteTodo>)
        .or_else(form_error::<bff::CompleteTodos>)
        .or_else(form_error::<bff::ReopenTodos>)
        .or_else(form_error::<bff::ClearCompleted>);
    let query = use_query_map();
    let editing = query.with_untracked(|query| query.get("edit")?.parse().ok());
    let show = query.with_untracked(|query| Show::of_parameter(query.get("show").as_deref()));
    let list = async move {
        let (user, todos) = (bff::current_user().await, bff::list_todos().await);
        match user.and_then(|user| Ok((user, todos?))) {
            Ok((user, todos)) => {
                let email = user.email.clone();
                Either::Left(view! {
                    <TodoList todos user show editing draft=None error />
                    <Shortcuts />
                    <SignInDialog email />
                })
            }
            Err(error) => Either::Right(view! { <Notice error /> }),
        }
    };
    view! {
        <Title text="Todos · Holdfast" />
        <header class="top">
            <a class="brand" href="/todos">"Holdfast"</a>
            <form method="post" action=bff::SignOut::PATH>
                <button class="button button-quiet" type="submit">"Sign out"</button>
            </form>
        </header>
        <main>
            <Suspense>{Suspend::new(list)}</Suspense>
        </main>
        {use_context::<LeptosOptions>().map(|options| view! { <HydrationScripts options islands=true /> })}
    }
}

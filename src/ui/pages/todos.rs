//! The todo page: the island and its surroundings.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    bff,
    contract::{AppError, Scope},
    domain::{TodoId, TodoTitle},
    ui::{
        components::{
            AtOnce, BrokenNotice, Flash, IslandGuard, IslandScript, Notice, Offer, Shortcuts, ShowPassword, SignInDialog,
            SupportLine, Top,
        },
        page_context::{PageContext, UnfinishedForm},
        todo_list::{Editor, TodoList, Views, document_title},
        words,
    },
};

/// Works with plain forms and links; the island adds optimistic updates.
#[component]
pub fn Todos() -> impl IntoView {
    let form = PageContext::current().form;
    let query = use_query_map();
    let offer = Offer::read(query.get_untracked());
    let edited = query.with_untracked(|query| query.get("edit")?.parse::<TodoId>().ok());
    let scope = query.with_untracked(|query| Scope::of(|name| query.get(name)));
    let title = document_title(&scope);
    let after = query.with_untracked(|query| query.get("after"));
    let page = async move {
        let offer = offer.await;
        match bff::list_todos(scope.clone(), after.clone(), edited).await {
            Ok((user, page)) => {
                // A deleted todo has no editor, so its draft goes to the input for new todos.
                let edited = edited.and_then(|id| page.todos.iter().chain(&page.others).find(|todo| todo.id == id));
                let editor = match edited {
                    Some(todo) => {
                        let notes = if todo.has_notes { bff::read_notes(todo.id).await.ok() } else { Some(String::new()) };
                        let field = |name: &str| match (&form, name) {
                            (Some(form), "title") => form.draft(),
                            (form, name) => form.as_ref()?.field(name),
                        };
                        Some(Editor::of_form(todo, notes, field))
                    }
                    None => None,
                };
                let error = form.as_ref().and_then(|form| form.error);
                let draft = form.as_ref().filter(|_| editor.is_none()).and_then(|form| form.draft()).map(str::to_owned);
                let email = user.email.clone();
                let signed_in_again = form.as_ref().is_some_and(|form| form.error.is_none());
                let counts = page.info.views.clone();
                let tag_name = form.as_ref().and_then(|form| form.field("name")).map(str::to_owned);
                Either::Left(AtOnce(view! {
                    <Top scope=scope.clone() />
                    <Views scope=scope.clone() counts />
                    <main id="main" class="todo-page" tabindex="-1">
                        {offer.map(|offer| view! { <Flash offer /> })}
                        {signed_in_again
                            .then(|| {
                                view! {
                                    <p class="notice flash" role="status">
                                        {words::SIGNED_IN_AGAIN}
                                    </p>
                                }
                            })}
                        <BrokenNotice />
                        <TodoList page user scope after editor error draft tag_name />
                        <IslandGuard />
                        <Shortcuts />
                        <SignInDialog email />
                        <ShowPassword />
                    </main>
                }))
            }
            Err(error) => Either::Right(view! {
                <Top />
                <main id="main" tabindex="-1">
                    {offer.map(|offer| view! { <Flash offer /> })}
                    <WithoutTodos error form />
                </main>
            }),
        }
    };
    view! {
        <Title text=title />
        <Suspense>{Suspend::new(page)}</Suspense>
        <IslandScript />
    }
}

/// Shown if the list could not be loaded. A failed form can be resubmitted unchanged.
#[component]
fn WithoutTodos(error: AppError, form: Option<UnfinishedForm>) -> impl IntoView {
    let draft = form.as_ref().and_then(|form| form.draft()).filter(|draft| !TodoTitle::is_blank(draft));
    let typed = draft.map(|draft| view! { <p>"You typed: “"<b dir="auto">{draft.to_owned()}</b>"”"</p> });
    let again = match form.filter(|form| form.error.is_some()) {
        Some(form) => {
            let field =
                |(name, value): &(String, String)| view! { <input type="hidden" name=name.clone() value=value.clone() /> };
            Either::Left(view! {
                <form method="post" action=form.function.clone()>
                    {form.fields().iter().map(field).collect_view()}
                    <button class="button button-main" type="submit">"Try again"</button>
                </form>
            })
        }
        None => Either::Right(view! { <p><a href="/todos">"Try again"</a></p> }),
    };
    view! {
        <section class="card">
            <h1>"Your todos can’t be shown"</h1>
            <Notice error />
            {typed}
            {again}
            <SupportLine />
        </section>
    }
}

//! A long list on paper: plain titles, with a link to the next part.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    ui::{components::Top, todo_list::Filter},
};

#[component]
pub fn Print() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filter = Filter::of_parameter(query.get("show").as_deref());
    let after = query.get("after");
    let page = async move {
        match bff::print_todos(filter.completed(), after).await {
            Ok((_, page)) => {
                // A short list comes as a whole.
                let todos = page.todos.into_iter().filter(|todo| filter.includes(todo.completed));
                let rows = todos.map(|todo| {
                    let mark = if todo.completed { "☑ " } else { "☐ " };
                    view! { <li>{mark}<span dir="auto">{todo.title}</span></li> }
                });
                let next = page.info.next.map(|next| {
                    let href = [paths::PRINT, &filter.href_with("after", &next)[paths::TODOS.len()..]].concat();
                    view! { <a class="button" href=href>"Next part"</a> }
                });
                Either::Left(view! {
                    <Top />
                    <main id="main" class="print" tabindex="-1">
                        <h1>"Todos"</h1>
                        <p class="tips">
                            "Print this page with your browser. " {next.is_some().then(|| format!("It has {} todos at most. ", bff::PRINTED))}
                            <a class="button" href=filter.href()>"Back to your todos"</a>
                            {next}
                        </p>
                        <ul class="print-list">{rows.collect_view()}</ul>
                    </main>
                })
            }
            Err(error) => Either::Right(view! { <NotShown heading="Your todos can’t be shown" error again=paths::PRINT /> }),
        }
    };
    view! {
        <Title text="Print · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

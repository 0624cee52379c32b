//! A long list on paper: plain titles, with a link to the next part.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract::{Scope, with_parameter},
    ui::components::Top,
};

#[component]
pub fn Print() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let scope = Scope::of(|name| query.get(name));
    let after = query.get("after");
    let page = async move {
        match bff::print_todos(scope.clone(), after).await {
            Ok((_, page)) => {
                let rows = page.todos.into_iter().map(|todo| {
                    let mark = if todo.completed { "☑ " } else { "☐ " };
                    view! { <li>{mark}<span dir="auto">{todo.title}</span></li> }
                });
                let next = page.info.next.map(|next| {
                    let href = with_parameter(&scope.action(paths::PRINT), "after", &next);
                    view! { <a class="button" href=href>"Next part"</a> }
                });
                Either::Left(view! {
                    <Top />
                    <main id="main" class="print" tabindex="-1">
                        <h1>"Todos"</h1>
                        <p class="tips">
                            "Print this page with your browser. " {next.is_some().then(|| format!("It has {} todos at most. ", bff::PRINTED))}
                            <a class="button" href=scope.href()>"Back to your todos"</a>
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

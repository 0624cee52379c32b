//! The page that adds several todos at once, one a line.

use leptos::{attr::custom::CustomAttribute, either::Either, html::custom, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract,
    domain::{LinesError, TodoTitle},
    ui::{
        components::{Notice, Top},
        page_context::PageContext,
        words,
    },
};

#[component]
pub fn Several() -> impl IntoView {
    let context = PageContext::current();
    let page = async move {
        match bff::current_user().await {
            Ok(_) => Either::Left(view! {
                <Top />
                <main id="main" class="card wide" tabindex="-1">
                    <h1>"Add several todos"</h1>
                    <SeveralForm context />
                </main>
            }),
            Err(error) => Either::Right(view! { <NotShown heading="This page can’t be shown" error again=paths::SEVERAL /> }),
        }
    };
    view! {
        <Title text="Add several todos · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn SeveralForm(context: PageContext) -> impl IntoView {
    let typed = context.form.as_ref().and_then(|form| form.draft()).unwrap_or_default();
    let signed_in_again = context.form.as_ref().is_some_and(|form| form.error.is_none());
    let error = context.error_for(contract::Field::Title).map(|error| match TodoTitle::parse_lines(typed) {
        Err(LinesError::Line(line, error)) => words::of_line(line, error.into()),
        _ => words::sentence(error).into_owned(),
    });
    // As a custom element: Leptos does not escape the text of its own `textarea`. The parser drops the first line break.
    let input = custom("textarea")
        .attr("id", "titles")
        .attr("name", "titles")
        .attr("rows", "12")
        .attr("dir", "auto")
        .attr("autofocus", "")
        .attr("aria-invalid", error.is_some().then_some("true"))
        .attr("aria-describedby", if error.is_some() { "titles-error titles-hint" } else { "titles-hint" })
        .child(["\n", typed].concat());
    view! {
        {signed_in_again.then(|| view! { <p class="notice" role="status">{words::SIGNED_IN_AGAIN}</p> })}
        {context.error_of_form().map(|error| view! { <Notice error /> })}
        <form method="post" action=bff::AddTodos::PATH>
            <div class="field">
                <label for="titles">"One todo a line"</label>
                {input}
                {error.map(|error| view! { <p class="field-error" id="titles-error">{error}</p> })}
                <p class="field-hint" id="titles-hint">"Up to "{TodoTitle::MAX_LINES}" todos. Blank lines are skipped."</p>
            </div>
            <p class="choice">
                <button class="button button-main" type="submit">"Add todos"</button>
                <a class="button" href=paths::TODOS>"Cancel"</a>
            </p>
        </form>
    }
}

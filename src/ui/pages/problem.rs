//! The pages that explain what the API says when it refuses.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::contract::{ProblemText, ProblemType};

/// One kind of problem.
#[component]
pub fn Problem(problem: ProblemType) -> impl IntoView {
    let ProblemText { status, title, meaning, remedy, .. } = problem.text();
    view! {
        <Title text=format!("{title} · Holdfast API") />
        <main id="main" class="card" tabindex="-1">
            <p class="brand">"Holdfast API"</p>
            <h1>{title}</h1>
            <p class="aside">"Status "{status}", type "<code>{problem.path()}</code></p>
            <p>{meaning}</p>
            <p>{remedy}</p>
            <p class="aside">
                <a href="/problems">"All problems"</a>
                " · "
                <a href="/api/v1/docs">"The API"</a>
            </p>
        </main>
    }
}

/// All of them.
#[component]
pub fn Problems() -> impl IntoView {
    let problems = ProblemType::ALL.into_iter().map(|problem| {
        let ProblemText { status, title, .. } = problem.text();
        view! { <li>{status} " " <a href=problem.path()>{title}</a></li> }
    });
    let problems = problems.collect_view();
    view! {
        <Title text="Problems · Holdfast API" />
        <main id="main" class="card" tabindex="-1">
            <p class="brand">"Holdfast API"</p>
            <h1>"Problems"</h1>
            <p>"When the API refuses a request, it says why: as problem details (RFC 9457), of one of these types."</p>
            <ul class="plain">{problems}</ul>
            <p class="aside">
                <a href="/api/v1/docs">"The API"</a>
            </p>
        </main>
    }
}

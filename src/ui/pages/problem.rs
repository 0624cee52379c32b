//! The documentation pages of the API's problem types (RFC 9457).

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{bff::paths, ui::components::Mark};

/// One problem type.
#[derive(Clone)]
pub struct ProblemText {
    pub status: u16,
    pub path: String,
    pub title: &'static str,
    pub meaning: &'static str,
    pub remedy: &'static str,
}

#[component]
pub fn Problem(problem: ProblemText) -> impl IntoView {
    let ProblemText { status, path, title, meaning, remedy } = problem;
    view! {
        <Title text=format!("{title} · Holdfast API") />
        <main id="main" class="card" tabindex="-1">
            <p class="brand"><Mark />"Holdfast API"</p>
            <h1>{title}</h1>
            <p class="aside">"Status "{status}", type "<code>{path}</code></p>
            <p>{meaning}</p>
            <p>{remedy}</p>
            <p class="aside">
                <a href=paths::PROBLEMS>"All problems"</a>
                " · "
                <a href="/api/v1/docs">"The API"</a>
            </p>
        </main>
    }
}

#[component]
pub fn Problems(problems: Vec<ProblemText>) -> impl IntoView {
    let problems = problems.into_iter().map(|ProblemText { status, path, title, meaning, .. }| {
        view! {
            <tr>
                <td>{status}</td>
                <th scope="row"><a href=path>{title}</a></th>
                <td>{meaning}</td>
            </tr>
        }
    });
    let problems = problems.collect_view();
    view! {
        <Title text="Problems · Holdfast API" />
        <main id="main" class="card wide" tabindex="-1">
            <p class="brand"><Mark />"Holdfast API"</p>
            <h1>"Problems"</h1>
            <p>"When the API refuses a request, it says why in problem details (RFC 9457) of one of these types."</p>
            <table>
                <thead><tr><th scope="col">"Status"</th><th scope="col">"Problem"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{problems}</tbody>
            </table>
            <p class="aside">
                <a href="/api/v1/docs">"The API"</a>
            </p>
        </main>
    }
}

//! The routes, and the HTML document around every page.

use leptos::prelude::*;
use leptos_meta::{Meta, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode, StaticSegment,
    components::{Route, Router, Routes},
};

use super::{
    page_context::PageContext,
    pages::{
        Account, DeleteAccount, EmptyTrash, Failure, Print, Problem, ProblemText, Problems, Several, SignIn, SignUp, Todos, Trash,
    },
};
use crate::bff::paths;

const DESCRIPTION: &str = "Your todos, on a server of your own.";

/// A page with a route.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    document(options, App)
}

/// The page for an HTTP error; `retry_after` is in seconds.
pub fn failure(options: LeptosOptions, status: u16, retry_after: Option<u32>) -> impl IntoView {
    document(options, move || view! { <Failure status retry_after /> })
}

/// The page that documents one problem type of the API.
pub fn problem(options: LeptosOptions, problem: ProblemText) -> impl IntoView {
    document(options, move || view! { <Problem problem /> })
}

/// The index of the problem types.
pub fn problems(options: LeptosOptions, problems: Vec<ProblemText>) -> impl IntoView {
    document(options, move || view! { <Problems problems /> })
}

/// Without hydration scripts: only a page with an island loads them, so the other pages stay small.
fn document<V: IntoView>(options: LeptosOptions, page: impl FnOnce() -> V) -> impl IntoView {
    provide_meta_context();
    let PageContext { origin, is_signed_in, .. } = PageContext::current();
    // Others only see the pages without a session. Open Graph requires an absolute image URL.
    let preview = (!is_signed_in).then(|| {
        view! {
            <Meta property="og:title" content="Holdfast" />
            <Meta property="og:description" content=DESCRIPTION />
            <Meta property="og:type" content="website" />
            <Meta property="og:image" content=format!("{origin}/preview.png") />
        }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=DESCRIPTION />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                // Before the style, for which an inline script would have to wait, and the rest of the page with it.
                <MetaTags />
                <link id="leptos" rel="stylesheet" href=PageContext::current().assets.style />
                <AutoReload options />
                {preview}
            </head>
            <body>
                <a class="skip-link" href="#main">"Skip to the content"</a>
                " "
                {page()}
            </body>
        </html>
    }
}

/// `SsrMode::Async` renders the whole page before the first byte, so status and headers are final and no script is needed.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <Failure status=404 retry_after=None /> }>
                <Route path=StaticSegment(paths::ACCOUNT) view=Account ssr=SsrMode::Async />
                <Route path=(StaticSegment(paths::ACCOUNT), StaticSegment("delete")) view=DeleteAccount ssr=SsrMode::Async />
                <Route path=StaticSegment(paths::SIGN_IN) view=SignIn ssr=SsrMode::Async />
                <Route path=StaticSegment(paths::SIGN_UP) view=SignUp ssr=SsrMode::Async />
                <Route path=StaticSegment(paths::TODOS) view=Todos ssr=SsrMode::Async />
                <Route path=(StaticSegment(paths::TODOS), StaticSegment("several")) view=Several ssr=SsrMode::Async />
                <Route path=(StaticSegment(paths::TODOS), StaticSegment("print")) view=Print ssr=SsrMode::Async />
                <Route path=StaticSegment(paths::TRASH) view=Trash ssr=SsrMode::Async />
                <Route path=(StaticSegment(paths::TRASH), StaticSegment("empty")) view=EmptyTrash ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

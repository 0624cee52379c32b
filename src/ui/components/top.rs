//! The header of the signed-in pages: the way home, to the trash and to the account, and the search.

use leptos::prelude::*;
use leptos_meta::Script;

use super::{Mark, icon};
use crate::{bff::paths, contract::Scope};

/// The back/forward cache can show a page after sign-out. So the page is covered when left and fetched again when restored
/// (`reload` would resubmit a form); the island handles this itself, to keep typed input.
const COVER: &str = "\
    { const { dataset } = document.documentElement;\
    addEventListener('pagehide', () => { dataset.covered = '' });\
    addEventListener('pageshow', () => {\
      if ('covered' in dataset && !('hydrated' in dataset)) location.replace(location.pathname + location.search)\
    }) }";

#[component]
pub fn Top(
    /// Path of the page, which its link marks.
    #[prop(optional)]
    at: &'static str,
    /// Which todos are searched.
    #[prop(optional)]
    scope: Scope,
) -> impl IntoView {
    let Scope { text, .. } = scope.clone();
    let has_focus = !text.is_empty();
    let rest = scope.with_text("");
    let rest =
        rest.parameters().into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> });
    let current = |path| (path == at).then_some("page");
    view! {
        <Script>{COVER}</Script>
        <header class="top">
            <a class="brand" href=paths::TODOS><Mark />"Holdfast"</a>
            <form class="search" role="search" action=paths::TODOS>
                {rest.collect_view()}
                <input
                    type="search"
                    name="q"
                    aria-label="Search"
                    placeholder="Search"
                    maxlength=Scope::MAX_TEXT
                    dir="auto"
                    autocomplete="off"
                    autofocus=has_focus
                    value=text
                />
                // For text browsers, which need one.
                <button hidden>"Search"</button>
            </form>
            " "
            <a
                class="icon-button"
                href=paths::TRASH
                aria-label="Trash"
                title="Trash"
                aria-current=current(paths::TRASH)
                inner_html=icon::TRASH
            ></a>
            " "
            <a
                class="icon-button to-account"
                href=paths::ACCOUNT
                aria-label="Account"
                title="Account"
                aria-current=current(paths::ACCOUNT)
                inner_html=icon::ACCOUNT
            ></a>
        </header>
    }
}

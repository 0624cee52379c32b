//! The header of the signed-in pages: the account's e-mail, the account link and the sign-out button.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Script;

use crate::bff::{self, paths};

/// The back/forward cache can show a page after sign-out. So the page is covered when left and fetched again when restored
/// (`reload` would resubmit a form); the island handles this itself, to keep typed input.
const COVER: &str = "\
    { const { dataset } = document.documentElement;\
    addEventListener('pagehide', () => { dataset.covered = '' });\
    addEventListener('pageshow', () => {\
      if ('covered' in dataset && !('hydrated' in dataset)) location.replace(location.pathname + location.search)\
    }) }";

#[component]
pub fn Top(email: Option<String>, #[prop(optional)] at_account: bool) -> impl IntoView {
    view! {
        <Script>{COVER}</Script>
        <header class="top">
            <a class="brand" href=paths::TODOS>"Holdfast"</a>
            " "
            {email.map(|email| view! { <span class="who" dir="auto" title=email.clone()>{email.clone()}</span> })}
            " "
            <a class="button button-quiet" href=paths::ACCOUNT aria-current=at_account.then_some("page")>"Account"</a>
            <form method="post" action=bff::SignOut::PATH>
                <button class="button button-quiet" type="submit">"Sign out"</button>
            </form>
        </header>
    }
}

//! The bar above the pages of somebody who is signed in: whose they are, and the ways to the account and out.

use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};

use crate::bff::{self, paths};

/// What browsers show at Back may be the page as it was left, kept whole (back/forward cache), and after a sign-out too. So it is
/// left covered, and got anew when it comes back; not reloaded, for the answer to a form would be sent once more. The island
/// decides by itself, since something may be typed there.
const COVER: &str = "\
    { const { dataset } = document.documentElement;\
    addEventListener('pagehide', () => { dataset.covered = '' });\
    addEventListener('pageshow', () => {\
      if ('covered' in dataset && !('hydrated' in dataset)) location.replace(location.pathname + location.search)\
    }) }";

#[component]
pub fn Top(
    email: Option<String>,
    /// Whether this is a page about the account.
    #[prop(optional)]
    at_account: bool,
) -> impl IntoView {
    view! {
        <script nonce=use_nonce()>{COVER}</script>
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

//! The bar above the pages of somebody who is signed in: whose they are, and the ways to the account and out.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::bff;

#[component]
pub fn Top(
    email: Option<String>,
    /// Whether this is a page about the account.
    #[prop(optional)]
    at_account: bool,
) -> impl IntoView {
    view! {
        <header class="top">
            <a class="brand" href="/todos">"Holdfast"</a>
            " "
            {email.map(|email| view! { <span class="who" title=email.clone()>{email.clone()}</span> })}
            " "
            <a class="button button-quiet" href="/account" aria-current=at_account.then_some("page")>"Account"</a>
            <form method="post" action=bff::SignOut::PATH>
                <button class="button button-quiet" type="submit">"Sign out"</button>
            </form>
        </header>
    }
}

//! The bar above the pages of somebody who is signed in: whose they are, and the way out.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::bff;

#[component]
pub fn Top(email: Option<String>) -> impl IntoView {
    view! {
        <header class="top">
            <a class="brand" href="/todos">"Holdfast"</a>
            {email.map(|email| view! { <span class="who" title=email.clone()>{email.clone()}</span> })}
            <form method="post" action=bff::SignOut::PATH>
                <button class="button button-quiet" type="submit">"Sign out"</button>
            </form>
        </header>
    }
}

//! The sign-in page.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    bff,
    ui::components::{Field, Notice, form_error},
};

#[component]
pub fn SignIn() -> impl IntoView {
    let error = form_error::<bff::SignIn>();
    let next = use_query_map().with_untracked(|query| query.get("next"));
    // Only someone who wanted to go elsewhere, or whose session ended there, comes with a `next`.
    let sent_here = next.is_some() && error.is_none();
    view! {
        <Title text="Sign in · Holdfast" />
        <main class="card">
            <p class="brand">"Holdfast"</p>
            <h1>"Sign in"</h1>
            {sent_here.then(|| view! { <p class="notice" role="status">"Please sign in to go on. A session lasts 30 minutes at most."</p> })}
            {error.map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::SignIn::PATH>
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <Field name="email" label="E-mail" kind="email" autocomplete="username" error=None autofocus=true />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" error=None />
                <button class="button" type="submit">"Sign in"</button>
            </form>
            <p class="aside">"New here? "<a href="/sign-up">"Sign up"</a></p>
        </main>
    }
}

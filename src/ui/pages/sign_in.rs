//! The sign-in page.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    bff::{self, paths},
    domain::{Registration, TodoTitle},
    ui::{
        components::{DetectTimeZone, Field, HttpNotice, Mark, Notice, ShowPassword},
        page_context::PageContext,
        todo_list::Editor,
        words,
    },
};

#[component]
pub fn SignIn() -> impl IntoView {
    let context = PageContext::current();
    let error = context.error();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next")).or_else(|| context.typed("next"));
    let done = query.with_untracked(|query| query.get("done")).filter(|_| error.is_none());
    let deleted = done.as_deref() == Some("deleted");
    let cookie_refused = done.as_deref() == Some("no-cookie");
    let may_sign_up = context.registration == Registration::Open;
    // A redirect from a protected page sets `next`.
    let sent_here = next.is_some() && error.is_none() && !cookie_refused;
    let draft =
        context.form.as_ref().and_then(|form| form.draft()).filter(|draft| !TodoTitle::is_blank(draft)).map(str::to_owned);
    // The rest of an editor, of which the draft is the title.
    let rest = Editor::REST.into_iter().filter_map(|name| Some((name, context.typed(name)?)));
    let rest = rest.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let email = context.typed("email");
    let knows_email = email.as_ref().is_some_and(|email| !email.is_empty());
    view! {
        <Title text="Sign in · Holdfast" />
        <main id="main" class="card" tabindex="-1">
            <p class="brand"><Mark />"Holdfast"</p>
            <div>
                <h1>"Sign in"</h1>
                <p class="aside">{words::WHAT_THIS_IS}</p>
            </div>
            {deleted
                .then(|| view! { <p class="notice" role="status">"Your account and everything in it have been deleted."</p> })}
            <HttpNotice />
            {cookie_refused.then(|| view! { <p class="notice notice-error" role="alert">{words::COOKIE_REFUSED}</p> })}
            {sent_here.then(|| view! { <p class="notice" role="status">"Sign in to go on."</p> })}
            {error.map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::SignIn::PATH>
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                {draft
                    .map(|draft| {
                        view! {
                            <p class="aside">"What you typed is safe. It will be back in its box once you’ve signed in."</p>
                            <input type="hidden" name="draft" value=draft />
                            {rest}
                        }
                    })}
                <Field name="email" label="E-mail" kind="email" autocomplete="username" error=None typed=email autofocus=!knows_email />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" error=None autofocus=knows_email />
                <DetectTimeZone />
                <button class="button button-main" type="submit">"Sign in"</button>
            </form>
            <details class="aside">
                <summary>"Forgot your password?"</summary>
                <p>
                    "This server sends no e-mail. Ask whoever runs it to set a new one, with "<code>"holdfast user set-password"</code>"."
                </p>
            </details>
            {may_sign_up.then(|| view! { <p class="aside">"New here? "<a href=paths::SIGN_UP>"Sign up"</a></p> })}
        </main>
        <ShowPassword />
    }
}

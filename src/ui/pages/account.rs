//! The account page: password, export, sessions and deletion.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract,
    ui::{
        components::{Field, Notice, ShowPassword, Top},
        page_context::PageContext,
        words,
    },
};

#[component]
pub fn Account() -> impl IntoView {
    let context = PageContext::current();
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let changed = context.error().is_none() && done.is_some_and(|done| done == "password");
    let page = async move {
        match bff::current_user().await {
            Ok(user) => {
                let email = user.email.clone();
                Either::Left(view! {
                    <Top email=Some(user.email) at_account=true />
                    <main id="main" class="account" tabindex="-1">
                        <p><a href=paths::TODOS>"Back to your todos"</a></p>
                        <h1>"Account"</h1>
                        <p class="whose">"Signed in as "<b dir="auto">{email.clone()}</b></p>
                        {changed
                            .then(|| {
                                view! {
                                    <p class="notice" role="status">
                                        "Your password is changed. Every other browser and program is signed out."
                                    </p>
                                }
                            })}
                        <ChangePassword email context />
                        <Export />
                        <SignOutEverywhere />
                        <section class="panel">
                            <h2>"Delete the account"</h2>
                            <p>"With all of its todos, for good. The next page asks for your password first."</p>
                            <a class="button button-danger" href=paths::DELETE_ACCOUNT>"Delete the account…"</a>
                        </section>
                    </main>
                    <ShowPassword />
                })
            }
            Err(error) => Either::Right(
                view! { <NotShown heading="Your account can’t be shown" error again=paths::ACCOUNT at_account=true /> },
            ),
        }
    };
    view! {
        <Title text="Account · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn ChangePassword(email: String, context: PageContext) -> impl IntoView {
    let of_current = context.error_for(contract::Field::CurrentPassword).map(words::sentence);
    let of_new = context.error_for(contract::Field::Password).map(words::sentence);
    let (focus_current, focus_new) = (of_current.is_some(), of_new.is_some());
    view! {
        <section class="panel">
            <h2>"Password"</h2>
            {context.error_of_form().map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::ChangePassword::PATH>
                // Password managers need the user name.
                <input type="text" name="username" autocomplete="username" value=email readonly hidden />
                <Field
                    name="current_password"
                    label="Current password"
                    kind="password"
                    autocomplete="current-password"
                    error=of_current
                    autofocus=focus_current
                />
                <Field
                    name="new_password"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    hint=words::PASSWORD_RULES
                    error=of_new
                    autofocus=focus_new
                />
                <p class="aside">"You stay signed in here. Every other browser and program is signed out."</p>
                <button class="button" type="submit">"Change password"</button>
            </form>
        </section>
    }
}

#[component]
fn Export() -> impl IntoView {
    view! {
        <section class="panel">
            <h2>"Your data"</h2>
            <p>"Everything that is kept of you, in one JSON file: the account and all todos, deleted ones as well."</p>
            <a class="button button-plain" href=paths::EXPORT>"Export everything"</a>
        </section>
    }
}

#[component]
fn SignOutEverywhere() -> impl IntoView {
    view! {
        <section class="panel">
            <h2>"Sessions"</h2>
            <p>
                "Sign out everywhere ends every session: all browsers, and any program using your account. Use it if you lose a device."
            </p>
            <form method="post" action=bff::SignOutEverywhere::PATH>
                <button class="button button-plain" type="submit">"Sign out everywhere"</button>
            </form>
        </section>
    }
}

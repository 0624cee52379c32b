//! The account page: data, sessions, password and deletion.

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
                let email = user.email;
                Either::Left(view! {
                    <Top at=paths::ACCOUNT />
                    <main id="main" class="account" tabindex="-1">
                        <h1>"Account"</h1>
                        {changed
                            .then(|| {
                                view! {
                                    <p class="notice" role="status">
                                        "Your password is changed. Every other browser and program has been signed out."
                                    </p>
                                }
                            })}
                        <section class="panel">
                            <div class="setting">
                                <p class="whose">"Signed in as "<b dir="auto">{email.clone()}</b></p>
                                <form method="post" action=bff::SignOut::PATH>
                                    <button class="button button-plain" type="submit">"Sign out"</button>
                                </form>
                            </div>
                        </section>
                        <section class="panel">
                            <h2>"Your data"</h2>
                            <div class="setting">
                                <p>
                                    "Download everything we store about you as one JSON file: your account and all your todos, including deleted ones."
                                </p>
                                <a class="button button-plain" href=paths::EXPORT>"Download"</a>
                            </div>
                        </section>
                        <section class="panel">
                            <h2>"Security"</h2>
                            <div class="setting">
                                <p>
                                    "Sign out everywhere ends every session: all browsers, and any program using your account. Use it if you lose a device."
                                </p>
                                <form method="post" action=bff::SignOutEverywhere::PATH>
                                    <button class="button button-plain" type="submit">"Sign out everywhere"</button>
                                </form>
                            </div>
                            <ChangePassword email context />
                            <div class="setting">
                                <p>"Permanently deletes your account and all your todos. You’ll be asked for your password."</p>
                                <a class="button button-danger" href=paths::DELETE_ACCOUNT>"Delete account…"</a>
                            </div>
                        </section>
                    </main>
                    <ShowPassword />
                })
            }
            Err(error) => Either::Right(view! { <NotShown heading="Your account can’t be shown" error again=paths::ACCOUNT /> }),
        }
    };
    view! {
        <Title text="Account · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

/// Closed until it is opened, or has an error.
#[component]
fn ChangePassword(email: String, context: PageContext) -> impl IntoView {
    let of_current = context.error_for(contract::Field::CurrentPassword).map(words::sentence);
    let of_new = context.error_for(contract::Field::Password).map(words::sentence);
    let (focus_current, focus_new) = (of_current.is_some(), of_new.is_some());
    let is_open = context.error().is_some();
    view! {
        <details class="setting" open=is_open>
            <summary>"Change password"</summary>
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
                <p class="aside">"You’ll stay signed in here; every other browser and program will be signed out."</p>
                <button class="button button-main" type="submit">"Change password"</button>
            </form>
        </details>
    }
}

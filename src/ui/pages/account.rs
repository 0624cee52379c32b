//! The account page: preferences, data, e-mail, password, sessions and deletion.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract::{self, AccountView},
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
    let done = done.filter(|_| context.error().is_none()).and_then(|done| words::done(&done));
    let page = async move {
        match bff::read_account().await {
            Ok(account) => Either::Left(view! { <Settings account context done /> }),
            Err(error) => Either::Right(view! { <NotShown heading="Your account can’t be shown" error again=paths::ACCOUNT /> }),
        }
    };
    view! {
        <Title text="Account · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn Settings(account: AccountView, context: PageContext, done: Option<&'static str>) -> impl IntoView {
    let AccountView { email, time_zone, time_zones } = account;
    let [of_email, of_password] = [bff::ChangeEmail::PATH, bff::ChangePassword::PATH].map(|form| context.clone().for_form(form));
    // The two forms show their errors themselves.
    let error = context.error().filter(|_| of_email.form.is_none() && of_password.form.is_none());
    view! {
        <Top at=paths::ACCOUNT />
        <main id="main" class="account" tabindex="-1">
            <h1>"Account"</h1>
            {done.map(|done| view! { <p class="notice" role="status">{done}</p> })}
            {error.map(|error| view! { <Notice error /> })}
            <section class="panel">
                <div class="setting">
                    <p class="whose">"Signed in as "<b dir="auto">{email.clone()}</b></p>
                    <form method="post" action=bff::SignOut::PATH>
                        <button class="button button-plain" type="submit">"Sign out"</button>
                    </form>
                </div>
            </section>
            <section class="panel">
                <h2>"Preferences"</h2>
                <ChooseTimeZone time_zone time_zones />
            </section>
            <section class="panel">
                <h2>"Your data"</h2>
                <div class="setting">
                    <p>
                        "Export"<small>"Download everything we store about you as one JSON file: your account and all your todos, including deleted ones."</small>
                    </p>
                    <a class="button button-plain" href=paths::EXPORT>"Download"</a>
                </div>
            </section>
            <section class="panel">
                <h2>"Security"</h2>
                <ChangeEmail email=email.clone() context=of_email />
                <ChangePassword email context=of_password />
                <div class="setting">
                    <p>
                        "Sessions"<small>"Sign out everywhere ends every session: all browsers, and any program using your account. Use it if you lose a device."</small>
                    </p>
                    <form method="post" action=bff::SignOutEverywhere::PATH>
                        <button class="button button-plain" type="submit">"Sign out everywhere"</button>
                    </form>
                </div>
                <div class="setting">
                    <p>"Delete account"<small>"Permanently deletes your account and all your todos. You’ll be asked for your password."</small></p>
                    <a class="button button-danger" href=paths::DELETE_ACCOUNT>"Delete account…"</a>
                </div>
            </section>
        </main>
        <ShowPassword />
    }
}

#[component]
fn ChooseTimeZone(time_zone: String, time_zones: Vec<String>) -> impl IntoView {
    let option = |name: String| {
        let is_current = name == time_zone;
        view! { <option selected=is_current>{name}</option> }
    };
    view! {
        <form class="setting" method="post" action=bff::ChooseTimeZone::PATH>
            <p>
                <label for="time_zone">"Time zone"</label>
                <small id="time_zone-hint">"Decides when “today” begins."</small>
            </p>
            <select id="time_zone" name="time_zone" aria-describedby="time_zone-hint">{time_zones.into_iter().map(option).collect_view()}</select>
            <button class="button button-plain" type="submit">"Save"</button>
        </form>
    }
}

/// Closed until it is opened, or has an error.
#[component]
fn ChangeEmail(email: String, context: PageContext) -> impl IntoView {
    let of_email = context.error_for(contract::Field::Email).map(words::of_new_email);
    let of_password = context.error_for(contract::Field::CurrentPassword).map(words::sentence);
    let (focus_email, focus_password) = (of_email.is_some(), of_password.is_some());
    let is_open = context.error().is_some();
    view! {
        <details class="setting" open=is_open>
            <summary>"Change e-mail"</summary>
            {context.error_of_form().map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::ChangeEmail::PATH>
                <input type="text" name="username" autocomplete="username" value=email readonly hidden />
                <Field
                    name="email"
                    label="New e-mail"
                    kind="email"
                    autocomplete="email"
                    hint="You’ll sign in with it. You stay signed in everywhere."
                    error=of_email
                    typed=context.typed("email")
                    autofocus=focus_email
                />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    hint="To make sure it’s you."
                    error=of_password
                    autofocus=focus_password
                />
                <button class="button button-main" type="submit">"Change e-mail"</button>
            </form>
        </details>
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

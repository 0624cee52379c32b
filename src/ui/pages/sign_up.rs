//! The sign-up page.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    bff,
    contract::{AppError, UnfinishedForm},
    domain::Registration,
    ui::{
        components::{Field, HttpNotice, Notice, ShowPassword},
        words,
    },
};

#[component]
pub fn SignUp() -> impl IntoView {
    if use_context::<Registration>() == Some(Registration::Closed) {
        return Either::Left(view! {
            <Title text="Sign up · Holdfast" />
            <main id="main" class="card" tabindex="-1">
                <p class="brand">"Holdfast"</p>
                <h1>"Sign-up is closed"</h1>
                <p>"Whoever runs this server makes the accounts. Ask them for one."</p>
                <p class="aside">"Have an account? "<a href="/sign-in">"Sign in"</a></p>
            </main>
        });
    }
    let form = use_context::<UnfinishedForm>();
    let email = form.as_ref().and_then(|form| form.field("email")).map(str::to_owned);
    // An error stands beside the field that it is about; what is about no field stands above.
    let (mut of_email, mut of_password, mut of_form) = (None, None, None);
    match form.and_then(|form| form.error) {
        Some(error @ (AppError::EmailMalformed | AppError::EmailTooLong | AppError::EmailTaken)) => {
            of_email = Some(words::sentence(error));
        }
        Some(error @ (AppError::PasswordTooShort | AppError::PasswordTooLong | AppError::PasswordGuessable(_))) => {
            of_password = Some(words::sentence(error));
        }
        error => of_form = error,
    }
    let focus_password = of_password.is_some();
    Either::Right(view! {
        <Title text="Sign up · Holdfast" />
        <main id="main" class="card" tabindex="-1">
            <p class="brand">"Holdfast"</p>
            <h1>"Sign up"</h1>
            <HttpNotice />
            {of_form.map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::SignUp::PATH>
                <Field
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    error=of_email
                    typed=email
                    autofocus=!focus_password
                />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    hint=words::PASSWORD_RULES
                    error=of_password
                    autofocus=focus_password
                />
                <button class="button" type="submit">"Sign up"</button>
            </form>
            <p class="aside">"Have an account? "<a href="/sign-in">"Sign in"</a></p>
        </main>
        <ShowPassword />
    })
}

//! The sign-up page.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::{
    bff::{self, paths},
    contract,
    domain::Registration,
    ui::{
        components::{DetectTimeZone, Field, HttpNotice, Mark, Notice, ShowPassword},
        page_context::PageContext,
        words,
    },
};

#[component]
pub fn SignUp() -> impl IntoView {
    let context = PageContext::current();
    if context.registration == Registration::Closed {
        return Either::Left(view! {
            <Title text="Sign up · Holdfast" />
            <main id="main" class="card" tabindex="-1">
                <p class="brand"><Mark />"Holdfast"</p>
                <h1>"Sign-up is closed"</h1>
                <p>"Accounts on this server are made by whoever runs it. Ask them for one."</p>
                <p class="aside">"Have an account? "<a href=paths::SIGN_IN>"Sign in"</a></p>
            </main>
        });
    }
    let (of_email, of_password) = (
        context.error_for(contract::Field::Email).map(words::sentence),
        context.error_for(contract::Field::Password).map(words::sentence),
    );
    let focus_password = of_password.is_some();
    Either::Right(view! {
        <Title text="Sign up · Holdfast" />
        <main id="main" class="card" tabindex="-1">
            <p class="brand"><Mark />"Holdfast"</p>
            <div>
                <h1>"Sign up"</h1>
                <p class="aside">{words::WHAT_THIS_IS}</p>
            </div>
            <HttpNotice />
            {context.error_of_form().map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::SignUp::PATH>
                <Field
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    error=of_email
                    typed=context.typed("email")
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
                <DetectTimeZone />
                <button class="button button-main" type="submit">"Sign up"</button>
            </form>
            <p class="aside">"Have an account? "<a href=paths::SIGN_IN>"Sign in"</a></p>
        </main>
        <ShowPassword />
    })
}

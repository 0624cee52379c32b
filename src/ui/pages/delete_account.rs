//! The confirmation page for deleting the account, which states the loss.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

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
pub fn DeleteAccount() -> impl IntoView {
    let context = PageContext::current();
    let page = async move {
        match bff::list_todos(None, None, None).await {
            Ok((user, page)) => {
                let email = user.email.clone();
                Either::Left(view! {
                    <Top email=Some(user.email) at_account=true />
                    <main id="main" class="account" tabindex="-1">
                        <p><a href=paths::ACCOUNT>"Keep the account"</a></p>
                        <h1>"Delete the account"</h1>
                        <p>
                            "This deletes the account "<b class="whose" dir="auto">{email.clone()}</b>", for good. It has "
                            <b>{loss(page.info.active + page.info.completed)}</b>
                            ". Nobody can bring any of it back, nor what you deleted before."
                        </p>
                        <section class="panel">
                            <h2>"First, keep a copy"</h2>
                            <p>"One JSON file with everything that is about to be deleted."</p>
                            <a class="button button-plain" href=paths::EXPORT>"Export everything"</a>
                        </section>
                        <DeletionForm email context />
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
        <Title text="Delete the account · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn DeletionForm(email: String, context: PageContext) -> impl IntoView {
    let of_password = context.error_for(contract::Field::CurrentPassword).map(words::sentence);
    let focus = of_password.is_some();
    view! {
        <section class="panel">
            <h2>"Then delete it"</h2>
            {context.error_of_form().map(|error| view! { <Notice error /> })}
            <form method="post" action=bff::DeleteAccount::PATH>
                <input type="text" name="username" autocomplete="username" value=email readonly hidden />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    hint="So that nobody else does this at a screen that you left open."
                    error=of_password
                    autofocus=focus
                />
                <button class="button button-danger" type="submit">"Delete for good"</button>
            </form>
        </section>
    }
}

fn loss(todos: usize) -> String {
    match todos {
        0 => "no todos".to_owned(),
        1 => "1 todo".to_owned(),
        _ => format!("{todos} todos"),
    }
}

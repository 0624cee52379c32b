//! The confirmation page for deleting the account, which states the loss.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::not_shown::NotShown;
use crate::{
    bff::{self, paths},
    contract::{self, Scope},
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
        match bff::list_todos(Scope::default(), None, None).await {
            Ok((user, page)) => {
                let email = user.email;
                Either::Left(view! {
                    <Top at=paths::ACCOUNT />
                    <main id="main" class="card" tabindex="-1">
                        <h1>"Delete account"</h1>
                        <p>
                            "This permanently deletes the account "<b class="whose" dir="auto">{email.clone()}</b>" with "
                            <b>{loss(page.info.active + page.info.completed + page.info.earlier)}</b>". This can’t be undone, and the trash goes too."
                        </p>
                        <p>
                            "To keep a copy, "<a href=paths::EXPORT>"download everything"</a>" first."
                        </p>
                        <DeletionForm email context />
                    </main>
                    <ShowPassword />
                })
            }
            Err(error) => Either::Right(view! { <NotShown heading="Your account can’t be shown" error again=paths::ACCOUNT /> }),
        }
    };
    view! {
        <Title text="Delete account · Holdfast" />
        <Suspense>{Suspend::new(page)}</Suspense>
    }
}

#[component]
fn DeletionForm(email: String, context: PageContext) -> impl IntoView {
    let of_password = context.error_for(contract::Field::CurrentPassword).map(words::sentence);
    let focus = of_password.is_some();
    view! {
        {context.error_of_form().map(|error| view! { <Notice error /> })}
        <form method="post" action=bff::DeleteAccount::PATH>
                <input type="text" name="username" autocomplete="username" value=email readonly hidden />
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    hint="To make sure it’s you."
                    error=of_password
                    autofocus=focus
                />
                <p class="choice">
                    <button class="button button-danger" type="submit">"Delete account"</button>
                    <a class="button" href=paths::ACCOUNT>"Cancel"</a>
                </p>
        </form>
    }
}

fn loss(todos: usize) -> String {
    match todos {
        0 => "no todos".to_owned(),
        1 => "1 todo".to_owned(),
        _ => format!("{todos} todos"),
    }
}

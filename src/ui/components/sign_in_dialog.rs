//! The sign-in dialog for a session that has expired or is about to. The island opens it and submits its form
//! (`todo_list::sync`).

use leptos::{prelude::*, server_fn::ServerFn};

use super::Field;
use crate::bff::{self, paths};

/// The e-mail is read-only: the unsaved changes belong to this account.
#[component]
pub fn SignInDialog(email: String) -> impl IntoView {
    view! {
        <dialog id="sign-in-again" class="dialog" aria-labelledby="sign-in-again-title">
            <h2 id="sign-in-again-title">"Sign in again"</h2>
            <p>"Your session ended. Your unsaved changes are safe."</p>
            <p class="notice notice-error" role="alert" hidden></p>
            <form method="post" action=bff::SignIn::PATH>
                <Field name="email" label="E-mail" kind="email" autocomplete="username" error=None typed=Some(email) readonly=true />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" error=None autofocus=true />
                <button class="button button-main" type="submit">"Sign in"</button>
            </form>
            <a class="leave" href=paths::SIGN_IN>"Leave without saving"</a>
            <form class="not-now" method="dialog">
                <button class="button" type="submit">"Not now"</button>
            </form>
        </dialog>
    }
}

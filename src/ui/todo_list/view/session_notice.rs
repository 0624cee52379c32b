//! The notice before the session expires.

use leptos::{prelude::*, task::spawn_local};

use crate::ui::todo_list::sync::Session;

#[component]
pub fn SessionNotice(session: Session) -> impl IntoView {
    let warning = move || {
        view! {
            <p>"Your session ends in less than two minutes."</p>
            <button class="button button-quiet" type="button" on:click=move |_| spawn_local(session.stay())>
                {move || if session.can_go_on.get() { "Stay signed in" } else { "Sign in again" }}
            </button>
        }
    };
    view! {
        <div class="notice" role="status" hidden=move || !session.is_ending.get()>
            {move || session.is_ending.get().then(warning)}
        </div>
    }
}

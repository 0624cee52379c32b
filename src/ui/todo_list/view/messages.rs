//! Failed changes, and the notice about pending ones.

use leptos::prelude::*;

use super::list::List;
use crate::ui::todo_list::{
    model::Failure,
    words::{failed, waiting},
};

#[component]
pub fn Failures(list: List) -> impl IntoView {
    let failure = move |(nth, failure): (usize, &Failure)| {
        let retry = failure.can_retry.then(|| {
            view! { <button class="button button-quiet" type="button" on:click=move |_| list.retry(nth)>"Retry"</button> }
        });
        view! {
            <div class="notice notice-error">
                <p>{failed(failure)}</p>
                {retry}
                <button class="button button-quiet" type="button" on:click=move |_| list.dismiss(nth)>"Dismiss"</button>
            </div>
        }
    };
    view! {
        <div class="failures" role="alert" hidden=move || list.model.with(|model| model.failures.is_empty())>
            {move || list.model.with(|model| model.failures.iter().enumerate().map(failure).collect_view())}
        </div>
    }
}

#[component]
pub fn WaitingNotice(list: List) -> impl IntoView {
    let text = move || list.model.with(|model| waiting(model.sending, model.queue().len()));
    view! { <p class="notice offline" role="status" hidden=move || text().is_none()>{text}</p> }
}

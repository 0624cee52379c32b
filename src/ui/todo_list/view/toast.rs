//! The toast with Undo after a deletion or a change of all todos.

use leptos::prelude::*;

use super::list::List;
use crate::ui::todo_list::words::done;

#[component]
pub fn Toast(list: List) -> impl IntoView {
    view! {
        <div
            class="toast-place"
            role="status"
            on:mouseenter=move |_| list.offer.stop()
            on:mouseleave=move |_| list.start_offer()
            on:focusin=move |_| list.offer.stop()
            on:focusout=move |_| list.start_offer()
        >
            {move || {
                list.model
                    .with(|model| model.offers.last().map(done))
                    .map(|text| {
                        view! {
                            <div class="toast">
                                <span class="toast-text">{text}</span>
                                <button class="undo" type="button" on:click=move |_| list.undo()>"Undo"</button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

//! The place of the toast with Undo after a deletion or a change of all todos; `texts` writes it.

use leptos::prelude::*;

use super::list::List;

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
        ></div>
    }
}

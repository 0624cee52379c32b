//! Controls of the whole list: the count, the filters, "Clear completed" and the checkbox for all todos.

use leptos::{prelude::*, server_fn::ServerFn};

use super::list::List;
use crate::{
    bff,
    ui::{
        components::icon,
        todo_list::{
            model::{Bulk, Change, Filter},
            words::left,
        },
    },
};

#[component]
pub fn Footer(list: List) -> impl IntoView {
    let count = move || list.model.with(|model| model.count);
    let filter = list.model.with_untracked(|model| model.filter);
    view! {
        <footer class="footer" hidden=move || count().is_empty()>
            <span class="todo-count">
                <strong>{move || count().active}</strong>
                {move || left(count())}
            </span>
            <ul class="filters">
                {Filter::EACH
                    .into_iter()
                    .map(|filter| {
                        let is_selected = move || list.model.with(|model| model.filter == filter);
                        view! {
                            <li>
                                <a
                                    href=filter.href()
                                    class=move || if is_selected() { "selected" } else { "" }
                                    aria-current=move || is_selected().then_some("page")
                                    on:click=move |click| list.follow(&click, filter)
                                >
                                    {filter.name()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <form
                method="post"
                action=filter.action(bff::ClearCompleted::PATH)
                on:submit=move |submit| {
                    submit.prevent_default();
                    list.make(Change::all(Bulk::ClearCompleted));
                }
            >
                <button
                    class="clear-completed button button-quiet"
                    type="submit"
                    hidden=move || count().completed == 0
                >
                    "Clear completed"
                </button>
            </form>
        </footer>
    }
}

/// Shows whether all todos are completed, and completes or reopens all.
#[component]
pub fn ToggleAll(list: List) -> impl IntoView {
    let all = move || list.model.with(|model| model.count.are_all_completed());
    let filter = list.model.with_untracked(|model| model.filter);
    let toggle = move || list.make(Change::all(if untrack(all) { Bulk::Reopen } else { Bulk::Complete }));
    view! {
        <form
            class="toggle-all-form"
            method="post"
            action=move || filter.action(if all() { bff::ReopenTodos::PATH } else { bff::CompleteTodos::PATH })
            on:submit=move |submit| {
                submit.prevent_default();
                toggle();
            }
        >
            <input
                id="toggle-all"
                class="toggle toggle-all"
                type="checkbox"
                checked=all
                prop:checked=all
                on:change=move |_| toggle()
            />
            <label for="toggle-all">"Mark all as complete"</label>
            <button
                class="without-script"
                type="submit"
                aria-label=move || if all() { "Reopen all" } else { "Complete all" }
                inner_html=move || icon::toggle(all())
            ></button>
        </form>
    }
}

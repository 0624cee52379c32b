//! The title editor within a row.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
    server_fn::ServerFn,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, HtmlInputElement};

use super::{field_message::FieldMessage, list::List};
use crate::{
    bff,
    ui::{
        components::icon,
        todo_list::{
            dom::{hold_composition, is_composing, is_covered, is_plain},
            model::Editor,
        },
    },
};

/// A redraw keeps the input element and its text.
pub fn editor(list: List, title: &str, editor: Editor) -> impl IntoView + use<> {
    let Editor { id, seen, typed, is_conflict } = editor;
    let filter = list.model.with_untracked(|model| model.filter);
    let save = move |submit: SubmitEvent| {
        submit.prevent_default();
        let form = submit.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let title = form.and_then(|form| form.query_selector(".edit").ok()??.dyn_into::<HtmlInputElement>().ok());
        if let Some(title) = title {
            list.save(id, &title.value(), true);
            list.leave_editor(id);
        }
    };
    let press = move |key: KeyboardEvent| {
        hold_composition(&key);
        if !is_composing(&key) && key.key() == "Escape" {
            list.cancel(id);
        }
    };
    // Shows the title on the server; the input above has the user's own.
    let choice = is_conflict.then(|| {
        view! {
            <div class="conflict">
                <p id="edit-conflict" role="alert">"Changed somewhere else. It now reads “"<bdi>{seen.clone()}</bdi>"”."</p>
                <button class="button" type="submit">"Keep mine"</button>
                <a
                    class="button button-quiet"
                    href=filter.href()
                    on:click=move |click| {
                        if is_plain(&click) {
                            click.prevent_default();
                            list.cancel(id);
                        }
                    }
                >
                    "Take theirs"
                </a>
            </div>
        }
    });
    view! {
        <form class="edit-form" method="post" action=filter.action(bff::EditTodo::PATH) on:submit=save on:keydown=press>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="seen_title" value=seen />
            <input
                class="edit"
                name="title"
                dir="auto"
                value=typed
                aria-label=named("Edit", title)
                aria-describedby=if is_conflict { "edit-conflict edit-message" } else { "edit-message" }
                aria-invalid=move || FieldMessage::invalid(list.edit_message.get())
                autocomplete="off"
                autofocus
                on:input=move |typed| list.edit_message.set(FieldMessage::of(&event_target_value(&typed)))
                on:blur=move |blur| {
                    // A covered page loses the focus, which must not save.
                    if !is_covered() {
                        list.save(id, &event_target_value(&blur), false);
                    }
                }
            />
            <button class="without-script icon-button" type="submit" aria-label=named("Save", title) inner_html=icon::SAVE></button>
            {FieldMessage::view("edit-message", list.edit_message)}
            {choice}
        </form>
    }
}

/// The accessible name of a button. `format!` would slow down the rendering of a list by a tenth.
pub fn named(action: &str, title: &str) -> String {
    [action, ": ", title].concat()
}

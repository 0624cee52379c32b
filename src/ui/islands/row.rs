//! One todo of the list.

use leptos::{ev::KeyboardEvent, html::Input, prelude::*, server_fn::ServerFn};

use super::{change::Change, todo_list::List};
use crate::{bff, contract::TodoView, domain::TodoId, ui::components::icon};

/// Each button is a form of its own, so that it works without scripting; with it, the island does the same at once.
#[component]
pub fn Row(list: List, todo: RwSignal<TodoView>) -> impl IntoView {
    let id = todo.with_untracked(|todo| todo.id);
    let label_id = format!("t-{id}");
    let completed = move || todo.with(|todo| todo.completed);
    let named = move |action: &'static str| move || todo.with(|todo| format!("{action}: {}", todo.title));
    let is_edited = move || list.editing.get() == Some(id);
    let toggle = move || if completed() { Change::Reopen(id) } else { Change::Complete(id) };
    let class = move || match (completed(), is_edited()) {
        (false, false) => "",
        (true, false) => "completed",
        (false, true) => "editing",
        (true, true) => "completed editing",
    };
    view! {
        <li class=class>
            <div class="view">
                <form
                    class="toggle-form"
                    method="post"
                    action=move || if completed() { bff::ReopenTodo::PATH } else { bff::CompleteTodo::PATH }
                    on:submit=move |submit| {
                        submit.prevent_default();
                        list.make(toggle());
                    }
                >
                    <input type="hidden" name="id" value=id.to_string() />
                    <input
                        class="toggle"
                        type="checkbox"
                        aria-labelledby=label_id.clone()
                        checked=completed
                        prop:checked=completed
                        on:change=move |_| list.make(toggle())
                    />
                    <button
                        class="without-script"
                        type="submit"
                        aria-label=move || if completed() { named("Reopen")() } else { named("Complete")() }
                    >
                        {icon::check()}
                    </button>
                </form>
                <label id=label_id on:dblclick=move |_| list.editing.set(Some(id))>{move || todo.with(|todo| todo.title.clone())}</label>
                <a
                    class="icon-button"
                    href=move || list.show.get().edit_href(id)
                    aria-label=named("Edit")
                    on:click=move |click| {
                        click.prevent_default();
                        list.editing.set(Some(id));
                    }
                >
                    {icon::pencil()}
                </a>
                <form
                    method="post"
                    action=bff::DeleteTodo::PATH
                    on:submit=move |submit| {
                        submit.prevent_default();
                        list.delete(id);
                    }
                >
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="destroy icon-button" type="submit" aria-label=named("Delete")>{icon::cross()}</button>
                </form>
            </div>
            {move || is_edited().then(|| view! { <Editor list todo id /> })}
        </li>
    }
}

/// The box in which a title is edited; it exists only meanwhile.
#[component]
fn Editor(list: List, todo: RwSignal<TodoView>, id: TodoId) -> impl IntoView {
    let title = todo.with_untracked(|todo| todo.title.clone());
    let typed = list.draft.get_value().unwrap_or_else(|| title.clone());
    let input = NodeRef::<Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            // Not while rendering: the server may render this more than once.
            list.draft.set_value(None);
            // Not `select`: whoever edits a title mostly adds to it.
            let end = u32::try_from(input.value().encode_utf16().count()).ok();
            let _ = input.focus();
            let _ = input.set_selection_range(end.unwrap_or(0), end.unwrap_or(0));
        }
    });
    let cancel = move |key: KeyboardEvent| {
        if key.key() == "Escape" {
            list.leave_editor(id);
        }
    };
    view! {
        <form
            class="edit-form"
            method="post"
            action=bff::RenameTodo::PATH
            on:submit=move |submit| {
                submit.prevent_default();
                if let Some(input) = input.get_untracked() {
                    list.save(todo, &input.value());
                    if list.editing.get_untracked().is_none() {
                        list.leave_editor(id);
                    }
                }
            }
        >
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="was" value=title.clone() />
            <input
                class="edit"
                name="title"
                value=typed
                aria-label=format!("Edit: {title}")
                autocomplete="off"
                autofocus
                node_ref=input
                on:blur=move |blur| list.save(todo, &event_target_value(&blur))
                on:keydown=cancel
            />
            <button class="without-script" type="submit" aria-label=format!("Save: {title}")>{icon::check()}</button>
        </form>
    }
}

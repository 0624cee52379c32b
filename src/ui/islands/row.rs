//! One todo of the list.

use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
    server_fn::ServerFn,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, HtmlInputElement};

use super::{
    change::Change,
    dom::{hold_composition, is_composing, is_covered, is_plain},
    list::List,
    remark::Remark,
    show::Show,
};
use crate::{bff, contract::TodoView, domain::TodoId, ui::components::icon};

/// All that a row shows. One signal for a row, and one effect: with a thousand rows more would be slow, in the browser
/// and on the server.
#[derive(Clone)]
pub struct Row {
    pub todo: TodoView,
    pub editing: Option<Editing>,
    /// It has been changed for a while, and that is not saved yet.
    pub busy: bool,
}

/// How the editing of a title began.
#[derive(Clone)]
pub struct Editing {
    /// The title that somebody saw.
    pub was: String,
    /// What was in the box.
    typed: String,
}

impl Row {
    /// Not a plain `RwSignal`: that one would end with whatever view happens to be at work.
    pub fn new(todo: TodoView) -> ArcRwSignal<Self> {
        ArcRwSignal::new(Self { todo, editing: None, busy: false })
    }

    /// `typed` is what is in the box, if not the title.
    pub fn begin_editing(&mut self, typed: Option<String>) {
        let was = self.todo.title.clone();
        self.editing = Some(Editing { typed: typed.unwrap_or_else(|| was.clone()), was });
    }

    /// Whether it is shown. What is being edited is, or what was typed would be lost.
    pub fn is_in(&self, show: Show) -> bool {
        self.editing.is_some() || show.includes(self.todo.completed)
    }
}

/// The buttons send a form, so that they work without scripting; with it, the island does the same at once.
pub fn row(list: List, row: ArcRwSignal<Row>) -> impl IntoView {
    move || {
        let Row { todo: TodoView { id, title, completed }, editing, busy } = row.get();
        let id_text = id.to_string();
        let label_id = ["t-", &id_text].concat();
        let show = list.show.get_untracked();
        let class = match (completed, editing.is_some()) {
            (false, false) => "",
            (true, false) => "completed",
            (false, true) => "editing",
            (true, true) => "completed editing",
        };
        let (path, action) = if completed { (bff::ReopenTodo::PATH, "Reopen") } else { (bff::CompleteTodo::PATH, "Complete") };
        view! {
            <li class=class aria-busy=busy.then_some("true")>
                <form
                    class="view"
                    method="post"
                    action=show.action(path)
                    on:submit=move |submit| {
                        submit.prevent_default();
                        list.toggle(id);
                    }
                >
                    <input type="hidden" name="id" value=id_text.clone() />
                    <input
                        class="toggle"
                        type="checkbox"
                        aria-labelledby=label_id.clone()
                        checked=completed
                        prop:checked=completed
                        on:change=move |_| list.toggle(id)
                    />
                    <button class="without-script" type="submit" aria-label=named(action, &title) inner_html=icon::toggle(completed)></button>
                    <label id=label_id dir="auto" on:dblclick=move |_| list.edit(id)>{title.clone()}</label>
                    <a
                        class="icon-button edit-link"
                        href=show.edit_href(&id_text)
                        aria-label=named("Edit", &title)
                        on:click=move |click| {
                            if is_plain(&click) {
                                click.prevent_default();
                                list.edit(id);
                            }
                        }
                        inner_html=icon::EDIT
                    ></a>
                    <button
                        class="destroy icon-button"
                        type="submit"
                        formaction=show.action(bff::DeleteTodo::PATH)
                        aria-label=named("Delete", &title)
                        on:click=move |click| {
                            click.prevent_default();
                            list.remove(Change::Delete(id));
                        }
                        inner_html=icon::DELETE
                    ></button>
                </form>
                {editing.map(|editing| editor(list, id, &title, editing))}
            </li>
        }
    }
}

/// What a button does, and to which todo. With `format!` here, rendering a list would cost a tenth more.
fn named(action: &str, title: &str) -> String {
    [action, ": ", title].concat()
}

/// The box in which a title is edited; it exists only meanwhile. Drawn anew it stays the same element, with what was
/// typed in it.
fn editor(list: List, id: TodoId, title: &str, editing: Editing) -> impl IntoView + use<> {
    let save = move |submit: SubmitEvent| {
        submit.prevent_default();
        let form = submit.target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let title = form.and_then(|form| form.query_selector(".edit").ok()??.dyn_into::<HtmlInputElement>().ok());
        if let Some(title) = title {
            list.save(id, &title.value());
            list.leave_editor(id);
        }
    };
    let press = move |key: KeyboardEvent| {
        hold_composition(&key);
        if !is_composing(&key) && key.key() == "Escape" {
            list.cancel(id);
        }
    };
    view! {
        <form class="edit-form" method="post" action=list.show.get_untracked().action(bff::RenameTodo::PATH) on:submit=save>
            <input type="hidden" name="id" value=id.to_string() />
            <input type="hidden" name="was" value=editing.was />
            <input
                class="edit"
                name="title"
                dir="auto"
                value=editing.typed
                aria-label=named("Edit", title)
                aria-describedby="edit-remark"
                aria-invalid=move || Remark::invalid(list.edit_remark.get())
                autocomplete="off"
                autofocus
                on:input=move |typed| list.edit_remark.set(Remark::of(&event_target_value(&typed)))
                on:blur=move |blur| {
                    // What is covered loses the focus, but nobody has left it.
                    if !is_covered() {
                        list.save(id, &event_target_value(&blur));
                    }
                }
                on:keydown=press
            />
            <button class="without-script icon-button" type="submit" aria-label=named("Save", title) inner_html=icon::SAVE></button>
            {Remark::view("edit-remark", list.edit_remark)}
        </form>
    }
}

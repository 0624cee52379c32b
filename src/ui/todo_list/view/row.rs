//! The row of a todo.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    editor::{editor, named},
    list::{List, Row},
};
use crate::{
    bff,
    contract::TodoView,
    ui::{
        components::icon,
        todo_list::{dom::is_plain, model::Change},
    },
};

/// The buttons submit forms, for browsers without scripting; the island intercepts them.
pub fn row(list: List, row: ArcRwSignal<Row>) -> impl IntoView {
    move || {
        let Row { todo: TodoView { id, title, completed }, editor: open, is_late } = row.get();
        let id_text = id.to_string();
        let label_id = ["t-", &id_text].concat();
        let filter = list.model.with_untracked(|model| model.filter);
        let class = match (completed, open.is_some()) {
            (false, false) => "",
            (true, false) => "completed",
            (false, true) => "editing",
            (true, true) => "completed editing",
        };
        let (new_value, action) = if completed { ("false", "Reopen") } else { ("true", "Complete") };
        view! {
            <li class=class aria-busy=is_late.then_some("true")>
                <form
                    class="view"
                    method="post"
                    action=filter.action(bff::EditTodo::PATH)
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
                    <button
                        class="without-script"
                        type="submit"
                        name="completed"
                        value=new_value
                        aria-label=named(action, &title)
                        inner_html=icon::toggle(completed)
                    ></button>
                    <label id=label_id dir="auto" on:dblclick=move |_| list.edit(id)>{title.clone()}</label>
                    <a
                        class="icon-button edit-link"
                        href=list.model.with_untracked(|model| model.edit_href(&id_text))
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
                        formaction=filter.action(bff::DeleteTodo::PATH)
                        aria-label=named("Delete", &title)
                        on:click=move |click| {
                            click.prevent_default();
                            list.make(Change::Delete(id));
                        }
                        inner_html=icon::DELETE
                    ></button>
                </form>
                {open.map(|open| editor(list, &title, open))}
            </li>
        }
    }
}

//! Below the todos: the link to the trash, and the dialog with the keyboard shortcuts, which the island opens
//! (`todo_list::view`). Its button is hidden without scripting.

use leptos::prelude::*;

use crate::bff::paths;

const KEYS: [(&str, &str); 9] = [
    ("n", "new todo"),
    ("j k or ↓ ↑", "next and previous todo"),
    ("x or Space", "complete or reopen"),
    ("e, F2 or Enter", "edit"),
    ("Esc", "stop editing, keep the old title"),
    ("# or Del", "delete"),
    ("z or Ctrl Z", "undo a deletion"),
    ("1 2 3", "all, active, completed"),
    ("?", "this list"),
];

#[component]
pub fn Shortcuts() -> impl IntoView {
    let keys = KEYS.into_iter().map(|(key, action)| view! { <dt><kbd>{key}</kbd></dt><dd>{action}</dd> }).collect_view();
    view! {
        <p class="tips">
            <span class="with-script">"Double-click a todo to edit it."</span>
            <button id="show-shortcuts" class="button button-quiet with-script" type="button" aria-haspopup="dialog">
                "Keyboard shortcuts"
            </button>
            <a class="button button-quiet" href=paths::TRASH>"Trash"</a>
        </p>
        <dialog id="shortcuts" class="dialog" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">"Keyboard shortcuts"</h2>
            <dl class="keys">{keys}</dl>
            <label class="switch"><input id="single-keys" type="checkbox" checked />"Single keys do something"</label>
            <form method="dialog">
                <button class="button button-quiet" type="submit">"Close"</button>
            </form>
        </dialog>
    }
}

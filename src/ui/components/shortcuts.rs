//! The dialog with the keyboard shortcuts, which the island opens (`todo_list::view`), and its button below the todos. The button is
//! hidden without scripting.

use leptos::prelude::*;

use crate::bff::paths;

const KEYS: [(&[&str], &str); 13] = [
    (&["n"], "New todo"),
    (&["/"], "Search"),
    (&["Esc"], "Leave the box or the editor"),
    (&["j", "k", "↓", "↑"], "Next and previous todo"),
    (&["→", "←"], "Tags and buttons of a todo"),
    (&["x", "Space"], "Complete or reopen"),
    (&["s"], "Mark as important, or not"),
    (&["Alt+↑", "Alt+↓"], "Move up or down"),
    (&["e", "F2", "Enter"], "Edit"),
    (&["#", "Del"], "Delete"),
    (&["z", "Ctrl+Z"], "Undo"),
    (&["1", "2", "3"], "All, active, completed"),
    (&["?"], "This list"),
];

#[component]
pub fn Shortcuts() -> impl IntoView {
    let row = |(keys, action): (&'static [&'static str], _)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
        view! { <dt>{keys}</dt><dd>{action}</dd> }
    };
    let keys = KEYS.into_iter().map(row).collect_view();
    view! {
        <p class="tips">
            <span class="with-script">"Double-click a todo to edit it."</span>
            <a class="button" href=paths::SEVERAL>"Add several at once"</a>
            <button id="show-shortcuts" class="button with-script" type="button" aria-haspopup="dialog">
                "Keyboard shortcuts"
            </button>
        </p>
        <dialog id="shortcuts" class="dialog" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title" tabindex="-1" autofocus>"Keyboard shortcuts"</h2>
            <dl class="keys">{keys}</dl>
            <label class="switch"><input id="single-keys" type="checkbox" checked />"Use single-key shortcuts"</label>
            <form method="dialog">
                <button class="button button-plain" type="submit">"Close"</button>
            </form>
        </dialog>
    }
}

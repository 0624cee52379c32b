//! What was deleted and can be brought back: for a while, the last first.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::Element;

use super::{change::Change, dom::find, list::List, sending::quoted, timer::Timer};
use crate::{contract::TodoView, domain::TodoId};

/// How long Undo is offered. The clock stands still while somebody is at it.
const OFFERED: Duration = Duration::from_secs(10);

/// What one change deleted.
#[derive(Clone)]
pub struct Removed {
    pub todos: Vec<Deleted>,
    /// If it cleared the completed: which of those changes it was.
    cleared: Option<u32>,
    /// When the server did it, by its clock, if that is known: then it brings back all that it deleted, also what this page
    /// has not seen.
    pub at: Option<String>,
}

/// A deleted todo. Its place is told by its neighbours: an index would be another once they come and go.
#[derive(Clone)]
pub struct Deleted {
    pub todo: TodoView,
    before: Option<TodoId>,
    after: Option<TodoId>,
}

impl Removed {
    /// What `change` will delete of `todos`.
    pub fn by(change: &Change, todos: &[TodoView]) -> Self {
        let id = |at: Option<usize>| at.and_then(|at| todos.get(at)).map(|todo| todo.id);
        let deleted = |(at, todo): (usize, &TodoView)| {
            change.deletes(todo).then(|| Deleted { todo: todo.clone(), before: id(at.checked_sub(1)), after: id(Some(at + 1)) })
        };
        let cleared = match change {
            Change::ClearCompleted(nth) => Some(*nth),
            _ => None,
        };
        Self { todos: todos.iter().enumerate().filter_map(deleted).collect(), cleared, at: None }
    }

    pub fn is_empty(&self) -> bool {
        self.todos.is_empty()
    }

    pub fn first(&self) -> Option<TodoId> {
        self.todos.first().map(|deleted| deleted.todo.id)
    }

    /// Puts them back.
    pub fn put_back(&self, todos: &mut Vec<TodoView>) {
        for Deleted { todo, before, after } in &self.todos {
            let place = |id: &Option<TodoId>| todos.iter().position(|other| Some(other.id) == *id);
            if place(&Some(todo.id)).is_none() {
                let at = place(before).map(|at| at + 1).or_else(|| place(after)).unwrap_or(todos.len());
                todos.insert(at, todo.clone());
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
pub struct Undo {
    removed: RwSignal<Vec<Removed>>,
    /// How often the completed were cleared.
    cleared: StoredValue<u32>,
    clock: Timer,
}

impl Undo {
    pub fn offer(self, removed: Removed) {
        self.removed.update(|all| all.push(removed));
        self.start();
    }

    /// The last deletion, which is no more offered then; an earlier one is, if there is one.
    pub fn take(self) -> Option<Removed> {
        self.start();
        self.removed.try_update(Vec::pop).flatten()
    }

    /// Drops the offer for todos that were not deleted after all.
    pub fn forget(self, is_there: impl Fn(&TodoView) -> bool) {
        self.removed.update(|all| all.retain(|removed| !removed.todos.iter().any(|deleted| is_there(&deleted.todo))));
    }

    /// A number for the next change that clears.
    pub fn number(self) -> u32 {
        self.cleared.update_value(|cleared| *cleared += 1);
        self.cleared.get_value()
    }

    /// Notes when the server did the `nth` of them.
    pub fn date(self, nth: u32, at: String) {
        self.removed.update(|all| {
            if let Some(removed) = all.iter_mut().find(|removed| removed.cleared == Some(nth)) {
                removed.at = Some(at);
            }
        });
    }

    /// Starts the clock, unless somebody is at it.
    fn start(self) {
        if find::<Element>(".toast-place:is(:hover, :focus-within)").is_some() {
            self.clock.stop();
        } else {
            self.clock.start(OFFERED, move || self.removed.set(Vec::new()));
        }
    }

    fn text(removed: &Removed) -> String {
        match removed.todos.as_slice() {
            [deleted] => ["Deleted ", &quoted(&deleted.todo.title), "."].concat(),
            todos => format!("Deleted {} todos.", todos.len()),
        }
    }
}

/// Says what was deleted last, and offers to bring it back.
#[component]
pub fn Toast(list: List) -> impl IntoView {
    let undo = list.undo;
    view! {
        <div
            class="toast-place"
            role="status"
            on:mouseenter=move |_| undo.clock.stop()
            on:mouseleave=move |_| undo.start()
            on:focusin=move |_| undo.clock.stop()
            on:focusout=move |_| undo.start()
        >
            {move || {
                undo.removed
                    .with(|removed| removed.last().map(Undo::text))
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

#[cfg(test)]
mod tests {
    use super::{Removed, Undo};
    use crate::{contract::TodoView, ui::islands::change::Change};

    #[test]
    fn deleted_title_is_a_text_of_its_own() {
        let id = "019aa5a2-7b1c-7def-8abc-0123456789ab".parse().unwrap();
        let todo = TodoView { id, title: "\u{202e}milk".to_owned(), completed: false };
        let removed = Removed::by(&Change::Delete(id), &[todo]);
        assert_eq!(Undo::text(&removed), "Deleted “\u{2068}\u{202e}milk\u{2069}”.");
    }
}

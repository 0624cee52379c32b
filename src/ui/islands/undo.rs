//! What was deleted and can be brought back: for a while, the last first.

use std::time::Duration;

use leptos::prelude::*;
use web_sys::Element;

use super::{dom::find, list::List};
use crate::contract::TodoView;

/// How long Undo is offered. The clock stands still while somebody is at it.
const OFFERED: Duration = Duration::from_secs(10);

/// Deleted todos, each with its place in the list.
pub type Removed = Vec<(usize, TodoView)>;

#[derive(Clone, Copy, Default)]
pub struct Undo {
    removed: RwSignal<Vec<Removed>>,
    timer: StoredValue<Option<TimeoutHandle>>,
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
        self.removed.update(|all| all.retain(|removed| !removed.iter().any(|(_, todo)| is_there(todo))));
    }

    fn stop(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }

    fn start(self) {
        self.stop();
        if find::<Element>(".toast-place:is(:hover, :focus-within)").is_some() {
            return;
        }
        let timer = set_timeout_with_handle(move || self.removed.set(Vec::new()), OFFERED).ok();
        self.timer.set_value(timer);
    }

    fn text(removed: &Removed) -> String {
        match removed.as_slice() {
            [(_, todo)] => format!("Deleted “{}”.", todo.title),
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
            on:mouseenter=move |_| undo.stop()
            on:mouseleave=move |_| undo.start()
            on:focusin=move |_| undo.stop()
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

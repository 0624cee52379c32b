//! The todo list.

use std::collections::VecDeque;

use leptos::{ev::SubmitEvent, html::Input, prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{change::Change, new_id::new_id, row::Row};
use crate::{
    bff,
    contract::{AppError, TodoView},
    domain::{TitleError, TodoId, TodoTitle},
    ui::words,
};

/// The state of the list. What somebody does shows at once; it is sent one by one, in order. If the server refuses, the
/// list is again what the server has.
#[derive(Clone, Copy)]
pub struct List {
    /// What is shown: `saved` with `unsent` done to it. A signal for each row, so that a change redraws that row alone.
    rows: RwSignal<Vec<RwSignal<TodoView>>>,
    /// What the server has, as far as it told.
    saved: StoredValue<Vec<TodoView>>,
    /// What the server has not answered yet; the first of them is under way.
    unsent: StoredValue<VecDeque<Change>>,
    /// Whether somebody is at work on `unsent`: one at a time, or a change might go out twice.
    sending: StoredValue<bool>,
    error: RwSignal<Option<AppError>>,
    new_todo: NodeRef<Input>,
    pub editing: RwSignal<Option<TodoId>>,
    /// A title that the server would not take, for the editor to show again.
    pub draft: StoredValue<Option<String>>,
}

/// `editing` and `error` come with the page's URL, for those without scripting.
#[island]
pub fn TodoList(todos: Vec<TodoView>, editing: Option<TodoId>, error: Option<AppError>) -> impl IntoView {
    let list = List {
        rows: RwSignal::new(todos.iter().cloned().map(RwSignal::new).collect()),
        saved: StoredValue::new(todos),
        unsent: StoredValue::default(),
        sending: StoredValue::new(false),
        error: RwSignal::new(error),
        new_todo: NodeRef::new(),
        editing: RwSignal::new(editing),
        draft: StoredValue::default(),
    };
    // Tests wait for this mark, and styles; until it is set, the forms do the work.
    Effect::new(|_| drop(document().document_element().map(|html| html.set_attribute("data-hydrated", ""))));

    let is_empty = move || list.rows.with(Vec::is_empty);
    let active = move || list.rows.with(|rows| rows.iter().filter(|row| !row.with(|todo| todo.completed)).count());
    view! {
        <section class="todoapp">
            <header class="header">
                <h1>"todos"</h1>
                <form class="new-todo-form" method="post" action=bff::AddTodo::PATH on:submit=move |submit| list.add(&submit)>
                    <input
                        class="new-todo"
                        name="title"
                        placeholder="What needs to be done?"
                        aria-label="New todo"
                        autocomplete="off"
                        autofocus=editing.is_none()
                        node_ref=list.new_todo
                    />
                    <button class="button new-todo-button" type="submit">"Add"</button>
                </form>
            </header>
            <p class="notice notice-error" role="alert" hidden=move || list.error.get().is_none()>
                {move || list.error.get().map(words::sentence)}
            </p>
            <p class="empty" hidden=move || !is_empty()>"Nothing to do yet. Type above and press Enter."</p>
            <section class="main" hidden=is_empty>
                <ul class="todo-list">
                    <For each=move || list.rows.get() key=|todo| todo.with_untracked(|todo| todo.id) let(todo)>
                        <Row list todo />
                    </For>
                </ul>
            </section>
            <footer class="footer" hidden=is_empty>
                <span class="todo-count">
                    <strong>{active}</strong>
                    {move || if active() == 1 { " item left" } else { " items left" }}
                </span>
            </footer>
        </section>
    }
}

impl List {
    fn add(self, submit: &SubmitEvent) {
        let (Some(input), Some(id)) = (self.new_todo.get_untracked(), new_id()) else { return };
        submit.prevent_default();
        match TodoTitle::parse(&input.value()) {
            Ok(title) => {
                input.set_value("");
                self.make(Change::Add { id, title: title.into() });
            }
            Err(TitleError::Blank) => {}
            Err(error) => self.error.set(Some(error.into())),
        }
    }

    /// Ends the editing of a todo, once: by Enter, or by leaving the field.
    pub fn save(self, todo: RwSignal<TodoView>, typed: &str) {
        let TodoView { id, title: old, .. } = todo.get_untracked();
        if self.editing.get_untracked() != Some(id) {
            return;
        }
        match TodoTitle::parse(typed) {
            Ok(title) if title.as_str() == old => {}
            Ok(title) => self.make(Change::Rename { id, title: title.into() }),
            Err(TitleError::Blank) => self.make(Change::Delete(id)),
            // Stays open, with what was typed.
            Err(error) => return self.error.set(Some(error.into())),
        }
        self.editing.set(None);
    }

    /// Shows a change and queues it for the server.
    pub fn make(self, change: Change) {
        self.error.set(None);
        self.unsent.update_value(|unsent| unsent.push_back(change));
        self.show();
        if !self.sending.get_value() {
            self.sending.set_value(true);
            spawn_local(self.send_all());
        }
    }

    async fn send_all(self) {
        while let Some(change) = self.unsent.with_value(|unsent| unsent.front().cloned()) {
            let result = change.clone().send().await;
            self.unsent.update_value(|unsent| drop(unsent.pop_front()));
            match result {
                Ok(()) => self.saved.update_value(|saved| change.apply(saved)),
                Err(error) => self.give_up(change, error).await,
            }
        }
        self.sending.set_value(false);
    }

    /// Asks the server what it has. If the change is in there, only its answer was lost; else it is taken back, and what
    /// was typed goes back to where it was typed, unless something else is there by now.
    async fn give_up(self, change: Change, error: AppError) {
        if error == AppError::SignedOut {
            // Somebody else may be signed in by now: the rest must not go to their list.
            self.unsent.update_value(VecDeque::clear);
            return drop(window().location().set_href("/sign-in?next=/todos"));
        }
        if let Ok(todos) = bff::list_todos().await {
            self.saved.set_value(todos);
        }
        if self.saved.with_value(|saved| change.is_in(saved)) {
            return self.show();
        }
        if let Change::Add { id, .. } = change {
            // What was done to a todo that is not there can't be done.
            self.unsent.update_value(|unsent| unsent.retain(|other| other.id() != id));
        }
        self.show();
        self.error.set(Some(error));
        let is_there = |id| self.saved.with_value(|saved| saved.iter().any(|todo| todo.id == id));
        match (change, self.new_todo.get_untracked()) {
            (Change::Add { title, .. }, Some(input)) if input.value().is_empty() => input.set_value(&title),
            (Change::Rename { id, title }, _) if self.editing.get_untracked().is_none() && is_there(id) => {
                self.draft.set_value(Some(title));
                self.editing.set(Some(id));
            }
            _ => {}
        }
    }

    /// Brings the rows up to date. The row of a todo that stays is kept, and redrawn only if the todo is another.
    fn show(self) {
        let mut todos = self.saved.get_value();
        self.unsent.with_value(|unsent| unsent.iter().for_each(|change| change.apply(&mut todos)));
        self.rows.update(|rows| {
            let row_of = |todo: TodoView| match rows.iter().find(|row| row.with_untracked(|old| old.id == todo.id)) {
                Some(row) => {
                    if row.with_untracked(|old| *old != todo) {
                        row.set(todo);
                    }
                    *row
                }
                None => RwSignal::new(todo),
            };
            *rows = todos.into_iter().map(row_of).collect();
        });
    }
}

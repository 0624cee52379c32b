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

/// The state of the list. What somebody does shows at once; it is sent one by one, in order, and if the server refuses,
/// the list becomes again what the server has.
#[derive(Clone, Copy)]
pub struct List {
    /// A signal for each row, so that a change redraws that row alone.
    todos: RwSignal<Vec<RwSignal<TodoView>>>,
    pub editing: RwSignal<Option<TodoId>>,
    error: RwSignal<Option<AppError>>,
    unsent: StoredValue<VecDeque<Change>>,
    sending: StoredValue<bool>,
    new_todo: NodeRef<Input>,
}

/// `editing` and `error` come with the page's URL, for those without scripting.
#[island]
pub fn TodoList(todos: Vec<TodoView>, editing: Option<TodoId>, error: Option<AppError>) -> impl IntoView {
    let list = List {
        todos: RwSignal::new(todos.into_iter().map(RwSignal::new).collect()),
        editing: RwSignal::new(editing),
        error: RwSignal::new(error),
        unsent: StoredValue::default(),
        sending: StoredValue::new(false),
        new_todo: NodeRef::new(),
    };
    // Tests wait for this mark; until it is set, the forms do the work.
    Effect::new(|_| drop(document().document_element().map(|html| html.set_attribute("data-hydrated", ""))));

    let is_empty = move || list.todos.with(Vec::is_empty);
    let active = move || list.todos.with(|todos| todos.iter().filter(|todo| !todo.with(|todo| todo.completed)).count());
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
                        autofocus
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
                    <For each=move || list.todos.get() key=|todo| todo.with_untracked(|todo| todo.id) let(todo)>
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
            Err(error) => self.error.set(Some(AppError::Title(error))),
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
            Err(error) => return self.error.set(Some(AppError::Title(error))),
        }
        self.editing.set(None);
    }

    /// Shows a change and queues it for the server.
    pub fn make(self, change: Change) {
        self.error.set(None);
        self.show(&change);
        self.unsent.update_value(|unsent| unsent.push_back(change));
        if !self.sending.get_value() {
            self.sending.set_value(true);
            spawn_local(self.send_all());
        }
    }

    async fn send_all(self) {
        while let Some(change) = self.unsent.try_update_value(VecDeque::pop_front).flatten() {
            if let Err(error) = change.clone().send().await {
                self.undo(&change, error).await;
            }
        }
        self.sending.set_value(false);
    }

    /// Makes the list again what the server has, less what is still to be sent. A title that could not be added goes back
    /// into its box.
    async fn undo(self, change: &Change, error: AppError) {
        if error == AppError::SignedOut {
            return drop(window().location().set_href("/sign-in?next=/todos"));
        }
        self.error.set(Some(error));
        if let (Change::Add { title, .. }, Some(input)) = (change, self.new_todo.get_untracked())
            && input.value().is_empty()
        {
            input.set_value(title);
        }
        if let Ok(todos) = bff::list_todos().await {
            self.replace(todos);
            self.unsent.with_value(|unsent| unsent.iter().for_each(|change| self.show(change)));
        }
    }

    /// Keeps the row of each todo that stays.
    fn replace(self, todos: Vec<TodoView>) {
        self.todos.update(|rows| {
            *rows = todos
                .into_iter()
                .map(|todo| match rows.iter().find(|row| row.with_untracked(|old| old.id == todo.id)) {
                    Some(row) => {
                        row.set(todo);
                        *row
                    }
                    None => RwSignal::new(todo),
                })
                .collect();
        });
    }

    fn show(self, change: &Change) {
        let row =
            |id| self.todos.with_untracked(|rows| rows.iter().copied().find(|row| row.with_untracked(|todo| todo.id == id)));
        let set_completed = |id, completed| {
            if let Some(row) = row(id) {
                row.update(|todo| todo.completed = completed);
            }
        };
        match change {
            Change::Add { id, title } => {
                let todo = TodoView { id: *id, title: title.clone(), completed: false };
                self.todos.update(|rows| rows.push(RwSignal::new(todo)));
            }
            Change::Rename { id, title } => {
                if let Some(row) = row(*id) {
                    row.update(|todo| todo.title.clone_from(title));
                }
            }
            Change::Complete(id) => set_completed(*id, true),
            Change::Reopen(id) => set_completed(*id, false),
            Change::Delete(id) => self.todos.update(|rows| rows.retain(|row| row.with_untracked(|todo| todo.id != *id))),
        }
    }
}

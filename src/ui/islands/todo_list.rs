//! The todo list.

use std::collections::VecDeque;

use leptos::{
    ev::{self, MouseEvent, SubmitEvent},
    html::Input,
    prelude::*,
    server_fn::ServerFn,
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use super::{change::Change, new_id::new_id, row::Row, show::Show};
use crate::{
    bff,
    contract::{AppError, TodoView},
    domain::{TitleError, TodoId, TodoTitle},
    ui::{components::icon, words},
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
    pub show: RwSignal<Show>,
    /// What a screen reader is told when other todos are shown.
    announcement: RwSignal<String>,
    pub editing: RwSignal<Option<TodoId>>,
    /// A title that the server would not take, for the editor to show again.
    pub draft: StoredValue<Option<String>>,
}

/// For those without scripting: `show` and `editing` come with the page's URL, `error` and `draft` with the form that they
/// sent last. The draft is for the editor, or else for the box of new todos.
#[island]
pub fn TodoList(
    todos: Vec<TodoView>,
    show: Show,
    editing: Option<TodoId>,
    error: Option<AppError>,
    draft: Option<String>,
) -> impl IntoView {
    let (edited, new) = if editing.is_some() { (draft, None) } else { (None, draft) };
    let list = List {
        rows: RwSignal::new(todos.iter().cloned().map(RwSignal::new).collect()),
        saved: StoredValue::new(todos),
        unsent: StoredValue::default(),
        sending: StoredValue::new(false),
        error: RwSignal::new(error),
        new_todo: NodeRef::new(),
        show: RwSignal::new(show),
        announcement: RwSignal::default(),
        editing: RwSignal::new(editing),
        draft: StoredValue::new(edited),
    };
    // Tests wait for this mark, and styles; until it is set, the forms do the work.
    Effect::new(|_| drop(document().document_element().map(|html| html.set_attribute("data-hydrated", ""))));

    // Back and Forward go from one filter to another without a page load.
    Effect::new(move |_| window_event_listener(ev::popstate, move |_| list.show.set(Show::of_browser())));

    let is_empty = move || list.rows.with(Vec::is_empty);
    let count = move |completed: bool| {
        list.rows.with(|rows| rows.iter().filter(|row| row.with(|todo| todo.completed) == completed).count())
    };
    let active = Memo::new(move |_| count(false));
    let completed = Memo::new(move |_| count(true));
    let is_none_shown = move || match list.show.get() {
        Show::All => false,
        Show::Active => active.get() == 0,
        Show::Completed => completed.get() == 0,
    };
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
                        value=new
                        autofocus=editing.is_none()
                        node_ref=list.new_todo
                    />
                    <button class="button new-todo-button" type="submit">"Add"</button>
                </form>
            </header>
            <p class="notice notice-error" role="alert" hidden=move || list.error.get().is_none()>
                {move || list.error.get().map(words::sentence)}
            </p>
            <p class="visually-hidden" role="status">{list.announcement}</p>
            <p class="empty" hidden=move || !is_empty()>"Nothing to do yet. Type above and press Enter."</p>
            <section class="main" hidden=is_empty>
                <ToggleAll list all=Signal::derive(move || active.get() == 0) />
                <p class="none-shown" hidden=move || !is_none_shown()>
                    {move || if list.show.get() == Show::Active { "No active todos. " } else { "No completed todos. " }}
                    <a href=Show::All.href() on:click=move |click| list.choose(&click, Show::All)>"Show all"</a>
                </p>
                <ul class="todo-list">
                    <For each=move || list.shown() key=|todo| todo.with_untracked(|todo| todo.id) let(todo)>
                        <Row list todo />
                    </For>
                </ul>
            </section>
            <footer class="footer" hidden=is_empty>
                <span class="todo-count">
                    <strong>{active}</strong>
                    {move || if active.get() == 1 { " item left" } else { " items left" }}
                </span>
                <ul class="filters">
                    {Show::EACH
                        .map(|show| {
                            let is_selected = move || list.show.get() == show;
                            view! {
                                <li>
                                    <a
                                        href=show.href()
                                        class=move || if is_selected() { "selected" } else { "" }
                                        aria-current=move || is_selected().then_some("page")
                                        on:click=move |click| list.choose(&click, show)
                                    >
                                        {show.name()}
                                    </a>
                                </li>
                            }
                        })
                        .to_vec()}
                </ul>
                <form
                    method="post"
                    action=bff::ClearCompleted::PATH
                    on:submit=move |submit| {
                        submit.prevent_default();
                        list.make(Change::ClearCompleted);
                    }
                >
                    <button class="clear-completed button button-quiet" type="submit" hidden=move || completed.get() == 0>
                        "Clear completed"
                    </button>
                </form>
            </footer>
        </section>
    }
}

/// Shows whether all are done, and makes all so or none.
#[component]
fn ToggleAll(list: List, all: Signal<bool>) -> impl IntoView {
    let toggle = move || list.make(if all.get_untracked() { Change::ReopenAll } else { Change::CompleteAll });
    view! {
        <form
            class="toggle-form toggle-all-form"
            method="post"
            action=move || if all.get() { bff::ReopenTodos::PATH } else { bff::CompleteTodos::PATH }
            on:submit=move |submit| {
                submit.prevent_default();
                toggle();
            }
        >
            <input
                id="toggle-all"
                class="toggle toggle-all"
                type="checkbox"
                checked=move || all.get()
                prop:checked=move || all.get()
                on:change=move |_| toggle()
            />
            <label for="toggle-all">"Mark all as complete"</label>
            <button class="without-script" type="submit" aria-label=move || if all.get() { "Reopen all" } else { "Complete all" }>
                {icon::check()}
            </button>
        </form>
    }
}

impl List {
    /// The rows that the filter lets through.
    fn shown(self) -> Vec<RwSignal<TodoView>> {
        let (show, rows) = (self.show.get(), self.rows.get());
        rows.into_iter().filter(|row| row.with(|todo| show.includes(todo.completed))).collect()
    }

    /// Deletes a todo, and lets whoever works by keyboard go on from there: at the next row, else the one before, else
    /// where new ones are typed.
    pub fn delete(self, id: TodoId) {
        let ids: Vec<_> = untrack(move || self.shown()).iter().map(|row| row.with_untracked(|todo| todo.id)).collect();
        let at = ids.iter().position(|other| *other == id).unwrap_or(0);
        let neighbour = ids.get(at + 1).or_else(|| ids.get(at.checked_sub(1)?));
        self.make(Change::Delete(id));
        match neighbour {
            Some(id) => focus(&format!(".toggle[aria-labelledby='t-{id}']")),
            None => focus(".new-todo"),
        }
    }

    /// Leaves the editor by keyboard, for the link that opened it.
    pub fn leave_editor(self, id: TodoId) {
        self.editing.set(None);
        // Not before the row is drawn without its editor.
        request_animation_frame(move || focus(&format!("#t-{id} ~ .icon-button")));
    }

    /// Shows other todos, without a page load; but not if the link is to open elsewhere.
    fn choose(self, click: &MouseEvent, show: Show) {
        if click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key() {
            return;
        }
        click.prevent_default();
        if self.show.get_untracked() != show {
            let _ = window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(show.href())));
            self.show.set(show);
            let count = untrack(move || self.shown()).len();
            self.announcement.set(format!("{}: {count}", show.name()));
        }
    }

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
            Err(TitleError::Blank) => {
                // First: the box that goes with the row would save once more.
                self.editing.set(None);
                return self.delete(id);
            }
            // Stays open, with what was typed.
            Err(error) => return self.error.set(Some(error.into())),
        }
        self.editing.set(None);
    }

    /// Shows a change and queues it for the server.
    pub fn make(self, change: Change) {
        self.error.set(None);
        self.unsent.update_value(|unsent| unsent.push_back(change));
        self.redraw();
        if !self.sending.get_value() {
            self.sending.set_value(true);
            spawn_local(self.send_all());
        }
    }

    async fn send_all(self) {
        while let Some(change) = self.unsent.with_value(|unsent| unsent.front().cloned()) {
            let title =
                |saved: &Vec<TodoView>| saved.iter().find(|todo| Some(todo.id) == change.id()).map(|todo| todo.title.clone());
            let was = self.saved.with_value(title).unwrap_or_default();
            let result = change.clone().send(was).await;
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
            return self.redraw();
        }
        if let Change::Add { id, .. } = change {
            // What was done to a todo that is not there can't be done.
            self.unsent.update_value(|unsent| unsent.retain(|other| other.id() != Some(id)));
        }
        self.redraw();
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
    fn redraw(self) {
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

/// Puts the focus on the first element that the selector finds.
fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

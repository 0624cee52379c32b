//! The island: elements that the server renders, and the start of what makes them interactive.

use leptos::{prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsValue;

use super::{
    events,
    field_message::FieldMessage,
    footer::{self, Footer},
    list::List,
    messages::{Messages, Place},
    row::Row,
    session_notice, shortcuts,
    texts::Texts,
};
use crate::{
    bff,
    contract::{AppError, CurrentUser, TodoPage},
    ui::todo_list::{
        dom::{listen, mark_hydrated},
        model::{Editor, Failure, Filter, Model},
        sent::Sent,
        sync::Session,
    },
};

/// The list with its state. Without scripting, `filter` and `editor` come from the URL; `error` and `draft` come from the last
/// form. Only the server renders it, so that the WASM has no code for these elements.
#[component]
pub fn TodoList(
    page: TodoPage,
    user: CurrentUser,
    filter: Filter,
    /// Cursor of the todo before the page.
    after: Option<String>,
    editor: Option<Editor>,
    error: Option<AppError>,
    draft: Option<String>,
) -> impl IntoView {
    let is_editing = editor.is_some();
    let mut sent = Sent { page, after, user, filter, editor, error, draft };
    let attribute = sent.attribute();
    let First { model, new_draft, new_message, edit_message } = First::of(sent);
    let (texts, mut rows) = (Texts::of(&model), String::new());
    for row in Row::shown(&model) {
        row.push(&model.part(), edit_message, &mut rows);
    }
    let is_empty = model.count.is_empty();
    view! {
        <section class="todoapp" data-sent=attribute>
            <header class="header">
                <h1>"Todos"</h1>
                <form class="new-todo-form" method="post" action=filter.action(bff::AddTodo::PATH)>
                    <input
                        class="new-todo"
                        name="title"
                        dir="auto"
                        placeholder="What needs to be done?"
                        aria-label="New todo"
                        aria-describedby="new-message"
                        aria-invalid=FieldMessage::invalid(new_message)
                        autocomplete="off"
                        enterkeyhint="done"
                        autofocus=!is_editing
                        value=new_draft
                    />
                    <button class="button button-main" type="submit">"Add"</button>
                    <p id="new-message" class=FieldMessage::class(new_message) aria-live="polite">{new_message.map(FieldMessage::text)}</p>
                    <div class="new-place" role="status"></div>
                </form>
            </header>
            <div class="messages">
                <Messages failures=texts.failures />
                <div class="notice session-notice" role="status" hidden></div>
            </div>
            <p class="announcement visually-hidden" role="status"></p>
            <Place class="empty-place" text=texts.empty.to_owned() />
            <Footer count=model.count filter />
            <section class="main" hidden=is_empty>
                <Place class="none-place" text=texts.none_shown />
                <ul class="todo-list" translate="no" inner_html=rows></ul>
                <Place class="more-place" text=texts.more />
                <p class="unread" role="status"></p>
            </section>
            <div class="toast-place" role="status"></div>
            <Island />
        </section>
    }
}

/// Has no elements and no properties: Leptos' code to hydrate those of the list, and to read properties, would be half of the WASM.
#[island]
fn Island() -> impl IntoView {
    if cfg!(target_arch = "wasm32") {
        start();
    }
}

fn start() {
    let sent = Sent::read().expect("the state is on the page");
    let (user, filter) = (sent.user.clone(), sent.filter);
    let First { model, .. } = First::of(sent);
    footer::draw(model.count, filter, false);
    let list = List::new(model, user.id);
    list.model.on_update(move || list.draw(".new-todo"));
    let session = Session::new(list.queue, session_notice::show);
    // A form that failed before hydration leaves the page at the URL of a server function.
    if window().location().pathname().is_ok_and(|path| path != Filter::All.href()) {
        let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(filter.href())));
    }
    // Back and Forward change the filter without a page load.
    listen(&["popstate"], Box::new(move |_| list.turn_to(current_filter())));
    listen(&["scroll"], Box::new(move |_| list.load_ahead()));
    events::start(list, session);
    shortcuts::start(list);
    list.queue.watch_connection();
    list.queue.watch_day();
    // Reads the notes of an open editor.
    list.queue.dispatch(Model::send);
    session.watch(&user);
    // The page may have been scrolled before.
    list.load_ahead();
    mark_hydrated();
}

/// What the page shows at first.
struct First {
    model: Model,
    new_draft: Option<String>,
    new_message: Option<FieldMessage>,
    edit_message: Option<FieldMessage>,
}

impl First {
    fn of(Sent { page, after, filter, editor, error, draft, .. }: Sent) -> Self {
        let mut first = Self { model: Model::new(page, filter, after), new_draft: draft, new_message: None, edit_message: None };
        let is_conflict = editor.as_ref().is_some_and(|editor| editor.conflict.is_any());
        let is_editing = editor.is_some();
        first.model.editor = editor;
        match error {
            Some(error @ AppError::Invalid(..)) => {
                let message = if is_editing { &mut first.edit_message } else { &mut first.new_message };
                *message = Some(FieldMessage::Error(error));
            }
            // The row shows the conflict.
            Some(AppError::ChangedElsewhere) if is_conflict => {}
            error => first.model.failures.extend(error.map(Failure::of_form)),
        }
        first
    }
}

fn current_filter() -> Filter {
    let query = window().location().search().unwrap_or_default();
    let mut parameters = query.trim_start_matches('?').split('&');
    Filter::of_parameter(parameters.find_map(|parameter| parameter.strip_prefix("show=")))
}

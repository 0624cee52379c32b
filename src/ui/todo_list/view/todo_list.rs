//! The island: elements that the server renders, and the start of what makes them interactive.

use leptos::{prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsValue;

use super::{
    drag, events,
    field_message::FieldMessage,
    footer::{self, Footer},
    groups::push_groups,
    heading::{heading, views},
    list::List,
    messages::{Messages, Place},
    row::Row,
    session_notice, shortcuts,
    texts::Texts,
    urls::Urls,
};
use crate::{
    bff::{self, paths},
    contract::{AppError, CurrentUser, Field, Scope, TodoPage, ViewCounts},
    ui::{
        todo_list::{
            dom::{current_scope, listen, mark_hydrated, scroll_to_view},
            model::{Editor, Failure, Model},
            sent::Sent,
            sync::Session,
        },
        words::sentence,
    },
};

/// The links to the views.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "properties of a component")]
pub fn Views(scope: Scope, counts: ViewCounts) -> impl IntoView {
    view! {
        <nav class="views" aria-label="Views">
            <ul inner_html=views(&scope, &counts)></ul>
        </nav>
    }
}

/// The list with its state. Without scripting, `scope` and `editor` come from the URL; `error` and `draft` come from the last
/// form. Only the server renders it, so that the WASM has no code for these elements.
#[component]
pub fn TodoList(
    page: TodoPage,
    user: CurrentUser,
    scope: Scope,
    /// Cursor of the todo before the page.
    after: Option<String>,
    editor: Option<Editor>,
    error: Option<AppError>,
    draft: Option<String>,
    /// The name of the tag in a form that failed.
    tag_name: Option<String>,
) -> impl IntoView {
    let is_tag_rejected = matches!(error, Some(AppError::Invalid(Field::Tag, _)));
    let has_focus = editor.is_none() && scope.text.is_empty() && !is_tag_rejected;
    let mut sent = Sent { page, after, user, scope: scope.clone(), editor, error, draft };
    let attribute = sent.attribute();
    let First { model, new_draft, new_message, edit_message } = First::of(sent);
    let (mut texts, mut rows) = (Texts::of(&model), String::new());
    if let (Some(error), Some(name), true) = (error, tag_name, is_tag_rejected) {
        texts.heading = heading(&scope, model.today, Some((&name, &sentence(error))));
    }
    push_groups(&Row::shown(&model), &Urls::of(&model.part()), edit_message, &mut rows);
    let is_empty = model.count.is_empty();
    view! {
        <section class="todoapp" data-sent=attribute>
            <header class="header">
                <Place class="heading" text=texts.heading />
                <form class="new-todo-form" method="post" action=scope.action(bff::AddTodo::PATH)>
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
                        autofocus=has_focus
                        value=new_draft
                    />
                    <Place class="belongs-place" text=texts.belongs />
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
            <Place class="empty-place" text=texts.empty />
            <Footer count=model.count scope />
            <section class="main" hidden=is_empty>
                <Place class="none-place" text=texts.none_shown />
                <div class="groups" inner_html=rows></div>
                <Place class="earlier-place" text=texts.earlier />
                <Place class="more-place" text=texts.more />
                <p class="unread" role="status"></p>
            </section>
            <div class="toast-place" role="status"></div>
        </section>
    }
}

/// Makes the list of the page interactive.
///
/// # Panics
/// On a page without the list, or if it was started before.
pub fn start() {
    let sent = Sent::read().expect("the state is on the page");
    let (user, url) = (sent.user.clone(), sent.scope.href());
    let First { model, .. } = First::of(sent);
    footer::draw(model.count, &model.scope, false);
    let list = List::new(model, user.id);
    list.model.on_update(move || list.draw(".new-todo"));
    let session = Session::new(list.queue, session_notice::show);
    // A form that failed before hydration leaves the page at the URL of a server function.
    if window().location().pathname().is_ok_and(|path| path != paths::TODOS) {
        let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&url)));
    }
    // Back and Forward change the scope without a page load.
    listen(&["popstate"], Box::new(move |_| list.turn_to(current_scope())));
    listen(&["scroll"], Box::new(move |_| list.load_ahead()));
    // Before the others: a click that ends a drag is not one.
    drag::start(list);
    events::start(list, session);
    shortcuts::start(list);
    list.queue.watch_connection();
    list.queue.watch_day();
    // Reads the notes of an open editor.
    list.queue.dispatch(Model::send);
    session.watch(&user);
    scroll_to_view();
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
    fn of(Sent { page, after, scope, editor, error, draft, .. }: Sent) -> Self {
        let mut first = Self { model: Model::new(page, scope, after), new_draft: draft, new_message: None, edit_message: None };
        let is_conflict = editor.as_ref().is_some_and(|editor| editor.conflict.is_any());
        let is_editing = editor.is_some();
        first.model.editor = editor;
        match error {
            // The form of the tag has it.
            Some(AppError::Invalid(Field::Tag, _)) => {}
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

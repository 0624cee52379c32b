//! The island component.

use leptos::{ev, prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsValue;

use super::{
    events,
    field_message::FieldMessage,
    footer::{Footer, ToggleAll},
    list::List,
    messages::Messages,
    more::More,
    session_notice::{self, SessionNotice},
    shortcuts,
    toast::Toast,
};
use crate::{
    bff,
    contract::{AppError, CurrentUser, TodoPage},
    domain::TodoId,
    ui::todo_list::{
        dom::{focus_soon, hold_composition, link_of, mark_hydrated},
        model::{Failure, Filter, Model},
        sent::Sent,
        sync::Session,
        words::number,
    },
};

/// The island with its state. Without scripting, `filter` and `editing` come from the URL; `is_conflict`, `error` and `draft` come
/// from the last form.
#[component]
pub fn TodoList(
    page: TodoPage,
    user: CurrentUser,
    filter: Filter,
    /// Cursor of the todo before the page.
    after: Option<String>,
    editing: Option<TodoId>,
    is_conflict: bool,
    error: Option<AppError>,
    draft: Option<String>,
) -> impl IntoView {
    Sent { page, after, user, filter, editing, is_conflict, error, draft }.provide();
    view! { <Island /> }
}

/// Has no properties, because Leptos would read them with serde, which is a fifth of the WASM.
#[island]
fn Island() -> impl IntoView {
    let (sent, attribute) = Sent::take().expect("the state is on the page");
    let Sent { page, after, user, filter, editing, is_conflict, error, draft } = sent;
    let mut model = Model::new(page, filter, after);
    let mut new_draft = draft;
    if let Some(id) = editing {
        model.edit(id);
    }
    let mut edit_error = None;
    let mut new_error = None;
    if let Some(editor) = &mut model.editor {
        editor.is_conflict = is_conflict;
        editor.typed = new_draft.take().unwrap_or_else(|| editor.seen.clone());
    }
    match error {
        Some(error @ AppError::Invalid(..)) => {
            let message = if editing.is_some() { &mut edit_error } else { &mut new_error };
            *message = Some(FieldMessage::Error(error));
        }
        // The row shows the conflict.
        Some(AppError::ChangedElsewhere) if is_conflict => {}
        error => model.failures.extend(error.map(Failure::of_form)),
    }
    let list = List::new(model, user.id);
    list.new_message.set(new_error);
    list.edit_message.set(edit_error);
    Effect::new(move |shown| {
        let message = list.edit_message.get();
        if shown != Some(message) {
            FieldMessage::show(message);
        }
        message
    });
    let session = Session::new(list.queue);
    Effect::new(move |_| session_notice::show(session));
    Effect::new(move |drawn: Option<()>| {
        list.model.track();
        if drawn.is_some() {
            return list.draw(".new-todo");
        }
        // A form that failed before hydration leaves the page at the URL of a server function.
        if window().location().pathname().is_ok_and(|path| path != Filter::All.href()) {
            let _ =
                window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(filter.href())));
        }
        // Back and Forward change the filter without a page load.
        window_event_listener(ev::popstate, move |_| list.turn_to(current_filter()));
        events::listen(list, session);
        window_event_listener(ev::scroll, move |_| list.load_ahead());
        shortcuts::listen(list);
        list.queue.watch_connection();
        session.watch(&user);
        // The page may have been scrolled before.
        list.load_ahead();
        mark_hydrated();
    });

    // In the browser they are there already.
    let rows = attribute.is_some().then(|| list.html());
    let is_empty = move || list.model.with(|model| model.count.is_empty());
    let none_shown = move || list.model.with(|model| model.count.shown(model.filter) == 0);
    view! {
        <section class="todoapp" data-sent=attribute>
            <header class="header">
                <h1>"todos"</h1>
                <form class="new-todo-form" method="post" action=filter.action(bff::AddTodo::PATH) on:submit=move |submit| list.add(&submit)>
                    <input
                        class="new-todo"
                        name="title"
                        dir="auto"
                        placeholder="What needs to be done?"
                        aria-label="New todo"
                        aria-describedby="new-message"
                        aria-invalid=move || FieldMessage::invalid(list.new_message.get())
                        autocomplete="off"
                        autofocus=editing.is_none()
                        value=new_draft
                        on:input=move |typed| list.new_message.set(FieldMessage::of(&event_target_value(&typed)))
                        on:keydown=move |key| hold_composition(&key)
                    />
                    <button class="button new-todo-button" type="submit">"Add"</button>
                    {FieldMessage::view("new-message", list.new_message)}
                </form>
            </header>
            <div class="messages">
                <Messages list />
                <SessionNotice />
            </div>
            <p class="announcement visually-hidden" role="status">
                {move || list.model.with(|model| model.announced.map(number))}
            </p>
            {move || is_empty().then(|| view! { <p class="empty">"Nothing to do yet. Type above and press Enter."</p> })}
            <section class="main" hidden=is_empty>
                <ToggleAll list />
                {move || none_shown().then(|| view! { <NoneShown list /> })}
                <ul
                    class="todo-list"
                    aria-busy=move || list.model.with(|model| model.is_late(None)).then_some("true")
                    inner_html=rows
                ></ul>
                <More list />
            </section>
            <Footer list />
            <Toast list />
        </section>
    }
}

/// Shown if the filter matches no todo.
#[component]
fn NoneShown(list: List) -> impl IntoView {
    view! {
        <p class="none-shown">
            {move || if list.model.with(|model| model.filter == Filter::Completed) { "No completed todos. " } else { "No active todos. " }}
            <a
                href=Filter::All.href()
                on:click=move |click| {
                    list.follow(&click, Filter::All);
                    focus_soon(link_of(Filter::All));
                }
            >
                "Show all"
            </a>
        </p>
    }
}

fn current_filter() -> Filter {
    let query = window().location().search().unwrap_or_default();
    let mut parameters = query.trim_start_matches('?').split('&');
    Filter::of_parameter(parameters.find_map(|parameter| parameter.strip_prefix("show=")))
}

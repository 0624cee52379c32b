//! The todo list: the island of the page.

use leptos::{ev, prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsValue;

use super::{
    change::Change,
    dom::{focus_soon, hold_composition, mark_hydrated},
    list::List,
    remark::Remark,
    row::row,
    sending::{Failure, Failures, SendingNotice},
    shortcuts,
    show::Show,
    sign_in_again::SessionNotice,
    undo::Toast,
};
use crate::{
    bff,
    contract::{AppError, CurrentUser, TodoView},
    domain::TodoId,
    ui::components::icon,
};

/// For those without scripting: `show` and `editing` come with the page's address, `error` and `draft` with the form that
/// they sent last. The draft is for the editor, or else for the box of new todos.
#[island]
#[expect(clippy::needless_pass_by_value, reason = "props of an island are")]
pub fn TodoList(
    todos: Vec<TodoView>,
    user: CurrentUser,
    show: Show,
    editing: Option<TodoId>,
    error: Option<AppError>,
    draft: Option<String>,
) -> impl IntoView {
    let (new_draft, edit_draft) = if editing.is_some() { (None, draft) } else { (draft, None) };
    let list = List::new(todos, user.id, show, editing.map(|id| (id, edit_draft)));
    match error {
        Some(error @ AppError::Invalid(..)) => {
            let remark = if editing.is_some() { list.edit_remark } else { list.new_remark };
            remark.set(Some(Remark::Error(error)));
        }
        error => list.failures.set(error.map(Failure::of_form).into_iter().collect()),
    }
    Effect::new(move |_| {
        // A form that failed before the island was awake has left the page at the address of a server function.
        if window().location().pathname().is_ok_and(|path| path != Show::All.href()) {
            let _ = window().history().and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(show.href())));
        }
        // Back and Forward go from one filter to another without a page load.
        window_event_listener(ev::popstate, move |_| list.turn_to(Show::of_browser()));
        shortcuts::listen(list);
        list.watch_connection();
        mark_hydrated();
    });

    let count = list.count;
    let is_empty = move || count.get().is_empty();
    let none_shown = move || count.get().shown(list.show.get()) == 0;
    view! {
        <section class="todoapp">
            <header class="header">
                <h1>"todos"</h1>
                <form class="new-todo-form" method="post" action=show.action(bff::AddTodo::PATH) on:submit=move |submit| list.add(&submit)>
                    <input
                        class="new-todo"
                        name="title"
                        dir="auto"
                        placeholder="What needs to be done?"
                        aria-label="New todo"
                        aria-describedby="new-remark"
                        aria-invalid=move || Remark::invalid(list.new_remark.get())
                        autocomplete="off"
                        autofocus=editing.is_none()
                        value=new_draft
                        node_ref=list.new_todo
                        on:input=move |typed| list.new_remark.set(Remark::of(&event_target_value(&typed)))
                        on:keydown=move |key| hold_composition(&key)
                    />
                    <button class="button new-todo-button" type="submit">"Add"</button>
                    {Remark::view("new-remark", list.new_remark)}
                </form>
            </header>
            <div class="messages">
                <Failures list />
                <SendingNotice list />
                <SessionNotice list seconds_left=user.seconds_left seconds_to_max=user.seconds_to_max />
            </div>
            <p class="announcement visually-hidden" role="status">{list.announcement}</p>
            {move || is_empty().then(|| view! { <p class="empty">"Nothing to do yet. Type above and press Enter."</p> })}
            <section class="main" hidden=is_empty>
                <ToggleAll list />
                {move || none_shown().then(|| view! { <NoneShown list /> })}
                <ul class="todo-list" aria-busy=move || list.busy.get().then_some("true")>
                    <For each=move || list.shown.get() key=|row| row.with_untracked(|row| row.todo.id) children=move |todo| row(list, todo) />
                </ul>
            </section>
            <Footer list />
            <Toast list />
        </section>
    }
}

/// What stands in place of the todos when the filter finds none.
#[component]
fn NoneShown(list: List) -> impl IntoView {
    view! {
        <p class="none-shown">
            {move || if list.show.get() == Show::Completed { "No completed todos. " } else { "No active todos. " }}
            <a
                href=Show::All.href()
                on:click=move |click| {
                    list.follow(&click, Show::All);
                    focus_soon(format!(".filters [href='{}']", Show::All.href()));
                }
            >
                "Show all"
            </a>
        </p>
    }
}

/// How many are left, the filters, and the button that clears what is done.
#[component]
fn Footer(list: List) -> impl IntoView {
    let count = list.count;
    view! {
        <footer class="footer" hidden=move || count.get().is_empty()>
            <span class="todo-count">
                <strong>{move || count.get().active}</strong>
                {move || if count.get().active == 1 { " item left" } else { " items left" }}
            </span>
            <ul class="filters">
                {Show::EACH
                    .into_iter()
                    .map(|show| {
                        let is_selected = move || list.show.get() == show;
                        view! {
                            <li>
                                <a
                                    href=show.href()
                                    class=move || if is_selected() { "selected" } else { "" }
                                    aria-current=move || is_selected().then_some("page")
                                    on:click=move |click| list.follow(&click, show)
                                >
                                    {show.name()}
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <form
                method="post"
                action=list.show.get_untracked().action(bff::ClearCompleted::PATH)
                on:submit=move |submit| {
                    submit.prevent_default();
                    list.clear_completed();
                }
            >
                <button
                    class="clear-completed button button-quiet"
                    type="submit"
                    hidden=move || count.get().completed == 0
                >
                    "Clear completed"
                </button>
            </form>
        </footer>
    }
}

/// Shows whether all are done, and makes all so or none.
#[component]
fn ToggleAll(list: List) -> impl IntoView {
    let all = move || list.count.get().are_all_completed();
    let show = list.show.get_untracked();
    let toggle = move || list.make(if untrack(all) { Change::ReopenAll } else { Change::CompleteAll });
    view! {
        <form
            class="toggle-all-form"
            method="post"
            action=move || show.action(if all() { bff::ReopenTodos::PATH } else { bff::CompleteTodos::PATH })
            on:submit=move |submit| {
                submit.prevent_default();
                toggle();
            }
        >
            <input
                id="toggle-all"
                class="toggle toggle-all"
                type="checkbox"
                checked=all
                prop:checked=all
                on:change=move |_| toggle()
            />
            <label for="toggle-all">"Mark all as complete"</label>
            <button
                class="without-script"
                type="submit"
                aria-label=move || if all() { "Reopen all" } else { "Complete all" }
                inner_html=move || icon::toggle(all())
            ></button>
        </form>
    }
}

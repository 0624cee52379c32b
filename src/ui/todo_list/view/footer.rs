//! Controls of the whole list: the count, the filters, "Clear completed" and the checkbox for all todos.

use leptos::{prelude::*, server_fn::ServerFn};
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::html::set;
use crate::{
    bff,
    contract::{Filter, Scope},
    ui::{
        components::icon,
        todo_list::{
            dom::{find, link_of},
            model::Count,
            words::left,
        },
    },
};

#[component]
#[expect(clippy::needless_pass_by_value, reason = "a property of a component")]
pub fn Footer(count: Count, scope: Scope) -> impl IntoView {
    let links = Filter::EACH.map(|link| {
        let (class, current) = selected(link == scope.filter);
        view! {
            <li>
                <a href=scope.with_filter(link).href() class=class aria-current=current>{link.name()}</a>
            </li>
        }
    });
    view! {
        <div class="footer" hidden=count.is_empty()>
            <span class="todo-count">
                <strong>{count.active}</strong>
                {left(count)}
            </span>
            <ToggleAll all=count.are_all_completed(scope.filter) scope=scope.clone() />
            <ul class="filters">{links.into_iter().collect_view()}</ul>
            <form method="post" action=scope.action(bff::ClearCompleted::PATH)>
                <button class="clear-completed button" type="submit" hidden=count.clearable(scope.filter) == 0>
                    "Clear completed"
                </button>
            </form>
        </div>
    }
}

/// Shows whether all todos are completed, and completes or reopens all.
#[component]
fn ToggleAll(all: bool, scope: Scope) -> impl IntoView {
    let (path, action) = toggled(all);
    view! {
        <form class="toggle-all-form" method="post" action=scope.action(path)>
            <input id="toggle-all" class="toggle-all" type="checkbox" title="Mark all as complete" checked=all />
            <label class="visually-hidden" for="toggle-all">"Mark all as complete"</label>
            <button class="without-script" type="submit" aria-label=action inner_html=icon::toggle(all)></button>
        </form>
    }
}

/// Class and `aria-current` of a filter's link.
fn selected(is_selected: bool) -> (&'static str, Option<&'static str>) {
    if is_selected { ("selected", Some("page")) } else { ("", None) }
}

/// The server function that toggles all, and its name on the page.
fn toggled(all: bool) -> (&'static str, &'static str) {
    if all { (bff::ReopenTodos::PATH, "Reopen all") } else { (bff::CompleteTodos::PATH, "Complete all") }
}

/// Updates the controls. `texts` writes the count.
pub fn draw(count: Count, scope: &Scope, is_late: bool) {
    let hide = |selector: &str, is_hidden| {
        if let Some(element) = find::<HtmlElement>(selector).filter(|element| element.hidden() != is_hidden) {
            element.set_hidden(is_hidden);
        }
    };
    hide(".main", count.is_empty());
    hide(".footer", count.is_empty());
    hide(".clear-completed", count.clearable(scope.filter) == 0);
    for link in Filter::EACH {
        if let Some(element) = find(link_of(link)) {
            let (class, current) = selected(link == scope.filter);
            set(&element, "href", Some(&scope.with_filter(link).href()));
            set(&element, "class", Some(class));
            set(&element, "aria-current", current);
        }
    }
    let all = count.are_all_completed(scope.filter);
    if let (Some(toggle), Some(form), Some(button)) =
        (find::<HtmlInputElement>("#toggle-all"), find(".toggle-all-form"), find::<Element>(".toggle-all-form button"))
    {
        let (path, action) = toggled(all);
        toggle.set_checked(all);
        set(&form, "action", Some(&scope.action(path)));
        set(&button, "aria-label", Some(action));
    }
    if let Some(list) = find(".todo-list") {
        set(&list, "aria-busy", is_late.then_some("true"));
    }
}

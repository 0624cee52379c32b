//! The state of the list as the server sends it: an attribute of the island, and the rows themselves.

use leptos::{context::provide_context, prelude::use_context};
use serde::Serialize;
use web_sys::{Element, HtmlInputElement};

use super::{
    dom::{find, find_in},
    json::Json,
    model::Filter,
};
use crate::{
    contract::{AppError, CurrentUser, TodoPage, TodoView},
    domain::TodoId,
};

/// Without scripting, `filter` and `editing` come from the URL; `is_conflict`, `error` and `draft` come from the last form.
#[derive(Clone, Serialize)]
pub struct Sent {
    pub page: TodoPage,
    pub user: CurrentUser,
    pub filter: Filter,
    /// Cursor of the todo before the page.
    pub after: Option<String>,
    pub editing: Option<TodoId>,
    /// The edited title was changed elsewhere.
    pub is_conflict: bool,
    pub error: Option<AppError>,
    /// Belongs to the editor, or else to the input for new todos.
    pub draft: Option<String>,
}

/// The same, and its attribute. Only the server has it.
#[derive(Clone)]
struct Rendered(Sent, String);

/// The attribute, and the selector of its element.
const ATTRIBUTE: &str = "data-sent";

impl Sent {
    /// Provides the state to the island. Only the server calls this, so that the WASM has no serialisation. The attribute repeats
    /// the todos only if the filter hides some of them.
    pub fn provide(self) {
        let mut sent = self.clone();
        if sent.page.todos.iter().all(|todo| self.filter.includes(todo.completed)) {
            sent.page.todos.clear();
        }
        let attribute = serde_json::to_string(&sent).unwrap_or_default();
        provide_context(Rendered(self, attribute));
    }

    /// The provided state and its attribute; in the browser, the state of the page.
    pub fn take() -> Option<(Self, Option<String>)> {
        match use_context() {
            Some(Rendered(sent, attribute)) => Some((sent, Some(attribute))),
            None => Some((Self::read()?, None)),
        }
    }

    /// Removes the attribute: later it would be out of date.
    fn read() -> Option<Self> {
        let element: Element = find("[data-sent]")?;
        let sent = Json::parse(&element.get_attribute(ATTRIBUTE)?)?;
        let _ = element.remove_attribute(ATTRIBUTE);
        let (rows, mut page) = (rows(), sent.get("page")?.page()?);
        if page.todos.is_empty() {
            let is_other = |todo: &TodoView| page.others.iter().any(|other| other.id == todo.id);
            page.todos = rows.into_iter().filter(|todo| !is_other(todo)).collect();
        }
        Some(Self {
            page,
            user: sent.get("user")?.user()?,
            filter: sent.get("filter")?.filter()?,
            after: sent.get("after")?.text(),
            editing: sent.get("editing")?.text().and_then(|id| id.parse().ok()),
            is_conflict: sent.get("is_conflict")?.flag()?,
            error: sent.get("error")?.error(),
            draft: sent.get("draft")?.text(),
        })
    }
}

/// Reads the todos of the rows. Resets a checkbox that was clicked before, or that the browser restored.
fn rows() -> Vec<TodoView> {
    let mut todos = Vec::new();
    let mut next: Option<Element> = find(".todo-list > li");
    while let Some(row) = next {
        let completed = row.class_list().contains("completed");
        if let (Some(label), Some(toggle)) = (find_in::<Element>(&row, "label"), find_in::<HtmlInputElement>(&row, ".toggle")) {
            toggle.set_checked(completed);
            if let Some(Ok(id)) = label.id().strip_prefix("t-").map(str::parse) {
                todos.push(TodoView { id, title: label.text_content().unwrap_or_default(), completed });
            }
        }
        next = row.next_element_sibling();
    }
    todos
}

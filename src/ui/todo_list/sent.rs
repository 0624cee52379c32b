//! The state of the list as the server sends it: an attribute of the island, and the rows themselves.

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
    /// Cursor of the row before the first.
    pub after: Option<String>,
    pub user: CurrentUser,
    pub filter: Filter,
    pub editing: Option<TodoId>,
    /// The edited title was changed elsewhere.
    pub is_conflict: bool,
    pub error: Option<AppError>,
    /// Belongs to the editor, or else to the input for new todos.
    pub draft: Option<String>,
}

/// The attribute, and the selector of its element.
const ATTRIBUTE: &str = "data-sent";

impl Sent {
    /// For the island's element. Only the server calls this, so that the WASM has no serialisation. It repeats the todos of the page only
    /// if the filter hides some of them.
    pub fn attribute(&mut self) -> String {
        let is_shown = |todo: &TodoView| self.filter.includes(todo.completed);
        let mut todos = Vec::new();
        if self.page.todos.iter().all(is_shown) {
            todos = std::mem::take(&mut self.page.todos);
        }
        let attribute = serde_json::to_string(self).unwrap_or_default();
        self.page.todos.append(&mut todos);
        attribute
    }

    /// The state of the page. Removes the attribute: later it would be out of date.
    pub fn read() -> Option<Self> {
        let element: Element = find("[data-sent]")?;
        let sent = Json::parse(&element.get_attribute(ATTRIBUTE)?)?;
        let _ = element.remove_attribute(ATTRIBUTE);
        let (rows, mut page) = (rows(), sent.get("page")?.page()?);
        if page.todos.is_empty() {
            page.todos = rows;
            page.todos.retain(|todo| page.others.iter().all(|other| other.id != todo.id));
        }
        Some(Self {
            page,
            after: sent.get("after")?.text(),
            user: sent.get("user")?.user()?,
            filter: sent.get("filter")?.filter()?,
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

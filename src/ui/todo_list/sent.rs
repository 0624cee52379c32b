//! The state of the list as the server sends it: an attribute of the island, and the rows themselves.

use serde::{Serialize, Serializer};
use web_sys::{Element, HtmlInputElement};

use super::{
    dom::{fields, find, find_all, find_in, parse_query, row_of},
    json::Json,
    model::{Conflict, Editor},
};
use crate::{
    contract::{AppError, CurrentUser, Scope, TodoPage, TodoView},
    domain::DueDate,
};

/// Without scripting, `scope` and `editor` come from the URL; `error` and `draft` come from the last form.
#[derive(Clone, Serialize)]
pub struct Sent {
    pub page: TodoPage,
    /// Cursor of the row before the first.
    pub after: Option<String>,
    pub user: CurrentUser,
    /// As the query of a URL.
    #[serde(serialize_with = "as_query")]
    pub scope: Scope,
    /// The browser reads it from the form in the row.
    #[serde(skip)]
    pub editor: Option<Editor>,
    pub error: Option<AppError>,
    /// Of the input for new todos.
    pub draft: Option<String>,
}

/// The attribute, and the selector of its element.
const ATTRIBUTE: &str = "data-sent";

impl Sent {
    /// For the island's element. Only the server calls this, so that the WASM has no serialisation. It repeats the todos of the page only
    /// if the rows can't tell them: with what a search has found.
    pub fn attribute(&mut self) -> String {
        let mut todos = Vec::new();
        if self.scope.text.is_empty() {
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
        let editor = editor(&page);
        Some(Self {
            editor,
            page,
            after: sent.get("after")?.text(),
            user: sent.get("user")?.user()?,
            scope: parse_query(&sent.get("scope")?.text()?),
            error: sent.get("error")?.error(),
            draft: sent.get("draft")?.text(),
        })
    }
}

/// The open editor, with what was typed. Its notes are read once more, since the form has only their digest.
fn editor(page: &TodoPage) -> Option<Editor> {
    let form: Element = find(".edit-form")?;
    let id = row_of(&form)?;
    let todo = page.todos.iter().chain(&page.others).find(|todo| todo.id == id)?;
    let mut editor = Editor::new(todo);
    editor.typed = fields()?;
    if let Some(theirs) = find_in::<Element>(&form, ".theirs").and_then(|button| button.get_attribute("value")) {
        editor.conflict = Conflict::named(&theirs);
    }
    Some(editor)
}

fn as_query<S: Serializer>(scope: &Scope, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&scope.query())
}

/// Reads the todos of the rows. Resets a checkbox that was clicked before, or that the browser restored.
fn rows() -> Vec<TodoView> {
    let mut todos = Vec::new();
    for row in find_all(".todo-list > li") {
        let completed = row.class_list().contains("completed");
        if let (Some(label), Some(toggle)) = (find_in::<Element>(&row, "label"), find_in::<HtmlInputElement>(&row, ".toggle")) {
            toggle.set_checked(completed);
            if let Some(Ok(id)) = label.id().strip_prefix("t-").map(str::parse) {
                let title = label.get_attribute("data-title").or_else(|| label.text_content()).unwrap_or_default();
                let find = |selector| find_in::<Element>(&row, selector);
                let due_on = find("time").and_then(|time| DueDate::parse(&time.get_attribute("datetime")?).ok());
                let (has_notes, important) = (find(".has-notes").is_some(), find(".star[aria-pressed=true]").is_some());
                let is_earlier = row.has_attribute("data-earlier");
                todos.push(TodoView { id, title, has_notes, due_on, important, completed, is_earlier, marks: Vec::new() });
            }
        }
    }
    todos
}

//! Sends one change, as the form that makes it without scripting, and reads the list.

use leptos::server_fn::ServerFn;

use super::post::{Sender, get, post};
use crate::{
    bff::{self, paths},
    contract::{AppError, TodoPage, due_field, patch_fields, seen_fields, with_parameter},
    domain::{TodoId, UserId},
    ui::todo_list::{
        json::Json,
        model::{Change, Kind, Read, Undo},
    },
};

/// Idempotent.
pub async fn send(change: &Change, sender: Sender) -> Result<String, AppError> {
    let (path, fields) = form(change);
    let path = change.bulk().map_or_else(|| path.to_owned(), |bulk| bulk.scope.action(path));
    let response = post(&path, sender, &fields).await?;
    // Any other body is from a captive portal or a proxy.
    if response != "null" && response.parse::<i64>().is_err() {
        return Err(AppError::Unreachable);
    }
    Ok(response)
}

/// As many pages as the rows need, or `None` if the entity tag is current.
pub async fn list(read: &Read, account: UserId) -> Result<Option<TodoPage>, AppError> {
    let path = read.scope.action(paths::TODOS_DATA);
    let (mut after, mut found) = (read.after.clone(), None::<TodoPage>);
    loop {
        let mut path = path.clone();
        if let Some(after) = &after {
            path = with_parameter(&path, "after", after);
        }
        if found.is_none() && !read.others.is_empty() {
            let others: Vec<_> = read.others.iter().copied().map(TodoId::to_text).collect();
            path = with_parameter(&path, "others", &others.join(","));
        }
        let Some(response) = get(&path, account, read.tag.as_deref().filter(|_| found.is_none())).await? else { return Ok(None) };
        let next = Json::parse(&response).and_then(|json| json.page()).ok_or(AppError::Unreachable)?;
        let page = match &mut found {
            Some(page) => {
                page.append(next);
                page
            }
            None => found.insert(next),
        };
        after.clone_from(&page.info.next);
        if after.is_none() || page.todos.len() >= read.rows {
            return Ok(found);
        }
    }
}

/// The notes of a todo.
pub async fn notes(id: TodoId, account: UserId) -> Result<String, AppError> {
    let response = post(bff::ReadNotes::PATH, account.into(), &[("id", id.to_text())]).await?;
    Json::parse(&response).and_then(|json| json.text()).ok_or(AppError::Unreachable)
}

/// The form for a change.
fn form(change: &Change) -> (&'static str, Vec<(&'static str, String)>) {
    let id = ("id", change.id().map(TodoId::to_text).unwrap_or_default());
    match change {
        Change::Add { title, due_on, important, .. } => {
            let mut fields = vec![id, ("title", title.as_str().to_owned())];
            fields.extend(due_on.map(|due_on| ("due_on", due_field(Some(due_on)))));
            fields.extend(important.then(|| ("important", "true".to_owned())));
            (bff::AddTodo::PATH, fields)
        }
        Change::Edit { patch, before, .. } => {
            (bff::EditTodo::PATH, [vec![id], seen_fields(before), patch_fields(patch)].concat())
        }
        Change::Move { after, .. } => {
            (bff::MoveTodo::PATH, [Some(id), after.map(|after| ("after", after.to_text()))].into_iter().flatten().collect())
        }
        Change::Delete(_) => (bff::DeleteTodo::PATH, vec![id]),
        Change::All(bulk, _) => match bulk.kind {
            Kind::Complete => (bff::CompleteTodos::PATH, vec![]),
            Kind::Reopen => (bff::ReopenTodos::PATH, vec![]),
            Kind::ClearCompleted => (bff::ClearCompleted::PATH, vec![]),
        },
        Change::Undo(Undo { version: Some(version), .. }) => (bff::UndoChange::PATH, vec![("version", version.clone())]),
        Change::Undo(_) => (bff::RestoreTodos::PATH, vec![("ids[]", id.1)]),
    }
}

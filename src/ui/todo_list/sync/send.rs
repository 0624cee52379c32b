//! Sends one change, by the form that does the same without scripting.

use leptos::server_fn::ServerFn;

use super::post::{Sender, post};
use crate::{
    bff,
    contract::{AppError, TodoView},
    domain::UserId,
    ui::todo_list::model::{Change, Removed},
};

/// In one form, which may have 64 KiB.
const MOST_IDS: usize = 1000;

/// Sends it for an answer in JSON. Sending one twice does no harm.
pub async fn send(change: &Change, sender: Sender) -> Result<String, AppError> {
    let mut answer = String::new();
    for (path, fields) in forms(change) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        answer = post(path, sender, &fields).await?;
        // Whoever answers otherwise is not the server.
        if answer != "null" && answer.parse::<i64>().is_err() {
            return Err(AppError::Unreachable);
        }
    }
    Ok(answer)
}

/// What the server has, if it says so.
pub async fn list(account: UserId) -> Option<Vec<TodoView>> {
    serde_json::from_str(&post(bff::ListTodos::PATH, account.into(), &[]).await.ok()?).ok()
}

/// Several forms, if one can't hold all ids. They are sent at one place: a request for each kind of change would be code for each in
/// the WASM.
fn forms(change: &Change) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let id = ("id", change.id().map(|id| id.to_string()).unwrap_or_default());
    let form = match change {
        Change::Add { title, .. } => (bff::AddTodo::PATH, vec![id, ("title", title.as_str().to_owned())]),
        Change::Edit { patch, seen, .. } => {
            let title = patch.title.as_ref().map(|title| ("title", title.as_str().to_owned()));
            let seen = seen.clone().map(|seen| ("seen_title", seen));
            let completed = patch.completed.map(|completed| ("completed", completed.to_string()));
            (bff::EditTodo::PATH, [Some(id), seen, title, completed].into_iter().flatten().collect())
        }
        Change::Delete(_) => (bff::DeleteTodo::PATH, vec![id]),
        Change::CompleteAll => (bff::CompleteTodos::PATH, vec![]),
        Change::ReopenAll => (bff::ReopenTodos::PATH, vec![]),
        Change::ClearCompleted(_) => (bff::ClearCompleted::PATH, vec![]),
        Change::Restore(Removed { at: Some(at), .. }) => (bff::RestoreCleared::PATH, vec![("at", at.clone())]),
        Change::Restore(Removed { todos, .. }) => {
            let ids = todos.iter().map(|deleted| ("ids[]", deleted.todo.id.to_string())).collect::<Vec<_>>();
            return ids.chunks(MOST_IDS).map(|ids| (bff::RestoreTodos::PATH, ids.to_vec())).collect();
        }
    };
    vec![form]
}

//! Sends one change, as the form that makes it without scripting.

use leptos::server_fn::ServerFn;

use super::post::{Sender, post};
use crate::{
    bff,
    contract::{AppError, TodoView, patch_fields},
    domain::{TodoId, UserId},
    ui::todo_list::{
        json::Json,
        model::{Change, Removed},
    },
};

/// Per request, because a form body is limited to 64 KiB.
const MAX_IDS: usize = 1000;

/// Idempotent. After an error, a change that needs several requests may be applied in part.
pub async fn send(change: &Change, sender: Sender) -> Result<String, AppError> {
    let mut response = String::new();
    for (path, fields) in forms(change) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        response = post(path, sender, &fields).await?;
        // Any other body is from a captive portal or a proxy.
        if response != "null" && response.parse::<i64>().is_err() {
            return Err(AppError::Unreachable);
        }
    }
    Ok(response)
}

/// The list on the server, or `None` after any error.
pub async fn list(account: UserId) -> Option<Vec<TodoView>> {
    Json::parse(&post(bff::ListTodos::PATH, account.into(), &[]).await.ok()?)?.list(Json::todo)
}

/// The requests for a change: several if one can't hold all ids. A single call of `post` keeps the WASM small.
fn forms(change: &Change) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let id = ("id", change.id().map(TodoId::to_text).unwrap_or_default());
    let form = match change {
        Change::Add { title, .. } => (bff::AddTodo::PATH, vec![id, ("title", title.as_str().to_owned())]),
        Change::Edit { patch, seen, .. } => {
            let seen = seen.clone().map(|seen| ("seen_title", seen));
            (bff::EditTodo::PATH, [id].into_iter().chain(seen).chain(patch_fields(patch)).collect())
        }
        Change::Delete(_) => (bff::DeleteTodo::PATH, vec![id]),
        Change::CompleteAll => (bff::CompleteTodos::PATH, vec![]),
        Change::ReopenAll => (bff::ReopenTodos::PATH, vec![]),
        Change::ClearCompleted(_) => (bff::ClearCompleted::PATH, vec![]),
        Change::Restore(Removed { at: Some(at), .. }) => (bff::RestoreCleared::PATH, vec![("at", at.clone())]),
        Change::Restore(Removed { todos, .. }) => {
            let ids = todos.iter().map(|deleted| ("ids[]", deleted.todo.id.to_text())).collect::<Vec<_>>();
            return ids.chunks(MAX_IDS).map(|ids| (bff::RestoreTodos::PATH, ids.to_vec())).collect();
        }
    };
    vec![form]
}

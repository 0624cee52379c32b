//! Server functions for the user's todos.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    contract::{AppError, CurrentUser, TodoPage, TodoView, TrashView},
    domain::TodoId,
};

/// A page of the list and the account that it belongs to. All of a list that fits into one page; of a longer one only the todos that
/// are `completed` or not, after a cursor, and one that the page needs.
#[server(prefix = "/bff", endpoint = "list_todos")]
pub async fn list_todos(
    completed: Option<bool>,
    after: Option<String>,
    also: Option<TodoId>,
) -> Result<(CurrentUser, TodoPage), AppError> {
    use crate::server::gateway::{ListQuery, Session, set_page_status};

    let query = ListQuery { completed, after, others: also.into_iter().collect() };
    Session::current()?.list_todos(query).await.inspect_err(|error| set_page_status(*error))
}

/// The same for a print: [`PRINTED`] todos.
#[server(prefix = "/bff", endpoint = "print_todos")]
pub async fn print_todos(completed: Option<bool>, after: Option<String>) -> Result<(CurrentUser, TodoPage), AppError> {
    use crate::server::gateway::{ListQuery, Session, set_page_status};

    let query = ListQuery { completed, after, others: Vec::new() };
    Session::current()?.list_many(query, PRINTED).await.inspect_err(|error| set_page_status(*error))
}

pub const PRINTED: usize = 1000;

/// Fails with [`AppError::NotFound`] for a deleted todo.
#[server(prefix = "/bff", endpoint = "read_todo")]
pub async fn read_todo(id: TodoId) -> Result<TodoView, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.read_todo(id).await
}

/// The island generates the id, which makes a retry idempotent; a plain form has none. A blank title adds nothing.
#[server(prefix = "/bff", endpoint = "add_todo")]
pub async fn add_todo(id: Option<TodoId>, title: String) -> Result<(), AppError> {
    use crate::{
        domain::{TitleError, TodoTitle},
        server::gateway::Session,
    };

    let api = Session::current()?.api()?;
    match TodoTitle::parse(&title) {
        Ok(title) => api.add_todo(id, title).await,
        Err(TitleError::Blank) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Adds a todo for each line that is not blank, all or none, and redirects to the todos. The island generates the ids, one for each of
/// these todos and separated by commas, which makes a retry idempotent.
#[server(prefix = "/bff", endpoint = "add_todos")]
pub async fn add_todos(titles: String, ids: Option<String>) -> Result<(), AppError> {
    use crate::{
        domain::TodoTitle,
        server::gateway::{Session, redirect},
    };

    let api = Session::current()?.api()?;
    let ids = ids.map(|ids| ids.split(',').map(str::parse).collect::<Result<Vec<TodoId>, _>>()).transpose();
    api.add_todos(TodoTitle::parse_lines(&titles)?, ids.map_err(|_| AppError::Malformed)?).await?;
    redirect(Some(super::paths::TODOS));
    Ok(())
}

/// An optional form field. Unlike `Option<String>`, it keeps an empty value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct FormText(Option<String>);

impl From<String> for FormText {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

/// `seen_title` is the precondition of a new title. A blank title deletes the todo, and the response is 1.
#[server(prefix = "/bff", endpoint = "edit_todo")]
pub async fn edit_todo(
    id: TodoId,
    #[server(default)] title: FormText,
    seen_title: Option<String>,
    completed: Option<bool>,
) -> Result<Option<usize>, AppError> {
    use crate::{
        domain::{TitleError, TodoPatch, TodoTitle},
        server::gateway::Session,
    };

    let api = Session::current()?.api()?;
    let FormText(title) = title;
    if (title.is_none() && completed.is_none()) || title.is_some() != seen_title.is_some() {
        return Err(AppError::Malformed);
    }
    match title.as_deref().map(TodoTitle::parse).transpose() {
        Ok(title) => {
            api.edit_todo(id, TodoPatch { title, completed, ..TodoPatch::default() }, seen_title.as_deref()).await.map(|()| None)
        }
        Err(TitleError::Blank) => api.delete_todo(id).await.map(|()| Some(1)),
        Err(error) => Err(error.into()),
    }
}

/// Completes all active todos. Returns the version for [`undo_change`], if there were any.
#[server(prefix = "/bff", endpoint = "complete_todos")]
pub async fn complete_todos() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.set_all_completed(true).await
}

/// Reopens all completed todos. Returns the version for [`undo_change`], if there were any.
#[server(prefix = "/bff", endpoint = "reopen_todos")]
pub async fn reopen_todos() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.set_all_completed(false).await
}

/// Deletes the completed todos. Returns the version for [`undo_change`], if there were any.
#[server(prefix = "/bff", endpoint = "clear_completed")]
pub async fn clear_completed() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.clear_completed().await
}

/// Undoes the change of many todos that made this version of the list, except for todos that were changed since. Returns the number
/// of todos that this call changed.
#[server(prefix = "/bff", endpoint = "undo_change")]
pub async fn undo_change(version: i64) -> Result<usize, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.undo_change(version).await
}

/// Returns the number of deleted todos, which is 1.
#[server(prefix = "/bff", endpoint = "delete_todo")]
pub async fn delete_todo(id: TodoId) -> Result<usize, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.delete_todo(id).await.map(|()| 1)
}

/// Idempotent: a todo that is not deleted stays unchanged.
#[server(prefix = "/bff", endpoint = "restore_todos")]
pub async fn restore_todos(ids: Vec<TodoId>) -> Result<(), AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.restore_todos(&ids).await
}

/// A page of deleted todos, latest first. `cursor` comes from the previous page.
#[server(prefix = "/bff", endpoint = "list_trash")]
pub async fn list_trash(cursor: Option<String>) -> Result<TrashView, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.api()?.list_trash(cursor.as_deref()).await.inspect_err(|error| set_page_status(*error))
}

/// Deletes the todos in the trash permanently, and redirects to the trash.
#[server(prefix = "/bff", endpoint = "empty_trash")]
pub async fn empty_trash() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.api()?.empty_trash().await?;
    redirect(Some(super::paths::TRASH));
    Ok(())
}

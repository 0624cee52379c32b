//! The signed-in user's todos.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    contract::{AppError, TodoView, TrashView},
    domain::TodoId,
};

/// All todos, in their order.
#[server(prefix = "/bff", endpoint = "list_todos")]
pub async fn list_todos() -> Result<Vec<TodoView>, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.api()?.list_todos().await.inspect_err(|error| set_page_status(*error))
}

/// One todo, unless it is deleted.
#[server(prefix = "/bff", endpoint = "read_todo")]
pub async fn read_todo(id: TodoId) -> Result<TodoView, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.read_todo(id).await
}

/// Adds a todo at the end. The island makes the id, so that trying again can't add it twice; a plain form has none.
/// A blank title adds nothing.
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

/// A text of a form that may be missing. One that is empty is there, which it is not as an `Option`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct FormText(Option<String>);

impl From<String> for FormText {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

/// Changes what is given of a todo. A new title comes with the one that the person saw, and is not saved over another. A blank one
/// deletes the todo: then the answer is 1.
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
        Ok(title) => api.edit_todo(id, TodoPatch { title, completed, order: None }, seen_title.as_deref()).await.map(|()| None),
        Err(TitleError::Blank) => api.delete_todo(id).await.map(|()| Some(1)),
        Err(error) => Err(error.into()),
    }
}

/// Marks all todos as done.
#[server(prefix = "/bff", endpoint = "complete_todos")]
pub async fn complete_todos() -> Result<(), AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.set_all_completed(true).await
}

/// Marks all todos as still to be done.
#[server(prefix = "/bff", endpoint = "reopen_todos")]
pub async fn reopen_todos() -> Result<(), AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.set_all_completed(false).await
}

/// Deletes the todos that are done. Says when, if there were any: [`restore_cleared`] brings back what was deleted then.
#[server(prefix = "/bff", endpoint = "clear_completed")]
pub async fn clear_completed() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::Session;

    let moment = Session::current()?.api()?.clear_completed().await?;
    Ok(moment.map(|moment| moment.0))
}

/// Deletes a todo, and says that it is one.
#[server(prefix = "/bff", endpoint = "delete_todo")]
pub async fn delete_todo(id: TodoId) -> Result<usize, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.delete_todo(id).await.map(|()| 1)
}

/// Brings deleted todos back. One that is not deleted stays as it is, so that trying again does no harm.
#[server(prefix = "/bff", endpoint = "restore_todos")]
pub async fn restore_todos(ids: Vec<TodoId>) -> Result<(), AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.restore_todos(&ids).await
}

/// Brings back what [`clear_completed`] deleted at this moment, in milliseconds since the Unix epoch. For a form, which can't
/// name that many ids. The answer is how many are back by that: not those that somebody brought back before.
#[server(prefix = "/bff", endpoint = "restore_cleared")]
pub async fn restore_cleared(at: i64) -> Result<usize, AppError> {
    use crate::{domain::UnixMillis, server::gateway::Session};

    Session::current()?.api()?.restore_deleted(UnixMillis(at)).await
}

/// What was deleted, the last first: a page of it, from behind `cursor` on, which the page before gives.
#[server(prefix = "/bff", endpoint = "list_trash")]
pub async fn list_trash(cursor: Option<String>) -> Result<TrashView, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.api()?.list_trash(cursor.as_deref()).await.inspect_err(|error| set_page_status(*error))
}

/// Deletes for good what was deleted, and leads to the trash.
#[server(prefix = "/bff", endpoint = "empty_trash")]
pub async fn empty_trash() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.api()?.empty_trash().await?;
    redirect(Some(super::paths::TRASH));
    Ok(())
}

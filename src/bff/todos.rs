//! Server functions for the user's todos.

#![expect(clippy::too_many_arguments, reason = "the fields of a form")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    contract::{AppError, CurrentUser, Scope, TodoPage, TodoView, TrashView},
    domain::{DueDate, TodoId},
};

/// A page of the list, after a cursor, and the account that it belongs to; with one todo that the page needs.
#[server(prefix = "/bff", endpoint = "list_todos")]
pub async fn list_todos(
    #[server(default)] scope: Scope,
    after: Option<String>,
    also: Option<TodoId>,
) -> Result<(CurrentUser, TodoPage), AppError> {
    use crate::server::gateway::{ListQuery, Session, set_page_status};

    let query = ListQuery { scope, after, others: also.into_iter().collect() };
    Session::current()?.list_todos(query).await.inspect_err(|error| set_page_status(*error))
}

/// The same for a print: [`PRINTED`] todos.
#[server(prefix = "/bff", endpoint = "print_todos")]
pub async fn print_todos(#[server(default)] scope: Scope, after: Option<String>) -> Result<(CurrentUser, TodoPage), AppError> {
    use crate::server::gateway::{ListQuery, Session, set_page_status};

    let query = ListQuery { scope, after, others: Vec::new() };
    Session::current()?.list_many(query, PRINTED).await.inspect_err(|error| set_page_status(*error))
}

pub const PRINTED: usize = 1000;

/// Fails with [`AppError::NotFound`] for a deleted todo.
#[server(prefix = "/bff", endpoint = "read_todo")]
pub async fn read_todo(id: TodoId) -> Result<TodoView, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.read_todo(id).await
}

/// The notes of a todo, for its editor.
#[server(prefix = "/bff", endpoint = "read_notes")]
pub async fn read_notes(id: TodoId) -> Result<String, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.read_notes(id).await
}

/// The island generates the id, which makes a retry idempotent; a plain form has none. A blank title adds nothing. A tag is appended
/// to the title, unless it is there.
#[server(prefix = "/bff", endpoint = "add_todo")]
pub async fn add_todo(
    id: Option<TodoId>,
    title: String,
    due_on: Option<DueDate>,
    important: Option<bool>,
    tag: Option<String>,
) -> Result<(), AppError> {
    use crate::{
        contract::{Field, Rule},
        domain::{TitleError, TodoTitle, with_tag},
        server::gateway::Session,
    };

    let api = Session::current()?.api()?;
    let title = match TodoTitle::parse(&title) {
        Err(TitleError::Blank) => return Ok(()),
        title => title?,
    };
    let title = match tag {
        Some(tag) => with_tag(title, &tag).ok_or(AppError::Invalid(Field::Title, Rule::NoRoom))?,
        None => title,
    };
    api.add_todo(id, title, due_on, important.unwrap_or_default()).await
}

/// Adds a todo for each line that is not blank, all or none, and redirects to the todos.
#[server(prefix = "/bff", endpoint = "add_todos")]
pub async fn add_todos(titles: String) -> Result<(), AppError> {
    use crate::{
        domain::TodoTitle,
        server::gateway::{Session, redirect},
    };

    Session::current()?.api()?.add_todos(TodoTitle::parse_lines(&titles)?).await?;
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

/// Changes the fields that the form has. Those with a `seen_` field as precondition change only if they differ from it. A blank title
/// deletes the todo, and the response is 1.
///
/// From the editor without scripting come `seen_important`, since an empty checkbox sends nothing, and the button that was pressed: a
/// `preset` of the date, `theirs` with the fields of a conflict that the server keeps, or `move_after`.
#[server(prefix = "/bff", endpoint = "edit_todo")]
pub async fn edit_todo(
    id: TodoId,
    #[server(default)] title: FormText,
    seen_title: Option<String>,
    #[server(default)] notes: FormText,
    seen_notes: Option<String>,
    #[server(default)] due_on: FormText,
    #[server(default)] seen_due_on: FormText,
    #[server(default)] preset: FormText,
    important: Option<bool>,
    seen_important: Option<bool>,
    completed: Option<bool>,
    theirs: Option<String>,
    #[server(default)] move_after: FormText,
) -> Result<Option<usize>, AppError> {
    use crate::{
        domain::{DueDate, TitleError, TodoNotes, TodoPatch, TodoTitle},
        server::gateway::{Seen, Session},
    };

    let api = Session::current()?.api()?;
    let due_date = |text: &str| if text.is_empty() { Ok(None) } else { DueDate::parse(text).map(Some) };
    let is_theirs = |name| theirs.as_deref().is_some_and(|theirs| theirs.split(' ').any(|field| field == name));
    let seen = Seen { title: seen_title, notes: seen_notes, due_on: seen_due_on.0.as_deref().map(due_date).transpose()? };
    let title = match title.0.filter(|_| !is_theirs("title")).as_deref().map(TodoTitle::parse).transpose() {
        Err(TitleError::Blank) => return api.delete_todo(id).await.map(|()| Some(1)),
        title => title?,
    };
    let notes = notes.0.filter(|_| !is_theirs("notes")).as_deref().map(TodoNotes::parse).transpose()?;
    let due_on = preset.0.or(due_on.0.filter(|_| !is_theirs("due_on"))).as_deref().map(due_date).transpose()?;
    let is_empty = title.is_none() && notes.is_none() && due_on.is_none() && important.or(seen_important).or(completed).is_none();
    if is_empty
        || (title.is_some() && seen.title.is_none())
        || (notes.is_some() && seen.notes.is_none())
        || (due_on.is_some() && seen.due_on.is_none())
    {
        return Err(AppError::Malformed);
    }
    let important = important.or(seen_important.map(|_| false)).filter(|important| seen_important != Some(*important));
    let patch = TodoPatch { title, notes, due_on, important, completed, order: None };
    api.edit_todo(id, patch, seen).await?;
    if let FormText(Some(after)) = move_after {
        let after = if after.is_empty() { None } else { Some(after.parse().map_err(|_| AppError::Malformed)?) };
        api.move_todo(id, after).await?;
    }
    Ok(None)
}

/// Moves a todo behind another one, or to the start of the list.
#[server(prefix = "/bff", endpoint = "move_todo")]
pub async fn move_todo(id: TodoId, after: Option<TodoId>) -> Result<(), AppError> {
    use crate::server::gateway::Session;

    Session::current()?.api()?.move_todo(id, after).await
}

/// Completes the active todos of the scope, which is in the URL of the form. Returns the version for [`undo_change`], if there were
/// any.
#[server(prefix = "/bff", endpoint = "complete_todos")]
pub async fn complete_todos() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::{Session, form_scope};

    Session::current()?.api()?.set_all_completed(&form_scope()?, true).await
}

/// Reopens the completed todos of the scope: without the filter "Completed" those completed today. See [`complete_todos`].
#[server(prefix = "/bff", endpoint = "reopen_todos")]
pub async fn reopen_todos() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::{Session, form_scope};

    Session::current()?.api()?.set_all_completed(&form_scope()?, false).await
}

/// Deletes the todos that [`reopen_todos`] would reopen. See [`complete_todos`].
#[server(prefix = "/bff", endpoint = "clear_completed")]
pub async fn clear_completed() -> Result<Option<i64>, AppError> {
    use crate::server::gateway::{Session, form_scope};

    Session::current()?.api()?.clear_completed(&form_scope()?).await
}

/// Renames the tag of the view, which is in the URL of the form, in all active todos. Returns the version for [`undo_change`].
#[server(prefix = "/bff", endpoint = "rename_tag")]
pub async fn rename_tag(name: String) -> Result<Option<i64>, AppError> {
    use crate::{
        contract::View,
        server::gateway::{Session, form_scope},
    };

    let View::Tag(tag) = form_scope()?.view else { return Err(AppError::Malformed) };
    Session::current()?.api()?.rename_tag(&tag, &name).await.map(Some)
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

//! Renames a tag in the titles of active todos.

use super::{
    changes::{bump_version, undoable, update},
    columns::{patch_values, read},
    database::{Connection, Database},
    error::StoreError,
    query::{bind_text, contains},
    statement::{SESSION, Statement},
    types::{BulkChange, Owner, RenamedTag},
};
use crate::{
    domain::{TodoId, TodoPatch, TodoTitle, UnixMillis},
    server::tags::{self, Tag},
};

pub async fn rename<D: Database>(
    database: &D,
    owner: Owner,
    tag: Tag,
    name: String,
    now: UnixMillis,
) -> Result<RenamedTag, StoreError> {
    let rename = database.transact(owner.user, move |transaction: &mut D::Connection| {
        let (tag, name) = (tag.clone(), name.clone());
        Box::pin(async move { run::<D>(transaction, owner, &tag, &name, now).await })
    });
    rename.await?.ok_or(StoreError::SessionEnded)
}

/// `None` if the session has ended.
async fn run<D: Database>(
    transaction: &mut D::Connection,
    owner: Owner,
    tag: &Tag,
    name: &str,
    now: UnixMillis,
) -> Result<Option<RenamedTag>, sqlx::Error> {
    let version = Statement::about(owner).text(format!("select list_version from users where {SESSION}"));
    let version = transaction.run(version).await?;
    let Some(version) = version.rows.first() else { return Ok(None) };
    let list_version = read::<i64>(version, "list_version")? + 1;

    let rows = transaction.run(tagged(owner, tag)).await?.rows;
    if rows.is_empty() {
        return Ok(Some(RenamedTag::NotFound));
    }
    let mut updates = Vec::new();
    for row in &rows {
        let title: TodoTitle = read(row, "title")?;
        let Ok(renamed) = TodoTitle::parse(&tags::rename(title.as_str(), tag, name)) else {
            return Ok(Some(RenamedTag::TooLong));
        };
        if renamed != title {
            updates.push(set_title(owner, read(row, "id")?, renamed, list_version, now));
        }
    }
    let changed = updates.len() as u64;
    for update in updates {
        transaction.run(update).await?;
    }
    let list_version = if changed > 0 { list_version } else { list_version - 1 };
    Ok(Some(RenamedTag::Done(BulkChange { changed, list_version })))
}

pub fn tagged(owner: Owner, tag: &Tag) -> Statement {
    let mut statement = Statement::about(owner);
    let has_tag = contains("tags", bind_text(&mut statement, &format!(" {tag} ")));
    statement.text(format!(
        "select id, title from todos
    where user_id = $1 and deleted_at is null and completed_at is null and tags <> '' and {has_tag}
      and exists (select 1 from users where {SESSION})"
    ))
}

/// In this list version, which all of them share.
fn set_title(owner: Owner, id: TodoId, title: TodoTitle, list_version: i64, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let (now, version) = (statement.bind(now), statement.bind(list_version).to_string());
    let patch = TodoPatch { title: Some(title), ..TodoPatch::default() };
    let mut set = vec![bump_version(now, &version), undoable(&version, "title")];
    set.extend(patch_values(patch).map(|(column, value)| format!("{column} = {}", statement.bind(value))));
    let id = format!("id = {}", statement.bind(id));
    update(statement, &[&set.join(", ")], &[id])
}

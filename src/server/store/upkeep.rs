//! Derives columns that the release before has not written.

use super::{
    changes::NEXT_VERSION,
    columns::read,
    database::{Connection, Database},
    derived,
    error::StoreError,
    sql_store::SqlStore,
    statement::Statement,
};
use crate::domain::{TodoId, TodoNotes, TodoTitle, UserId};

/// Todos of one transaction; the longest take 4 MB.
const BATCH: u32 = 100;

/// Todos whose columns are not derived from their version, of one user or of the first one.
fn underived(user: Option<UserId>) -> Statement {
    let mut statement = Statement::default();
    let of_user = user.map(|user| format!("user_id = {} and", statement.bind(user))).unwrap_or_default();
    statement.text(format!(
        "select user_id, id, version, title, notes from todos where {of_user} derived_from <> version order by user_id, id limit {BATCH}"
    ))
}

/// Does nothing if the todo was changed meanwhile.
fn derive(user: UserId, id: TodoId, version: i64, title: &TodoTitle, notes: &TodoNotes) -> Statement {
    let mut statement = Statement::default();
    let (user, id, version) = (statement.bind(user), statement.bind(id), statement.bind(version));
    let derived = derived::of_title(title).into_iter().chain([derived::of_notes(notes)]);
    let derived: Vec<_> = derived.map(|(column, value)| format!("{column} = {}", statement.bind(value))).collect();
    statement.text(format!(
        "
    update todos set {}, derived_from = version, changed_in = {NEXT_VERSION}
    where user_id = {user} and id = {id} and version = {version}",
        derived.join(", ")
    ))
}

impl<D: Database> SqlStore<D> {
    /// Derives the columns where they are not up to date, of one user or of all. Returns the number of todos.
    pub async fn derive(&self, user: Option<UserId>) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let rows = self.database.read(underived(user)).await?;
            let Some(first) = rows.first() else { return Ok(count) };
            let owner: UserId = read(first, "user_id")?;
            let mut updates = Vec::new();
            for row in &rows {
                if owner == read(row, "user_id")? {
                    let (title, notes) = (read(row, "title")?, read(row, "notes")?);
                    updates.push(derive(owner, read(row, "id")?, read(row, "version")?, &title, &notes));
                }
            }
            count += updates.len() as u64;
            let update_all = self.database.transact(owner, move |transaction: &mut D::Connection| {
                let updates = updates.clone();
                Box::pin(async move {
                    for update in updates {
                        transaction.run(update).await?;
                    }
                    Ok(())
                })
            });
            update_all.await?;
        }
    }
}

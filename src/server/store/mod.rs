//! Where accounts and todos are kept. May import `domain` only; nothing outside knows SQL.

mod sql;
mod sqlite;
mod url;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::url::DatabaseUrl;
use crate::domain::{Email, Todo, TodoId, TodoOrder, TodoTitle, UnixMillis, UserId};

/// Who a verified token speaks for. Every statement compares the epoch with the user's in the same breath as it reads or
/// writes the rows, so that a session that was ended gets nothing, at no extra query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    /// Raised by sign-out; a token made before speaks for nobody.
    pub token_epoch: i64,
}

pub struct NewUser {
    pub id: UserId,
    pub email: Email,
    /// PHC string.
    pub password_hash: String,
    pub created_at: UnixMillis,
}

/// What became of a new user.
#[derive(Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created(Owner),
    EmailTaken,
}

/// What sign-in needs of an account.
#[derive(Debug)]
pub struct Account {
    pub owner: Owner,
    /// PHC string.
    pub password_hash: String,
}

pub struct NewTodo {
    pub id: TodoId,
    pub title: TodoTitle,
    pub completed: bool,
    /// `None` puts it last.
    pub order: Option<TodoOrder>,
}

impl NewTodo {
    /// The change that makes an existing todo equal to this one; without an order it keeps its place.
    #[must_use]
    pub fn as_change(&self) -> TodoChange {
        TodoChange { title: Some(self.title.clone()), completed: Some(self.completed), order: self.order }
    }
}

/// What became of a new todo.
#[derive(Debug, PartialEq, Eq)]
pub enum CreateTodo {
    Created(Todo),
    /// The owner has, or had and deleted, a todo of this id; it is untouched.
    IdTaken,
}

/// What to change in a todo; `None` leaves it.
#[derive(Default)]
pub struct TodoChange {
    pub title: Option<TodoTitle>,
    pub completed: Option<bool>,
    pub order: Option<TodoOrder>,
}

/// Why the store did nothing. It has logged the cause itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The owner's session was ended, or the account is disabled or gone.
    SessionEnded,
    /// Busy or out of reach; trying again later helps.
    Unavailable,
    /// A fault of ours.
    Broken,
}

/// Accounts and todos. Each method is one statement where it succeeds. `owner` comes first wherever rows belong to
/// somebody: another's todo is the same as none.
#[async_trait]
pub trait Store: Send + Sync {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError>;

    /// Finds nobody whose account is disabled.
    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError>;

    /// Refuses all tokens of the user made so far. Ending an ended session is fine.
    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError>;

    /// All todos, by order and then id.
    async fn list_todos(&self, owner: Owner) -> Result<Vec<Todo>, StoreError>;

    async fn create_todo(&self, owner: Owner, todo: NewTodo, now: UnixMillis) -> Result<CreateTodo, StoreError>;

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError>;

    /// The todo as it is after the change.
    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        change: TodoChange,
        now: UnixMillis,
    ) -> Result<Option<Todo>, StoreError>;

    /// Whether there was one to delete. It stays in the database, out of sight.
    async fn delete_todo(&self, owner: Owner, id: TodoId, now: UnixMillis) -> Result<bool, StoreError>;

    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Opens the database, makes it if missing, and brings its schema up to date. The only place that chooses one.
///
/// # Errors
/// A sentence that says what failed and what to do.
pub async fn connect(url: &DatabaseUrl) -> Result<Arc<dyn Store>, String> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(Arc::new(sqlite::Sqlite::open(path).await?)),
    }
}

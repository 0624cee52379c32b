//! Where accounts and todos are kept. May import `domain`, and `metrics` to fill; nothing outside knows SQL.

mod backup;
mod copy;
mod database;
mod migrations;
mod postgres;
mod sql;
mod sql_store;
mod sqlite;
mod statement;
mod url;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

pub use self::{
    backup::{backup, restore},
    copy::copy,
    migrations::{Migration, MigrationState},
    url::{DatabaseUrl, check_path},
};
use self::{database::Database, postgres::Postgres, sql_store::SqlStore, sqlite::Sqlite};
use super::observability::metrics::StoreMetrics;
use crate::domain::{Email, SessionId, Todo, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId};

/// Who a verified token speaks for. Every statement compares the epoch with the user's, and looks for the session among those
/// that were ended, in the same breath as it reads or writes the rows: so an ended session gets nothing, at no extra query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    /// Raised by "Sign out everywhere" and by a new password; a token made before speaks for nobody.
    pub token_epoch: i64,
    /// `None` in a token of the version before, which the epoch alone ends.
    pub session: Option<SessionClaims>,
}

/// What all tokens of one session share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    pub sid: SessionId,
    /// When the password was typed, in seconds since the Unix epoch.
    pub auth_time: i64,
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

/// An account that is not disabled.
#[derive(Clone, Debug)]
pub struct Account {
    /// Speaks with the current epoch.
    pub owner: Owner,
    pub email: Email,
    /// PHC string.
    pub password_hash: String,
    pub created_at: UnixMillis,
    pub password_changed_at: UnixMillis,
}

/// An account, as the operator sees it: also one that is disabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSummary {
    pub email: Email,
    pub created_at: UnixMillis,
    pub disabled_at: Option<UnixMillis>,
    /// How many there are that are not deleted.
    pub todos: i64,
}

/// What the operator does to an account.
#[derive(Clone, Debug)]
pub enum UserChange {
    /// A PHC string. Ends every session.
    Password(String),
    /// Ends every session.
    SignOut,
    /// Lets nobody in, and ends every session.
    Disable,
    Enable,
    /// With all that belongs to it, for good.
    Delete,
}

#[derive(Clone)]
pub struct NewTodo {
    pub id: TodoId,
    pub title: TodoTitle,
    pub completed: bool,
    /// `None` puts a new todo last, and leaves one that is replaced where it is.
    pub order: Option<TodoOrder>,
}

/// What must be so for a write to one todo to be done (RFC 9110, section 13.1): so nobody overwrites what they have not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    /// There is none of this id.
    Absent,
    /// There is one.
    Present,
    /// There is one of one of these versions.
    Version(Vec<i64>),
}

/// What became of a write to one todo.
#[derive(Debug, PartialEq, Eq)]
pub enum Write<T> {
    Done(T),
    NotFound,
    /// The owner deleted it; it stays deleted.
    InTrash,
    /// The condition is not met; it is untouched.
    Refused,
    /// The owner has as many todos as may be.
    LimitReached,
}

/// A position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub order: TodoOrder,
    pub id: TodoId,
}

impl From<&Todo> for Place {
    fn from(todo: &Todo) -> Self {
        Self { order: todo.order, id: todo.id }
    }
}

/// Which part of the list.
#[derive(Clone, Copy)]
pub struct Page {
    /// Only those that are (or are not) completed.
    pub completed: Option<bool>,
    /// Only what comes behind this place, whether or not a todo is still there.
    pub after: Option<Place>,
    /// How many at most.
    pub limit: u32,
}

/// A todo, perhaps a deleted one.
#[derive(Debug, PartialEq, Eq)]
pub struct KeptTodo {
    pub todo: Todo,
    pub deleted_at: Option<UnixMillis>,
}

/// A position in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrashPlace {
    pub deleted_at: UnixMillis,
    pub id: TodoId,
}

/// What of its schema a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// All that this program knows of; perhaps more, by a newer one.
    Current,
    Outdated,
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
/// somebody: another's todo is the same as none, and an owner whose session was ended gets
/// [`StoreError::SessionEnded`].
#[async_trait]
pub trait Store: Send + Sync {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError>;

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError>;

    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError>;

    /// `hash` is a PHC string. Ends every session of the owner.
    async fn set_password(&self, owner: Owner, hash: String, now: UnixMillis) -> Result<(), StoreError>;

    /// Puts another hash of the same password in the place of this one, if it is still there. Sessions go on.
    async fn replace_hash(&self, owner: Owner, old: &str, new: String) -> Result<(), StoreError>;

    /// Deletes the account and all that belongs to it, for good.
    async fn delete_user(&self, owner: Owner) -> Result<(), StoreError>;

    /// Refuses all tokens of this session, and of no other; for an owner with a session. Nothing needs to be remembered of it
    /// after `ends_at`.
    async fn end_session(&self, owner: Owner, ends_at: UnixMillis) -> Result<(), StoreError>;

    /// Refuses all tokens of the user made so far.
    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError>;

    /// For the operator, as are the next two: at most `limit` accounts, by e-mail, from behind `after` on.
    async fn list_users(&self, after: Option<&Email>, limit: u32) -> Result<Vec<UserSummary>, StoreError>;

    async fn find_user(&self, email: &Email) -> Result<Option<UserSummary>, StoreError>;

    /// Whether there is such an account; then it is done, and doing it again does no harm.
    async fn change_user(&self, email: &Email, change: UserChange, now: UnixMillis) -> Result<bool, StoreError>;

    /// By order and then id.
    async fn list_todos(&self, owner: Owner, page: Page) -> Result<Vec<Todo>, StoreError>;

    /// Deleted ones as well: at most `limit`, by id, from behind `after` on.
    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError>;

    /// Creates a todo, at version 1, or makes the one of this id equal to it. An owner with as many todos as may be gets no new
    /// one; deleted ones don't count, but of those no more are kept either, and the oldest make room.
    async fn put_todo(
        &self,
        owner: Owner,
        todo: NewTodo,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Write<Todo>, StoreError>;

    /// The todo as it is after the change.
    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        patch: TodoPatch,
        now: UnixMillis,
    ) -> Result<Write<Todo>, StoreError>;

    /// Completes (or reopens) all todos, or of them only the completed or the active ones. Returns those that were not so
    /// already, by order and then id.
    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        only: Option<bool>,
        now: UnixMillis,
    ) -> Result<Vec<Todo>, StoreError>;

    /// It stays in the database, out of sight.
    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis)
    -> Result<Write<()>, StoreError>;

    /// Deletes all todos, or of them only the completed or the active ones. Returns them, by order and then id. All of them
    /// get `now` for the moment of their deletion.
    async fn delete_todos(&self, owner: Owner, only: Option<bool>, now: UnixMillis) -> Result<Vec<Todo>, StoreError>;

    /// Brings deleted todos back, all or, if one of them was never there, none (`None`). Returns them as they are now, by
    /// order and then id; one that is not deleted stays as it is.
    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError>;

    /// Brings back what was deleted at this moment: what one deletion deleted. Returns it as it is now, by order and then id;
    /// the second time that is nothing.
    async fn restore_deleted(&self, owner: Owner, deleted_at: UnixMillis, now: UnixMillis) -> Result<Vec<Todo>, StoreError>;

    /// Deleted ones alone, what was deleted last first: at most `limit`, from behind `after` on. What one deletion deleted goes
    /// by id, the largest first.
    async fn list_trash(&self, owner: Owner, after: Option<TrashPlace>, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    /// Deletes for good what is deleted. Returns how many that were.
    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError>;

    /// Deletes for good what was deleted before this moment, whoever it belongs to. Returns how many that were.
    async fn purge_todos(&self, before: UnixMillis) -> Result<u64, StoreError>;

    /// Forgets the ended sessions of which no token was good any more at this moment.
    async fn purge_sessions(&self, before: UnixMillis) -> Result<(), StoreError>;

    /// Whether other processes may serve from it as well, so that what they must count together is counted here.
    fn is_shared(&self) -> bool;

    /// Counts one for this slot, unless it is too often; then the answer says how long to wait. By the generic cell rate
    /// algorithm: one comes back after each `period`, and a slot may be ahead by `tolerance`.
    async fn take_turn(
        &self,
        slot: i64,
        period: Duration,
        tolerance: Duration,
        now: UnixMillis,
    ) -> Result<Result<(), Duration>, StoreError>;

    /// Takes back what [`Self::take_turn`] counted.
    async fn return_turn(&self, slot: i64, period: Duration) -> Result<(), StoreError>;

    /// Whether the database answers, can be written to by this process, and has all that this program needs.
    async fn ping(&self) -> Result<Schema, StoreError>;

    /// Ends well, once nobody asks for anything any more. SQLite puts all into its one file then.
    async fn close(&self);
}

/// Who opens a database.
pub enum Role {
    /// On SQLite there may be one.
    Server {
        /// How many todos a user may have.
        max_todos: u32,
        metrics: StoreMetrics,
    },
    /// A command, perhaps while a server runs. None adds todos.
    Operator,
}

/// Opens the database, makes it if missing, and brings its schema up to date. The only place that chooses one.
///
/// # Errors
/// A sentence that says what failed and what to do.
pub async fn connect(url: &DatabaseUrl, role: Role) -> Result<Arc<dyn Store>, String> {
    let (max_todos, metrics) = match &role {
        Role::Server { max_todos, metrics } => (*max_todos, metrics.clone()),
        Role::Operator => (u32::MAX, StoreMetrics::default()),
    };
    Ok(match (url, role) {
        (DatabaseUrl::Sqlite(path), Role::Server { .. }) => ready(Sqlite::serve(path, &metrics).await?, max_todos).await?,
        (DatabaseUrl::Sqlite(path), Role::Operator) => ready(Sqlite::open(path, &metrics).await?, max_todos).await?,
        (DatabaseUrl::Postgres(options), _) => ready(Postgres::open(options, &metrics).await?, max_todos).await?,
    })
}

async fn ready(database: impl Database, max_todos: u32) -> Result<Arc<dyn Store>, String> {
    let store = SqlStore::new(database, max_todos);
    store.respell_emails().await.map_err(|_| "can't update the addresses of accounts: the line above says why")?;
    Ok(Arc::new(store))
}

/// Which migrations the database has, and which this program knows. Changes nothing.
///
/// # Errors
/// A sentence that says what failed and what to do.
pub async fn migration_status(url: &DatabaseUrl) -> Result<Vec<Migration>, String> {
    let (applied, known) = match url {
        DatabaseUrl::Sqlite(path) => (sqlite::applied_migrations(path).await, Sqlite::migrations()),
        DatabaseUrl::Postgres(options) => (postgres::applied_migrations(options).await, Postgres::migrations()),
    };
    let applied = applied.map_err(|error| format!("can't read the database: {error}; check DATABASE_URL"))?;
    Ok(migrations::compare(&applied, known))
}

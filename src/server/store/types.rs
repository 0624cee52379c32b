//! Input and output types of the store.

use crate::{
    domain::{Email, SessionId, Todo, TodoFields, TodoId, TodoOrder, UnixMillis, UserId},
    server::time_zone::TimeZone,
};

/// The subject of a verified token. Every statement checks the token epoch and the session denylist itself, so revocation needs
/// no extra query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    /// Incremented by "Sign out everywhere" and by a password change, which invalidates all earlier tokens.
    pub token_epoch: i64,
    /// `None` in tokens of the previous version, which only the epoch revokes.
    pub session: Option<SessionClaims>,
}

/// Claims shared by all tokens of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    pub sid: SessionId,
    /// Time of the password check, in seconds since the Unix epoch.
    pub auth_time: i64,
}

pub struct NewUser {
    pub id: UserId,
    pub email: Email,
    /// PHC string.
    pub password_hash: String,
    pub created_at: UnixMillis,
}

/// Outcome of the creation of an account.
#[derive(Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created(Owner),
    EmailTaken,
}

/// Outcome of a change of the e-mail address.
#[derive(Debug, PartialEq, Eq)]
pub enum ChangeEmail {
    Changed,
    EmailTaken,
}

/// An account that is not disabled.
#[derive(Clone, Debug)]
pub struct Account {
    /// Has the current epoch.
    pub owner: Owner,
    pub email: Email,
    /// PHC string.
    pub password_hash: String,
    pub created_at: UnixMillis,
    pub password_changed_at: UnixMillis,
    /// UTC until it is known.
    pub time_zone: TimeZone,
    /// Number of todos outside the trash.
    pub todos: i64,
    /// Of those, the completed ones.
    pub completed_todos: i64,
    /// Grows with each change of the owner's todos.
    pub list_version: i64,
}

/// An account as listed for the operator, who also sees disabled ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSummary {
    pub email: Email,
    pub created_at: UnixMillis,
    pub disabled_at: Option<UnixMillis>,
    /// Number of todos outside the trash.
    pub todos: i64,
}

/// An operator's change to an account.
#[derive(Clone, Debug)]
pub enum UserChange {
    /// A PHC string. Revokes all sessions.
    Password(String),
    /// Revokes all sessions.
    SignOut,
    /// Blocks sign-in and revokes all sessions.
    Disable,
    Enable,
    /// Deletes the account and its data permanently.
    Delete,
}

#[derive(Clone)]
pub struct NewTodo {
    pub id: TodoId,
    pub fields: TodoFields,
    /// `None` appends a new todo, and keeps the order of a replaced one.
    pub order: Option<TodoOrder>,
}

/// The precondition of a write to one todo, which prevents lost updates (RFC 9110, section 13.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    /// No todo has this id.
    Absent,
    /// The todo exists.
    Present,
    /// The todo exists in one of these versions.
    Version(Vec<i64>),
}

impl Condition {
    /// Whether an existing todo in this version meets it.
    #[must_use]
    pub fn is_met(&self, version: i64) -> bool {
        match self {
            Self::Always | Self::Present => true,
            Self::Absent => false,
            Self::Version(versions) => versions.contains(&version),
        }
    }
}

/// Outcome of a write to one todo.
#[derive(Debug, PartialEq, Eq)]
pub enum Write {
    /// The todo after the write.
    Done(Todo),
    NotFound,
    /// The todo is deleted, and stays so.
    InTrash,
    /// The precondition failed; nothing changed.
    Refused,
    /// The owner has the maximum number of todos.
    LimitReached,
}

/// Counts of todos outside the trash; but for `completed`, of active ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub active: i64,
    pub completed: i64,
    /// Due before today.
    pub overdue: i64,
    pub due_today: i64,
    /// With a due date.
    pub scheduled: i64,
    pub important: i64,
    /// Of the completed ones.
    pub completed_since: i64,
    /// By folded name.
    pub tags: Vec<TagCount>,
    pub list_version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    /// As spelled in a title.
    pub name: String,
    pub todos: i64,
}

/// Outcome of renaming a tag.
#[derive(Debug, PartialEq, Eq)]
pub enum RenamedTag {
    Done(BulkChange),
    /// No active todo has the tag.
    NotFound,
    /// A title would be too long; nothing changed.
    TooLong,
}

/// A page of todos.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub list_version: i64,
    /// `None` if the client knows this list version.
    pub todos: Option<Vec<T>>,
}

/// Outcome of a change to many todos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkChange {
    /// Number of changed todos.
    pub changed: u64,
    /// The list version after the change, by which it can be undone.
    pub list_version: i64,
}

/// Outcome of the creation of many todos.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    pub list_version: i64,
    /// For each todo, in the order given. [`Write::NotFound`] if it was not created only because others could not be.
    pub written: Vec<Write>,
}

/// A todo, possibly in the trash.
#[derive(Debug, PartialEq, Eq)]
pub struct KeptTodo {
    pub todo: Todo,
    pub deleted_at: Option<UnixMillis>,
}

/// State of a database's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Has all known migrations; possibly more, from a newer release.
    Current,
    Outdated,
}

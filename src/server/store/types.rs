//! What goes into the store and comes out of it.

use crate::domain::{Email, SessionId, Todo, TodoFields, TodoId, TodoOrder, UnixMillis, UserId};

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
    pub fields: TodoFields,
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
pub enum Write {
    /// The todo as it is now.
    Done(Todo),
    NotFound,
    /// The owner deleted it; it stays deleted.
    InTrash,
    /// The condition is not met; it is untouched.
    Refused,
    /// The owner has as many todos as may be.
    LimitReached,
}

/// A todo, perhaps a deleted one.
#[derive(Debug, PartialEq, Eq)]
pub struct KeptTodo {
    pub todo: Todo,
    pub deleted_at: Option<UnixMillis>,
}

/// What of its schema a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// All that this program knows of; perhaps more, by a newer one.
    Current,
    Outdated,
}

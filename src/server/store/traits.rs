//! Interface of a store. Methods with an `owner` see only the owner's rows, and fail with [`StoreError::SessionEnded`] once the
//! session is revoked.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    error::StoreError,
    query::{SummaryQuery, TodoFilter, TodoQuery, TrashCursor},
    types::{
        Account, Batch, BulkChange, ChangeEmail, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, RenamedTag,
        Schema, Summary, UserChange, UserSummary, Write,
    },
};
use crate::{
    domain::{Email, Todo, TodoId, TodoPatch, UnixMillis},
    server::{tags::Tag, time_zone::TimeZone},
};

/// Accounts and their sessions.
#[async_trait]
pub trait UserStore: Send + Sync {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError>;

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError>;

    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError>;

    /// Keeps sessions.
    async fn set_email(&self, owner: Owner, email: Email) -> Result<ChangeEmail, StoreError>;

    /// `None` ends the choice: the time zone is unknown until a sign-in detects it.
    async fn choose_time_zone(&self, owner: Owner, time_zone: Option<TimeZone>) -> Result<Account, StoreError>;

    /// Stores the time zone that a sign-in has detected, unless the user has chosen one. Keeps sessions.
    async fn detect_time_zone(&self, owner: Owner, time_zone: TimeZone) -> Result<(), StoreError>;

    /// `hash` is a PHC string. Revokes all sessions of the owner.
    async fn set_password(&self, owner: Owner, hash: String, now: UnixMillis) -> Result<(), StoreError>;

    /// Replaces the hash by another one of the same password, if it is still `old`. Keeps sessions.
    async fn replace_hash(&self, owner: Owner, old: &str, new: String) -> Result<(), StoreError>;

    /// Deletes the account and its data permanently.
    async fn delete_user(&self, owner: Owner) -> Result<(), StoreError>;

    /// Adds the owner's session to the denylist, where it is needed until `ends_at`. The owner must have a session.
    async fn end_session(&self, owner: Owner, ends_at: UnixMillis) -> Result<(), StoreError>;

    /// Revokes all tokens issued to the user so far.
    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError>;

    /// For the operator, like the next two methods: at most `limit` accounts after `after`, by e-mail.
    async fn list_users(&self, after: Option<&Email>, limit: u32) -> Result<Vec<UserSummary>, StoreError>;

    async fn find_user(&self, email: &Email) -> Result<Option<UserSummary>, StoreError>;

    /// Returns whether the account exists. Idempotent.
    async fn change_user(&self, email: &Email, change: UserChange, now: UnixMillis) -> Result<bool, StoreError>;

    /// Removes sessions from the denylist whose last token expired before this time.
    async fn purge_sessions(&self, before: UnixMillis) -> Result<(), StoreError>;
}

#[async_trait]
pub trait TodoStore: Send + Sync {
    /// Without todos if the list still has the version that the client knows.
    async fn list_todos(&self, owner: Owner, query: TodoQuery, known: Option<i64>) -> Result<Page<Todo>, StoreError>;

    /// At most `limit` todos after `after`, by id, deleted ones included.
    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError>;

    /// Creates a todo at version 1, or replaces the one with this id. The trash has the same limit as the list, and loses its
    /// oldest todos beyond it.
    async fn put_todo(&self, owner: Owner, todo: NewTodo, condition: Condition, now: UnixMillis) -> Result<Write, StoreError>;

    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        patch: TodoPatch,
        now: UnixMillis,
    ) -> Result<Write, StoreError>;

    /// Creates todos at version 1, as with [`Condition::Absent`], or none if fewer than `at_least` can be created. Those without an
    /// order are appended in the order given.
    async fn create_todos(
        &self,
        owner: Owner,
        todos: Vec<NewTodo>,
        at_least: usize,
        now: UnixMillis,
    ) -> Result<Batch, StoreError>;

    /// Moves the todo to the place after another one of the list, or to the first place. The orders of todos around may change, to
    /// make room. `None` if `after` is no other todo of the list.
    async fn move_todo(
        &self,
        owner: Owner,
        id: TodoId,
        after: Option<TodoId>,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Option<Write>, StoreError>;

    /// Completes or reopens the matching todos.
    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        filter: TodoFilter,
        now: UnixMillis,
    ) -> Result<BulkChange, StoreError>;

    /// Moves the todo to the trash.
    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis) -> Result<Write, StoreError>;

    /// Moves the matching todos to the trash, all with `now` as `deleted_at`.
    async fn delete_todos(&self, owner: Owner, filter: TodoFilter, now: UnixMillis) -> Result<BulkChange, StoreError>;

    /// Reverts the bulk change that made this list version, except for todos that were changed since.
    async fn undo(&self, owner: Owner, list_version: i64, now: UnixMillis) -> Result<BulkChange, StoreError>;

    /// At most `limit` todos that this list version changed, deleted ones included, by id.
    async fn changed_todos(&self, owner: Owner, list_version: i64, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    /// Restores deleted todos, or none of them (`None`) if one does not exist. Idempotent: returns all of them, sorted by order,
    /// then id, and leaves those outside the trash unchanged.
    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError>;

    /// At most `limit` deleted todos after `after`, by `deleted_at` and then id, both descending; as [`Self::list_todos`].
    async fn list_trash(
        &self,
        owner: Owner,
        after: Option<TrashCursor>,
        limit: u32,
        known: Option<i64>,
    ) -> Result<Page<KeptTodo>, StoreError>;

    /// Deletes the owner's trash permanently. Returns the number of deleted rows.
    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError>;

    /// Counts the matching todos. `today` decides what is overdue and due today.
    async fn summarise(&self, owner: Owner, query: SummaryQuery) -> Result<Summary, StoreError>;

    /// Gives a tag another name in the titles of active todos, in one transaction. [`Self::undo`] reverts it.
    async fn rename_tag(&self, owner: Owner, tag: Tag, name: String, now: UnixMillis) -> Result<RenamedTag, StoreError>;

    /// Derives the columns for tags and search of todos of all users that the release before has written. Returns their number.
    async fn derive_todos(&self) -> Result<u64, StoreError>;

    /// Permanently deletes todos of all users that were deleted before this time. Returns the number of deleted rows.
    async fn purge_todos(&self, before: UnixMillis) -> Result<u64, StoreError>;
}

/// The whole store, with the operations on the database itself.
#[async_trait]
pub trait Store: UserStore + TodoStore {
    /// Whether several servers may share the database, so that rate limits must be counted in it.
    fn is_shared(&self) -> bool;

    /// Takes a permit from this slot by the generic cell rate algorithm, or returns the time to wait. One permit is added per
    /// `period`; bursts may be ahead by `tolerance`.
    async fn take_permit(
        &self,
        slot: i64,
        period: Duration,
        tolerance: Duration,
        now: UnixMillis,
    ) -> Result<Result<(), Duration>, StoreError>;

    /// Refunds a permit of [`Self::take_permit`].
    async fn refund_permit(&self, slot: i64, period: Duration) -> Result<(), StoreError>;

    /// Readiness check: reads from the database, checks that this process can write, and reports the schema's state.
    async fn ping(&self) -> Result<Schema, StoreError>;

    /// Closes the connections; call it after the last request. SQLite then checkpoints its write-ahead log.
    async fn close(&self);
}

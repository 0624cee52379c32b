//! What a store does. Each method is one statement where it succeeds. `owner` comes first wherever rows belong to somebody:
//! another's todo is the same as none, and an owner whose session was ended gets [`StoreError::SessionEnded`].

use std::time::Duration;

use async_trait::async_trait;

use super::{
    error::StoreError,
    query::{TodoFilter, TodoQuery, TrashCursor},
    types::{Account, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Schema, UserChange, UserSummary, Write},
};
use crate::domain::{Email, Todo, TodoId, TodoPatch, UnixMillis};

/// Accounts and their sessions.
#[async_trait]
pub trait UserStore: Send + Sync {
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

    /// Forgets the ended sessions of which no token was good any more at this moment.
    async fn purge_sessions(&self, before: UnixMillis) -> Result<(), StoreError>;
}

#[async_trait]
pub trait TodoStore: Send + Sync {
    /// By order and then id.
    async fn list_todos(&self, owner: Owner, query: TodoQuery) -> Result<Vec<Todo>, StoreError>;

    /// Deleted ones as well: at most `limit`, by id, from behind `after` on.
    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError>;

    /// Creates a todo, at version 1, or makes the one of this id equal to it. An owner with as many todos as may be gets no new
    /// one; deleted ones don't count, but of those no more are kept either, and the oldest make room.
    async fn put_todo(&self, owner: Owner, todo: NewTodo, condition: Condition, now: UnixMillis) -> Result<Write, StoreError>;

    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        patch: TodoPatch,
        now: UnixMillis,
    ) -> Result<Write, StoreError>;

    /// Completes (or reopens) these todos. Returns those that were not so already, by order and then id.
    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        filter: TodoFilter,
        now: UnixMillis,
    ) -> Result<Vec<Todo>, StoreError>;

    /// It stays in the database, out of sight.
    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis) -> Result<Write, StoreError>;

    /// Deletes these todos. Returns them, by order and then id. All of them get `now` for the moment of their deletion.
    async fn delete_todos(&self, owner: Owner, filter: TodoFilter, now: UnixMillis) -> Result<Vec<Todo>, StoreError>;

    /// Brings deleted todos back, all or, if one of them was never there, none (`None`). Returns them as they are now, by
    /// order and then id; one that is not deleted stays as it is.
    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError>;

    /// Brings back what was deleted at this moment: what one deletion deleted. Returns it as it is now, by order and then id;
    /// the second time that is nothing.
    async fn restore_deleted(&self, owner: Owner, deleted_at: UnixMillis, now: UnixMillis) -> Result<Vec<Todo>, StoreError>;

    /// Deleted ones alone, what was deleted last first: at most `limit`, from behind `after` on. What one deletion deleted goes
    /// by id, the largest first.
    async fn list_trash(&self, owner: Owner, after: Option<TrashCursor>, limit: u32) -> Result<Vec<KeptTodo>, StoreError>;

    /// Deletes for good what is deleted. Returns how many that were.
    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError>;

    /// Deletes for good what was deleted before this moment, whoever it belongs to. Returns how many that were.
    async fn purge_todos(&self, before: UnixMillis) -> Result<u64, StoreError>;
}

/// All of it, and what is about the database itself.
#[async_trait]
pub trait Store: UserStore + TodoStore {
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

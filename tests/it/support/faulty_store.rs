//! A store that fails as configured.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
use async_trait::async_trait;
use holdfast::{
    domain::{Email, Todo, TodoId, TodoPatch, UnixMillis},
    server::{
        store::{
            Account, Batch, BulkChange, ChangeEmail, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, RenamedTag,
            Schema, Store, StoreError, Summary, SummaryQuery, TodoFilter, TodoQuery, TodoStore, TrashCursor, UserChange,
            UserStore, UserSummary, Write,
        },
        tags::Tag,
        time_zone::TimeZone,
    },
};
use uuid::Uuid;

use super::PASSWORD;

#[derive(Clone, Copy)]
pub enum Fault {
    Unavailable,
    Broken,
    Panics,
    /// Never returns.
    Hangs,
    /// Reads the account, and fails for todos.
    WithoutTodos,
    /// Reads the account, which has an [`old_hash`], and fails for writes.
    ReadOnly,
}

/// An outdated hash of [`PASSWORD`] with cheaper parameters.
pub fn old_hash() -> String {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(12_288, 3, 1, None).unwrap());
    argon2.hash_password(PASSWORD.as_bytes()).unwrap().to_string()
}

impl Fault {
    async fn happen<T>(self) -> Result<T, StoreError> {
        match self {
            Self::Unavailable | Self::WithoutTodos | Self::ReadOnly => Err(StoreError::Unavailable),
            Self::Broken => Err(StoreError::Broken),
            Self::Panics => panic!("the store panics on purpose"),
            Self::Hangs => std::future::pending().await,
        }
    }
}

#[rustfmt::skip]
#[async_trait]
impl UserStore for Fault {
    async fn create_user(&self, _: NewUser) -> Result<CreateUser, StoreError> { self.happen().await }
    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        if !matches!(self, Self::ReadOnly) { return self.happen().await }
        let (owner, then) = (Owner { user: Uuid::now_v7().into(), token_epoch: 1, session: None }, UnixMillis(0));
        let (email, password_hash) = (email.clone(), old_hash());
        Ok(Some(Account { owner, email, password_hash, created_at: then, password_changed_at: then, time_zone: TimeZone::default(), todos: 0, completed_todos: 0, list_version: 0 }))
    }
    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError> {
        if !matches!(self, Self::WithoutTodos) { return self.happen().await }
        let (email, then) = (Email::parse("ann@example.org").unwrap(), UnixMillis(0));
        Ok(Account { owner, email, password_hash: String::new(), created_at: then, password_changed_at: then, time_zone: TimeZone::default(), todos: 0, completed_todos: 0, list_version: 0 })
    }
    async fn set_email(&self, _: Owner, _: Email) -> Result<ChangeEmail, StoreError> { self.happen().await }
    async fn choose_time_zone(&self, _: Owner, _: Option<TimeZone>) -> Result<Account, StoreError> { self.happen().await }
    async fn detect_time_zone(&self, _: Owner, _: TimeZone) -> Result<(), StoreError> { self.happen().await }
    async fn set_password(&self, _: Owner, _: String, _: UnixMillis) -> Result<(), StoreError> { self.happen().await }
    async fn replace_hash(&self, _: Owner, _: &str, _: String) -> Result<(), StoreError> { self.happen().await }
    async fn list_users(&self, _: Option<&Email>, _: u32) -> Result<Vec<UserSummary>, StoreError> { self.happen().await }
    async fn find_user(&self, _: &Email) -> Result<Option<UserSummary>, StoreError> { self.happen().await }
    async fn change_user(&self, _: &Email, _: UserChange, _: UnixMillis) -> Result<bool, StoreError> { self.happen().await }
    async fn delete_user(&self, _: Owner) -> Result<(), StoreError> { self.happen().await }
    async fn end_session(&self, _: Owner, _: UnixMillis) -> Result<(), StoreError> { self.happen().await }
    async fn end_sessions(&self, _: Owner) -> Result<(), StoreError> { self.happen().await }
    async fn purge_sessions(&self, _: UnixMillis) -> Result<(), StoreError> { self.happen().await }
}

#[rustfmt::skip]
#[async_trait]
impl TodoStore for Fault {
    async fn list_todos(&self, _: Owner, _: TodoQuery, _: Option<i64>) -> Result<Page<Todo>, StoreError> { self.happen().await }
    async fn export_todos(&self, _: Owner, _: Option<TodoId>, _: u32) -> Result<Vec<KeptTodo>, StoreError> { self.happen().await }
    async fn find_todo(&self, _: Owner, _: TodoId) -> Result<Option<Todo>, StoreError> { self.happen().await }
    async fn put_todo(&self, _: Owner, _: NewTodo, _: Condition, _: UnixMillis) -> Result<Write, StoreError> { self.happen().await }
    async fn create_todos(&self, _: Owner, _: Vec<NewTodo>, _: usize, _: UnixMillis) -> Result<Batch, StoreError> { self.happen().await }
    async fn move_todo(&self, _: Owner, _: TodoId, _: Option<TodoId>, _: Condition, _: UnixMillis) -> Result<Option<Write>, StoreError> { self.happen().await }
    async fn change_todo(&self, _: Owner, _: TodoId, _: Condition, _: TodoPatch, _: UnixMillis) -> Result<Write, StoreError> { self.happen().await }
    async fn complete_todos(&self, _: Owner, _: bool, _: TodoFilter, _: UnixMillis) -> Result<BulkChange, StoreError> { self.happen().await }
    async fn delete_todo(&self, _: Owner, _: TodoId, _: Condition, _: UnixMillis) -> Result<Write, StoreError> { self.happen().await }
    async fn delete_todos(&self, _: Owner, _: TodoFilter, _: UnixMillis) -> Result<BulkChange, StoreError> { self.happen().await }
    async fn undo(&self, _: Owner, _: i64, _: UnixMillis) -> Result<BulkChange, StoreError> { self.happen().await }
    async fn changed_todos(&self, _: Owner, _: i64, _: u32) -> Result<Vec<KeptTodo>, StoreError> { self.happen().await }
    async fn restore_todos(&self, _: Owner, _: &[TodoId], _: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError> { self.happen().await }
    async fn list_trash(&self, _: Owner, _: Option<TrashCursor>, _: u32, _: Option<i64>) -> Result<Page<KeptTodo>, StoreError> { self.happen().await }
    async fn empty_trash(&self, _: Owner) -> Result<u64, StoreError> { self.happen().await }
    async fn summarise(&self, _: Owner, _: SummaryQuery) -> Result<Summary, StoreError> { self.happen().await }
    async fn rename_tag(&self, _: Owner, _: Tag, _: String, _: UnixMillis) -> Result<RenamedTag, StoreError> { self.happen().await }
    async fn derive_todos(&self) -> Result<u64, StoreError> { self.happen().await }
    async fn purge_todos(&self, _: UnixMillis) -> Result<u64, StoreError> { self.happen().await }
}

#[rustfmt::skip]
#[async_trait]
impl Store for Fault {
    fn is_shared(&self) -> bool { false }
    async fn take_permit(&self, _: i64, _: Duration, _: Duration, _: UnixMillis) -> Result<Result<(), Duration>, StoreError> { self.happen().await }
    async fn refund_permit(&self, _: i64, _: Duration) -> Result<(), StoreError> { self.happen().await }
    async fn close(&self) {}
    async fn ping(&self) -> Result<Schema, StoreError> { self.happen().await }
}

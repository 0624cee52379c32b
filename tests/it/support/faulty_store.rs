//! A store that fails the way a test wants it to.

use async_trait::async_trait;
use holdfast::{
    domain::{Email, Todo, TodoId, UnixMillis},
    server::store::{
        Account, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, Store, StoreError, TodoChange, TrashPlace, Write,
    },
};

#[derive(Clone, Copy)]
pub enum Fault {
    Unavailable,
    Broken,
    Panics,
    /// Never answers.
    Hangs,
    /// Knows the account, and fails where its todos are read.
    WithoutTodos,
}

impl Fault {
    async fn happen<T>(self) -> Result<T, StoreError> {
        match self {
            Self::Unavailable | Self::WithoutTodos => Err(StoreError::Unavailable),
            Self::Broken => Err(StoreError::Broken),
            Self::Panics => panic!("the store panics, as the test wants it to"),
            Self::Hangs => std::future::pending().await,
        }
    }
}

#[rustfmt::skip]
#[async_trait]
impl Store for Fault {
    async fn create_user(&self, _: NewUser) -> Result<CreateUser, StoreError> { self.happen().await }
    async fn find_account(&self, _: &Email) -> Result<Option<Account>, StoreError> { self.happen().await }
    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError> {
        if !matches!(self, Self::WithoutTodos) { return self.happen().await }
        let (email, then) = (Email::parse("ann@example.org").unwrap(), UnixMillis(0));
        Ok(Account { owner, email, password_hash: String::new(), created_at: then, password_changed_at: then })
    }
    async fn set_password(&self, _: Owner, _: String, _: UnixMillis) -> Result<(), StoreError> { self.happen().await }
    async fn delete_user(&self, _: Owner) -> Result<(), StoreError> { self.happen().await }
    async fn end_sessions(&self, _: Owner) -> Result<(), StoreError> { self.happen().await }
    async fn list_todos(&self, _: Owner, _: Page) -> Result<Vec<Todo>, StoreError> { self.happen().await }
    async fn export_todos(&self, _: Owner, _: Option<TodoId>, _: u32) -> Result<Vec<KeptTodo>, StoreError> { self.happen().await }
    async fn find_todo(&self, _: Owner, _: TodoId) -> Result<Option<Todo>, StoreError> { self.happen().await }
    async fn put_todo(&self, _: Owner, _: NewTodo, _: Condition, _: UnixMillis) -> Result<Write<Todo>, StoreError> { self.happen().await }
    async fn change_todo(&self, _: Owner, _: TodoId, _: Condition, _: TodoChange, _: UnixMillis) -> Result<Write<Todo>, StoreError> { self.happen().await }
    async fn complete_todos(&self, _: Owner, _: bool, _: Option<bool>, _: UnixMillis) -> Result<Vec<Todo>, StoreError> { self.happen().await }
    async fn delete_todo(&self, _: Owner, _: TodoId, _: Condition, _: UnixMillis) -> Result<Write<()>, StoreError> { self.happen().await }
    async fn delete_todos(&self, _: Owner, _: Option<bool>, _: UnixMillis) -> Result<Vec<Todo>, StoreError> { self.happen().await }
    async fn restore_todos(&self, _: Owner, _: &[TodoId], _: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError> { self.happen().await }
    async fn restore_deleted(&self, _: Owner, _: UnixMillis, _: UnixMillis) -> Result<Vec<Todo>, StoreError> { self.happen().await }
    async fn list_trash(&self, _: Owner, _: Option<TrashPlace>, _: u32) -> Result<Vec<KeptTodo>, StoreError> { self.happen().await }
    async fn empty_trash(&self, _: Owner) -> Result<u64, StoreError> { self.happen().await }
    async fn ping(&self) -> Result<(), StoreError> { self.happen().await }
}

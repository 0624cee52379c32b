//! What every store promises, whatever the database behind it. The API's tests cover the journeys; here are the edges.

use std::sync::Arc;

use futures::future::join_all;
use holdfast::{
    domain::{Email, TodoId, TodoOrder, TodoTitle, UnixMillis, UserId},
    server::store::{self, CreateTodo, CreateUser, DatabaseUrl, NewTodo, NewUser, Owner, Store, StoreError, TodoChange},
};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: UnixMillis = UnixMillis(1_795_262_400_000);

async fn sqlite() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("new folder/test.db").display());
    (store::connect(&DatabaseUrl::parse(&url).unwrap()).await.unwrap(), folder)
}

fn new_user(email: &str) -> NewUser {
    let email = Email::parse(email).unwrap();
    NewUser { id: UserId::from(Uuid::now_v7()), email, password_hash: "hash".to_owned(), created_at: NOW }
}

async fn owner(store: &dyn Store, email: &str) -> Owner {
    match store.create_user(new_user(email)).await.unwrap() {
        CreateUser::Created(owner) => owner,
        CreateUser::EmailTaken => panic!("{email} is taken"),
    }
}

fn new_todo(title: &str) -> NewTodo {
    NewTodo { id: TodoId::from(Uuid::now_v7()), title: TodoTitle::parse(title).unwrap(), completed: false, order: None }
}

async fn titles(store: &dyn Store, owner: Owner) -> Vec<String> {
    store.list_todos(owner).await.unwrap().into_iter().map(|todo| todo.title.into()).collect()
}

#[tokio::test]
async fn email_is_unique_and_finds_its_account() {
    let (store, _folder) = sqlite().await;
    let ann = owner(&*store, "Ann@example.org").await;
    assert_eq!(store.create_user(new_user("ann@example.org")).await.unwrap(), CreateUser::EmailTaken);
    let account = store.find_account(&Email::parse("ANN@example.org").unwrap()).await.unwrap().unwrap();
    assert_eq!((account.owner, account.password_hash.as_str()), (ann, "hash"));
    assert!(store.find_account(&Email::parse("bob@example.org").unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn ended_session_gets_nothing_from_any_method() {
    let (store, _folder) = sqlite().await;
    let old = owner(&*store, "ann@example.org").await;
    let todo = new_todo("buy milk");
    let id = todo.id;
    store.create_todo(old, todo, NOW).await.unwrap();
    store.end_sessions(old).await.unwrap();

    assert_eq!(store.list_todos(old).await.unwrap_err(), StoreError::SessionEnded);
    assert_eq!(store.create_todo(old, new_todo("x"), NOW).await.unwrap_err(), StoreError::SessionEnded);
    assert_eq!(store.find_todo(old, id).await.unwrap_err(), StoreError::SessionEnded);
    assert_eq!(store.change_todo(old, id, TodoChange::default(), NOW).await.unwrap_err(), StoreError::SessionEnded);
    assert_eq!(store.delete_todo(old, id, NOW).await.unwrap_err(), StoreError::SessionEnded);

    let new = Owner { token_epoch: old.token_epoch + 1, ..old };
    assert_eq!(titles(&*store, new).await, ["buy milk"]);
    store.end_sessions(old).await.unwrap();
    assert_eq!(titles(&*store, new).await, ["buy milk"], "an old session can't end a newer one");
}

#[tokio::test]
async fn another_owners_todo_is_not_there() {
    let (store, _folder) = sqlite().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let todo = new_todo("buy milk");
    let id = todo.id;
    store.create_todo(ann, todo, NOW).await.unwrap();
    let rename = || TodoChange { title: Some(TodoTitle::parse("stolen").unwrap()), ..TodoChange::default() };
    assert_eq!(store.find_todo(bob, id).await.unwrap(), None);
    assert_eq!(store.change_todo(bob, id, rename(), NOW).await.unwrap(), None);
    assert!(!store.delete_todo(bob, id, NOW).await.unwrap());
    assert!(titles(&*store, bob).await.is_empty());
    assert_eq!(titles(&*store, ann).await, ["buy milk"]);
}

#[tokio::test]
async fn id_is_taken_once_and_for_ever() {
    let (store, _folder) = sqlite().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todo = new_todo("buy milk");
    let again = || NewTodo { id: todo.id, ..new_todo("again") };
    let (first, second) = (again(), again());
    assert!(matches!(store.create_todo(ann, first, NOW).await.unwrap(), CreateTodo::Created(_)));
    assert_eq!(store.create_todo(ann, second, NOW).await.unwrap(), CreateTodo::IdTaken);
    assert!(store.delete_todo(ann, todo.id, NOW).await.unwrap());
    assert!(!store.delete_todo(ann, todo.id, NOW).await.unwrap());
    assert_eq!(store.create_todo(ann, again(), NOW).await.unwrap(), CreateTodo::IdTaken);
    assert_eq!(store.find_todo(ann, todo.id).await.unwrap(), None);
}

#[tokio::test]
async fn change_touches_only_what_it_names() {
    let (store, _folder) = sqlite().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todo = new_todo("buy milk");
    let id = todo.id;
    let CreateTodo::Created(before) = store.create_todo(ann, todo, NOW).await.unwrap() else { panic!("not created") };
    let later = UnixMillis(NOW.0 + 5);
    let order = Some(TodoOrder::parse(7).unwrap());
    let after = store.change_todo(ann, id, TodoChange { order, ..TodoChange::default() }, later).await.unwrap().unwrap();
    let mut expected = before;
    expected.order = TodoOrder::parse(7).unwrap();
    (expected.version, expected.updated_at) = (2, later);
    assert_eq!(after, expected);
    assert_eq!(store.find_todo(ann, id).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn concurrent_writes_all_succeed() {
    let (store, _folder) = sqlite().await;
    let ann = owner(&*store, "ann@example.org").await;
    let writes = (0..50).map(|_| store.create_todo(ann, new_todo("x"), NOW));
    for written in join_all(writes).await {
        assert!(matches!(written.unwrap(), CreateTodo::Created(_)));
    }
    let orders: Vec<_> = store.list_todos(ann).await.unwrap().iter().map(|todo| todo.order.get()).collect();
    assert_eq!(orders, (1..=50).map(|n| n * 1024).collect::<Vec<_>>(), "each got a place of its own");
}

#[tokio::test]
async fn reopened_database_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("test.db").display())).unwrap();
    let first = store::connect(&url).await.unwrap();
    let ann = owner(&*first, "ann@example.org").await;
    first.create_todo(ann, new_todo("buy milk"), NOW).await.unwrap();
    drop(first);
    assert_eq!(titles(&*store::connect(&url).await.unwrap(), ann).await, ["buy milk"]);
}

#[tokio::test]
async fn several_may_open_a_new_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::parse(&format!("sqlite://{}", folder.path().join("test.db").display())).unwrap();
    for opened in join_all((0..4).map(|_| store::connect(&url))).await {
        opened.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "these are my notes, not a database\n".repeat(100)).unwrap();
    let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
    let error = store::connect(&url).await.err().unwrap();
    assert!(error.contains("notes.txt") && error.contains("check that it is a SQLite database"), "{error}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| {
        let folder = std::fs::read_dir(format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut names: Vec<_> = folder.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

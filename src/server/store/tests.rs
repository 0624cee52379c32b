//! Guarantees of both databases: atomic, serialised transactions, an index for every statement, and a check of owner and session
//! in every statement on todos.

use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures_util::{future::join_all, stream::BoxStream};
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, migrate::Migrator, postgres::PgConnectOptions};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    batch::insert,
    changes::{complete_many, delete_many, forget_deleted, undo},
    columns::read,
    database::{Connection, Database, Work, Written},
    error::StoreError,
    labels::Spread,
    moving::{renumber, set_order},
    postgres::Postgres,
    query::{self, Sort, SummaryQuery, TodoCursor, TodoFilter, TodoQuery, TrashCursor},
    rename::tagged,
    sql_store::SqlStore,
    sqlite::Sqlite,
    statement::{SESSION, Statement},
    traits::{Store, TodoStore, UserStore},
    types::{Condition, CreateUser, NewTodo, NewUser, Owner, UserChange},
    users::set_email,
};
use crate::{
    domain::{DueDate, Email, SessionId, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId},
    server::{observability::metrics::StoreMetrics, store::types::SessionClaims, tags::Tag, time_zone::TimeZone},
};

const NOW: UnixMillis = UnixMillis(1_795_262_400_000);

async fn sqlite() -> (Sqlite, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Sqlite::open(&folder.path().join("test.db"), &StoreMetrics::default()).await.unwrap(), folder)
}

/// `None` without a Postgres, which `scripts/with-postgres` reports.
async fn postgres() -> Option<Postgres> {
    let options: PgConnectOptions = env::var("TEST_POSTGRES_URL").ok()?.parse().unwrap();
    let name = format!("test_{}", Uuid::now_v7().simple());
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create schema {name}"))).execute(&mut connection).await.unwrap();
    // Otherwise Postgres scans tables this small despite their indexes.
    let options = options.options([("search_path", name.as_str()), ("enable_seqscan", "off")]);
    Some(Postgres::open(&options, &StoreMetrics::default()).await.unwrap())
}

async fn ann<D: Database>(store: &SqlStore<D>) -> Owner {
    let email = Email::parse("ann@example.org").unwrap();
    let user = NewUser { id: UserId::from(Uuid::now_v7()), email, password_hash: "hash".to_owned(), created_at: NOW };
    let CreateUser::Created(owner) = store.create_user(user).await.unwrap() else { panic!() };
    Owner { session: Some(SessionClaims { sid: SessionId::from(Uuid::now_v7()), auth_time: 0 }), ..owner }
}

fn insert_slot(slot: i64) -> Statement {
    let mut statement = Statement::default();
    let text = format!("insert into rate_limits (slot, full_at) values ({}, 0)", statement.bind(slot));
    statement.text(text)
}

/// Inserts the slots in one transaction and counts its runs.
fn insert_all<C: Connection>(slots: &'static [i64], runs: &Arc<AtomicUsize>) -> impl Work<C, ()> + use<C> {
    let runs = runs.clone();
    move |transaction: &mut C| {
        runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            for slot in slots {
                transaction.run(insert_slot(*slot)).await?;
            }
            Ok(())
        })
    }
}

async fn slots<D: Database>(database: &D) -> Vec<i64> {
    let rows = database.read(Statement::default().text("select slot from rate_limits order by slot")).await.unwrap();
    rows.iter().map(|row| read(row, "slot").unwrap()).collect()
}

#[tokio::test]
async fn transaction_is_all_or_nothing_on_sqlite() {
    all_or_nothing(sqlite().await.0).await;
}

#[tokio::test]
async fn transaction_is_all_or_nothing_on_postgres() {
    if let Some(database) = postgres().await {
        all_or_nothing(database).await;
    }
}

async fn all_or_nothing<D: Database>(database: D) {
    let store = SqlStore { database, max_todos: 10 };
    let (user, database) = (ann(&store).await.user, &store.database);
    let runs = Arc::default();
    let transact = async |slots| database.transact(user, insert_all(slots, &runs)).await;
    let write = async |slot| database.write(None, insert_slot(slot)).await.map(drop);

    // Sequential.
    transact(&[1, 2]).await.unwrap();
    assert_eq!(transact(&[3, 1, 4]).await, Err(StoreError::Broken));
    assert_eq!((slots(database).await, runs.swap(0, Ordering::SeqCst)), (vec![1, 2], 2));

    // Concurrent, which SQLite commits together.
    let (refused, written, accepted) = tokio::join!(transact(&[5, 1]), write(6), transact(&[7, 8]));
    assert_eq!((refused, written, accepted), (Err(StoreError::Broken), Ok(()), Ok(())));
    assert_eq!((slots(database).await, runs.swap(0, Ordering::SeqCst)), (vec![1, 2, 6, 7, 8], 2), "each once");
    let (refused, accepted) = tokio::join!(write(1), transact(&[9, 10]));
    assert_eq!((refused, accepted), (Err(StoreError::Broken), Ok(())));
    assert_eq!(slots(database).await, [1, 2, 6, 7, 8, 9, 10]);

    // A commit that fails.
    let children = "create table children (slot bigint references rate_limits (slot) deferrable initially deferred)";
    database.write(None, Statement::default().text(children)).await.unwrap();
    let orphan = database.transact(user, |transaction: &mut D::Connection| {
        transaction.run(Statement::default().text("insert into children (slot) values (-1)"))
    });
    runs.store(0, Ordering::SeqCst);
    let (refused, accepted) = tokio::join!(orphan, transact(&[11]));
    assert_eq!((refused.map(drop), accepted), (Err(StoreError::Broken), Ok(())));
    assert_eq!(runs.load(Ordering::SeqCst), if D::IS_SHARED { 1 } else { 2 }, "with the other, and then alone");
    transact(&[12]).await.unwrap();
    assert_eq!(slots(database).await, [1, 2, 6, 7, 8, 9, 10, 11, 12]);
}

#[tokio::test]
async fn transactions_of_a_user_are_serialised_on_sqlite() {
    serialised(sqlite().await.0).await;
}

#[tokio::test]
async fn transactions_of_a_user_are_serialised_on_postgres() {
    if let Some(database) = postgres().await {
        serialised(database).await;
    }
}

async fn serialised<D: Database>(database: D) {
    let store = SqlStore { database, max_todos: 10 };
    let (user, database) = (ann(&store).await.user, &store.database);
    let count_and_insert = || {
        database.transact(user, |transaction: &mut D::Connection| {
            Box::pin(async move {
                let count = Statement::default().text("select count(*) as slots from rate_limits");
                let count = transaction.run(count).await?.rows.first().map_or(Ok(0), |row| read(row, "slots"))?;
                transaction.run(insert_slot(count)).await.map(drop)
            })
        })
    };
    for done in join_all((0..20).map(|_| count_and_insert())).await {
        done.unwrap();
    }
    assert_eq!(slots(database).await, (0..20).collect::<Vec<_>>());
}

/// Records the statements sent through it, with their plans.
struct Spy<D> {
    database: D,
    explain: &'static str,
    plans: Mutex<Vec<(Statement, String)>>,
}

impl<D: Database> Spy<D> {
    async fn record(&self, mut statement: Statement) {
        if let Some(otherwise) = statement.take_otherwise() {
            Box::pin(self.record(otherwise())).await;
        }
        let rows = self.database.read(statement.after(self.explain)).await.unwrap();
        let column = if D::IS_SHARED { "QUERY PLAN" } else { "detail" };
        let lines: Vec<String> = rows.iter().map(|row| read(row, column).unwrap()).collect();
        self.plans.lock().unwrap().push((statement, lines.join("; ")));
    }

    fn take_plans(&self) -> Vec<(Statement, String)> {
        std::mem::take(&mut *self.plans.lock().unwrap())
    }
}

#[async_trait]
impl<D: Database> Database for Spy<D> {
    type Connection = D::Connection;
    type Row = D::Row;

    const IS_SHARED: bool = D::IS_SHARED;

    fn json_rows(columns: &str) -> String {
        D::json_rows(columns)
    }

    fn migrations() -> &'static Migrator {
        D::migrations()
    }

    async fn read(&self, statement: Statement) -> Result<Vec<D::Row>, StoreError> {
        self.record(statement.clone()).await;
        self.database.read(statement).await
    }

    async fn write(&self, user: Option<UserId>, statement: Statement) -> Result<Written<D::Row>, StoreError> {
        self.record(statement.clone()).await;
        self.database.write(user, statement).await
    }

    async fn transact<T: Send + 'static, W: Work<D::Connection, T>>(&self, user: UserId, work: W) -> Result<T, StoreError> {
        self.database.transact(user, work).await
    }

    async fn write_all(&self, statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError> {
        self.database.write_all(statements).await
    }

    fn can_write(&self) -> bool {
        self.database.can_write()
    }

    async fn close(&self) {
        self.database.close().await;
    }
}

fn new_todo() -> NewTodo {
    let patch = TodoPatch { title: Some(TodoTitle::parse("x").unwrap()), ..TodoPatch::default() };
    NewTodo { id: Uuid::now_v7().into(), fields: patch.into_fields().unwrap(), order: None }
}

const SHOW: [Option<bool>; 2] = [None, Some(false)];

/// The plans of all page queries, each with its name.
async fn pages<D: Database>(store: &SqlStore<Spy<D>>, ann: Owner) -> Vec<(String, Statement, String)> {
    let (id, order) = (Uuid::now_v7().into(), TodoOrder::stored(0));
    let mut pages = Vec::new();
    let mut note =
        |of: String| pages.extend(store.database.take_plans().into_iter().map(|(text, plan)| (of.clone(), text, plan)));
    for from in ["start", "cursor"] {
        let is_cursor = from == "cursor";
        for completed in SHOW {
            let after = is_cursor.then_some(TodoCursor::Order(order, id));
            let query =
                TodoQuery { filter: TodoFilter { completed, ..TodoFilter::default() }, sort: Sort::Order, after, limit: 10 };
            store.list_todos(ann, query, None).await.unwrap();
            note(format!("list {} from {from}", completed.map_or("all", |_| "active")));
        }
        store.export_todos(ann, is_cursor.then_some(id), 10).await.unwrap();
        note(format!("export from {from}"));
        store.list_trash(ann, is_cursor.then_some(TrashCursor { deleted_at: NOW, id }), 10, None).await.unwrap();
        note(format!("trash from {from}"));
    }
    store.changed_todos(ann, 1, 10).await.unwrap();
    note("changed".to_owned());
    pages
}

/// The plans of the page's named views and of the other uses of derived columns, each with its name.
async fn views<D: Database>(store: &SqlStore<Spy<D>>, ann: Owner) -> Vec<(&'static str, Statement, String)> {
    let (id, order) = (Uuid::now_v7().into(), TodoOrder::stored(0));
    let today = DueDate::parse("2026-11-30").unwrap();
    let all = TodoFilter::default();
    let active = TodoFilter { completed: Some(false), ..all.clone() };
    let tag = Tag::parse("home").unwrap();
    let mut views = Vec::new();
    for (name, filter, sort, after) in [
        ("all", TodoFilter { completed_since: Some(NOW), ..all.clone() }, Sort::Order, TodoCursor::Order(order, id)),
        ("completed", all.clone(), Sort::Completed, TodoCursor::Completed(NOW, id)),
        ("today", TodoFilter { due_to: Some(today), ..active.clone() }, Sort::Due, TodoCursor::Due(today, order, id)),
        ("scheduled", active.clone(), Sort::Due, TodoCursor::Due(today, order, id)),
        ("important", TodoFilter { important: Some(true), ..active.clone() }, Sort::Order, TodoCursor::Order(order, id)),
        ("tag", TodoFilter { tag: Some(tag.clone()), ..active.clone() }, Sort::Order, TodoCursor::Order(order, id)),
        ("search", TodoFilter { text: Some("x".to_owned()), ..all.clone() }, Sort::Order, TodoCursor::Order(order, id)),
    ] {
        for after in [None, Some(after)] {
            let query = TodoQuery { filter: filter.clone(), sort, after, limit: 10 };
            store.list_todos(ann, query, None).await.unwrap();
            views.extend(store.database.take_plans().into_iter().map(|(statement, plan)| (name, statement, plan)));
        }
    }
    for (name, filter) in [
        ("summary by state", TodoFilter { completed: Some(true), ..all.clone() }),
        ("summary by due date", TodoFilter { due_to: Some(today), ..active.clone() }),
        ("summary of important", TodoFilter { important: Some(true), ..all.clone() }),
        ("summary by tag", TodoFilter { tag: Some(tag.clone()), ..active.clone() }),
        ("summary by text", TodoFilter { text: Some("x".to_owned()), completed_since: Some(NOW), ..all.clone() }),
    ] {
        store.summarise(ann, SummaryQuery { filter, today: Some(today), since: None }).await.unwrap();
        views.extend(store.database.take_plans().into_iter().map(|(statement, plan)| (name, statement, plan)));
    }
    store.summarise(ann, SummaryQuery { filter: all, today: Some(today), since: None }).await.unwrap();
    store.database.record(tagged(ann, &tag)).await;
    store.derive_todos().await.unwrap();
    views
        .extend(store.database.take_plans().into_iter().map(|(statement, plan)| ("summary, rename and upkeep", statement, plan)));
    views
}

/// The plans of all other statements, by method.
async fn other_statements<D: Database>(store: &SqlStore<Spy<D>>, ann: Owner) -> Vec<(&'static str, Statement, String)> {
    let mut plans = Vec::new();
    let mut note = |of| plans.extend(store.database.take_plans().into_iter().map(|(text, plan)| (of, text, plan)));
    let versions = Condition::Version(vec![1, 2, 3]);
    let rename = TodoPatch { title: Some(TodoTitle::parse("y").unwrap()), ..TodoPatch::default() };
    let email = Email::parse("ann@example.org").unwrap();
    let wait = std::time::Duration::from_secs(1);
    for condition in [Condition::Absent, Condition::Always, Condition::Present, versions.clone()] {
        store.put_todo(ann, new_todo(), condition, NOW).await.unwrap();
        note("put_todo");
    }
    let id = new_todo().id;
    for condition in [Condition::Always, versions] {
        for order in [None, Some(TodoOrder::stored(7))] {
            for completed in [None, Some(true), Some(false)] {
                let patch = TodoPatch { completed, order, ..rename.clone() };
                store.change_todo(ann, id, condition.clone(), patch, NOW).await.unwrap();
            }
        }
        note("change_todo");
        store.delete_todo(ann, id, condition, NOW).await.unwrap();
        note("delete_todo");
    }
    store.find_todo(ann, id).await.unwrap();
    note("find_todo");
    for completed in SHOW {
        // In a transaction, which is not recorded.
        store.database.record(complete_many(ann, true, TodoFilter { completed, ..TodoFilter::default() }, NOW)).await;
        note("complete_todos");
        store.database.record(delete_many(ann, TodoFilter { completed, ..TodoFilter::default() }, NOW)).await;
        note(if completed.is_some() { "delete_todos by state" } else { "delete_todos" });
    }
    store.database.record(undo(ann, 1, NOW)).await;
    note("undo");
    for after in [None, Some(id)] {
        store.database.record(query::neighbours::<Spy<D>>(ann, new_todo().id, after, 1)).await;
        note(if after.is_some() { "neighbours" } else { "neighbours at the start" });
    }
    store.database.record(set_order(ann, id, 7, NOW)).await;
    note("move_todo");
    store.database.record(renumber(ann, id, Spread { low: 0, high: 15, before: 2, first: 1, step: 3 }, NOW)).await;
    note("renumber");
    store.database.record(query::state::<Spy<D>>(ann, vec![id, new_todo().id])).await;
    store.database.record(insert(ann, vec![(new_todo(), 1), (new_todo(), 2)], NOW)).await;
    note("create_todos");
    store.restore_todos(ann, &[id, new_todo().id, new_todo().id], NOW).await.unwrap();
    note("restore_todos");
    store.empty_trash(ann).await.unwrap();
    note("empty_trash");
    store.database.record(forget_deleted(ann, 10)).await;
    note("put_todo");
    store.delete_todos(ann, TodoFilter::default(), NOW).await.unwrap();
    store.purge_todos(UnixMillis(NOW.0 + 1)).await.unwrap();
    note("purge_todos");

    store.respell_emails().await.unwrap();
    note("respell_emails");
    store.find_account(&email).await.unwrap();
    store.read_account(ann).await.unwrap();
    store.choose_time_zone(ann, None).await.unwrap();
    store.detect_time_zone(ann, TimeZone::default()).await.unwrap();
    store.database.record(set_email(ann, email.clone())).await;
    store.replace_hash(ann, "hash", "other".to_owned()).await.unwrap();
    store.list_users(None, 10).await.unwrap();
    store.find_user(&email).await.unwrap();
    for change in [UserChange::Password(String::new()), UserChange::SignOut, UserChange::Disable, UserChange::Enable] {
        store.change_user(&email, change, NOW).await.unwrap();
    }
    let ann = Owner { token_epoch: 4, ..ann };
    store.set_password(ann, "other".to_owned(), NOW).await.unwrap();
    let ann = Owner { token_epoch: 5, ..ann };
    store.end_sessions(ann).await.unwrap();
    store.end_session(Owner { token_epoch: 6, ..ann }, NOW).await.unwrap();
    assert_eq!(store.delete_user(ann).await, Err(StoreError::SessionEnded));
    store.change_user(&email, UserChange::Delete, NOW).await.unwrap();
    store.purge_sessions(NOW).await.unwrap();
    store.take_permit(1, wait, wait, NOW).await.unwrap().unwrap();
    store.take_permit(1, wait, std::time::Duration::ZERO, NOW).await.unwrap().unwrap_err();
    store.refund_permit(1, wait).await.unwrap();
    note("users and limits");
    plans
}

async fn spied<D: Database>(database: D, explain: &'static str) -> (SqlStore<Spy<D>>, Owner) {
    let store = SqlStore { database: Spy { database, explain, plans: Mutex::default() }, max_todos: 10 };
    let ann = ann(&store).await;
    store.database.take_plans();
    (store, ann)
}

/// The cost of a request is independent of the user's number of todos: each table is searched by an index, and nothing is sorted.
#[tokio::test]
async fn no_statement_scans_or_sorts_on_sqlite() {
    let (database, _folder) = sqlite().await;
    let (store, ann) = spied(database, "explain query plan").await;
    let user = "SEARCH users USING INDEX sqlite_autoindex_users_1 (id=?)";
    let session = "SEARCH ended_sessions USING COVERING INDEX sqlite_autoindex_ended_sessions_1 (user_id=? AND sid=?)";
    for (page, statement, plan) in pages(&store, ann).await {
        let index = match page.as_str() {
            "list all from start" => "todos_by_place (user_id=?)",
            "list all from cursor" => "todos_by_place (user_id=? AND (order,id)>(?,?))",
            "list active from start" => "todos_by_state (user_id=? AND completed=?)",
            "list active from cursor" => "todos_by_state (user_id=? AND completed=? AND (order,id)>(?,?))",
            "changed" => "todos_by_change (user_id=? AND changed_in=?)",
            "export from start" => "sqlite_autoindex_todos_1 (user_id=?)",
            "export from cursor" => "sqlite_autoindex_todos_1 (user_id=? AND id>?)",
            "trash from start" => "todos_by_deletion (user_id=? AND deleted_at>?)",
            "trash from cursor" => "todos_by_deletion (user_id=? AND deleted_at>? AND (deleted_at,id)<(?,?))",
            other => panic!("{other} needs its plan here"),
        };
        let expected = format!(
            "{user}; SCALAR SUBQUERY 1; {session}; SCALAR SUBQUERY 2; CO-ROUTINE page; SEARCH todos USING INDEX {index}; SCAN page"
        );
        assert_eq!(
            plan.replace(char::is_numeric, "_"),
            expected.replace(char::is_numeric, "_"),
            "{page}: {}",
            statement.as_str()
        );
    }
    for (view, statement, plan) in views(&store, ann).await {
        let text = statement.as_str();
        let indexes: &[&str] = match view {
            _ if text.starts_with("select user_id") => &["todos_underived"],
            "all" => &["todos_by_state (user_id=? AND completed=?", "todos_by_completion (user_id=? AND completed_at>?"],
            "completed" => &["todos_by_completion (user_id=?"],
            "today" => &["todos_by_due_date (user_id=? AND"],
            "scheduled" => &["todos_by_due_date (user_id=?"],
            "important" => &["todos_important (user_id=?"],
            "tag" => &["todos_tagged (user_id=?"],
            "search" => &["todos_by_place (user_id=?"],
            // Once for all counts.
            "summary by state" => &["MATERIALIZE matching; SEARCH todos USING INDEX todos_by_state (user_id=? AND completed=?)"],
            "summary by due date" => &["MATERIALIZE matching; SEARCH todos USING INDEX todos_by_due_date (user_id=? AND"],
            "summary of important" => &["MATERIALIZE matching; SEARCH todos USING INDEX todos_important (user_id=?)"],
            "summary by tag" => &["MATERIALIZE matching; SEARCH todos USING INDEX todos_tagged (user_id=?)"],
            "summary by text" => &["MATERIALIZE matching; SEARCH todos USING INDEX todos_by_"],
            _ if text.starts_with("select id, title") => &["todos_tagged"],
            _ => &["todos_by_due_date", "todos_important", "todos_tagged", "todos_by_completion", "todos_underived"],
        };
        for index in indexes {
            assert!(plan.contains(index), "{view}: {text}: {plan}");
        }
        // And one search for derived columns that are not up to date.
        assert!(!text.contains("matching") || plan.matches("SEARCH todos").count() == 2, "{view}: {text}: {plan}");
        // What was completed since a time, and the few combinations of tags, are sorted.
        let may_sort = view == "all" || view.starts_with("summary");
        // The index has only what is left to do.
        let plan = plan.replace("SCAN todos USING INDEX todos_underived", "");
        assert!((may_sort || !plan.contains("TEMP B-TREE")) && !plan.contains("SCAN todos "), "{view}: {text}: {plan}");
    }
    for (method, statement, plan) in other_statements(&store, ann).await {
        let text = statement.as_str();
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN todos"), "{method}: {text}: {plan}");
        let expected = match method {
            "complete_todos" | "delete_todos by state" if text.contains("update") => "todos_by_state (user_id=? AND completed=?)",
            // Runs at each start.
            "respell_emails" => "users USING INDEX users_by_foreign_email",
            "undo" => "todos_by_change (user_id=? AND changed_in>?)",
            "neighbours" => "todos_by_place (user_id=? AND (order,id)>(?,?))",
            "neighbours at the start" => "todos_by_place (user_id=?)",
            "renumber" => "todos_by_place (user_id=? AND order>? AND order<?)",
            "empty_trash" if text.contains("delete") => "todos_by_deletion (user_id=? AND deleted_at>?)",
            // Reads the index backwards for the largest order, since nothing is sorted.
            "put_todo" if text.contains("insert") => "SEARCH todos USING INDEX todos_by_place (user_id=?)",
            _ => "",
        };
        assert!(plan.contains(expected), "{method}: {text}: {plan}");
    }
}

#[tokio::test]
async fn no_statement_scans_a_table_on_postgres() {
    let Some(database) = postgres().await else { return };
    let (store, ann) = spied(database, "explain").await;
    let pages = pages(&store, ann).await;
    let views = views(&store, ann).await.into_iter().map(|(view, statement, plan)| (view.to_owned(), statement, plan));
    let other_statements =
        other_statements(&store, ann).await.into_iter().map(|(method, statement, plan)| (method.to_owned(), statement, plan));
    for (of, statement, plan) in pages.into_iter().chain(views).chain(other_statements) {
        assert!(!plan.is_empty() && !plan.contains("Seq Scan"), "{of}: {}: {plan}", statement.as_str());
    }
}

#[tokio::test]
async fn every_statement_about_todos_names_owner_and_session() {
    let (database, _folder) = sqlite().await;
    let (store, ann) = spied(database, "explain query plan").await;
    let mut checked = 0;
    let pages = pages(&store, ann).await.into_iter().map(|(_, statement, _)| statement);
    let views = views(&store, ann).await.into_iter().map(|(_, statement, _)| statement);
    for statement in pages.chain(views).chain(other_statements(&store, ann).await.into_iter().map(|(_, statement, _)| statement))
    {
        let text = statement.as_str();
        // Upkeep has no session.
        if text.contains("todos where") && !text.contains("deleted_at < $") && !text.starts_with("select user_id") {
            assert!(text.contains("user_id = $1") && text.contains(SESSION), "{text}");
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

/// Counts the instructions of SQLite's virtual machine on the writing connection, triggers included.
fn count_instructions(counter: &Arc<AtomicU64>) -> impl Work<SqliteConnection, ()> + use<> {
    let counter = counter.clone();
    move |connection: &mut SqliteConnection| {
        let counter = counter.clone();
        Box::pin(async move {
            let increment = move || counter.fetch_add(1, Ordering::SeqCst) < u64::MAX;
            connection.lock_handle().await?.set_progress_handler(1, increment);
            Ok(())
        })
    }
}

#[tokio::test]
async fn sqlite_works_as_much_for_a_new_or_moved_todo_of_a_long_list() {
    let (database, _folder) = sqlite().await;
    let store = SqlStore { database, max_todos: 100_000 };
    let (ann, instructions) = (ann(&store).await, Arc::new(AtomicU64::new(0)));
    store.database.transact(ann.user, count_instructions(&instructions)).await.unwrap();
    let work = async || {
        let todo = new_todo();
        let id = todo.id;
        instructions.store(0, Ordering::SeqCst);
        store.put_todo(ann, todo, Condition::Absent, NOW).await.unwrap();
        let creation = instructions.swap(0, Ordering::SeqCst);
        store.move_todo(ann, id, None, Condition::Always, NOW).await.unwrap().unwrap();
        (creation, instructions.load(Ordering::SeqCst))
    };
    work().await;
    let at_first = work().await;
    let more = r#"
        with recursive n(n) as (select 1 union all select n + 1 from n where n < 50000)
        insert into todos (user_id, id, title, completed, "order", version, created_at, updated_at)
        select user_id, 'n' || n, title, completed, "order" + n, 1, 0, 0 from n, (select * from todos limit 1)"#;
    store.database.write(None, Statement::default().text(more)).await.unwrap();
    assert_eq!(work().await, at_first, "instructions of SQLite for a new todo and for a move, with 50,000 and with two");
}

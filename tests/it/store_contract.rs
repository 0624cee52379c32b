//! The contract of the store on both databases: edge cases beyond the API's tests.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use holdfast::{
    domain::{DueDate, Email, SessionId, Todo, TodoFields, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId},
    server::{
        store::{
            self, ChangeEmail, Condition, CreateUser, DatabaseUrl, KeptTodo, NewTodo, NewUser, Owner, Page, Role, Schema,
            SessionClaims, Sort, Store, StoreError, SummaryQuery, TodoCursor, TodoFilter, TodoQuery, TrashCursor, UserChange,
            UserSummary, Write,
        },
        tags::Tag,
        time_zone::TimeZone,
    },
};
use uuid::Uuid;

use crate::support::{ANN, TestDatabase};

const NOW: UnixMillis = UnixMillis(1_795_262_400_000);

/// Runs each function as a test on both databases. The compiler reports a function that is not listed as unused.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        on_both_databases!(sqlite: Kind::Sqlite; $($test),*);
        on_both_databases!(postgres: Kind::Postgres; $($test),*);
    };
    ($database:ident: $kind:expr; $($test:ident),*) => {
        mod $database {
            use crate::support::{Kind, TestDatabase};

            $(#[tokio::test]
            async fn $test() {
                if let Some(database) = TestDatabase::new($kind).await {
                    super::$test(database).await;
                }
            })*
        }
    };
}

on_both_databases![
    email_is_unique_regardless_of_case,
    opening_the_store_converts_domains_to_punycode,
    invisible_title_of_an_earlier_version_is_readable,
    every_method_rejects_an_ended_session,
    ended_session_is_remembered_until_its_purge,
    foreign_todo_is_not_found,
    id_of_a_deleted_todo_stays_taken,
    change_writes_only_the_given_fields,
    put_keeps_the_position_unless_given,
    write_requires_one_of_the_expected_versions,
    pages_are_slices_of_the_list,
    restore_is_atomic,
    undo_reverts_bulk_changes_exactly,
    move_places_a_todo_after_another_one,
    move_without_room_renumbers_the_nearest_todos,
    restored_todo_comes_back_where_its_order_says,
    concurrent_moves_are_serialised,
    batch_creates_each_todo_that_it_can,
    batch_creates_all_or_none_on_request,
    batch_respects_the_limit,
    known_list_version_spares_the_page,
    summary_counts_all_or_the_matching_todos,
    trash_is_paged_newest_first_without_duplicates,
    emptied_trash_is_permanent_and_affects_one_owner,
    email_is_changed_unless_another_account_has_it,
    concurrent_changes_to_one_email_succeed_once,
    time_zone_is_utc_unless_chosen,
    detected_time_zone_never_replaces_a_chosen_one,
    new_password_ends_sessions_and_deletion_removes_the_user,
    hash_is_replaced_only_if_unchanged,
    operator_lists_accounts_with_todo_counts,
    operator_changes_need_no_session,
    export_is_paged_and_includes_deleted_todos,
    concurrent_writes_succeed_at_distinct_positions,
    reopened_database_keeps_its_data,
    new_database_can_be_opened_concurrently,
    todo_limit_applies_to_new_todos_only,
    oldest_deleted_todos_are_purged_above_the_limit,
    limit_holds_for_concurrent_writes,
    old_deleted_todos_of_all_owners_are_purged,
    permits_are_counted_exactly_and_refunded,
    values_stored_under_other_rules_stay_readable,
];

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
    stored_todo(TodoTitle::parse(title).unwrap())
}

/// A todo whose title may violate the current rules.
fn stored_todo(title: TodoTitle) -> NewTodo {
    let patch = TodoPatch { title: Some(title), ..TodoPatch::default() };
    NewTodo { id: TodoId::from(Uuid::now_v7()), fields: patch.into_fields().unwrap(), order: None }
}

const UNFILTERED: TodoFilter =
    TodoFilter { completed: None, completed_since: None, due_from: None, due_to: None, important: None, tag: None, text: None };
const ALL: TodoQuery = TodoQuery { filter: UNFILTERED, sort: Sort::Order, after: None, limit: 1000 };

fn titles_of(todos: Vec<Todo>) -> Vec<String> {
    todos.into_iter().map(|todo| todo.title.into()).collect()
}

async fn list(store: &dyn Store, owner: Owner, query: TodoQuery) -> Vec<Todo> {
    store.list_todos(owner, query, None).await.unwrap().todos.unwrap()
}

async fn titles(store: &dyn Store, owner: Owner) -> Vec<String> {
    titles_of(list(store, owner, ALL).await)
}

async fn create(store: &dyn Store, owner: Owner, new: NewTodo) -> Todo {
    match store.put_todo(owner, new, Condition::Absent, NOW).await.unwrap() {
        Write::Done(todo) => todo,
        other => panic!("{other:?}"),
    }
}

async fn email_is_unique_regardless_of_case(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "Ann@example.org").await;
    assert_eq!(store.create_user(new_user("ann@example.org")).await.unwrap(), CreateUser::EmailTaken);
    let account = store.find_account(&Email::parse("ANN@example.org").unwrap()).await.unwrap().unwrap();
    assert_eq!((account.owner, account.password_hash.as_str()), (ann, "hash"));
    assert!(store.find_account(&Email::parse("bob@example.org").unwrap()).await.unwrap().is_none());
}

/// Earlier versions stored domains as entered.
async fn opening_the_store_converts_domains_to_punycode(database: TestDatabase) {
    let store = database.open().await;
    let (old, current) = ("kim@b\u{fc}cher.example", "kim@xn--bcher-kva.example");
    let (old_duplicate, duplicate) = ("eva@b\u{fc}cher.example", "eva@xn--bcher-kva.example");
    let user = |email: &str| NewUser { email: Email::stored(email.to_owned()), ..new_user(ANN) };
    for email in [ANN, old, old_duplicate, duplicate] {
        assert!(matches!(store.create_user(user(email)).await.unwrap(), CreateUser::Created(_)));
    }
    store.close().await;
    drop(store);
    let store = database.open().await;
    let listed = store.list_users(None, 10).await.unwrap();
    let emails: Vec<_> = listed.iter().map(|user| user.email.as_str()).collect();
    assert_eq!(emails, [ANN, old_duplicate, duplicate, current], "duplicates are not merged");
    assert_eq!(store.find_user(&Email::parse(current).unwrap()).await.unwrap().unwrap().email.as_str(), current);
}

async fn invisible_title_of_an_earlier_version_is_readable(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, ANN).await;
    let invisible = TodoTitle::stored("\u{200b}".to_owned());
    let todo = create(&*store, ann, stored_todo(invisible.clone())).await;
    assert_eq!(list(&*store, ann, ALL).await[0].title, invisible);
    assert_eq!(store.find_todo(ann, todo.id).await.unwrap().unwrap().title, invisible);
}

/// The owner in a new session.
fn in_session(owner: Owner) -> Owner {
    Owner { session: Some(SessionClaims { sid: SessionId::from(Uuid::now_v7()), auth_time: NOW.0 / 1000 }), ..owner }
}

async fn every_method_rejects_an_ended_session(database: TestDatabase) {
    let store = database.open().await;
    // Ended alone, and with all other sessions.
    for (email, alone) in [("ann@example.org", true), ("bob@example.org", false)] {
        let old = in_session(owner(&*store, email).await);
        let todo = create(&*store, old, new_todo("buy milk")).await;
        let deleted = create(&*store, old, new_todo("gone")).await;
        store.delete_todo(old, deleted.id, Condition::Always, NOW).await.unwrap();
        let new = if alone {
            store.end_session(old, NOW).await.unwrap();
            in_session(old)
        } else {
            store.end_sessions(old).await.unwrap();
            Owner { token_epoch: old.token_epoch + 1, ..old }
        };

        let ended = Some(StoreError::SessionEnded);
        assert_eq!(store.read_account(old).await.err(), ended);
        assert_eq!(store.set_email(old, Email::parse("new@example.org").unwrap()).await.err(), ended);
        assert_eq!(store.choose_time_zone(old, None).await.err(), ended);
        assert_eq!(store.set_password(old, "other".to_owned(), NOW).await.err(), ended);
        assert_eq!(store.delete_user(old).await.err(), ended);
        store.replace_hash(old, "hash", "other".to_owned()).await.unwrap();
        store.detect_time_zone(old, TimeZone::parse("Asia/Tokyo").unwrap()).await.unwrap();
        assert_eq!(store.list_todos(old, ALL, None).await.err(), ended);
        assert_eq!(
            store
                .list_todos(old, TodoQuery { filter: TodoFilter { completed: Some(false), ..UNFILTERED }, ..ALL }, None)
                .await
                .err(),
            ended
        );
        for filter in [UNFILTERED, TodoFilter { completed: Some(false), ..UNFILTERED }] {
            assert_eq!(store.summarise(old, SummaryQuery { filter, today: None, since: None }).await.err(), ended);
        }
        assert_eq!(store.export_todos(old, None, 10).await.err(), ended);
        assert_eq!(store.find_todo(old, todo.id).await.err(), ended);
        for condition in [Condition::Always, Condition::Absent, Condition::Present] {
            assert_eq!(store.put_todo(old, new_todo("x"), condition, NOW).await.err(), ended);
        }
        for id in [todo.id, deleted.id] {
            assert_eq!(store.put_todo(old, NewTodo { id, ..new_todo("x") }, Condition::Always, NOW).await.err(), ended);
            assert_eq!(store.change_todo(old, id, Condition::Always, TodoPatch::default(), NOW).await.err(), ended);
            assert_eq!(store.delete_todo(old, id, Condition::Always, NOW).await.err(), ended);
            assert_eq!(store.restore_todos(old, &[id], NOW).await.err(), ended);
        }
        assert_eq!(store.undo(old, 1, NOW).await.err(), ended);
        assert_eq!(store.move_todo(old, todo.id, None, Condition::Always, NOW).await.err(), ended);
        assert_eq!(store.create_todos(old, vec![new_todo("x")], 0, NOW).await.err(), ended);
        assert_eq!(store.create_todos(old, vec![], 0, NOW).await.err(), ended);
        assert_eq!(store.changed_todos(old, 1, 10).await.err(), ended);
        assert_eq!(store.complete_todos(old, true, UNFILTERED, NOW).await.err(), ended);
        assert_eq!(store.delete_todos(old, UNFILTERED, NOW).await.err(), ended);
        assert_eq!(store.list_trash(old, None, 10, None).await.err(), ended);
        assert_eq!(store.empty_trash(old).await.err(), ended);

        assert_eq!(list(&*store, new, ALL).await, [todo]);
        assert_eq!(trash_page(&*store, new, None, 10).await.len(), 1, "the trash was not emptied");
        assert_eq!(store.read_account(new).await.unwrap().password_hash, "hash");
        assert_eq!(store.end_session(old, NOW).await.err(), ended);
        assert_eq!(store.end_sessions(old).await.err(), ended);
        assert_eq!(titles(&*store, new).await, ["buy milk"], "an old session can't end a newer one");
    }
}

async fn ended_session_is_remembered_until_its_purge(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let sessions = [(); 3].map(|()| in_session(ann));
    let can_read = async |owner| store.read_account(owner).await.is_ok();
    store.end_session(sessions[0], UnixMillis(7)).await.unwrap();
    store.end_session(sessions[1], UnixMillis(8)).await.unwrap();
    assert_eq!(join_all(sessions.map(can_read)).await, [false, false, true]);
    assert!(can_read(ann).await, "a token of the previous version has no session id");
    // Session ids are per owner.
    assert!(can_read(Owner { session: sessions[0].session, ..bob }).await);

    store.purge_sessions(UnixMillis(8)).await.unwrap();
    assert_eq!(
        (can_read(sessions[0]).await, can_read(sessions[1]).await),
        (true, false),
        "only sessions that ended earlier are purged"
    );
    store.delete_user(ann).await.unwrap();
    for session in sessions {
        assert!(!can_read(session).await);
    }
}

async fn foreign_todo_is_not_found(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let todo = create(&*store, ann, new_todo("buy milk")).await;
    let rename = || TodoPatch { title: Some(TodoTitle::parse("stolen").unwrap()), ..TodoPatch::default() };
    assert_eq!(store.find_todo(bob, todo.id).await.unwrap(), None);
    assert_eq!(store.change_todo(bob, todo.id, Condition::Always, rename(), NOW).await.unwrap(), Write::NotFound);
    assert_eq!(store.change_todo(bob, todo.id, Condition::Version(vec![7]), rename(), NOW).await.unwrap(), Write::NotFound);
    assert_eq!(store.delete_todo(bob, todo.id, Condition::Always, NOW).await.unwrap(), Write::NotFound);
    assert_eq!(store.restore_todos(bob, &[todo.id], NOW).await.unwrap(), None);
    assert_eq!(store.move_todo(bob, todo.id, None, Condition::Always, NOW).await.unwrap(), Some(Write::NotFound));
    assert_eq!(store.undo(bob, 1, NOW).await.unwrap().changed, 0);
    assert_eq!(store.changed_todos(bob, 1, 10).await.unwrap(), []);
    assert!(store.complete_todos(bob, true, UNFILTERED, NOW).await.unwrap().changed == 0);
    assert!(store.delete_todos(bob, UNFILTERED, NOW).await.unwrap().changed == 0);
    assert!(titles(&*store, bob).await.is_empty() && store.export_todos(bob, None, 10).await.unwrap().is_empty());
    let bobs = || NewTodo { id: todo.id, ..new_todo("Bob's own") };
    assert_eq!(store.put_todo(bob, bobs(), Condition::Present, NOW).await.unwrap(), Write::NotFound);
    let put = store.put_todo(bob, bobs(), Condition::Always, NOW).await.unwrap();
    assert!(matches!(put, Write::Done(_)), "ids are unique per owner only");
    assert_eq!(list(&*store, ann, ALL).await, [todo]);
}

async fn id_of_a_deleted_todo_stays_taken(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todo = create(&*store, ann, new_todo("buy milk")).await;
    let again = || NewTodo { id: todo.id, ..new_todo("again") };
    assert_eq!(store.put_todo(ann, again(), Condition::Absent, NOW).await.unwrap(), Write::Refused);
    assert!(matches!(store.delete_todo(ann, todo.id, Condition::Always, NOW).await.unwrap(), Write::Done(_)));
    assert_eq!(store.delete_todo(ann, todo.id, Condition::Always, NOW).await.unwrap(), Write::InTrash);
    for condition in [Condition::Always, Condition::Absent, Condition::Present, Condition::Version(vec![2])] {
        assert_eq!(store.put_todo(ann, again(), condition, NOW).await.unwrap(), Write::InTrash);
    }
    let change = TodoPatch::default();
    assert_eq!(store.change_todo(ann, todo.id, Condition::Always, change, NOW).await.unwrap(), Write::InTrash);
    assert_eq!(store.move_todo(ann, todo.id, None, Condition::Always, NOW).await.unwrap(), Some(Write::InTrash));
    assert_eq!(store.find_todo(ann, todo.id).await.unwrap(), None);
}

async fn change_writes_only_the_given_fields(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let before = create(&*store, ann, new_todo("buy milk")).await;
    let later = UnixMillis(NOW.0 + 5);
    let order = Some(TodoOrder::parse(7).unwrap());
    let change = TodoPatch { order, ..TodoPatch::default() };
    let Write::Done(after) = store.change_todo(ann, before.id, Condition::Always, change, later).await.unwrap() else { panic!() };
    let mut expected = before;
    expected.order = TodoOrder::parse(7).unwrap();
    (expected.version, expected.updated_at) = (2, later);
    assert_eq!(after, expected);
    assert_eq!(store.find_todo(ann, after.id).await.unwrap(), Some(expected));
}

async fn put_keeps_the_position_unless_given(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let id = create(&*store, ann, new_todo("buy milk")).await.id;
    create(&*store, ann, new_todo("behind it")).await;
    let (noon, later) = (NOW, UnixMillis(NOW.0 + 5));
    for (completed, order, now, completed_at, position) in [
        (true, None, noon, Some(noon), 1024),
        (true, Some(-1), later, Some(noon), -1),
        (false, None, later, None, -1),
        (true, None, later, Some(later), -1),
    ] {
        let order = order.map(|order| TodoOrder::parse(order).unwrap());
        let put = new_todo("put");
        let new = NewTodo { id, order, fields: TodoFields { completed, ..put.fields } };
        let Write::Done(todo) = store.put_todo(ann, new, Condition::Always, now).await.unwrap() else { panic!() };
        assert_eq!((todo.completed_at, todo.order.get(), todo.updated_at, todo.created_at), (completed_at, position, now, noon));
        assert_eq!(store.find_todo(ann, id).await.unwrap(), Some(todo));
    }
}

async fn write_requires_one_of_the_expected_versions(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let id = create(&*store, ann, new_todo("x")).await.id;
    // Version 12 must not match 1 or 2.
    for _ in 1..12 {
        store.change_todo(ann, id, Condition::Always, TodoPatch::default(), NOW).await.unwrap();
    }
    let put = || NewTodo { id, ..new_todo("put") };
    for stale in [vec![], vec![1], vec![2], vec![1, 2], vec![112], vec![11, 13]] {
        let expected = || Condition::Version(stale.clone());
        assert_eq!(store.put_todo(ann, put(), expected(), NOW).await.unwrap(), Write::Refused, "{stale:?}");
        assert_eq!(store.change_todo(ann, id, expected(), TodoPatch::default(), NOW).await.unwrap(), Write::Refused, "{stale:?}");
        assert_eq!(store.delete_todo(ann, id, expected(), NOW).await.unwrap(), Write::Refused, "{stale:?}");
    }
    let change = TodoPatch::default;
    assert_eq!(store.change_todo(ann, id, Condition::Absent, change(), NOW).await.unwrap(), Write::Refused);
    let version = |write| if let Write::Done(Todo { version, .. }) = write { version } else { 0 };
    assert_eq!(version(store.change_todo(ann, id, Condition::Version(vec![3, 12]), change(), NOW).await.unwrap()), 13);
    assert_eq!(version(store.put_todo(ann, put(), Condition::Version(vec![13]), NOW).await.unwrap()), 14);
    assert_eq!(version(store.put_todo(ann, put(), Condition::Present, NOW).await.unwrap()), 15);
    assert_eq!(version(store.delete_todo(ann, id, Condition::Version(vec![15]), NOW).await.unwrap()), 16);
    let unknown = NewTodo { id: TodoId::from(Uuid::now_v7()), ..new_todo("new") };
    assert_eq!(store.put_todo(ann, unknown.clone(), Condition::Present, NOW).await.unwrap(), Write::NotFound);
    assert_eq!(store.put_todo(ann, unknown.clone(), Condition::Version(vec![1]), NOW).await.unwrap(), Write::NotFound);
    assert_eq!(version(store.put_todo(ann, unknown, Condition::Always, NOW).await.unwrap()), 1);
}

async fn pages_are_slices_of_the_list(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let mut todos = Vec::new();
    // Two todos at the same position, and one at each limit.
    for (n, order) in [-TodoOrder::MAX, 1, 1, 2, TodoOrder::MAX].into_iter().enumerate() {
        let order = Some(TodoOrder::parse(order).unwrap());
        let new = new_todo(&n.to_string());
        let fields = TodoFields { completed: n % 2 == 0, ..new.fields };
        todos.push(create(&*store, ann, NewTodo { order, fields, ..new }).await);
    }
    todos.sort_by_key(|todo| (todo.order.get(), todo.id));
    for completed in [None, Some(true), Some(false)] {
        let matching: Vec<_> =
            todos.iter().filter(|todo| completed.is_none_or(|c| todo.completed_at.is_some() == c)).cloned().collect();
        for start in 0..=matching.len() {
            let after = start.checked_sub(1).map(|before| TodoCursor::at(Sort::Order, &matching[before]).unwrap());
            for limit in 1..=matching.len() {
                let page = TodoQuery {
                    filter: TodoFilter { completed, ..UNFILTERED },
                    after,
                    limit: u32::try_from(limit).unwrap(),
                    ..ALL
                };
                let expected: Vec<_> = matching[start..].iter().take(limit).cloned().collect();
                assert_eq!(list(&*store, ann, page).await, expected, "{completed:?} {start} {limit}");
            }
        }
    }
}

async fn restore_is_atomic(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let (one, two) = (create(&*store, ann, new_todo("one")).await, create(&*store, ann, new_todo("two")).await);
    assert_eq!(store.delete_todos(ann, UNFILTERED, NOW).await.unwrap().changed, 2);
    let unknown = TodoId::from(Uuid::now_v7());
    assert_eq!(store.restore_todos(ann, &[one.id, unknown], NOW).await.unwrap(), None);
    assert!(titles(&*store, ann).await.is_empty());
    let restored = store.restore_todos(ann, &[two.id, one.id, two.id], NOW).await.unwrap().unwrap();
    assert_eq!(restored.iter().map(|todo| todo.version).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(list(&*store, ann, ALL).await, restored);
    assert_eq!(store.restore_todos(ann, &[one.id, two.id], NOW).await.unwrap(), Some(restored), "a repetition changes nothing");
}

async fn undo_reverts_bulk_changes_exactly(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let at = |millis| UnixMillis(NOW.0 + millis);
    let todos = [("active", false), ("done", true), ("changed since", false)];
    let mut ids = Vec::new();
    for (title, completed) in todos {
        let new = new_todo(title);
        let fields = TodoFields { completed, ..new.fields };
        ids.push(create(&*store, ann, NewTodo { fields, ..new }).await.id);
        create(&*store, bob, NewTodo { id: *ids.last().unwrap(), ..new_todo("Bob's") }).await;
    }
    let state = async || {
        let todos = list(&*store, ann, ALL).await;
        todos.into_iter().map(|todo| (String::from(todo.title), todo.completed_at)).collect::<Vec<_>>()
    };
    let state_of =
        |times: [Option<UnixMillis>; 3]| todos.map(|(title, _)| title.to_owned()).into_iter().zip(times).collect::<Vec<_>>();
    let (a, b) = (Some(at(1)), Some(at(2)));

    // Complete all, and back: the time of the one that was completed before is the old one.
    let completed = store.complete_todos(ann, true, UNFILTERED, at(1)).await.unwrap();
    assert_eq!((completed.changed, state().await), (2, state_of([a, Some(NOW), a])));
    store.complete_todos(bob, true, UNFILTERED, at(1)).await.unwrap();
    let reopened = store.complete_todos(ann, false, UNFILTERED, at(2)).await.unwrap();
    assert_eq!((reopened.changed, state().await), (3, state_of([None, None, None])));
    assert_eq!(store.undo(ann, completed.list_version, at(3)).await.unwrap().changed, 0, "all were changed since");
    let undone = store.undo(ann, reopened.list_version, at(3)).await.unwrap();
    assert_eq!((undone.changed, state().await), (3, state_of([a, Some(NOW), a])));
    // And the one before it.
    let undone = store.undo(ann, completed.list_version, at(4)).await.unwrap();
    assert_eq!((undone.changed, state().await), (2, state_of([None, Some(NOW), None])));
    assert_eq!(store.undo(ann, undone.list_version, at(4)).await.unwrap().changed, 0, "an undo is no bulk change");
    store.complete_todos(ann, false, UNFILTERED, at(4)).await.unwrap();

    // Of any number of them, at least the last ones can be undone.
    let mut changes = Vec::new();
    for nth in 0..100 {
        changes.push(store.complete_todos(ann, nth % 2 == 0, UNFILTERED, at(5)).await.unwrap().list_version);
    }
    for version in changes.into_iter().rev().take(10) {
        assert_eq!(store.undo(ann, version, at(5)).await.unwrap().changed, 3);
    }
    store.complete_todos(ann, false, UNFILTERED, at(5)).await.unwrap();

    // A todo that was changed since stays, and so does what was no bulk change.
    let completed = store.complete_todos(ann, true, UNFILTERED, at(2)).await.unwrap();
    let edit = store.change_todo(ann, ids[2], Condition::Always, TodoPatch::default(), at(3)).await.unwrap();
    assert!(matches!(edit, Write::Done(_)));
    assert_eq!(store.undo(ann, completed.list_version, at(4)).await.unwrap().changed, 2);
    assert_eq!(state().await, state_of([None, None, b]));
    for version in [store.read_account(ann).await.unwrap().list_version - 1, 0, -1, i64::MAX] {
        assert_eq!(store.undo(ann, version, at(5)).await.unwrap().changed, 0, "{version}");
    }

    // A deletion of many.
    let before = list(&*store, ann, ALL).await;
    let deleted = store.delete_todos(ann, UNFILTERED, at(6)).await.unwrap();
    assert_eq!((deleted.changed, state().await.len()), (3, 0));
    let kept = store.changed_todos(ann, deleted.list_version, 2).await.unwrap();
    assert_eq!(kept.iter().map(|kept| kept.deleted_at).collect::<Vec<_>>(), [Some(at(6)); 2], "at most as many as asked for");
    assert_eq!(store.undo(ann, deleted.list_version, at(7)).await.unwrap().changed, 3);
    let after = list(&*store, ann, ALL).await;
    let expected = before.into_iter().map(|todo| Todo { version: todo.version + 2, updated_at: at(7), ..todo });
    assert_eq!(after, expected.collect::<Vec<_>>());
    assert_eq!(store.undo(ann, deleted.list_version, at(8)).await.unwrap().changed, 0, "a repetition changes nothing");

    let bobs = list(&*store, bob, ALL).await;
    assert!(bobs.iter().all(|todo| todo.completed_at == a && todo.version == 2), "{bobs:?}");
}

/// Creates todos with these orders, titled by their position among them.
async fn create_at(store: &dyn Store, owner: Owner, orders: &[i64]) -> Vec<Todo> {
    let mut todos = Vec::new();
    for (nth, order) in orders.iter().enumerate() {
        let new = NewTodo { order: Some(TodoOrder::parse(*order).unwrap()), ..new_todo(&nth.to_string()) };
        todos.push(create(store, owner, new).await);
    }
    todos
}

fn moved(write: Option<Write>) -> Todo {
    let Some(Write::Done(todo)) = write else { panic!("{write:?}") };
    todo
}

async fn move_places_a_todo_after_another_one(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let todos = create_at(&*store, ann, &[1024, 2048, 3072]).await;
    let [a, b, c] = [0, 1, 2].map(|nth| todos[nth].id);
    create(&*store, bob, NewTodo { id: a, ..new_todo("Bob's") }).await;
    let later = UnixMillis(NOW.0 + 5);
    let move_after = async |id, after, condition| store.move_todo(ann, id, after, condition, later).await.unwrap();

    let after = moved(move_after(a, Some(b), Condition::Always).await);
    let order = TodoOrder::parse(2560).unwrap();
    assert_eq!(after, Todo { order, version: 2, updated_at: later, ..todos[0].clone() });
    assert_eq!(list(&*store, ann, ALL).await, [todos[1].clone(), after.clone(), todos[2].clone()]);
    assert_eq!(moved(move_after(c, None, Condition::Version(vec![1])).await).order.get(), 1024);
    assert_eq!(moved(move_after(c, Some(a), Condition::Present).await).order.get(), 3584);
    assert_eq!(titles(&*store, ann).await, ["1", "0", "2"]);

    // Where it is.
    let version = store.read_account(ann).await.unwrap().list_version;
    for (id, after) in [(b, None), (a, Some(b)), (c, Some(a))] {
        let before = store.find_todo(ann, id).await.unwrap().unwrap();
        assert_eq!(moved(move_after(id, after, Condition::Always).await), before);
    }
    // Refused.
    for condition in [Condition::Absent, Condition::Version(vec![2, 12])] {
        assert_eq!(move_after(b, Some(c), condition.clone()).await, Some(Write::Refused));
        assert_eq!(move_after(b, None, condition).await, Some(Write::Refused), "also where it is");
    }
    let deleted = create(&*store, ann, new_todo("deleted")).await.id;
    store.delete_todo(ann, deleted, Condition::Always, NOW).await.unwrap();
    let bobs = create(&*store, bob, new_todo("Bob's")).await.id;
    let unknown = TodoId::from(Uuid::now_v7());
    for after in [a, deleted, bobs, unknown] {
        assert_eq!(move_after(a, Some(after), Condition::Always).await, None);
    }
    assert_eq!(move_after(unknown, Some(unknown), Condition::Always).await, Some(Write::NotFound));
    assert_eq!(store.read_account(ann).await.unwrap().list_version, version + 2, "of the creation and of the deletion");
    assert_eq!(list(&*store, bob, ALL).await[0].version, 1);
}

async fn move_without_room_renumbers_the_nearest_todos(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let todos = create_at(&*store, ann, &[0, 7, 8, 1024, 2048]).await;
    create(&*store, bob, NewTodo { id: todos[1].id, ..new_todo("Bob's") }).await;
    let completed = store.complete_todos(ann, true, UNFILTERED, NOW).await.unwrap();
    let deleted = create_at(&*store, ann, &[7]).await.remove(0).id;
    store.delete_todo(ann, deleted, Condition::Always, NOW).await.unwrap();
    let before = list(&*store, ann, ALL).await;
    let version = store.read_account(ann).await.unwrap().list_version;
    let later = UnixMillis(NOW.0 + 5);
    moved(store.move_todo(ann, todos[4].id, Some(todos[1].id), Condition::Always, later).await.unwrap());

    let after = list(&*store, ann, ALL).await;
    assert_eq!(titles_of(after.clone()), ["0", "1", "4", "2", "3"]);
    let orders: Vec<_> = after.iter().map(|todo| todo.order.get()).collect();
    assert_eq!(orders, [2, 6, 10, 14, 1024], "of the range from 0 to 15");
    for (todo, old) in after.iter().zip([0, 1, 4, 2].map(|nth| &before[nth])) {
        assert_eq!((todo.version, todo.updated_at), (old.version + 1, later));
        assert_eq!(*todo, Todo { order: todo.order, version: todo.version, updated_at: later, ..old.clone() });
    }
    assert_eq!(after[4], before[3], "out of range");
    let changed = store.export_todos(ann, None, 10).await.unwrap();
    let deleted = changed.iter().find(|kept| kept.todo.id == deleted).unwrap();
    assert_eq!((deleted.todo.order.get(), deleted.todo.version), (7, 2), "the trash keeps its orders");
    assert!(store.read_account(ann).await.unwrap().list_version > version);
    assert_eq!(list(&*store, bob, ALL).await[0].version, 1);

    // The completion of all can be undone for all but the moved one.
    let undone = store.undo(ann, completed.list_version, later).await.unwrap();
    assert_eq!(undone.changed, 4);
    let after = list(&*store, ann, ALL).await;
    let completed: Vec<_> = after.iter().filter(|todo| todo.completed_at.is_some()).map(|todo| todo.id).collect();
    assert_eq!(completed, [todos[4].id]);
    assert_eq!(after.iter().map(|todo| todo.order.get()).collect::<Vec<_>>(), orders);
}

async fn restored_todo_comes_back_where_its_order_says(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todos = create_at(&*store, ann, &[1, 2, 3, 20]).await;
    store.delete_todo(ann, todos[1].id, Condition::Always, NOW).await.unwrap();
    // Between 1 and 3 there is room, although the deleted one has the order 2.
    let after = moved(store.move_todo(ann, todos[3].id, Some(todos[0].id), Condition::Always, NOW).await.unwrap());
    assert_eq!(after.order.get(), 2);
    store.restore_todos(ann, &[todos[1].id], NOW).await.unwrap();
    assert_eq!(titles(&*store, ann).await, ["0", "1", "3", "2"], "ties are sorted by id");
    moved(store.move_todo(ann, todos[2].id, Some(todos[1].id), Condition::Always, NOW).await.unwrap());
    assert_eq!(titles(&*store, ann).await, ["0", "1", "2", "3"]);
}

async fn concurrent_moves_are_serialised(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todos = create_at(&*store, ann, &(1..=20).collect::<Vec<_>>()).await;
    let moves = todos[1..].iter().map(|todo| store.move_todo(ann, todo.id, Some(todos[0].id), Condition::Always, NOW));
    let moved_todos: Vec<_> = join_all(moves).await.into_iter().map(|write| moved(write.unwrap())).collect();
    assert_eq!(moved_todos.len(), 19);
    let after = list(&*store, ann, ALL).await;
    assert_eq!(after[0].id, todos[0].id);
    assert!(after.windows(2).all(|pair| pair[0].order.get() < pair[1].order.get()), "each has its own place");
    assert_eq!(after.iter().map(|todo| todo.id).collect::<BTreeSet<_>>(), todos.iter().map(|todo| todo.id).collect());

    let expected = Condition::Version(vec![after[9].version]);
    let moves = (0..10).map(|nth| store.move_todo(ann, after[9].id, Some(after[10 + nth].id), expected.clone(), NOW));
    let done = join_all(moves).await.into_iter().filter(|write| matches!(write, Ok(Some(Write::Done(_))))).count();
    assert_eq!(done, 1, "of those with a precondition");
}

fn todos_of(written: &[Write]) -> Vec<(&str, i64)> {
    let todos = written.iter().filter_map(|write| if let Write::Done(todo) = write { Some(todo) } else { None });
    todos.map(|todo| (todo.title.as_str(), todo.order.get())).collect()
}

async fn batch_creates_each_todo_that_it_can(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let (there, deleted) = (create(&*store, ann, new_todo("there")).await, create(&*store, ann, new_todo("deleted")).await);
    store.delete_todo(ann, deleted.id, Condition::Always, NOW).await.unwrap();
    let version = store.read_account(ann).await.unwrap().list_version;
    let (ordered, twice) = (new_todo("ordered"), new_todo("twice"));
    let completed = TodoFields { completed: true, ..new_todo("completed").fields };
    let batch = vec![
        new_todo("one"),
        NewTodo { id: there.id, ..new_todo("there") },
        NewTodo { id: deleted.id, ..new_todo("deleted") },
        NewTodo { order: TodoOrder::parse(5000).ok(), ..ordered },
        NewTodo { fields: completed, ..new_todo("x") },
        twice.clone(),
        twice.clone(),
        NewTodo { order: TodoOrder::parse(-1).ok(), ..new_todo("first") },
        new_todo("last"),
    ];
    create(&*store, bob, NewTodo { id: twice.id, ..new_todo("Bob's") }).await;
    let created = store.create_todos(ann, batch.clone(), 0, NOW).await.unwrap();
    let expected = [("one", 2048), ("ordered", 5000), ("completed", 6024), ("twice", 7048), ("first", -1), ("last", 8072)];
    assert_eq!(todos_of(&created.written), expected);
    let outcomes = [1, 2, 6].map(|nth| &created.written[nth]);
    assert_eq!(outcomes, [&Write::Refused, &Write::InTrash, &Write::Refused]);
    for (write, new) in created.written.iter().zip(&batch) {
        let Write::Done(todo) = write else { continue };
        assert_eq!((todo.id, todo.version, todo.created_at, todo.updated_at), (new.id, 1, NOW, NOW));
        assert_eq!(todo.completed_at, new.fields.completed.then_some(NOW));
        assert_eq!(store.find_todo(ann, todo.id).await.unwrap().as_ref(), Some(todo));
    }
    assert_eq!(titles(&*store, ann).await, ["first", "there", "one", "ordered", "completed", "twice", "last"]);
    assert_eq!(titles(&*store, bob).await, ["Bob's"]);
    let account = store.read_account(ann).await.unwrap();
    assert_eq!((account.list_version, account.todos, account.completed_todos), (created.list_version, 7, 1));
    assert!(created.list_version > version);

    let again = store.create_todos(ann, batch, 0, NOW).await.unwrap();
    assert_eq!(again.list_version, created.list_version, "nothing is new");
    assert!(todos_of(&again.written).is_empty());
    let empty = store.create_todos(ann, Vec::new(), 0, NOW).await.unwrap();
    assert_eq!((empty.list_version, empty.written), (created.list_version, Vec::new()));
    assert_eq!(database.count_faults().await, [] as [String; 0]);
}

async fn batch_creates_all_or_none_on_request(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let there = create(&*store, ann, new_todo("there")).await;
    let batch = vec![new_todo("one"), NewTodo { id: there.id, ..new_todo("there") }, new_todo("two")];
    let version = store.read_account(ann).await.unwrap().list_version;
    let refused = store.create_todos(ann, batch.clone(), 3, NOW).await.unwrap();
    assert_eq!(refused.written, [Write::NotFound, Write::Refused, Write::NotFound]);
    assert_eq!((refused.list_version, titles(&*store, ann).await), (version, vec!["there".to_owned()]));
    let valid = vec![batch[0].clone(), batch[2].clone()];
    let refused = store.create_todos(ann, valid.clone(), 3, NOW).await.unwrap();
    assert_eq!(refused.written, [Write::NotFound, Write::NotFound], "one more is needed");
    assert_eq!(todos_of(&store.create_todos(ann, valid, 2, NOW).await.unwrap().written), [("one", 2048), ("two", 3072)]);
}

async fn batch_respects_the_limit(database: TestDatabase) {
    let store = database.open_for(10).await;
    let ann = owner(&*store, "ann@example.org").await;
    let there = create(&*store, ann, new_todo("there")).await.id;
    // The trash is beyond its limit, which is a tenth above that of the list.
    for nth in 0..12 {
        let id = create(&*store, ann, new_todo("deleted")).await.id;
        store.delete_todo(ann, id, Condition::Always, UnixMillis(NOW.0 + nth)).await.unwrap();
    }
    let mut batch: Vec<_> = (0..12).map(|nth| new_todo(&nth.to_string())).collect();
    batch.insert(3, NewTodo { id: there, ..new_todo("there") });
    let refused = store.create_todos(ann, batch.clone(), 13, NOW).await.unwrap();
    assert_eq!(refused.written.iter().filter(|write| **write == Write::LimitReached).count(), 3);
    assert_eq!(trash_page(&*store, ann, None, 20).await.len(), 12, "a refused batch purges nothing");

    let created = store.create_todos(ann, batch, 0, NOW).await.unwrap();
    assert_eq!(created.written[3], Write::Refused, "an id that is taken does not count");
    assert_eq!(created.written[10..], [Write::LimitReached, Write::LimitReached, Write::LimitReached]);
    let account = store.read_account(ann).await.unwrap();
    assert_eq!((account.todos, account.list_version), (10, created.list_version));
    assert_eq!(trash_page(&*store, ann, None, 20).await.len(), 10);
    let full = store.create_todos(ann, vec![new_todo("more")], 0, NOW).await.unwrap();
    assert_eq!((full.written, full.list_version), (vec![Write::LimitReached], created.list_version));
}

async fn known_list_version_spares_the_page(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let todo = create(&*store, ann, new_todo("buy milk")).await;
    let version = store.read_account(ann).await.unwrap().list_version;
    let unchanged = Page { list_version: version, todos: None };
    assert_eq!(store.list_todos(ann, ALL, Some(version)).await.unwrap(), unchanged);
    assert_eq!(
        store.list_trash(ann, None, 10, Some(version)).await.unwrap(),
        Page { todos: None, ..Page::<KeptTodo> { list_version: version, todos: None } }
    );
    for known in [None, Some(version - 1), Some(version + 1)] {
        let page = Page { list_version: version, todos: Some(vec![todo.clone()]) };
        assert_eq!(store.list_todos(ann, ALL, known).await.unwrap(), page);
    }
    store.delete_todo(ann, todo.id, Condition::Always, NOW).await.unwrap();
    assert_eq!(store.list_todos(ann, ALL, Some(version)).await.unwrap().todos, Some(Vec::new()));
    let deleted = store.read_account(ann).await.unwrap().list_version;
    store.empty_trash(ann).await.unwrap();
    assert_eq!(store.list_trash(ann, None, 10, Some(deleted)).await.unwrap().todos, Some(Vec::new()), "a purge is a change");
}

async fn summary_counts_all_or_the_matching_todos(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    create(&*store, bob, new_todo("bob #home")).await;
    let [day, today] = ["2026-11-29", "2026-11-30"].map(|date| DueDate::parse(date).unwrap());
    for (title, completed, due_on, important) in [
        ("a #home", false, Some(day), true),
        ("b #Home #work", false, Some(today), false),
        ("c #home", true, Some(day), true),
        ("d 100%", true, None, false),
        ("e", false, None, false),
    ] {
        let mut new = new_todo(title);
        new.fields = TodoFields { completed, due_on, important, ..new.fields };
        create(&*store, ann, new).await;
    }
    let gone = create(&*store, ann, new_todo("gone #home 100%")).await;
    store.delete_todo(ann, gone.id, Condition::Always, NOW).await.unwrap();

    let text = |text: &str| Some(text.to_owned());
    for (filter, expected, tags) in [
        (UNFILTERED, [3, 2, 1, 1, 2, 1], &[("Home", 2), ("work", 1)][..]),
        (TodoFilter { completed: Some(true), ..UNFILTERED }, [0, 2, 0, 0, 0, 0], &[]),
        (TodoFilter { completed: Some(false), ..UNFILTERED }, [3, 0, 1, 1, 2, 1], &[("Home", 2), ("work", 1)]),
        (TodoFilter { completed_since: Some(NOW), ..UNFILTERED }, [3, 2, 1, 1, 2, 1], &[("Home", 2), ("work", 1)]),
        (
            TodoFilter { completed_since: Some(UnixMillis(NOW.0 + 1)), ..UNFILTERED },
            [3, 0, 1, 1, 2, 1],
            &[("Home", 2), ("work", 1)],
        ),
        (TodoFilter { due_to: Some(day), ..UNFILTERED }, [1, 1, 1, 0, 1, 1], &[("home", 1)]),
        (TodoFilter { due_from: Some(today), ..UNFILTERED }, [1, 0, 0, 1, 1, 0], &[("Home", 1), ("work", 1)]),
        (TodoFilter { important: Some(false), ..UNFILTERED }, [2, 1, 0, 1, 1, 0], &[("Home", 1), ("work", 1)]),
        (TodoFilter { tag: Tag::parse("HOME").ok(), ..UNFILTERED }, [2, 1, 1, 1, 2, 1], &[("Home", 2), ("work", 1)]),
        (TodoFilter { text: text("0%"), ..UNFILTERED }, [0, 1, 0, 0, 0, 0], &[]),
        (TodoFilter { text: text("#home"), important: Some(true), ..UNFILTERED }, [1, 1, 1, 0, 1, 1], &[("home", 1)]),
        (TodoFilter { text: text("nowhere"), ..UNFILTERED }, [0; 6], &[]),
    ] {
        let found = store.summarise(ann, SummaryQuery { filter: filter.clone(), today: Some(today), since: None }).await.unwrap();
        let counts = [found.active, found.completed, found.overdue, found.due_today, found.scheduled, found.important];
        assert_eq!(counts, expected, "{filter:?}");
        let found_tags: Vec<_> = found.tags.iter().map(|tag| (tag.name.as_str(), tag.todos)).collect();
        assert_eq!(found_tags, tags, "{filter:?}");
        let without_date = store.summarise(ann, SummaryQuery { filter: filter.clone(), today: None, since: None }).await.unwrap();
        assert_eq!((without_date.active, without_date.overdue, without_date.due_today), (expected[0], 0, 0), "{filter:?}");
        // The version is that of the whole list.
        let listed = store.list_todos(ann, TodoQuery { filter, ..ALL }, None).await.unwrap();
        assert_eq!(found.list_version, listed.list_version);
        let listed = listed.todos.unwrap_or_default();
        let active = listed.iter().filter(|todo| todo.completed_at.is_none()).count();
        assert_eq!(counts[..2], [active, listed.len() - active].map(|count| i64::try_from(count).unwrap()));
    }
}

async fn trash_page(store: &dyn Store, owner: Owner, after: Option<TrashCursor>, limit: u32) -> Vec<KeptTodo> {
    store.list_trash(owner, after, limit, None).await.unwrap().todos.unwrap()
}

/// Reads the whole trash in pages of this size.
async fn trash(store: &dyn Store, owner: Owner, limit: u32) -> Vec<(TodoId, UnixMillis)> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = trash_page(store, owner, after, limit).await;
        assert!(page.len() <= usize::try_from(limit).unwrap());
        let Some(last) = page.last() else { return found };
        after = Some(TrashCursor { deleted_at: last.deleted_at.unwrap(), id: last.todo.id });
        found.extend(page.iter().map(|kept| (kept.todo.id, kept.deleted_at.unwrap())));
    }
}

async fn trash_is_paged_newest_first_without_duplicates(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let at = |millis| UnixMillis(NOW.0 + millis);
    let mut expected = Vec::new();
    // Three todos with one timestamp between two single deletions, and one before the Unix epoch.
    for (moment, how_many) in [(at(5), 1), (at(7), 3), (at(6), 1), (UnixMillis(-1), 1)] {
        for _ in 0..how_many {
            expected.push((create(&*store, ann, new_todo("x")).await.id, moment));
        }
        assert_eq!(store.delete_todos(ann, UNFILTERED, moment).await.unwrap().changed, how_many);
    }
    expected.sort_by_key(|(id, moment)| (std::cmp::Reverse(*moment), std::cmp::Reverse(*id)));
    let kept = create(&*store, ann, new_todo("not deleted")).await;
    create(&*store, bob, new_todo("Bob's")).await;
    store.delete_todos(bob, UNFILTERED, at(7)).await.unwrap();

    for limit in 1..=7 {
        assert_eq!(trash(&*store, ann, limit).await, expected, "{limit}");
    }
    let (first, second) = (expected[0].0, expected[1].0);
    let cursor = TrashCursor { deleted_at: at(7), id: first };
    store.restore_todos(ann, &[first], at(9)).await.unwrap();
    assert_eq!(trash_page(&*store, ann, Some(cursor), 1).await[0].todo.id, second, "the cursor outlives its todo");
    assert_eq!(trash(&*store, ann, 2).await, expected[1..]);
    assert!(titles(&*store, ann).await.contains(&String::from(kept.title)));
}

async fn emptied_trash_is_permanent_and_affects_one_owner(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let gone = create(&*store, ann, new_todo("gone")).await;
    create(&*store, ann, new_todo("gone as well")).await;
    // The same id of another owner detects a statement without the owner.
    create(&*store, bob, NewTodo { id: gone.id, ..new_todo("Bob's") }).await;
    store.delete_todos(bob, UNFILTERED, NOW).await.unwrap();
    let cleared = store.delete_todos(ann, UNFILTERED, NOW).await.unwrap().list_version;
    let kept = create(&*store, ann, new_todo("kept")).await;

    assert_eq!(store.empty_trash(ann).await.unwrap(), 2);
    assert_eq!(store.empty_trash(ann).await.unwrap(), 0, "a repetition changes nothing");
    assert_eq!(trash_page(&*store, ann, None, 10).await, []);
    assert_eq!(store.restore_todos(ann, &[gone.id], NOW).await.unwrap(), None, "the todo is gone");
    assert_eq!(store.undo(ann, cleared, NOW).await.unwrap().changed, 0);
    let exported = store.export_todos(ann, None, 10).await.unwrap();
    assert_eq!(exported.into_iter().map(|kept| kept.todo).collect::<Vec<_>>(), [kept]);
    assert_eq!(trash(&*store, bob, 10).await, [(gone.id, NOW)]);
    // A new todo may reuse the id.
    assert_eq!(create(&*store, ann, NewTodo { id: gone.id, ..new_todo("new") }).await.version, 1);
}

///
async fn email_is_changed_unless_another_account_has_it(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let [anns, bobs, new] = ["ann@example.org", "bob@example.org", "new@example.org"].map(|email| Email::parse(email).unwrap());
    assert_eq!(store.set_email(ann, bobs.clone()).await, Ok(ChangeEmail::EmailTaken));
    assert_eq!(store.set_email(ann, anns.clone()).await, Ok(ChangeEmail::Changed), "one's own");
    assert_eq!(store.read_account(ann).await.unwrap().email, anns);
    assert_eq!(store.set_email(ann, new.clone()).await, Ok(ChangeEmail::Changed));
    let account = store.find_account(&new).await.unwrap().unwrap();
    assert_eq!((account.owner, account.password_changed_at), (ann, NOW), "the session continues");
    assert!(store.find_account(&anns).await.unwrap().is_none());
    assert_eq!(store.set_email(bob, anns).await, Ok(ChangeEmail::Changed), "the old address is free");
    // A disabled account keeps its address.
    store.change_user(&new, UserChange::Disable, NOW).await.unwrap();
    assert_eq!(store.set_email(bob, new).await, Ok(ChangeEmail::EmailTaken));
}

///
async fn concurrent_changes_to_one_email_succeed_once(database: TestDatabase) {
    let store = database.open().await;
    let mut owners = Vec::new();
    for n in 0..10 {
        owners.push(owner(&*store, &format!("{n}@example.org")).await);
    }
    let new = Email::parse("new@example.org").unwrap();
    let changes = join_all(owners.iter().map(|owner| store.set_email(*owner, new.clone())));
    let (outcomes, created) = tokio::join!(changes, store.create_user(new_user("new@example.org")));
    let winners = outcomes.iter().filter(|outcome| **outcome == Ok(ChangeEmail::Changed)).count();
    let losers = outcomes.iter().filter(|outcome| **outcome == Ok(ChangeEmail::EmailTaken)).count();
    let created = usize::from(created.unwrap() != CreateUser::EmailTaken);
    assert_eq!((winners + created, winners + losers), (1, 10), "{outcomes:?}");
    let todo = create(&*store, owners[0], new_todo("buy milk")).await;
    assert_eq!(list(&*store, owners[0], ALL).await, [todo], "a refused change leaves no open transaction");
}

async fn time_zone_is_utc_unless_chosen(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let (utc, berlin) = (TimeZone::default(), TimeZone::parse("Europe/Berlin").unwrap());
    let stored = async |owner| store.read_account(owner).await.unwrap().time_zone;
    assert_eq!(stored(ann).await, utc);
    let changed = store.choose_time_zone(ann, Some(berlin.clone())).await.unwrap();
    assert_eq!((changed.email.as_str(), changed.time_zone), ("ann@example.org", berlin.clone()));
    assert_eq!((stored(ann).await, stored(bob).await), (berlin, utc.clone()));
    assert_eq!(store.choose_time_zone(ann, None).await.unwrap().time_zone, utc);
    // From a newer release.
    let newer = TimeZone::stored("Moon/Tycho".to_owned());
    assert_eq!(store.choose_time_zone(ann, Some(newer.clone())).await.unwrap().time_zone, newer);
    assert_eq!(stored(ann).await, newer);
}

async fn detected_time_zone_never_replaces_a_chosen_one(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let [berlin, tokyo, lima] = ["Europe/Berlin", "Asia/Tokyo", "America/Lima"].map(|name| TimeZone::parse(name).unwrap());
    let stored = async |owner| store.read_account(owner).await.unwrap().time_zone;
    for detected in [&berlin, &tokyo] {
        store.detect_time_zone(ann, detected.clone()).await.unwrap();
        assert_eq!(stored(ann).await, *detected);
    }
    assert_eq!(stored(bob).await, TimeZone::default());
    store.choose_time_zone(ann, Some(lima.clone())).await.unwrap();
    store.detect_time_zone(ann, berlin.clone()).await.unwrap();
    assert_eq!(stored(ann).await, lima);
    // Without a choice it is detected again.
    store.choose_time_zone(ann, None).await.unwrap();
    store.detect_time_zone(ann, berlin.clone()).await.unwrap();
    assert_eq!(stored(ann).await, berlin);
    store.end_sessions(ann).await.unwrap();
    store.detect_time_zone(ann, tokyo).await.unwrap();
    assert_eq!(stored(Owner { token_epoch: ann.token_epoch + 1, ..ann }).await, berlin, "not by an ended session");
}

async fn new_password_ends_sessions_and_deletion_removes_the_user(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    create(&*store, ann, new_todo("buy milk")).await;
    let later = UnixMillis(NOW.0 + 5);
    store.set_password(ann, "other".to_owned(), later).await.unwrap();
    let email = Email::parse("ann@example.org").unwrap();
    let account = store.find_account(&email).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.created_at, account.password_changed_at), ("other", NOW, later));
    assert_eq!(account.owner, Owner { token_epoch: ann.token_epoch + 1, ..ann });
    assert_eq!(store.read_account(account.owner).await.unwrap().email, email);

    store.delete_user(account.owner).await.unwrap();
    assert!(store.find_account(&email).await.unwrap().is_none());
    assert_eq!(store.delete_user(account.owner).await.err(), Some(StoreError::SessionEnded));
    assert_eq!(
        store.put_todo(account.owner, new_todo("ghost"), Condition::Absent, NOW).await.err(),
        Some(StoreError::SessionEnded)
    );
    let again = owner(&*store, "ann@example.org").await;
    assert!(store.export_todos(again, None, 10).await.unwrap().is_empty());
}

async fn hash_is_replaced_only_if_unchanged(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let hash = async |owner| store.read_account(owner).await.map(|account| account.password_hash);
    store.replace_hash(ann, "another", "new".to_owned()).await.unwrap();
    assert_eq!(hash(ann).await.unwrap(), "hash", "the hash was replaced concurrently");
    store.replace_hash(ann, "hash", "new".to_owned()).await.unwrap();
    assert_eq!(hash(ann).await.unwrap(), "new", "the session continues");
    assert_eq!(store.read_account(ann).await.unwrap().password_changed_at, NOW, "the password is the same");
    store.end_sessions(ann).await.unwrap();
    store.replace_hash(ann, "new", "newer".to_owned()).await.unwrap();
    assert_eq!(hash(Owner { token_epoch: ann.token_epoch + 1, ..ann }).await.unwrap(), "new");
}

async fn operator_lists_accounts_with_todo_counts(database: TestDatabase) {
    let store = database.open().await;
    let mut expected = Vec::new();
    for (name, todos) in [("cleo", 0), ("ann", 3), ("bob", 1)] {
        let owner = owner(&*store, &format!("{name}@example.org")).await;
        let deleted = create(&*store, owner, new_todo("gone")).await;
        store.delete_todo(owner, deleted.id, Condition::Always, NOW).await.unwrap();
        for n in 0..todos {
            create(&*store, owner, new_todo(&n.to_string())).await;
        }
        let email = Email::parse(&format!("{name}@example.org")).unwrap();
        expected.push(UserSummary { email, created_at: NOW, disabled_at: None, todos });
    }
    expected.sort_by_key(|user| user.email.as_str().to_owned());
    let first = store.list_users(None, 2).await.unwrap();
    let rest = store.list_users(Some(&first[1].email), 2).await.unwrap();
    assert_eq!([first, rest].concat(), expected);
    assert_eq!(store.find_user(&expected[1].email).await.unwrap().as_ref(), Some(&expected[1]));
    assert_eq!(store.find_user(&Email::parse("nobody@example.org").unwrap()).await.unwrap(), None);
}

async fn operator_changes_need_no_session(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    create(&*store, ann, new_todo("buy milk")).await;
    let email = Email::parse("ann@example.org").unwrap();
    let later = UnixMillis(NOW.0 + 5);
    let change = async |change| assert!(store.change_user(&email, change, later).await.unwrap());

    change(UserChange::Password("other".to_owned())).await;
    assert_eq!(store.read_account(ann).await.err(), Some(StoreError::SessionEnded));
    let account = store.find_account(&email).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.password_changed_at), ("other", later));

    change(UserChange::SignOut).await;
    assert_eq!(store.read_account(account.owner).await.err(), Some(StoreError::SessionEnded));
    let account = store.find_account(&email).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.owner.token_epoch), ("other", ann.token_epoch + 2));

    for _ in 0..2 {
        change(UserChange::Disable).await;
        assert!(store.find_account(&email).await.unwrap().is_none());
        assert_eq!(store.list_todos(account.owner, ALL, None).await.err(), Some(StoreError::SessionEnded));
        assert_eq!(store.find_user(&email).await.unwrap().unwrap().disabled_at, Some(later));
        assert_eq!(store.create_user(new_user("ann@example.org")).await.unwrap(), CreateUser::EmailTaken);
    }
    for _ in 0..2 {
        change(UserChange::Enable).await;
        let owner = store.find_account(&email).await.unwrap().unwrap().owner;
        assert_eq!(titles(&*store, owner).await, ["buy milk"]);
        assert_eq!(store.read_account(account.owner).await.err(), Some(StoreError::SessionEnded), "enabling restores no session");
    }

    change(UserChange::Delete).await;
    assert!(store.find_user(&email).await.unwrap().is_none());
    for change in
        [UserChange::Password(String::new()), UserChange::SignOut, UserChange::Disable, UserChange::Enable, UserChange::Delete]
    {
        assert!(!store.change_user(&email, change, later).await.unwrap());
    }
    assert_eq!(store.read_account(bob).await.unwrap().password_hash, "hash");
}

async fn export_is_paged_and_includes_deleted_todos(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let mut todos = Vec::new();
    for n in 0..5 {
        todos.push(create(&*store, ann, new_todo(&n.to_string())).await);
    }
    store.delete_todo(ann, todos[1].id, Condition::Always, NOW).await.unwrap();
    let (mut exported, mut after) = (Vec::new(), None);
    loop {
        let page = store.export_todos(ann, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.todo.id);
        exported.extend(page);
    }
    let ids: Vec<_> = exported.iter().map(|kept| (kept.todo.id, kept.deleted_at)).collect();
    let expected: Vec<_> = todos.iter().map(|todo| (todo.id, (todo.id == todos[1].id).then_some(NOW))).collect();
    assert_eq!(ids, expected);
}

async fn concurrent_writes_succeed_at_distinct_positions(database: TestDatabase) {
    let store = database.open().await;
    let ann = owner(&*store, "ann@example.org").await;
    let writes = (0..50).map(|_| store.put_todo(ann, new_todo("x"), Condition::Absent, NOW));
    for written in join_all(writes).await {
        assert!(matches!(written.unwrap(), Write::Done(_)));
    }
    let orders: Vec<_> = list(&*store, ann, ALL).await.iter().map(|todo| todo.order.get()).collect();
    assert_eq!(orders, (1..=50).map(|n| n * 1024).collect::<Vec<_>>(), "each has its own position");
}

async fn reopened_database_keeps_its_data(database: TestDatabase) {
    let first = database.open().await;
    let ann = owner(&*first, "ann@example.org").await;
    create(&*first, ann, new_todo("buy milk")).await;
    drop(first);
    assert_eq!(titles(&*database.open().await, ann).await, ["buy milk"]);
}

async fn new_database_can_be_opened_concurrently(database: TestDatabase) {
    let url = database.parsed_url();
    for opened in join_all((0..4).map(|_| store::connect(&url, Role::Operator))).await {
        assert_eq!(opened.unwrap().ping().await, Ok(Schema::Current));
    }
}

#[tokio::test]
async fn other_files_are_rejected_with_an_explanation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "these are my notes, not a database\n".repeat(100)).unwrap();
    let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
    let error = store::connect(&url, Role::Operator).await.err().unwrap();
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

async fn todo_limit_applies_to_new_todos_only(database: TestDatabase) {
    let store = database.open_for(3).await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let mut todos = Vec::new();
    for title in ["one", "two", "three"] {
        todos.push(create(&*store, ann, new_todo(title)).await);
    }
    for condition in [Condition::Absent, Condition::Always] {
        assert_eq!(store.put_todo(ann, new_todo("four"), condition, NOW).await.unwrap(), Write::LimitReached);
    }
    // The limit does not apply to existing todos and to other owners.
    let id = todos[0].id;
    for condition in [Condition::Always, Condition::Present, Condition::Version(vec![2, 3])] {
        let put = store.put_todo(ann, NewTodo { id, ..new_todo("one again") }, condition, NOW).await.unwrap();
        assert!(matches!(put, Write::Done(_)), "{put:?}");
    }
    let again = NewTodo { id, ..new_todo("one") };
    assert_eq!(store.put_todo(ann, again, Condition::Absent, NOW).await.unwrap(), Write::Refused);
    assert_eq!(store.put_todo(ann, new_todo("x"), Condition::Present, NOW).await.unwrap(), Write::NotFound);
    create(&*store, bob, new_todo("one of his")).await;

    // A deletion frees capacity at once, and the limit does not apply to restores.
    store.delete_todo(ann, id, Condition::Always, NOW).await.unwrap();
    create(&*store, ann, new_todo("four")).await;
    assert_eq!(store.restore_todos(ann, &[id], NOW).await.unwrap().map(titles_of), Some(vec!["one again".to_owned()]));
    assert_eq!(titles(&*store, ann).await, ["one again", "two", "three", "four"]);
    assert_eq!(store.put_todo(ann, new_todo("five"), Condition::Absent, NOW).await.unwrap(), Write::LimitReached);
}

async fn oldest_deleted_todos_are_purged_above_the_limit(database: TestDatabase) {
    let store = database.open_for(20).await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    let bobs = create(&*store, bob, new_todo("deleted long ago")).await.id;
    store.delete_todo(bob, bobs, Condition::Always, UnixMillis(0)).await.unwrap();
    let mut ids = Vec::new();
    let mut max_kept = 0;
    for nth in 0..100 {
        let id = create(&*store, ann, new_todo(&nth.to_string())).await.id;
        store.delete_todo(ann, id, Condition::Always, UnixMillis(NOW.0 + nth)).await.unwrap();
        ids.push(id);
        let kept = store.export_todos(ann, None, 1000).await.unwrap();
        max_kept = max_kept.max(kept.len());
        assert!(kept.iter().all(|kept| ids[ids.len() - max_kept..].contains(&kept.todo.id)), "the newest todos are kept");
    }
    assert_eq!(max_kept, 23, "the limit, a tenth more, and the latest deletion");
    let last = ids.split_off(80);
    assert_eq!(store.restore_todos(ann, &last, NOW).await.unwrap().map(|todos| todos.len()), Some(20));
    assert_eq!(store.restore_todos(bob, &[bobs], NOW).await.unwrap().map(|todos| todos.len()), Some(1));
    // Clearing the whole list can be undone despite earlier deletions and a todo added meanwhile.
    let cleared = store.delete_todos(ann, UNFILTERED, UnixMillis(NOW.0 + 1000)).await.unwrap();
    create(&*store, ann, new_todo("meanwhile")).await;
    assert_eq!(store.undo(ann, cleared.list_version, NOW).await.unwrap().changed, cleared.changed);
}

async fn limit_holds_for_concurrent_writes(database: TestDatabase) {
    let store = database.open_for(5).await;
    let ann = owner(&*store, "ann@example.org").await;
    let written = join_all((0..20).map(|_| store.put_todo(ann, new_todo("x"), Condition::Absent, NOW))).await;
    assert_eq!(written.iter().filter(|written| matches!(written, Ok(Write::Done(_)))).count(), 5);
    assert_eq!(written.iter().filter(|written| matches!(written, Ok(Write::LimitReached))).count(), 15);
}

async fn old_deleted_todos_of_all_owners_are_purged(database: TestDatabase) {
    let store = database.open().await;
    let (ann, bob) = (owner(&*store, "ann@example.org").await, owner(&*store, "bob@example.org").await);
    assert_eq!(store.purge_todos(NOW).await, Ok(0));
    for owner in [ann, bob] {
        for deleted_at in [Some(1), Some(2), Some(3), None] {
            let id = create(&*store, owner, new_todo(&format!("{deleted_at:?}"))).await.id;
            if let Some(at) = deleted_at {
                store.delete_todo(owner, id, Condition::Always, UnixMillis(at)).await.unwrap();
            }
        }
    }
    assert_eq!(store.purge_todos(UnixMillis(3)).await, Ok(4));
    for owner in [ann, bob] {
        let left = store.export_todos(owner, None, 1000).await.unwrap();
        let left: Vec<_> = left.into_iter().map(|kept| kept.deleted_at).collect();
        assert_eq!(left, [Some(UnixMillis(3)), None]);
    }
    assert_eq!(store.purge_todos(UnixMillis(3)).await, Ok(0));
}

async fn permits_are_counted_exactly_and_refunded(database: TestDatabase) {
    let store = database.open().await;
    // A burst of ten, refilled by one per second.
    let (period, tolerance) = (Duration::from_secs(1), Duration::from_secs(9));
    let take = async |slot, now| store.take_permit(slot, period, tolerance, UnixMillis(NOW.0 + now)).await.unwrap();
    let taken = join_all((0..50).map(|_| take(7, 0))).await;
    assert_eq!(taken.iter().filter(|permit| permit.is_ok()).count(), 10);
    assert!(taken.iter().all(|permit| permit.is_ok() || *permit == Err(period)), "{taken:?}");
    for behind in [1, 5_000, 60_000] {
        let wait = Duration::from_millis(1_000 + behind);
        assert_eq!(take(7, -i64::try_from(behind).unwrap()).await, Err(wait), "a slower clock is limited as well");
    }
    assert_eq!(take(8, 0).await, Ok(()), "another slot");
    assert_eq!(take(7, 400).await, Err(Duration::from_millis(600)));
    assert_eq!(take(7, 1000).await, Ok(()));
    assert_eq!(take(7, 1000).await, Err(period));
    store.refund_permit(7, period).await.unwrap();
    assert_eq!(take(7, 1000).await, Ok(()));
    // A clock that was set back does not block clients.
    let past = -1_000_000;
    assert_eq!([take(7, past).await, take(7, past).await], [Ok(()), Ok(())]);
    // The whole burst is available again later.
    assert_eq!(join_all((0..11).map(|_| take(7, 1_000_000))).await.iter().filter(|permit| permit.is_ok()).count(), 10);
}

async fn values_stored_under_other_rules_stay_readable(database: TestDatabase) {
    let store = database.open().await;
    let email = Email::stored("not what is an address today".to_owned());
    let ann = match store.create_user(NewUser { email: email.clone(), ..new_user("ann@example.org") }).await.unwrap() {
        CreateUser::Created(owner) => owner,
        CreateUser::EmailTaken => unreachable!(),
    };
    assert_eq!(store.find_account(&email).await.unwrap().unwrap().email, email);
    assert_eq!(store.read_account(ann).await.unwrap().email, email);
    assert_eq!(store.find_user(&email).await.unwrap().unwrap().email, email);
    assert_eq!(store.list_users(None, 10).await.unwrap().len(), 1);

    // Blank, too long and with a control character; positions exceed the safe integers of JSON.
    let titles = ["  ".to_owned(), "a".repeat(5000), "a\u{7}b".to_owned()];
    let orders = [i64::MIN, 0, i64::MAX].map(TodoOrder::stored);
    for (title, order) in titles.iter().zip(orders) {
        let todo = NewTodo { order: Some(order), ..stored_todo(TodoTitle::stored(title.clone())) };
        let todo = create(&*store, ann, todo).await;
        assert_eq!(store.find_todo(ann, todo.id).await, Ok(Some(todo)));
    }
    assert_eq!(self::titles(&*store, ann).await, titles);
    let mut after = None;
    for title in &titles {
        let found = list(&*store, ann, TodoQuery { after, limit: 1, ..ALL }).await;
        assert_eq!(found[0].title.as_str(), title, "page by page");
        after = found.first().and_then(|todo| TodoCursor::at(Sort::Order, todo));
    }
    assert_eq!(store.complete_todos(ann, true, UNFILTERED, NOW).await.unwrap().changed, 3);
    assert_eq!(store.export_todos(ann, None, 10).await.unwrap().len(), 3);
    let deleted = store.delete_todos(ann, UNFILTERED, NOW).await.unwrap();
    assert_eq!(deleted.changed, 3);
    assert_eq!(trash_page(&*store, ann, None, 10).await.len(), 3);
    assert_eq!(store.undo(ann, deleted.list_version, NOW).await.unwrap().changed, 3);
}

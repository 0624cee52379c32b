//! The counts, list versions and undo stacks, on both databases, also beside the release before, which does not know them.

use std::{collections::BTreeMap, sync::Arc};

use holdfast::{
    domain::{Email, TodoFields, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis},
    server::store::{Condition, CreateUser, NewTodo, NewUser, Owner, Store, TodoFilter},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use uuid::Uuid;

use crate::support::{Kind, TestDatabase};

#[derive(Clone, Copy, Debug)]
enum Act {
    Add {
        completed: bool,
    },
    Replace {
        completed: bool,
    },
    Change {
        completed: Option<bool>,
    },
    /// To the first place, or after another todo.
    Move {
        after: Option<usize>,
    },
    AddMany {
        count: usize,
    },
    Delete,
    Restore,
    CompleteMany {
        completed: bool,
        filter: Option<bool>,
    },
    DeleteMany {
        filter: Option<bool>,
    },
    /// The last bulk change, or one before it.
    Undo {
        back: usize,
    },
    EmptyTrash,
    Purge {
        before: i64,
    },
    /// A statement of the release before, with its text.
    Before(Statement),
}

#[derive(Clone, Copy, Debug)]
enum Statement {
    Insert,
    Upsert,
    Complete,
    Reopen,
    Delete,
    CompleteAll,
    ClearCompleted,
    Purge,
}

impl Statement {
    fn text(self, user: &str, id: &str, new: &str, now: i64) -> String {
        let insert = |id: &str, conflict: &str| {
            format!(
                r#"insert into todos (user_id, id, title, completed, completed_at, "order", version, created_at, updated_at)
                select users.id, '{id}', 'before', false, null, 1024, 1, {now}, {now} from users where users.id = '{user}'
                on conflict (user_id, id) {conflict}"#
            )
        };
        let update = |set: &str, which: &str| {
            format!("update todos set version = version + 1, updated_at = {now}, {set} where user_id = '{user}' and {which}")
        };
        let (one, complete) = (format!("id = '{id}' and deleted_at is null"), format!("completed = true, completed_at = {now}"));
        match self {
            Self::Insert => insert(new, "do nothing"),
            Self::Upsert => insert(
                id,
                "do update set title = excluded.title, completed = excluded.completed, completed_at = null,
                version = todos.version + 1 where todos.deleted_at is null",
            ),
            Self::Complete => update(&complete, &one),
            Self::Reopen => update("completed = false, completed_at = null", &one),
            Self::Delete => update(&format!("deleted_at = {now}"), &one),
            Self::CompleteAll => update(&complete, "deleted_at is null and completed = false"),
            Self::ClearCompleted => update(&format!("deleted_at = {now}"), "deleted_at is null and completed = true"),
            Self::Purge => format!("delete from todos where user_id = '{user}' and deleted_at < {now}"),
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let flag = any::<bool>;
    let maybe = any::<Option<bool>>;
    prop_oneof![
        6 => flag().prop_map(|completed| Act::Add { completed }),
        2 => flag().prop_map(|completed| Act::Replace { completed }),
        3 => maybe().prop_map(|completed| Act::Change { completed }),
        4 => any::<Option<usize>>().prop_map(|after| Act::Move { after }),
        2 => (1..4_usize).prop_map(|count| Act::AddMany { count }),
        3 => Just(Act::Delete),
        2 => Just(Act::Restore),
        2 => (flag(), maybe()).prop_map(|(completed, filter)| Act::CompleteMany { completed, filter }),
        1 => maybe().prop_map(|filter| Act::DeleteMany { filter }),
        4 => (0..4_usize).prop_map(|back| Act::Undo { back }),
        1 => Just(Act::EmptyTrash),
        1 => (0..40_i64).prop_map(|before| Act::Purge { before }),
        5 => prop::sample::select(vec![
            Statement::Insert, Statement::Upsert, Statement::Complete, Statement::Reopen, Statement::Delete,
            Statement::CompleteAll, Statement::ClearCompleted, Statement::Purge,
        ]).prop_map(Act::Before),
    ]
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// What a person sees.
    state: String,
    version: i64,
    changed_in: i64,
}

/// By owner and id.
type Rows = BTreeMap<String, Row>;

struct World {
    database: TestDatabase,
    store: Arc<dyn Store>,
    owners: Vec<Owner>,
    ids: Vec<TodoId>,
    /// The list versions of bulk changes.
    bulk: Vec<i64>,
    /// The states before the bulk changes that can be undone, by owner and id.
    undo: BTreeMap<String, Vec<(i64, String)>>,
    now: i64,
}

impl World {
    async fn new(kind: Kind) -> Option<Self> {
        let database = TestDatabase::new(kind).await?;
        // The trash overflows now and then.
        let store = database.open_for(5).await;
        let mut owners = Vec::new();
        for name in ["ann", "bob"] {
            let email = Email::parse(&format!("{name}@example.org")).unwrap();
            let user = NewUser { id: Uuid::now_v7().into(), email, password_hash: String::new(), created_at: UnixMillis(0) };
            let CreateUser::Created(owner) = store.create_user(user).await.unwrap() else { panic!() };
            owners.push(owner);
        }
        let ids = vec![Uuid::now_v7().into()];
        Some(Self { database, store, owners, ids, bulk: vec![0], undo: BTreeMap::new(), now: 0 })
    }

    async fn rows(&self) -> Rows {
        let rows = "select user_id || ' ' || id || '|' || title || cast(completed as text) || coalesce(cast(completed_at as text), '')
            || ' ' || coalesce(cast(deleted_at as text), '') || '|' || cast(version as text) || '|' || cast(changed_in as text) from todos";
        let rows = self.database.texts(rows).await;
        let parse = |row: String| {
            let mut parts = row.split('|').map(str::to_owned);
            let mut next = || parts.next().unwrap();
            (next(), Row { state: next(), version: next().parse().unwrap(), changed_in: next().parse().unwrap() })
        };
        rows.into_iter().map(parse).collect()
    }

    /// List version and purged version, by owner.
    async fn versions(&self) -> BTreeMap<String, (i64, i64)> {
        let users = "select id || '|' || cast(list_version as text) || '|' || cast(purged_version as text) from users";
        let parse = |row: String| {
            let mut parts = row.split('|');
            let id = parts.next().unwrap().to_owned();
            let mut number = || parts.next().unwrap().parse().unwrap();
            (id, (number(), number()))
        };
        self.database.texts(users).await.into_iter().map(parse).collect()
    }

    fn undone(&self, back: usize) -> i64 {
        self.bulk[self.bulk.len().saturating_sub(back + 1)]
    }

    /// Checks that an undo restored these todos, all of them and no other.
    fn follow_undo(&mut self, act: Act, user: usize, id: TodoId, before: &Rows, after: &Rows) {
        let undone = if let Act::Undo { back } = act { self.undone(back) } else { 0 };
        self.undo.retain(|key, _| after.contains_key(key));
        for (key, old) in before {
            let Some(new) = after.get(key) else { continue };
            let stack = self.undo.entry(key.clone()).or_default();
            let is_changed = old.version != new.version;
            match act {
                Act::Undo { .. } => {
                    let is_own = key.starts_with(&self.owners[user].user.to_string());
                    let restored = stack.pop_if(|(version, _)| is_own && *version == undone).map(|(_, state)| state);
                    assert_eq!(is_changed, restored.is_some(), "{undone}: {old:?} {new:?}");
                    assert_eq!(new.state, restored.unwrap_or_else(|| old.state.clone()));
                }
                Act::CompleteMany { .. } | Act::DeleteMany { .. } if is_changed => {
                    stack.push((*self.bulk.last().unwrap(), old.state.clone()));
                }
                // Of the others only the orders change.
                Act::Move { .. } if !key.ends_with(&id.to_string()) => {}
                _ if is_changed => stack.clear(),
                _ => {}
            }
        }
    }

    async fn act(&mut self, act: Act, user: usize, id: TodoId) {
        self.now += 1;
        let (now, owner) = (UnixMillis(self.now), self.owners[user]);
        let new = |id, completed: bool| {
            let title = TodoTitle::parse("now").unwrap();
            // Half of them have the same order, so that moves need room.
            let order = completed.then(|| TodoOrder::parse(1024).unwrap());
            NewTodo { id, fields: TodoFields { completed, ..TodoFields::new(title) }, order }
        };
        let store = &self.store;
        match act {
            Act::Add { completed } => {
                let id = Uuid::now_v7().into();
                self.ids.push(id);
                store.put_todo(owner, new(id, completed), Condition::Absent, now).await.unwrap();
            }
            Act::Replace { completed } => drop(store.put_todo(owner, new(id, completed), Condition::Always, now).await.unwrap()),
            Act::Change { completed } => {
                let patch = TodoPatch { completed, ..TodoPatch::default() };
                store.change_todo(owner, id, Condition::Always, patch, now).await.unwrap();
            }
            Act::Move { after } => {
                let after = after.map(|after| self.ids[after % self.ids.len()]);
                store.move_todo(owner, id, after, Condition::Always, now).await.unwrap();
            }
            Act::AddMany { count } => {
                let ids: Vec<_> = (0..count).map(|_| Uuid::now_v7().into()).collect();
                self.ids.extend(&ids);
                let todos = ids.into_iter().chain([id]).map(|id| new(id, false)).collect();
                store.create_todos(owner, todos, 0, now).await.unwrap();
            }
            Act::Delete => drop(store.delete_todo(owner, id, Condition::Always, now).await.unwrap()),
            Act::Restore => drop(store.restore_todos(owner, &[id], now).await.unwrap()),
            Act::CompleteMany { completed, filter } => {
                let filter = TodoFilter { completed: filter, ..TodoFilter::default() };
                self.bulk.push(store.complete_todos(owner, completed, filter, now).await.unwrap().list_version);
            }
            Act::DeleteMany { filter } => {
                self.bulk.push(
                    store
                        .delete_todos(owner, TodoFilter { completed: filter, ..TodoFilter::default() }, now)
                        .await
                        .unwrap()
                        .list_version,
                );
            }
            Act::Undo { back } => drop(store.undo(owner, self.undone(back), now).await.unwrap()),
            Act::EmptyTrash => drop(store.empty_trash(owner).await.unwrap()),
            Act::Purge { before } => drop(store.purge_todos(UnixMillis(self.now - before)).await.unwrap()),
            Act::Before(statement) => {
                let new = TodoId::from(Uuid::now_v7());
                self.ids.push(new);
                let text = statement.text(&owner.user.to_string(), &id.to_string(), &new.to_string(), self.now);
                self.database.execute_text(&text).await;
            }
        }
    }
}

async fn check(mut world: World, acts: Vec<(Act, usize, usize)>) {
    let (mut rows, mut versions) = (world.rows().await, world.versions().await);
    for (act, user, nth) in acts {
        let id = world.ids[nth % world.ids.len()];
        world.act(act, user, id).await;
        let (rows_after, versions_after) = (world.rows().await, world.versions().await);
        assert_eq!(world.database.count_faults().await, [] as [String; 0], "{act:?}");
        for key in rows.keys().chain(rows_after.keys()) {
            let owner = key.split(' ').next().unwrap();
            let ((before, _), (after, purged)) = (versions[owner], versions_after[owner]);
            match (rows.get(key), rows_after.get(key)) {
                (Some(old), None) => {
                    assert!(purged >= old.changed_in && after > before, "{act:?} purged a row: {old:?} {purged}");
                }
                (Some(old), Some(new)) if old.version == new.version && !matches!(act, Act::Restore) => {
                    assert_eq!(old, new, "{act:?}");
                }
                (_, Some(Row { changed_in, .. })) => {
                    assert!(*changed_in > 0 && *changed_in <= after, "{act:?}: {changed_in} {after}");
                    assert!(matches!(act, Act::Restore) || *changed_in > before, "{act:?}: {changed_in} {before}");
                }
                (None, None) => unreachable!(),
            }
        }
        world.follow_undo(act, user, id, &rows, &rows_after);
        (rows, versions) = (rows_after, versions_after);
    }
    world.store.close().await;
}

fn any_sequence_keeps_them(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() });
    let acts = prop::collection::vec((act(), 0..2_usize, any::<usize>()), 1..60);
    let result = runner.run(&acts, |acts| {
        runtime.block_on(async {
            if let Some(world) = World::new(kind).await {
                check(world, acts).await;
            }
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn counts_and_versions_are_right_after_any_sequence_on_sqlite() {
    any_sequence_keeps_them(Kind::Sqlite, 12);
}

#[test]
fn counts_and_versions_are_right_after_any_sequence_on_postgres() {
    any_sequence_keeps_them(Kind::Postgres, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_count_is_found() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(mut world) = World::new(kind).await else { continue };
        world.act(Act::Add { completed: true }, 0, world.ids[0]).await;
        assert_eq!(world.database.count_faults().await, [] as [String; 0]);
        for column in ["todos", "completed_todos", "deleted_todos"] {
            let (more, less) =
                (format!("update users set {column} = {column} + 1"), format!("update users set {column} = {column} - 1"));
            world.database.execute_text(&more).await;
            assert_eq!(world.database.count_faults().await.len(), 2, "{column}");
            world.database.execute_text(&less).await;
        }
        world.database.execute_text("update users set list_version = 0").await;
        assert_eq!(world.database.count_faults().await.len(), 1, "a todo is newer than its list");
    }
}

//! Any sequence of moves gives the order that it says, on both databases, whatever the orders were before.

use std::sync::Arc;

use futures::future::join_all;
use holdfast::{
    domain::{Email, Todo, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis},
    server::store::{Condition, CreateUser, NewTodo, NewUser, Owner, Sort, Store, TodoFilter, TodoQuery, Write},
};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::support::{Kind, TestDatabase};

const NOW: UnixMillis = UnixMillis(0);
const MAX: i64 = TodoOrder::MAX;

#[derive(Clone, Debug)]
enum Act {
    /// To another index of the list.
    Move {
        from: Index,
        to: Index,
    },
    SetOrder {
        of: Index,
        order: i64,
    },
    Delete {
        of: Index,
    },
    RestoreAll,
}

/// Many ties, and the extremes.
fn order() -> impl Strategy<Value = i64> {
    prop_oneof![-2..3_i64, MAX - 2..=MAX, -MAX..=2 - MAX, -MAX..=MAX]
}

fn act() -> impl Strategy<Value = Act> {
    let index = any::<Index>;
    prop_oneof![
        10 => (index(), index()).prop_map(|(from, to)| Act::Move { from, to }),
        2 => (index(), order()).prop_map(|(of, order)| Act::SetOrder { of, order }),
        1 => index().prop_map(|of| Act::Delete { of }),
        1 => Just(Act::RestoreAll),
    ]
}

/// The list of one user.
struct List<'s> {
    store: &'s dyn Store,
    owner: Owner,
    deleted: Vec<TodoId>,
}

impl<'s> List<'s> {
    /// Of a new user.
    async fn new(store: &'s dyn Store, orders: impl IntoIterator<Item = Option<i64>>) -> Self {
        let email = Email::parse(&format!("{}@example.org", Uuid::now_v7())).unwrap();
        let user = NewUser { id: Uuid::now_v7().into(), email, password_hash: String::new(), created_at: NOW };
        let CreateUser::Created(owner) = store.create_user(user).await.unwrap() else { panic!() };
        let new = |order: Option<i64>| {
            let patch = TodoPatch { title: Some(TodoTitle::parse("x").unwrap()), ..TodoPatch::default() };
            let order = order.map(|order| TodoOrder::parse(order).unwrap());
            NewTodo { id: Uuid::now_v7().into(), fields: patch.into_fields().unwrap(), order }
        };
        let created = store.create_todos(owner, orders.into_iter().map(new).collect(), 0, NOW).await.unwrap();
        assert!(created.written.iter().all(|write| matches!(write, Write::Done(_))));
        Self { store, owner, deleted: Vec::new() }
    }

    async fn todos(&self) -> Vec<Todo> {
        let query = TodoQuery { filter: TodoFilter::default(), sort: Sort::Order, after: None, limit: 1000 };
        self.store.list_todos(self.owner, query, None).await.unwrap().todos.unwrap()
    }

    async fn ids(&self) -> Vec<TodoId> {
        self.todos().await.into_iter().map(|todo| todo.id).collect()
    }

    async fn place(&self, id: TodoId, after: Option<TodoId>) -> Todo {
        let moved = self.store.move_todo(self.owner, id, after, Condition::Always, NOW).await.unwrap();
        let Some(Write::Done(todo)) = moved else { panic!("{moved:?}") };
        todo
    }

    /// Returns the order of the list that the act says.
    async fn act(&mut self, act: Act) -> Vec<TodoId> {
        let mut ids = self.ids().await;
        match act {
            Act::RestoreAll => {
                let deleted = std::mem::take(&mut self.deleted);
                self.store.restore_todos(self.owner, &deleted, NOW).await.unwrap();
                return self.ids().await;
            }
            _ if ids.is_empty() => return ids,
            Act::Move { from, to } => {
                let id = ids.remove(from.index(ids.len()));
                let to = to.index(ids.len() + 1);
                let moved = self.place(id, to.checked_sub(1).map(|before| ids[before])).await;
                assert_eq!(self.store.find_todo(self.owner, id).await.unwrap(), Some(moved));
                ids.insert(to, id);
            }
            Act::SetOrder { of, order } => {
                let patch = TodoPatch { order: TodoOrder::parse(order).ok(), ..TodoPatch::default() };
                let id = ids[of.index(ids.len())];
                self.store.change_todo(self.owner, id, Condition::Always, patch, NOW).await.unwrap();
                return self.ids().await;
            }
            Act::Delete { of } => {
                let id = ids.remove(of.index(ids.len()));
                self.store.delete_todo(self.owner, id, Condition::Always, NOW).await.unwrap();
                self.deleted.push(id);
            }
        }
        ids
    }

    async fn check(&mut self, acts: Vec<Act>) {
        for act in acts {
            let expected = self.act(act.clone()).await;
            let todos = self.todos().await;
            assert_eq!(todos.iter().map(|todo| todo.id).collect::<Vec<_>>(), expected, "{act:?}");
            assert!(todos.iter().all(|todo| (-MAX..=MAX).contains(&todo.order.get())), "{act:?}");
        }
    }
}

async fn store(kind: Kind) -> Option<(TestDatabase, Arc<dyn Store>)> {
    let database = TestDatabase::new(kind).await?;
    let store = database.open().await;
    Some((database, store))
}

fn any_sequence_gives_the_order_that_it_says(kind: Kind, cases: u32) {
    let runtime = Runtime::new().unwrap();
    let Some((database, store)) = runtime.block_on(store(kind)) else { return };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() });
    let orders = prop_oneof![prop::collection::vec(order(), 1..20), prop::collection::vec(Just(7), 2..20)];
    let result = runner.run(&(orders, prop::collection::vec(act(), 1..40)), |(orders, acts)| {
        runtime.block_on(async {
            List::new(&*store, orders.into_iter().map(Some)).await.check(acts).await;
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert_eq!(runtime.block_on(database.count_faults()), [] as [String; 0]);
}

#[test]
fn any_sequence_of_moves_gives_the_order_that_it_says_on_sqlite() {
    any_sequence_gives_the_order_that_it_says(Kind::Sqlite, 60);
}

#[test]
fn any_sequence_of_moves_gives_the_order_that_it_says_on_postgres() {
    any_sequence_gives_the_order_that_it_says(Kind::Postgres, 12);
}

/// Moves the last todo after the first one, again and again.
async fn move_into_one_gap(kind: Kind, moves: usize, together: usize) {
    let Some((_database, store)) = store(kind).await else { return };
    let list = List::new(&*store, vec![None; 40]).await;
    let mut expected = list.ids().await;
    for _ in 0..moves / together {
        let next = expected.iter().rev().take(together).copied().collect::<Vec<_>>();
        join_all(next.into_iter().map(|id| list.place(id, Some(expected[0])))).await;
        expected[1..].rotate_right(together);
    }
    let todos = list.todos().await;
    assert_eq!(todos.iter().map(|todo| todo.id).collect::<Vec<_>>(), expected);
    assert!(todos.iter().all(|todo| (-MAX..=MAX).contains(&todo.order.get())));
    let changes: i64 = todos.iter().map(|todo| todo.version - 1).sum();
    let moves = i64::try_from(moves).unwrap();
    assert!(changes >= moves && changes < 9 * moves, "{changes} changes of todos for {moves} moves");
}

#[tokio::test]
async fn ten_thousand_moves_into_one_gap_on_sqlite() {
    // Together, so that they share commits. The queue of the writer keeps their order.
    move_into_one_gap(Kind::Sqlite, 10_000, 20).await;
}

#[tokio::test]
async fn many_moves_into_one_gap_on_postgres() {
    move_into_one_gap(Kind::Postgres, 500, 1).await;
}

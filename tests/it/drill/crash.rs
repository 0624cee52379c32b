//! the program is killed repeatedly during writes.

use std::{
    collections::HashMap,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use uuid::Uuid;

use super::{JSON, is_long, put, report, rounds, sign_in, sign_up, start, todos};
use crate::support::{Kind, Program, TestDatabase, command};

const WRITERS: usize = 4;
/// A debug build starts slower than a release.
const READY_WITHIN: Duration = Duration::from_secs(2);
/// For `make test`, where other tests compete for the CPU.
const READY_WITHIN_BESIDE_OTHERS: Duration = Duration::from_secs(20);

///
#[tokio::test(flavor = "multi_thread")]
async fn kill_loses_no_acknowledged_write_on_sqlite() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let acknowledged = drill(&database, "SQLite");
    let checked = database.backup().unwrap();
    assert!(checked.contains("Its integrity was checked"), "{checked}");
    assert_eq!(database.count_faults().await, [] as [String; 0]);
    assert!(acknowledged > 0);
}

///
#[tokio::test(flavor = "multi_thread")]
async fn kill_loses_no_acknowledged_write_on_postgres() {
    let Some(database) = TestDatabase::new(Kind::Postgres).await else { return };
    drill(&database, "Postgres");
    assert_eq!(database.count_faults().await, [] as [String; 0]);
}

///
#[tokio::test(flavor = "multi_thread")]
async fn next_start_finishes_migrations_after_a_kill() {
    let (mut kills, mut halfway) = (0, 0);
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for nth in 0..rounds(6, 40) {
            let Some(database) = TestDatabase::new(kind).await else { continue };
            let settings = [("DATABASE_URL", database.url())];
            // Start and migrations take some 50 ms.
            Program::run_and_kill(Duration::from_millis(5 + nth as u64 * 13 % 80), &settings);
            let status = || command(database.url(), &["migrate", "status"]);
            halfway += usize::from(status().is_ok_and(|status| status.contains("applied") && status.contains("pending")));
            kills += 1;
            Program::start(&settings).wait_until_ready(Instant::now());
            let status = status().unwrap();
            assert!(status.ends_with("The database is up to date.\n"), "{status}");
        }
    }
    report(&format!(
        "R-18 SQLite and Postgres: {kills} kills during the first migrations, {halfway} of them between two migrations; each next start finished them"
    ));
}

#[derive(Clone, Copy, Default)]
struct Acknowledged {
    created: bool,
    completed: bool,
}

fn drill(database: &TestDatabase, name: &str) -> usize {
    let first = start(database.url());
    sign_up(&first);
    drop(first);
    let (mut tried, mut acknowledged) = (HashMap::new(), 0);
    let rounds = rounds(3, 30);
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let began = Instant::now();
        let program = start(database.url());
        slowest = slowest.max(program.wait_until_ready(began));
        let ann = sign_in(&program);
        check(&program, &ann, &tried);
        // Varies the time of the kill.
        let delay = Duration::from_millis((round as u64 * 37) % 170);
        let done = write_until_killed(program, &ann, delay);
        acknowledged += done.values().filter(|todo| todo.created).count();
        tried.extend(done);
    }
    let last = start(database.url());
    check(&last, &sign_in(&last), &tried);
    drop(last);
    assert!(slowest < if is_long() { READY_WITHIN } else { READY_WITHIN_BESIDE_OTHERS }, "ready again only after {slowest:?}");
    report(&format!(
        "R-01 {name}: {rounds} kills, {} todos tried, {acknowledged} acknowledged, none lost; ready again in {slowest:?} at most",
        tried.len()
    ));
    assert!(acknowledged > 0, "nothing was acknowledged before the kills");
    acknowledged
}

/// Writes from several threads, kills the program and returns what it acknowledged per todo.
fn write_until_killed(mut program: Program, ann: &str, delay: Duration) -> HashMap<Uuid, Acknowledged> {
    let done = Mutex::new(HashMap::new());
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                loop {
                    let id = Uuid::now_v7();
                    let record = |todo| done.lock().unwrap().insert(id, todo);
                    record(Acknowledged::default());
                    let created = put(&program, ann, id, &title(id)) == Some(201);
                    record(Acknowledged { created, completed: false });
                    if !created {
                        return;
                    }
                    let change = json!({ "completed": true }).to_string();
                    let response = program.try_send("PATCH", &format!("/api/v1/todos/{id}"), &[ann, JSON], &change);
                    let completed = response.is_some_and(|response| response.status == 200);
                    record(Acknowledged { created, completed });
                    if !completed {
                        return;
                    }
                }
            });
        }
        // Waits for the first writes, so that the kill hits a busy program even on a slow machine.
        let deadline = Instant::now() + Duration::from_secs(20);
        while done.lock().unwrap().values().filter(|todo: &&Acknowledged| todo.created).count() < WRITERS {
            assert!(Instant::now() < deadline, "nothing is acknowledged");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(delay);
        program.signal("KILL");
    });
    program.wait();
    done.into_inner().unwrap()
}

fn title(id: Uuid) -> String {
    format!("todo {id}")
}

/// Each acknowledged write is present once; every other todo was attempted and is consistent.
fn check(program: &Program, ann: &str, tried: &HashMap<Uuid, Acknowledged>) {
    let mut found = HashMap::new();
    for todo in todos(program, ann) {
        let id: Uuid = todo["id"].as_str().unwrap().parse().unwrap();
        assert!(tried.contains_key(&id), "unknown todo: {todo}");
        assert_eq!(todo["title"], title(id));
        assert_eq!(todo["completed"].as_bool().unwrap(), todo["completed_at"].is_string(), "torn write: {todo}");
        assert!(found.insert(id, todo["completed"] == true).is_none(), "duplicate: {id}");
    }
    for (id, acknowledged) in tried {
        assert!(!acknowledged.created || found.contains_key(id), "lost: {id}");
        assert!(!acknowledged.completed || found[id], "completion lost: {id}");
    }
}

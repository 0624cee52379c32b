//! power loss on SQLite. strace records every write and sync; the test replays prefixes of the record in which unsynced
//! writes are dropped or torn, and opens the database.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, ConnectOptions, sqlite::SqliteConnectOptions};
use uuid::Uuid;

use super::{put, report, rounds, sign_in, sign_up, start};
use crate::support::{COUNT_FAULTS, Kind, Program, TestDatabase};

/// The unit that a disk writes atomically.
const SECTOR: usize = 512;
const FILES: [&str; 2] = ["test.db", "test.db-wal"];

/// A change of one of the files, or an acknowledgement to a client.
enum Event {
    Write { file: usize, at: usize, bytes: Vec<u8> },
    Truncate { file: usize, length: usize },
    Sync { file: usize },
    Acknowledge(Uuid),
}

///
#[tokio::test(flavor = "multi_thread")]
async fn power_loss_loses_no_acknowledged_write_on_sqlite() {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        eprintln!("drill: NOT DONE: R-02 needs strace, which `scripts/setup test` installs on Debian");
        return;
    }
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let first = start(database.url());
    sign_up(&first);
    stop(first);
    let file = database.folder.path().join("test.db");
    // The record starts here. A clean close leaves no write-ahead log.
    let (before, log) = (fs::read(&file).unwrap(), file.with_file_name("test.db-wal"));
    assert!(!log.exists(), "the database was not closed cleanly");

    let trace = database.folder.path().join("trace");
    let recorded = record(&database, &trace);
    let events = parse_trace(&fs::read_to_string(&trace).unwrap());
    let syncs = events.iter().filter(|event| matches!(event, Event::Sync { .. })).count();
    let acknowledged = events.iter().filter(|event| matches!(event, Event::Acknowledge(_))).count();
    assert_eq!(acknowledged, recorded, "the record contains each acknowledged write");
    assert!(syncs > 0 && syncs <= events.len() / 2, "{syncs} syncs of {} events", events.len());

    let crashes = rounds(25, 300);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for nth in 0..crashes {
        let end = (events.len() * (nth + 1) / crashes).max(1);
        let folder = tempfile::tempdir().unwrap();
        replay(&before, &events[..end], &mut random, folder.path());
        let missing = lost_writes(&folder.path().join(FILES[0]), &events[..end]).await;
        assert!(missing.is_empty(), "after {end} of {} events lost: {missing:?}", events.len());
    }
    // Checks the drill itself: without syncs, writes get lost.
    let (mut lossy, unsynced) = (0, without_syncs(&events));
    for nth in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let end = unsynced.len() * (nth + 1) / 10;
        replay(&before, &unsynced[..end], &mut random, folder.path());
        lossy += usize::from(!lost_writes(&folder.path().join(FILES[0]), &unsynced[..end]).await.is_empty());
    }
    assert!(lossy > 0, "the drill detects no loss in a database that never syncs");
    report(&format!(
        "R-02 SQLite: {} events with {syncs} syncs and {acknowledged} acknowledged writes; {crashes} power losses, nothing lost, \
         nothing corrupt (without syncs {lossy} of 10 lose something)",
        events.len()
    ));
}

fn stop(mut program: Program) {
    assert!(program.stop().success());
}

/// Writes todos to a program under strace. Returns the number of acknowledged writes.
fn record(database: &TestDatabase, trace: &Path) -> usize {
    let calls = "pwrite64,fsync,fdatasync,ftruncate,write,writev,sendto,sendmsg";
    // `-D` runs strace as a grandchild, so that signals reach the program.
    let command = format!("exec strace -D -f -y -xx -s 1000000 -e trace={calls} -o {} \"$0\"", trace.display());
    let mut program = Program::start_with_shell(&command, &[("DATABASE_URL", database.url()), ("RATE_LIMITS", "off")]);
    let ann = sign_in(&program);
    let todos = rounds(15, 100);
    let acknowledged: usize = thread::scope(|scope| {
        let writer =
            || (0..todos).filter(|_| put(&program, &ann, Uuid::now_v7(), "written before the power fails") == Some(201)).count();
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(writer)).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    let id = program.id().to_string();
    assert!(program.stop().success());
    let is_last = |line: &str| line.strip_prefix(&id).is_some_and(|rest| rest.trim_start().starts_with("+++ exited"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(trace).unwrap().lines().any(is_last) {
        assert!(Instant::now() < deadline, "strace does not exit");
        thread::sleep(Duration::from_millis(20));
    }
    acknowledged
}

/// Joins the two lines that strace writes for an interrupted call.
fn parse_trace(trace: &str) -> Vec<Event> {
    let mut unfinished = HashMap::new();
    let mut events = Vec::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, begun);
        } else if call.starts_with("<... ") {
            let (_, end) = call.split_once(" resumed>").unwrap();
            let begun = unfinished.remove(thread).unwrap_or_default();
            events.extend(parse_call(&format!("{begun}{end}")));
        } else {
            events.extend(parse_call(call));
        }
    }
    events
}

/// Parses a successful call on one of the files or a response. Strings and file names are in hexadecimal.
fn parse_call(call: &str) -> Option<Event> {
    let (name, rest) = call.split_once('(')?;
    let (path, rest) = rest.split_once('<')?.1.split_once('>')?;
    let path = PathBuf::from(String::from_utf8(unhex(path)).ok()?);
    let done: i64 = rest.rsplit_once(" = ")?.1.split(' ').next()?.parse().ok()?;
    let texts: Vec<u8> = rest.split('"').skip(1).step_by(2).flat_map(unhex).collect();
    let arguments: Vec<_> = rest.rsplit_once(')')?.0.split(", ").collect();
    let Some(file) = FILES.iter().position(|file| path.file_name().is_some_and(|name| name == *file)) else {
        return created_id(&String::from_utf8_lossy(&texts)).map(Event::Acknowledge);
    };
    match name {
        "pwrite64" => {
            let bytes = texts[..usize::try_from(done).ok()?].to_vec();
            Some(Event::Write { file, at: arguments.last()?.parse().ok()?, bytes })
        }
        "ftruncate" => Some(Event::Truncate { file, length: arguments.last()?.parse().ok()? }),
        "fsync" | "fdatasync" => Some(Event::Sync { file }),
        _ => panic!("{name} changes the database, but the drill does not know the call"),
    }
}

/// The id of the todo in a 201 response.
fn created_id(answer: &str) -> Option<Uuid> {
    let body = answer.strip_prefix("HTTP/1.1 201")?.split_once("\r\n\r\n")?.1;
    let todo: serde_json::Value = serde_json::from_str(body).ok()?;
    todo["id"].as_str()?.parse().ok()
}

fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

fn without_syncs(events: &[Event]) -> Vec<Event> {
    let kept = events.iter().filter_map(|event| match event {
        Event::Write { file, at, bytes } => Some(Event::Write { file: *file, at: *at, bytes: bytes.clone() }),
        Event::Truncate { file, length } => Some(Event::Truncate { file: *file, length: *length }),
        Event::Acknowledge(id) => Some(Event::Acknowledge(*id)),
        Event::Sync { .. } => None,
    });
    kept.collect()
}

/// Writes the files in a state that a power loss after these events may leave.
fn replay(before: &[u8], events: &[Event], random: &mut Random, folder: &Path) {
    let mut files = [Some(before.to_vec()), None];
    for (file, content) in files.iter_mut().enumerate() {
        let last_sync = events.iter().rposition(|event| matches!(event, Event::Sync { file: other } if *other == file));
        for (nth, event) in events.iter().enumerate() {
            let is_durable = last_sync.is_some_and(|last| nth < last);
            match event {
                Event::Write { file: other, at, bytes } if *other == file => {
                    // All, nothing or a prefix.
                    let kept = match random.below(3) {
                        _ if is_durable => bytes.len(),
                        0 => bytes.len(),
                        1 => 0,
                        _ => random.below(bytes.len() / SECTOR + 1) * SECTOR,
                    };
                    let content = content.get_or_insert_default();
                    if kept > 0 {
                        content.resize(content.len().max(at + kept), 0);
                        content[*at..at + kept].copy_from_slice(&bytes[..kept]);
                    }
                }
                Event::Truncate { file: other, length } if *other == file && (is_durable || random.below(2) == 0) => {
                    content.get_or_insert_default().resize(*length, 0);
                }
                _ => {}
            }
        }
        if let Some(content) = content {
            fs::write(folder.join(FILES[file]), content).unwrap();
        }
    }
}

/// Opens the database and returns the acknowledged todos that are missing: all of them if it is corrupt.
async fn lost_writes(file: &Path, events: &[Event]) -> Vec<Uuid> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let Ok(verdict) = sqlx::query_scalar::<_, String>("pragma integrity_check").fetch_one(&mut connection).await else {
        return acknowledged_ids(events).collect();
    };
    let found: Vec<String> = match verdict.as_str() {
        // Counts are part of a write.
        "ok" => sqlx::query_scalar(AssertSqlSafe(format!("select id from todos where not exists ({COUNT_FAULTS})")))
            .fetch_all(&mut connection)
            .await
            .unwrap(),
        _ => Vec::new(),
    };
    acknowledged_ids(events).filter(|id| !found.contains(&id.to_string())).collect()
}

fn acknowledged_ids(events: &[Event]) -> impl Iterator<Item = Uuid> {
    events.iter().filter_map(|event| if let Event::Acknowledge(id) = event { Some(*id) } else { None })
}

/// xorshift with a fixed seed, so that failures are reproducible.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

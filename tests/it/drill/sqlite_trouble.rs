//! SQLite with a lock, a full disk, a missing or read-only file and a second server.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use sqlx::{ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tokio::runtime::Runtime;

use super::{is_long, report, rounds, sign_up, start, status, todos, try_write};
use crate::support::{App, Kind, Program, TestDatabase, command};

///
#[tokio::test(flavor = "multi_thread")]
async fn writers_wait_for_a_lock_and_then_get_503() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let program = start(database.url());
    let ann = sign_up(&program);
    let mut other = SqliteConnectOptions::new().filename(database.folder.path().join("test.db")).connect().await.unwrap();
    for (seconds, expected) in [(if is_long() { 3 } else { 1 }, 201), (if is_long() { 12 } else { 7 }, 503)] {
        other.execute("begin immediate").await.unwrap();
        let held = Instant::now();
        thread::scope(|scope| {
            let writers: Vec<_> = (0..20).map(|_| scope.spawn(|| try_write(&program, &ann))).collect();
            thread::sleep(Duration::from_millis(200));
            assert_eq!(status(&program, "/api/v1/todos", &ann), 200, "reads succeed");
            assert_eq!(status(&program, "/livez", ""), 200);
            if expected == 201 {
                thread::sleep(Duration::from_secs(seconds));
                tokio::task::block_in_place(|| {
                    tokio::runtime::Handle::current().block_on(other.execute("rollback")).unwrap();
                });
            }
            for writer in writers {
                let (status, retry_after) = writer.join().unwrap();
                assert_eq!(status, expected, "after {:?}", held.elapsed());
                assert_eq!(retry_after.is_empty(), status == 201, "{retry_after}");
            }
        });
        if expected == 503 {
            assert!(held.elapsed() < Duration::from_secs(seconds + 10), "{:?}", held.elapsed());
            other.execute("rollback").await.unwrap();
        }
    }
    assert_eq!(try_write(&program, &ann).0, 201, "writes resume");
    assert_eq!(todos(&program, &ann).len(), 21);
    report(
        "R-07 SQLite: 20 writers waited for a lock and succeeded; under a longer lock all got 503 with Retry-After, and reads succeeded",
    );
}

///
#[test]
fn stopped_writer_task_makes_the_server_unready() {
    let (first, second) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let database = first.block_on(TestDatabase::new(Kind::Sqlite)).unwrap();
    let store = first.block_on(database.open());
    let status = async |request: Builder, body: &'static str| {
        let app = App::on_store(Arc::clone(&store)).await;
        app.send(request.body(Body::from(body)).unwrap()).await.status().as_u16()
    };
    let sign_up = || {
        let request = Request::post("/bff/sign_up").header("origin", "http://127.0.0.1:3000");
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    assert_eq!(second.block_on(status(Request::get("/readyz"), "")), 200);
    // Dropping the runtime stops the writer task, as a panic would.
    drop(first);
    assert_eq!(second.block_on(status(Request::get("/readyz"), "")), 503);
    assert_eq!(second.block_on(status(Request::get("/livez"), "")), 200);
    let form = "email=ann%40example.org&password=correct+horse+battery+staple";
    assert_eq!(second.block_on(status(sign_up(), form)), 500, "a retry does not help");
}

///
#[tokio::test(flavor = "multi_thread")]
async fn full_disk_answers_503_to_writes_and_serves_reads() {
    // A mount namespace hides the small disk from other processes.
    let command = "mkdir data && exec unshare --mount sh -c 'mount -t tmpfs -o size=3m tmpfs data && exec \"$0\"' \"$0\"";
    let settings = [("DATABASE_URL", "sqlite://data/test.db"), ("RATE_LIMITS", "off")];
    let can_mount = std::process::Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success());
    if !can_mount {
        eprintln!("drill: NOT DONE: R-04 mounts a small disk, which only root may do");
        return;
    }
    let program = Program::start_with_shell(command, &settings);
    let ann = sign_up(&program);
    let disk = format!("/proc/{}/root{}", program.id(), program.folder.path().join("data").display());
    for round in 0..rounds(1, 5) {
        let ballast = format!("{disk}/ballast");
        // The write fails when the disk is full; part of the last block may be free.
        let filled = fs::write(&ballast, vec![0; 8 << 20]);
        assert!(filled.is_err(), "the disk is not full");
        let mut before = todos(&program, &ann).len();
        let refused = loop {
            match try_write(&program, &ann) {
                (201, _) => before += 1,
                refused => break refused,
            }
        };
        assert_eq!(refused.0, 503, "round {round}");
        assert!(!refused.1.is_empty(), "Retry-After");
        // Waiting writes share one transaction and fail together.
        let together = many_writes(&program, &ann);
        before += together.iter().filter(|status| **status == 201).count();
        assert!(together.iter().all(|status| [201, 503].contains(status)), "{together:?}");
        assert_eq!(todos(&program, &ann).len(), before, "reads succeed and return each acknowledged write");
        assert_eq!(status(&program, "/livez", ""), 200);
        fs::remove_file(&ballast).unwrap();
        assert_eq!(try_write(&program, &ann).0, 201, "writes resume without a restart");
        assert_eq!(many_writes(&program, &ann), [201; 16]);
    }
    report("R-04 SQLite: on a full disk writes got 503 and reads 200; writes resumed without a restart when space was free");
}

/// Sends concurrent writes.
fn many_writes(program: &Program, ann: &str) -> Vec<u16> {
    thread::scope(|scope| {
        let writers: Vec<_> = (0..16).map(|_| scope.spawn(|| try_write(program, ann).0)).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

type Step<'a> = &'a dyn Fn();

///
#[test]
fn missing_database_file_answers_503_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (data, away, file, kept) = (place("data"), place("away"), place("data/test.db"), place("data/kept.db"));
    let program = start(&format!("sqlite://{}", file.display()));
    let ann = sign_up(&program);
    assert_eq!(try_write(&program, &ann).0, 201);
    let rename = |from: &Path, to: &Path| fs::rename(from, to).unwrap();
    let ways: [(&str, Step, Step); 3] = [
        ("folder renamed", &|| rename(&data, &away), &|| rename(&away, &data)),
        (
            "file removed",
            &|| {
                fs::hard_link(&file, &kept).unwrap();
                fs::remove_file(&file).unwrap();
            },
            &|| rename(&kept, &file),
        ),
        (
            "file replaced",
            &|| {
                rename(&file, &kept);
                fs::copy(&kept, &file).unwrap();
            },
            &|| rename(&kept, &file),
        ),
    ];
    for (nth, (way, take, put_back)) in ways.into_iter().enumerate() {
        take();
        let (written, retry_after) = try_write(&program, &ann);
        assert!(written == 503 && !retry_after.is_empty(), "{way}: {written} {retry_after}");
        for (path, expected) in [("/readyz", 503), ("/api/v1/todos", 503), ("/livez", 200)] {
            assert_eq!(status(&program, path, &ann), expected, "{way}: {path}");
        }
        put_back();
        assert_eq!(status(&program, "/readyz", ""), 200, "{way}");
        assert_eq!(try_write(&program, &ann).0, 201, "{way}: writes resume");
        assert_eq!(todos(&program, &ann).len(), nth + 2, "{way}: acknowledged todos");
    }
    program.wait_for_output("its file was removed or replaced");
    report(
        "R-06 SQLite: with the file removed, renamed or replaced every request got 503; with the file back requests succeeded",
    );
}

///
#[tokio::test(flavor = "multi_thread")]
async fn read_only_database_stops_the_start_with_one_sentence() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    drop(start(database.url()));
    // A read-only mount also stops root, who ignores file modes.
    let folder = database.folder.path().display();
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", &format!("mount --bind -o ro {folder} {folder} && exec \"$0\" user list")])
        .arg(env!("CARGO_BIN_EXE_holdfast"))
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output();
    let Ok(output) = output else {
        eprintln!("drill: NOT DONE: R-06 mounts a folder read-only, which only Linux can do");
        return;
    };
    let error = String::from_utf8(output.stderr).unwrap();
    if error.contains("Operation not permitted") {
        eprintln!("drill: NOT DONE: R-06 mounts a folder read-only, which only root may do");
        return;
    }
    assert!(!output.status.success(), "{error}");
    assert!(error.starts_with("holdfast: can't open the database") && error.contains("yours to write"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_server_on_one_database_is_rejected_and_commands_are_not() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let mut first = start(database.url());
    let second = Program::run(&[("DATABASE_URL", database.url())]);
    let error = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(error.contains("another server runs on the database") && error.contains("need Postgres"), "{error}");
    assert!(command(database.url(), &["user", "list"]).unwrap().contains("E-MAIL"));
    // A killed server leaves no lock behind.
    first.signal("KILL");
    first.wait();
    start(database.url());
}

#[tokio::test(flavor = "multi_thread")]
async fn second_server_on_a_symlinked_database_is_rejected() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let folder = database.folder.path();
    let links = [folder.join("link.db"), folder.join("link-to-link.db"), folder.join("linked/test.db")];
    symlink("test.db", &links[0]).unwrap();
    symlink(&links[0], &links[1]).unwrap();
    symlink(folder, folder.join("linked")).unwrap();
    let url = |link: &Path| format!("sqlite://{}", link.display());
    // The first server creates the file through a symbolic link.
    let mut first = start(&url(&links[1]));
    for link in links.iter().map(|link| url(link)).chain([database.url().to_owned()]) {
        let second = Program::run(&[("DATABASE_URL", &link)]);
        let error = String::from_utf8(second.stderr).unwrap();
        assert_eq!(second.status.code(), Some(1), "{link}");
        assert!(error.contains("another server runs on the database"), "{link}: {error}");
    }
    let ann = sign_up(&first);
    assert_eq!(try_write(&first, &ann).0, 201);
    assert_eq!(first.stop().code(), Some(0));

    let backup = database.backup().unwrap();
    assert!(backup.contains("1 accounts and 1 todos"), "{backup}");
    command(&url(&links[1]), &["restore", folder.join("backup.db").to_str().unwrap(), "--force"]).unwrap();
    assert!(
        links[0].is_symlink() && links[1].is_symlink() && folder.join("test.db.replaced").is_file(),
        "restore keeps the symbolic links"
    );
    assert!(command(database.url(), &["user", "list"]).unwrap().contains("ann@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn database_with_a_hard_link_is_rejected_until_it_has_one_name() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    start(database.url()).stop();
    let (file, link) = (database.folder.path().join("test.db"), database.folder.path().join("other.db"));
    fs::hard_link(&file, &link).unwrap();
    for name in [&file, &link] {
        let url = format!("sqlite://{}", name.display());
        let server = Program::run(&[("DATABASE_URL", &url)]);
        let error = String::from_utf8(server.stderr).unwrap();
        assert!(server.status.code() == Some(1) && error.contains("it has hard links: remove all names but one"), "{error}");
        assert!(command(&url, &["user", "list"]).unwrap_err().contains("it has hard links"));
    }
    fs::remove_file(link).unwrap();
    start(database.url()).stop();
}

//! `holdfast backup`, `restore`, `copy` and `migrate`, and the purge at the start.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Kind, PASSWORD, Program, TestDatabase, body_json, command, first_header};

/// Creates two users with todos, one of them deleted. Returns a revoked and a valid token of Ann.
async fn filled(database: &TestDatabase) -> [String; 2] {
    let app = App::on_database(database, &[("RATE_LIMITS", "off")]).await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for title in ["buy milk", "call Bob", "ends with '); drop table users; --"] {
        ann.add(title).await;
    }
    let gone = ann.add("deleted").await;
    ann.call("DELETE", &crate::support::path(&gone)).await;
    ann.call_with("PATCH", "/me", &json!({ "time_zone": "Europe/Berlin" })).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    bob.add("völlig „normal“ 🦀").await;
    let ended = ApiUser::signed_in(&app, ANN).await;
    assert_eq!(ended.call("DELETE", "/token").await.status(), 204);
    [ended.token, ann.token]
}

///
#[tokio::test(flavor = "multi_thread")]
async fn backup_during_writes_is_consistent_and_restorable() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let app = App::on_database(&database, &[("RATE_LIMITS", "off")]).await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for nth in 0..20 {
        ann.add(&format!("before {nth}")).await;
    }
    let writing = async {
        for nth in 0..200 {
            ann.add(&format!("meanwhile {nth}")).await;
        }
    };
    let backup = tokio::task::spawn_blocking({
        let (url, file) = (database.url().to_owned(), database.folder.path().join("backup.db"));
        move || command(&url, &["backup", file.to_str().unwrap()])
    });
    let ((), printed) = tokio::join!(writing, backup);
    let printed = printed.unwrap().unwrap();
    assert!(printed.contains("1 accounts") && printed.contains("integrity was checked"), "{printed}");

    // The backup has all earlier writes and a prefix of the concurrent ones.
    let other = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let file = database.folder.path().join("backup.db");
    let printed = command(other.url(), &["restore", file.to_str().unwrap()]).unwrap();
    assert!(printed.contains("Restored 1 accounts"), "{printed}");
    let restored = App::on_database(&other, &[("RATE_LIMITS", "off")]).await;
    let titles = ApiUser { app: &restored, token: ann.token.clone() }.titles().await;
    assert!(titles[..20].iter().all(|title| title.starts_with("before")));
    for (nth, title) in titles[20..].iter().enumerate() {
        assert_eq!(*title, format!("meanwhile {nth}"));
    }
}

#[test]
fn new_database_files_are_private_and_existing_modes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (file, backup) = (data.join("test.db"), data.join("backup.db"));
    let url = format!("sqlite://{}", file.display());
    let start = || Program::start_with_shell("umask 0; exec \"$0\"", &[("DATABASE_URL", &url)]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let program = start();
    command(&url, &["backup", backup.to_str().unwrap()]).unwrap();
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    drop(program);
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    drop(start());
    assert_eq!(mode(&file), 0o640);
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_database_repeats_no_entity_tag() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let app = App::on_database(&database, &[]).await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("in the backup").await;
    let file = database.folder.path().join("backup.db");
    database.backup().unwrap();
    ann.add("lost").await;
    let tag = async |ann: &ApiUser<'_>| first_header(&ann.call("GET", "/todos").await, "etag").to_owned();
    let (lost, token) = (tag(&ann).await, ann.token.clone());
    drop(app);
    command(database.url(), &["restore", file.to_str().unwrap(), "--force"]).unwrap();
    let app = App::on_database(&database, &[]).await;
    let ann = ApiUser { app: &app, token };
    ann.add("other").await;
    assert_ne!(tag(&ann).await, lost);
    assert_eq!(ann.call_if("GET", "/todos", ("if-none-match", &lost), &Value::Null).await.status(), 200);
    assert_eq!(ann.titles().await, ["in the backup", "other"]);
    assert_eq!(database.count_faults().await, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_replaces_a_database_only_with_force_and_keeps_the_old_one() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    filled(&database).await;
    let file = database.folder.path().join("backup.db");
    let path = file.to_str().unwrap();
    database.backup().unwrap();
    let again = database.backup().unwrap_err();
    assert!(again.contains("backup.db exists"), "{again}");

    let other = TestDatabase::new(Kind::Sqlite).await.unwrap();
    App::on_database(&other, &[]).await;
    let refused = command(other.url(), &["restore", path]).unwrap_err();
    assert!(refused.contains("test.db exists: say --force"), "{refused}");
    assert!(!command(other.url(), &["user", "list"]).unwrap().contains(ANN), "nothing was changed");
    let printed = command(other.url(), &["restore", path, "--force"]).unwrap();
    assert!(printed.contains("The previous database is now") && printed.contains("2 accounts and 5 todos"), "{printed}");
    assert!(printed.contains("Set a new JWT_SECRET"), "{printed}");
    assert!(command(other.url(), &["user", "list"]).unwrap().contains(ANN));
    let replaced = format!("sqlite://{}", other.folder.path().join("test.db.replaced").display());
    assert!(!command(&replaced, &["user", "list"]).unwrap().contains(ANN));
    // A second restore keeps the first replaced database.
    let printed = command(other.url(), &["restore", path, "--force"]).unwrap();
    assert!(printed.contains("The previous database is now") && printed.contains("test.db.replaced-2."), "{printed}");
    assert!(!command(&replaced, &["user", "list"]).unwrap().contains(ANN), "the first replaced database is unchanged");

    // Restore refuses a database in use.
    let running = Program::start(&[("DATABASE_URL", other.url())]);
    let refused = command(other.url(), &["restore", path, "--force"]).unwrap_err();
    assert!(refused.contains("another server runs on the database"), "{refused}");
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_restore_is_not_mistaken_for_a_new_database() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    filled(&database).await;
    database.backup().unwrap();
    let in_folder = |name: &str| database.folder.path().join(name);
    let (file, backup) = (in_folder("test.db"), in_folder("backup.db"));
    for replaced in ["test.db.replaced", "test.db.replaced-7"].map(in_folder) {
        // The state after a crash between the two renames of a restore.
        fs::rename(&file, &replaced).unwrap();
        let start = String::from_utf8(Program::run(&[("DATABASE_URL", database.url())]).stderr).unwrap();
        for printed in [start, command(database.url(), &["user", "create", BOB]).unwrap_err()] {
            assert!(printed.contains(&format!("set aside in {}: restore the backup again", replaced.display())), "{printed}");
        }
        assert!(!file.exists(), "no empty database is created");
        // Renaming the file back and repeating the restore both recover.
        fs::rename(&replaced, &file).unwrap();
        assert!(command(database.url(), &["user", "list"]).unwrap().contains(ANN));
        fs::rename(&file, &replaced).unwrap();
        command(database.url(), &["restore", backup.to_str().unwrap()]).unwrap();
        assert!(command(database.url(), &["user", "list"]).unwrap().contains(ANN));
        assert!(replaced.exists(), "the replaced file is kept");
        fs::remove_file(&replaced).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_checkpoints_the_log_of_a_killed_server_before_setting_it_aside() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let mut program = Program::start(&[("DATABASE_URL", database.url())]);
    database.backup().unwrap();
    let form = format!("email={}&password={}", ANN.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    assert_eq!(program.submit("sign_up", "", &form).status, 303);
    program.signal("KILL");
    program.wait();
    let in_folder = |name: &str| database.folder.path().join(name);
    assert!(fs::metadata(in_folder("test.db-wal")).unwrap().len() > 0);
    command(database.url(), &["restore", in_folder("backup.db").to_str().unwrap(), "--force"]).unwrap();
    assert!(!in_folder("test.db.replaced-wal").exists() && !in_folder("test.db-wal").exists());
    let replaced = format!("sqlite://{}", in_folder("test.db.replaced").display());
    assert!(command(&replaced, &["user", "list"]).unwrap().contains(ANN));
    assert!(!command(database.url(), &["user", "list"]).unwrap().contains(ANN));
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_rejects_an_invalid_backup_and_keeps_the_database() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    filled(&database).await;
    let file = database.folder.path().join("x.db");
    let restore = || command(database.url(), &["restore", file.to_str().unwrap(), "--force"]).unwrap_err();
    assert!(restore().contains("there is no file"));
    fs::write(&file, "notes, and no database\n".repeat(500)).unwrap();
    assert!(restore().contains("can't read"), "{}", restore());
    // Corrupt pages.
    database.backup().unwrap();
    let mut bytes = fs::read(database.folder.path().join("backup.db")).unwrap();
    bytes[2 * 4096..4 * 4096].fill(0x55);
    fs::write(&file, &bytes).unwrap();
    let printed = restore();
    assert!(printed.contains("can't restore") || printed.contains("can't read"), "{printed}");
    // A backup of a newer version.
    fs::copy(database.folder.path().join("backup.db"), &file).unwrap();
    crate::support::run_sql(
        &file,
        "update _sqlx_migrations set version = 9999 where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    assert!(restore().contains("made by a newer Holdfast"), "{}", restore());
    assert!(command(database.url(), &["user", "list"]).unwrap().contains(ANN), "the database is unchanged");
    assert!(!database.folder.path().join("test.db.partial").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_moves_everything_to_postgres_and_back() {
    let (sqlite, back) = (TestDatabase::new(Kind::Sqlite).await.unwrap(), TestDatabase::new(Kind::Sqlite).await.unwrap());
    let Some(postgres) = TestDatabase::new(Kind::Postgres).await else { return };
    let [ended, alive] = filled(&sqlite).await;
    let copy = |from: &TestDatabase, to: &TestDatabase| command("", &["copy", "--from", from.url(), "--to", to.url()]);
    for (from, to) in [(&sqlite, &postgres), (&postgres, &back)] {
        let printed = copy(from, to).unwrap();
        assert!(printed.starts_with("Copied 2 accounts and 5 todos, and verified the copy"), "{printed}");
    }
    let refused = copy(&sqlite, &back).unwrap_err();
    assert!(refused.contains("it must be empty"), "{refused}");
    let apps = [App::on_database(&sqlite, &[]).await, App::on_database(&postgres, &[]).await, App::on_database(&back, &[]).await];
    let [here, there] = [ApiUser::signed_in(&apps[0], ANN).await, ApiUser::signed_in(&apps[1], ANN).await];
    assert_eq!(here.titles().await, there.titles().await);
    assert_eq!(there.titles().await.len(), 3);
    assert_eq!(body_json(there.call("GET", "/me").await).await["time_zone"], "Europe/Berlin");
    assert_eq!([postgres.count_faults().await, back.count_faults().await], [vec![], vec![]] as [Vec<String>; 2]);
    // Copies have the same sessions and revocations.
    for app in &apps {
        let status = async |token: &String| ApiUser { app, token: token.clone() }.call("GET", "/me").await.status().as_u16();
        assert_eq!((status(&ended).await, status(&alive).await), (401, 200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_rejects_a_source_in_use() {
    let (from, to) = (TestDatabase::new(Kind::Sqlite).await.unwrap(), TestDatabase::new(Kind::Sqlite).await.unwrap());
    let _running = Program::start(&[("DATABASE_URL", from.url())]);
    let refused = command("", &["copy", "--from", from.url(), "--to", to.url()]).unwrap_err();
    assert!(refused.contains("another server runs on the database"), "{refused}");
    let refused = command("", &["copy", "--from", "sqlite:///nowhere/x.db", "--to", to.url()]).unwrap_err();
    assert!(refused.contains("there is no such database"), "{refused}");
}

/// A URL may contain a password, and every user of the machine can read the arguments of a program.
#[tokio::test(flavor = "multi_thread")]
async fn copy_reads_its_urls_from_the_environment_and_stdin() {
    let (from, to) = (TestDatabase::new(Kind::Sqlite).await.unwrap(), TestDatabase::new(Kind::Sqlite).await.unwrap());
    filled(&from).await;
    let copy = |input: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        program.arg("copy").env_clear().env("DATABASE_URL", from.url()).current_dir("/");
        let pipes = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = pipes.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, printed) = copy(&format!(" {}\r\n", to.url()));
    assert!(code == Some(0) && printed.starts_with("Copied 2 accounts and 5 todos"), "{printed}");
    for input in ["", "\n", "mysql://root:hunter2@db\n"] {
        let (code, printed) = copy(input);
        assert!(code == Some(1) && printed.starts_with("holdfast: the DATABASE_URL to copy to must be"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_status_lists_applied_and_pending_migrations() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    assert!(command(database.url(), &["migrate", "status"]).unwrap_err().contains("there is no such database"));
    App::on_database(&database, &[]).await;
    let status = || command(database.url(), &["migrate", "status"]).unwrap();
    assert!(
        status().contains("0001  applied  users and todos\n") && status().ends_with("The database is up to date.\n"),
        "{}",
        status()
    );
    let file = database.folder.path().join("test.db");
    crate::support::run_sql(&file, "delete from _sqlx_migrations where version = 5").await;
    assert!(status().contains("0005  pending") && status().contains("1 pending"), "{}", status());
    crate::support::run_sql(&file, "update _sqlx_migrations set version = 9999 where version = 4").await;
    assert!(status().contains("9999  unknown"), "{}", status());
}

#[tokio::test(flavor = "multi_thread")]
async fn server_purges_old_deleted_todos_at_start() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    filled(&database).await;
    let file = database.folder.path().join("test.db");
    // The test clock is fixed, but the program uses the system clock: moves the deletions to 31 and 29 days ago.
    crate::support::run_sql(
        &file,
        "update todos set deleted_at = (unixepoch() - 31 * 86400) * 1000 where deleted_at is not null",
    )
    .await;
    let young = "update todos set deleted_at = (unixepoch() - 29 * 86400) * 1000 where title = 'buy milk'";
    crate::support::run_sql(&file, young).await;
    let program = Program::start(&[("DATABASE_URL", database.url())]);
    program.wait_for_output("purged 1 todos");
    let printed = database.backup().unwrap();
    assert!(printed.contains("2 accounts and 4 todos"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_with_pending_migrations_is_not_ready() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let program = Program::start(&[("DATABASE_URL", database.url())]);
    program.wait_until_ready(Instant::now());
    // The state after an older database was put in place.
    let file = database.folder.path().join("test.db");
    crate::support::run_sql(&file, "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .await;
    let answer = program.send("GET", "/readyz", &[], "");
    assert_eq!((answer.status, answer.body.as_str()), (503, "migrations: some are pending\n"));
    assert_eq!(program.send("GET", "/livez", &[], "").status, 200);
}

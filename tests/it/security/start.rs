//! Configuration and environment that stop the start.

use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    io::Write,
    net::TcpListener,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::Path,
    process::{Command, Output, Stdio},
};

const SECRET: &str = "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP";

fn start(set: &[(&str, &str)]) -> Output {
    start_with(|_| (), set)
}

fn start_with(prepare: impl Fn(&Path), set: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    program(folder.path(), "20").envs(set.iter().copied()).output().unwrap()
}

/// The program without settings and with a time limit.
fn program(folder: &Path, seconds: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args([seconds, env!("CARGO_BIN_EXE_holdfast")]).env_clear().env("PATH", "/usr/bin:/bin").current_dir(folder);
    command
}

/// An empty site is enough for the start.
fn create_site(folder: &Path) {
    fs::create_dir_all(folder.join("target/site/pkg")).unwrap();
}

///
#[test]
fn weak_secret_stops_the_start_with_one_line_and_is_not_printed() {
    let sample = include_str!("../../../.env.example").lines().find_map(|line| line.strip_prefix("JWT_SECRET=")).unwrap();
    for weak in ["", "secret", &SECRET[..31], &"x".repeat(32), &"ab".repeat(20), sample, &format!("'{sample}'\n")] {
        let output = start(&[("JWT_SECRET", weak)]);
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{weak:?}: {printed}");
        assert!(printed.starts_with("holdfast: JWT_SECRET ") && printed.lines().count() == 1, "{printed}");
        assert!(weak.is_empty() || weak == "secret" || !printed.contains(weak), "{printed}");
    }
}

///
#[test]
fn each_invalid_setting_stops_the_start_with_one_line_that_names_it() {
    for (name, value) in [
        ("DATABASE_URL", "mysql://root:hunter2@db"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("DATABASE_URL", "sqlite://hunter2?mode=rwc"),
        ("DATABASE_URL", "sqlite:file:hunter2"),
        ("DATABASE_URL", "sqlite://~/hunter2"),
        ("DATABASE_URL", "sqlite://hunter2\nx"),
        ("PUBLIC_ORIGIN", "hunter2"),
        ("PUBLIC_ORIGIN", "https://hunter2@todo.example.org"),
        ("PUBLIC_ORIGIN", "https://todo.example.org/hunter2"),
        ("PUBLIC_ORIGIN", "https://todo.example.org:99999"),
        ("SESSION_TTL", "31m"),
        ("SESSION_TTL", "0"),
        ("SESSION_MAX", "31d"),
        ("RATE_LIMITS", "hunter2"),
        ("RUST_LOG", "info,[hunter2"),
        ("LOG_FORMAT", "hunter2"),
        ("LEPTOS_SITE_ADDR", "hunter2"),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:99999"),
        ("METRICS_ADDR", "hunter2"),
        ("METRICS_ADDR", "9100"),
        ("METRICS_ADDR", "127.0.0.1:3000"),
    ] {
        let output = start(&[("JWT_SECRET", SECRET), (name, value)]);
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}: {printed}");
        assert!(printed.starts_with(&format!("holdfast: {name} ")) && printed.lines().count() == 1, "{printed}");
        assert!(!printed.contains("hunter2") && !printed.contains(SECRET), "{printed}");
    }
}

///
#[test]
fn missing_site_busy_port_or_bad_database_stops_the_start_with_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (taken, free) = (taken.local_addr().unwrap().to_string(), "127.0.0.1:0");
    let in_use =
        |variable| format!("can't listen on {taken}: Address already in use (os error 98); set {variable} to another address");
    let with_file = |folder: &Path| {
        create_site(folder);
        fs::write(folder.join("file"), "this is no database, however long it is. ".repeat(1000)).unwrap();
    };
    let database = |path: &str| format!("can't open the database {path}: ");
    for (prepare, set, expected) in [
        (&(|_: &Path| ()) as &dyn Fn(&Path), &[][..], "there is no built site in target/site: run `make build`".to_owned()),
        (&create_site, &[("LEPTOS_SITE_ADDR", taken.as_str())], in_use("LEPTOS_SITE_ADDR")),
        (&create_site, &[("LEPTOS_SITE_ADDR", free), ("METRICS_ADDR", &taken)], in_use("METRICS_ADDR")),
        (&create_site, &[("LEPTOS_SITE_ADDR", "192.0.2.1:3000")], "can't listen on 192.0.2.1:3000: ".to_owned()),
        (&with_file, &[("DATABASE_URL", "sqlite://file")], database("file")),
        (&with_file, &[("DATABASE_URL", "sqlite://file/x.db")], database("file/x.db")),
        (&create_site, &[("DATABASE_URL", "sqlite://target")], database("target")),
    ] {
        let output = start_with(prepare, &[&[("JWT_SECRET", SECRET)], set].concat());
        let (printed, log) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
        assert_eq!(output.status.code(), Some(1), "{set:?}: {printed}");
        assert!(printed.starts_with(&format!("holdfast: {expected}")) && printed.lines().count() == 1, "{set:?}: {printed}");
        assert!(!log.contains("panicked") && !log.contains("sys_startup"), "{log}");
    }
}

///
#[test]
fn waiting_for_postgres_is_logged_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    create_site(folder.path());
    let url = format!("postgres://ann:hunter2@{silent}/holdfast");
    let output = program(folder.path(), "5").envs([("JWT_SECRET", SECRET), ("DATABASE_URL", &url)]).output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("the database does not answer yet: trying for 30s") && !log.contains("hunter2"), "{log}");
}

///
#[test]
fn unreadable_env_file_stops_the_start_and_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), format!("JWT_SECRET='{SECRET}\nhunter2")).unwrap();
    let output = program(folder.path(), "20").output().unwrap();
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{printed}");
    assert!(printed.contains(".env can't be read") && !printed.contains("hunter2") && !printed.contains(SECRET), "{printed}");
}

///
#[test]
fn no_setting_is_silently_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let printed = |arguments: &[&str], url: &OsStr| {
        let mut command = program(folder.path(), "20");
        let output = command.args(arguments).env("JWT_SECRET", SECRET).env("DATABASE_URL", url).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    // With an ignored DATABASE_URL the server would start on an empty database, which looks like data loss.
    for arguments in [&[][..], &["user", "list"]] {
        let not_utf8 = printed(arguments, OsStr::from_bytes(b"sqlite:///caf\xe9.db"));
        assert!(not_utf8.contains("DATABASE_URL is not UTF-8"), "{not_utf8}");
    }
    fs::write(folder.path().join(".env"), "\u{feff}DATABASE_URL=sqlite://first.db\nDATABASE_URL=nonsense\n").unwrap();
    for arguments in [&[][..], &["user", "list"]] {
        let empty = printed(arguments, OsStr::new(""));
        assert!(empty.contains("DATABASE_URL must"), "{empty}");
    }
}

/// Creates an account and thereby the database.
fn create_account(folder: &Path, set: &[(&str, &str)]) -> Output {
    let mut command = program(folder, "20");
    let mut process = command
        .args(["user", "create", "ann@example.org"])
        .envs(set.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program reads no input if it rejects its settings.
    let _ = process.stdin.take().unwrap().write_all(b"correct horse battery staple\n");
    process.wait_with_output().unwrap()
}

fn databases(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.trim_end().rsplit('.').next() == Some("db")).collect()
}

#[test]
fn database_path_is_taken_literally() {
    for (file, set, made) in [
        ("DATABASE_URL=sqlite://a$bc.db\n", None, "a$bc.db"),
        ("DATABASE_URL=\"sqlite://$HOME.db\"\r\n", None, "$HOME.db"),
        ("DATABASE_URL='sqlite://a.db\n'", None, "a.db"),
        ("", Some(" sqlite://a.db\n"), "a.db"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), file).unwrap();
        let set: Vec<_> = set.map(|url| ("DATABASE_URL", url)).into_iter().chain([("bc", "x"), ("HOME", "x")]).collect();
        let output = create_account(folder.path(), &set);
        assert!(output.status.success(), "{file:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(databases(folder.path()), [made], "{file:?}");
    }
}

#[test]
fn ambiguous_database_path_is_rejected_and_creates_no_file() {
    for url in [
        "sqlite:file:a.db",
        "sqlite://file:a.db",
        "sqlite://~/a.db",
        "sqlite://~ann/a.db",
        "sqlite://a\n.db",
        "sqlite://a\u{7}.db",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = create_account(folder.path(), &[("DATABASE_URL", url)]);
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{url:?}: {printed}");
        assert!(printed.starts_with("holdfast: DATABASE_URL must ") && printed.lines().count() == 1, "{url:?}: {printed}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{url:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(create_account(folder.path(), &[("DATABASE_URL", "sqlite://a.db")]).status.success());
    for file in ["file:b.db", "~/b.db", "b\n.db"] {
        let mut backup = program(folder.path(), "20");
        let output = backup.args(["backup", file]).env("DATABASE_URL", "sqlite://a.db").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{file:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(databases(folder.path()), ["a.db"], "{file:?}");
    }
}

/// Lists the accounts without root's capabilities, which ignore file modes.
fn list_after(script: &str, folder: &Path, database: &Path) -> Output {
    let drop_rights = "if [ \"$(id -u)\" = 0 ]; then exec setpriv --bounding-set=-all --inh-caps=-all \"$0\" user list; else exec \"$0\" user list; fi";
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{script} && {drop_rights}"), env!("CARGO_BIN_EXE_holdfast")]).current_dir(folder);
    let url = format!("sqlite://{}", database.display());
    shell.env_clear().env("PATH", "/usr/bin:/bin").env("DATABASE_URL", url).output().unwrap()
}

/// The working folder is inaccessible after `sudo -u holdfast` in root's home.
#[test]
fn env_file_is_skipped_in_an_inaccessible_folder_and_other_errors_are_reported() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let database = data.path().join("test.db");
    assert!(create_account(data.path(), &[("DATABASE_URL", &format!("sqlite://{}", database.display()))]).status.success());
    fs::write(folder.path().join(".env"), "no line of settings").unwrap();
    let output = list_after("chmod 0 .", folder.path(), &database);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("ann@example.org"), "{printed}");
    for (script, fault) in [
        ("chmod 0 .env", ".env can't be read: Permission denied (os error 13)"),
        ("chmod 600 .env", ".env can't be read: line 1 is not NAME=value, or its quotes are not closed"),
        ("rm .env && ln -s nowhere .env", ".env can't be read: No such file or directory (os error 2)"),
        ("rm .env && mkdir .env", ".env can't be read: Is a directory (os error 21)"),
        ("rmdir .env && printf '\\351=1' >.env", ".env can't be read: it is not UTF-8"),
    ] {
        let output = list_after(script, folder.path(), &database);
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), printed.as_str()),
            (Some(2), format!("holdfast: {fault} (see `holdfast --help`)\n").as_str())
        );
    }
}

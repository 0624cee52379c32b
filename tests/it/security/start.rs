//! What the program refuses to start with.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Command, Output},
};

const SECRET: &str = "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP";

fn start(set: &[(&str, &str)]) -> Output {
    start_with(|_| (), set)
}

/// In a folder that was made ready for it.
fn start_with(prepare: impl Fn(&Path), set: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    program(folder.path(), "20").envs(set.iter().copied()).output().unwrap()
}

/// With nothing set. It is stopped after so many seconds.
fn program(folder: &Path, seconds: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args([seconds, env!("CARGO_BIN_EXE_holdfast")]).env_clear().env("PATH", "/usr/bin:/bin").current_dir(folder);
    command
}

/// What passes for a built one.
fn make_site(folder: &Path) {
    fs::create_dir_all(folder.join("target/site/pkg")).unwrap();
}

#[test]
fn a_48_weak_secret_stops_the_start_with_one_line_and_is_not_printed() {
    let sample = include_str!("../../../.env.example").lines().find_map(|line| line.strip_prefix("JWT_SECRET=")).unwrap();
    for weak in ["", "secret", &SECRET[..31], &"x".repeat(32), &"ab".repeat(20), sample, &format!("'{sample}'\n")] {
        let output = start(&[("JWT_SECRET", weak)]);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{weak:?}: {said}");
        assert!(said.starts_with("holdfast: JWT_SECRET ") && said.lines().count() == 1, "{said}");
        assert!(weak.is_empty() || weak == "secret" || !said.contains(weak), "{said}");
    }
}

#[test]
fn a_80_each_bad_setting_stops_the_start_with_a_line_that_names_it() {
    for (name, value) in [
        ("DATABASE_URL", "mysql://root:hunter2@db"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("DATABASE_URL", "sqlite://hunter2?mode=rwc"),
        ("PUBLIC_ORIGIN", "hunter2"),
        ("PUBLIC_ORIGIN", "https://hunter2@todo.example.org"),
        ("PUBLIC_ORIGIN", "https://todo.example.org/hunter2"),
        ("PUBLIC_ORIGIN", "https://todo.example.org:99999"),
        ("SESSION_TTL", "31m"),
        ("SESSION_TTL", "0"),
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
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}: {said}");
        assert!(said.starts_with(&format!("holdfast: {name} ")) && said.lines().count() == 1, "{said}");
        assert!(!said.contains("hunter2") && !said.contains(SECRET), "{said}");
    }
}

#[test]
fn a_80_what_the_machine_lacks_stops_the_start_with_one_line_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (taken, free) = (taken.local_addr().unwrap().to_string(), "127.0.0.1:0");
    let in_use =
        |variable| format!("can't listen on {taken}: Address already in use (os error 98); set {variable} to another address");
    let with_file = |folder: &Path| {
        make_site(folder);
        fs::write(folder.join("file"), "this is no database, however long it is. ".repeat(1000)).unwrap();
    };
    let database = |path: &str| format!("can't open the database {path}: ");
    for (prepare, set, expected) in [
        (&(|_: &Path| ()) as &dyn Fn(&Path), &[][..], "there is no built site in target/site: run `make build`".to_owned()),
        (&make_site, &[("LEPTOS_SITE_ADDR", taken.as_str())], in_use("LEPTOS_SITE_ADDR")),
        (&make_site, &[("LEPTOS_SITE_ADDR", free), ("METRICS_ADDR", &taken)], in_use("METRICS_ADDR")),
        (&make_site, &[("LEPTOS_SITE_ADDR", "192.0.2.1:3000")], "can't listen on 192.0.2.1:3000: ".to_owned()),
        (&with_file, &[("DATABASE_URL", "sqlite://file")], database("file")),
        (&with_file, &[("DATABASE_URL", "sqlite://file/x.db")], database("file/x.db")),
        (&make_site, &[("DATABASE_URL", "sqlite://target")], database("target")),
    ] {
        let output = start_with(prepare, &[&[("JWT_SECRET", SECRET)], set].concat());
        let (said, log) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
        assert_eq!(output.status.code(), Some(1), "{set:?}: {said}");
        assert!(said.starts_with(&format!("holdfast: {expected}")) && said.lines().count() == 1, "{set:?}: {said}");
        assert!(!log.contains("panicked") && !log.contains("sys_startup"), "{log}");
    }
}

#[test]
fn a_80_start_that_waits_for_postgres_says_so_at_once() {
    // It listens, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    make_site(folder.path());
    let url = format!("postgres://ann:hunter2@{silent}/holdfast");
    let output = program(folder.path(), "5").envs([("JWT_SECRET", SECRET), ("DATABASE_URL", &url)]).output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("the database does not answer yet: trying for 30s") && !log.contains("hunter2"), "{log}");
}

#[test]
fn a_80_file_of_settings_that_can_not_be_read_stops_the_start_without_quoting_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), format!("JWT_SECRET='{SECRET}\nhunter2")).unwrap();
    let output = program(folder.path(), "20").output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(".env can't be read") && !said.contains("hunter2") && !said.contains(SECRET), "{said}");
}

#[test]
fn a_80_no_setting_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], url: &OsStr| {
        let mut command = program(folder.path(), "20");
        let output = command.args(arguments).env("JWT_SECRET", SECRET).env("DATABASE_URL", url).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    // A server that starts on an empty database, as without a DATABASE_URL, looks as if all were lost.
    for arguments in [&[][..], &["user", "list"]] {
        let no_text = said(arguments, OsStr::from_bytes(b"sqlite:///caf\xe9.db"));
        assert!(no_text.contains("DATABASE_URL is no text in UTF-8"), "{no_text}");
    }
    fs::write(folder.path().join(".env"), "\u{feff}DATABASE_URL=sqlite://first.db\nDATABASE_URL=nonsense\n").unwrap();
    for arguments in [&[][..], &["user", "list"]] {
        let empty = said(arguments, OsStr::new(""));
        assert!(empty.contains("DATABASE_URL must"), "{empty}");
    }
}

//! What the log of the real program contains and what it never contains.

use std::{io::Read, process::Stdio, time::Duration};

use holdfast::server::store::DatabaseUrl;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use tokio::time::{sleep, timeout};

use crate::support::{ANN, ApiUser, App, BOB, Kind, PASSWORD, Program, TestDatabase, log};

const WRONG: &str = "wrong horse battery staple";
const SECRET: &str = "Lg7fW2kQ9sXv4bTn8cYh3mRd6pZj5aEu";

/// Sends valid and invalid requests of a browser and an API client. Returns the strings that no log may contain.
fn exercise(program: &Program) -> Vec<String> {
    let form = |email: &str, password: &str| format!("email={email}&password={}", password.replace(' ', "+"));
    let json = "content-type: application/json";
    let response = program.submit("sign_up", "", &form(ANN, PASSWORD));
    assert_eq!(response.status, 303);
    let first_cookie = response.cookie().to_owned();
    assert_eq!(program.submit("sign_up", "", &form("bob@example.org", "password")).status, 422);
    assert_eq!(program.submit("add_todo", &first_cookie, "title=buy+milk").status, 303);
    assert_eq!(program.send("GET", "/todos", &[&format!("cookie: {first_cookie}")], "").status, 200);
    assert_eq!(program.submit("sign_out", &first_cookie, "").status, 303);
    // The session has ended.
    assert_eq!(program.send("GET", "/todos", &[&format!("cookie: {first_cookie}")], "").status, 303);
    assert_eq!(program.submit("sign_in", "", &form(ANN, WRONG)).status, 401);
    assert_eq!(program.submit("sign_in", "", &form("nobody@example.org", WRONG)).status, 401);
    let second_cookie = program.submit("sign_in", "", &form(ANN, PASSWORD)).cookie().to_owned();
    let forged = program.send("POST", "/bff/add_todo", &["sec-fetch-site: cross-site", &format!("cookie: {second_cookie}")], "");
    assert_eq!(forged.status, 403);

    let credentials = json!({ "email": ANN, "password": PASSWORD }).to_string();
    let response = program.send("POST", "/api/v1/token", &[json], &credentials);
    let token = serde_json::from_str::<Value>(&response.body).unwrap()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("authorization: Bearer {token}");
    assert_eq!(program.send("POST", "/api/v1/todos", &[&bearer, json], r#"{"title":"read"}"#).status, 201);
    assert_eq!(program.send("POST", "/api/v1/todos", &[&bearer, json], r#"{"title":7}"#).status, 422);
    for authorization in [&["authorization: Bearer forged-token"][..], &[]] {
        assert_eq!(program.send("GET", "/api/v1/todos", authorization, "").status, 401);
    }
    assert_eq!(program.send("GET", &format!("/todos?{}", "a".repeat(8 * 1024)), &[], "").status, 414);
    for email in ["new@example.org", ANN] {
        let change = json!({ "email": email, "password": PASSWORD }).to_string();
        assert_eq!(program.send("POST", "/api/v1/me/email", &[&bearer, json], &change).status, 204);
    }
    let wrong = json!({ "email": ANN, "password": WRONG }).to_string();
    while program.send("POST", "/api/v1/token", &[json], &wrong).status == 401 {}
    let change = |current: &str| json!({ "current": current, "new": "a long walk by the sea" }).to_string();
    while program.send("POST", "/api/v1/me/password", &[&bearer, json], &change(WRONG)).status == 403 {}
    assert_eq!(program.send("POST", "/api/v1/me/password", &[&bearer, json], &change(PASSWORD)).status, 429);

    let cookies = [first_cookie, second_cookie].map(|cookie| cookie.split_once('=').unwrap().1.to_owned());
    let texts = [
        ANN,
        "bob@example.org",
        "nobody@example.org",
        "new@example.org",
        PASSWORD,
        WRONG,
        "a long walk",
        "forged-token",
        SECRET,
        "eyJ",
    ];
    let encoded = texts.map(|text| text.replace('@', "%40").replace(' ', "+"));
    texts.map(str::to_owned).into_iter().chain(encoded).chain(cookies).chain([token]).collect()
}

fn events<'a>(log: &'a [Value], event: &str) -> Vec<&'a Value> {
    log.iter().filter(|line| line["event"] == event).collect()
}

/// A-77
#[test]
fn security_events_are_logged_with_user_time_and_request() {
    let mut program = Program::start(&[]);
    exercise(&program);
    assert!(program.stop().success());
    let log = program.log();
    let ann = events(&log, "user_created")[0]["user"].as_str().unwrap();
    for (event, user, level, times) in [
        ("sys_startup", None, "INFO", 1..=1),
        ("user_created", Some(ann), "INFO", 1..=1),
        ("user_updated", Some(ann), "INFO", 2..=2),
        ("authn_login_success", Some(ann), "INFO", 2..=2),
        ("authn_login_fail", Some(ann), "WARN", 15..=20),
        ("authn_login_fail", None, "WARN", 1..=1),
        ("authn_login_fail_max", Some(ann), "WARN", 2..=2),
        ("authn_login_fail_max", None, "WARN", 1..=1),
        ("session_logout", Some(ann), "INFO", 1..=1),
        ("malicious_csrf", None, "WARN", 1..=1),
        ("authz_fail", None, "WARN", 3..=3),
        ("input_validation_fail", None, "INFO", 3..=3),
        ("excess_rate_limit_exceeded", None, "WARN", 3..=3),
        ("sys_shutdown", None, "INFO", 1..=1),
    ] {
        let lines: Vec<_> = events(&log, event).into_iter().filter(|line| line["user"].as_str() == user).collect();
        assert!(times.contains(&lines.len()), "{event} {user:?}: {lines:#?}");
        for line in lines {
            assert_eq!(line["level"], level, "{line}");
            let when = line["timestamp"].as_str().unwrap();
            assert!(when.starts_with("20") && when.ends_with('Z'), "UTC: {when}");
            let of_request = !event.starts_with("sys_");
            assert_eq!(line["span"]["id"].is_string() && line["span"]["path"].is_string(), of_request, "{line}");
            assert_eq!(line["span"]["client"] == "127.0.0.1", of_request, "{line}");
        }
    }
    for refused in ["authz_fail", "malicious_csrf", "input_validation_fail", "excess_rate_limit_exceeded"] {
        for line in events(&log, refused) {
            let lines = log.iter().filter(|other| other["span"]["id"] == line["span"]["id"] && other["status"].is_u64()).count();
            assert!(line["message"] == "answered" && line["status"].is_u64() && lines == 1, "one line: {line}");
        }
    }
    let refused_pages = events(&log, "authz_fail").iter().filter(|line| line["span"]["path"] == "/todos").count();
    assert_eq!(refused_pages, 1, "one event per page request");
    let called: Vec<_> = log.iter().filter(|line| line["span"]["path"] == "/api/v1/todos" && line["status"] == 201).collect();
    assert_eq!(called[0]["span"]["user"], ann, "every line of the request names the user");
}

/// A-77, A-85
#[test]
fn account_changes_are_logged() {
    let mut program = Program::start(&[]);
    program.submit("sign_up", "", &format!("email={ANN}&password={}", PASSWORD.replace(' ', "+")));
    let json = "content-type: application/json";
    let token = |password: &str| {
        let credentials = json!({ "email": ANN, "password": password }).to_string();
        let response = program.send("POST", "/api/v1/token", &[json], &credentials);
        let body: Value = serde_json::from_str(&response.body).unwrap();
        format!("authorization: Bearer {}", body["access_token"].as_str().unwrap())
    };
    let new = "a long walk by the sea";
    let change = json!({ "current": PASSWORD, "new": new }).to_string();
    assert_eq!(program.send("POST", "/api/v1/me/password", &[&token(PASSWORD), json], &change).status, 204);
    let again = token(new);
    // The present address changes nothing.
    for email in [ANN, "new@example.org"] {
        let change = json!({ "email": email, "password": new }).to_string();
        assert_eq!(program.send("POST", "/api/v1/me/email", &[&again, json], &change).status, 204);
    }
    for (password, status) in [(PASSWORD, 403), (new, 204)] {
        let body = json!({ "password": password }).to_string();
        assert_eq!(program.send("DELETE", "/api/v1/me", &[&again, json], &body).status, status);
    }
    program.stop();
    let log = program.log();
    let ann = &events(&log, "user_created")[0]["user"];
    for event in ["authn_password_change", "user_updated", "authn_login_fail", "user_deleted"] {
        let users: Vec<_> = events(&log, event).into_iter().map(|line| &line["user"]).collect();
        assert_eq!(users, [ann], "{event}");
    }
}

/// A-77
#[test]
fn ip_rate_limit_is_not_logged_as_an_attack_on_one_account() {
    let mut program = Program::start(&[]);
    let mut guesses = (0..).map(|n| json!({ "email": format!("{n}@example.org"), "password": WRONG }).to_string());
    let mut guess = || program.send("POST", "/api/v1/token", &["content-type: application/json"], &guesses.next().unwrap());
    while guess().status == 401 {}
    program.stop();
    let log = program.log();
    assert_eq!((events(&log, "excess_rate_limit_exceeded").len(), events(&log, "authn_login_fail_max").len()), (1, 0));
}

/// A-77
#[test]
fn attempt_at_closed_sign_up_is_logged() {
    let mut program = Program::start(&[("REGISTRATION", "closed")]);
    let response = program.submit("sign_up", "", &format!("email={ANN}&password={}", PASSWORD.replace(' ', "+")));
    assert_eq!(response.status, 403);
    program.stop();
    let log = program.log();
    let places: Vec<_> = events(&log, "authz_fail").iter().map(|line| &line["span"]["path"]).collect();
    assert_eq!(places, ["/bff/sign_up"]);
}

/// A-77
#[test]
fn log_lines_carry_the_request_id_at_every_level() {
    let mut program = Program::start(&[("RUST_LOG", "warn")]);
    let response = program.send("POST", "/bff/sign_out", &["origin: https://evil.example"], "");
    program.stop();
    let log = program.log();
    let events: Vec<_> = log.iter().map(|line| (line["event"].as_str(), line["span"]["id"].as_str())).collect();
    assert_eq!(events, [(Some("malicious_csrf"), Some(response.header("x-request-id")))]);
}

/// A-78
#[test]
fn log_contains_no_secret_at_any_level() {
    for format in ["json", "pretty"] {
        for level in ["trace", "trace,hyper=trace,sqlx=trace,tower=trace,h2=trace,axum=trace,holdfast=trace"] {
            let set = [("RUST_LOG", level), ("LOG_FORMAT", format), ("JWT_SECRET", SECRET)];
            let mut program = Program::start(&set);
            let never = exercise(&program);
            program.stop();
            let printed = program.output();
            assert!(printed.contains("authn_login_success") && printed.contains("answered"), "{printed}");
            assert!(!printed.contains("sqlx::query"), "libraries log nothing below info");
            for text in never {
                assert!(!printed.contains(&text), "{format} {level}: {text} is in:\n{printed}");
            }
        }
    }
}

/// A-78
#[test]
fn input_cannot_inject_log_lines() {
    for format in ["json", "pretty"] {
        let mut program = Program::start(&[("RUST_LOG", "trace"), ("LOG_FORMAT", format)]);
        let forged = r#"a%0d%0a{"level":"INFO","event":"authn_login_success"}"#;
        let form = format!("email={forged}&password={forged}&title={forged}&next={forged}&id={forged}");
        for function in ["sign_in", "sign_up", "add_todo", "delete_todo", "sign_out"] {
            program.submit(function, &forged.replace("%0d%0a", " "), &form);
        }
        let body = json!({ "email": "a\r\n{\"level\":\"INFO\"}", "password": "\r\nforged\u{1b}[2J" }).to_string();
        program.send("POST", "/api/v1/token", &["content-type: application/json"], &body);
        for path in [
            "/a%0d%0aforged",
            "/todos?next=%0aforged",
            "/bff/%0aforged",
            "/api/v1/todos/%0aforged",
            "/pkg/%0aforged",
            "/\u{9b}2J\u{85}\u{2028}forged",
        ] {
            program.send(
                "GET",
                path,
                &["x-request-id: forged", "user-agent: a\tforged", "authorization: Bearer \u{9b}forged"],
                "",
            );
        }
        // Invalid HTTP.
        for raw in ["GET /a\rforged HTTP/1.1\r\nhost: x\r\n\r\n", "GET /\u{1b}[2J HTTP/1.1\r\n\r\n", "for\nged\r\n\r\n"] {
            assert!([0, 400].contains(&program.send_raw(raw.as_bytes()).status), "{raw:?}");
        }
        program.stop();
        let printed = program.output();
        assert!(printed.lines().count() > 12, "{printed}");
        for line in printed.lines() {
            assert!(!line.chars().any(char::is_control), "{line:?}");
            if format == "json" {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_ne!(line["event"], "authn_login_success", "{line}");
            } else {
                assert!(line.starts_with("20") && line.contains("Z "), "the line starts with a timestamp: {line}");
            }
        }
    }
}

#[test]
fn unread_log_blocks_no_request() {
    let mut program = {
        let folder = tempfile::tempdir().unwrap();
        Program::start_with_stdio(folder, &[("RUST_LOG", "trace")], Stdio::piped(), Stdio::piped())
    };
    // Some 100 KB of log exceed the pipe's buffer of 64 KB.
    for _ in 0..400 {
        assert_eq!(program.send("GET", "/livez", &[], "").status, 200);
    }
    let mut pipe = program.take_stdout();
    let mut first = [0; 1];
    pipe.read_exact(&mut first).unwrap();
    assert!(program.stop().success(), "it stops cleanly");
}

/// A-77
/// A client must not suppress an audit event by disconnecting.
#[tokio::test]
async fn completed_action_is_logged_after_the_client_disconnects() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let app = App::on_database(&database, &[("RATE_LIMITS", "off")]).await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let DatabaseUrl::Sqlite(file) = database.parsed_url() else { panic!("it is SQLite") };
    let mut other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let change = json!({ "current": PASSWORD, "new": "a long walk by the sea" });
    for (user, method, path, body, event) in [
        (ann, "POST", "/me/password", change, "authn_password_change"),
        (bob, "DELETE", "/me", json!({ "password": PASSWORD }), "user_deleted"),
    ] {
        let mut tries = 0..3;
        while !log::lines().contains(event) {
            // On a slow machine the request may time out before it reaches the store.
            assert!(tries.next().is_some(), "{event} is not in:\n{}", log::lines());
            other.execute("begin immediate").await.unwrap();
            let _given_up = timeout(Duration::from_secs(3), user.call_with(method, path, &body)).await;
            other.execute("rollback").await.unwrap();
            sleep(Duration::from_secs(1)).await;
        }
    }
}

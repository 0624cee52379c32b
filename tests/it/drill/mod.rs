//! What becomes of acknowledged writes when things break. `make test` runs a short form of each drill, `make drill` the long one.
//! Each says in one line what it did.

mod crash;
mod postgres_trouble;
mod power_loss;
mod sqlite_trouble;

use std::env;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ANN, PASSWORD, Program};

const JSON: &str = "content-type: application/json";

/// So often: in `make test`, and in `make drill`.
fn rounds(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

fn is_long() -> bool {
    env::var_os("DRILL").is_some()
}

/// The line that sums it up. A `cargo test` shows it only with `--nocapture`, as `make drill` has it.
fn report(summary: &str) {
    println!("drill: {summary}");
}

/// A program for drills, on this database.
fn start(database_url: &str) -> Program {
    Program::start(&[("DATABASE_URL", database_url), ("RATE_LIMITS", "off")])
}

/// Ann's new account; and what [`sign_in`] returns.
fn sign_up(program: &Program) -> String {
    let password = PASSWORD.replace(' ', "+");
    let response = program.submit("sign_up", "", &format!("email={ANN}&password={password}"));
    assert_eq!(response.status, 303, "{}", response.body);
    sign_in(program)
}

/// The header that signs Ann in. It is for this program alone: each listens elsewhere, and that is who issues a token.
fn sign_in(program: &Program) -> String {
    let account = json!({ "email": ANN, "password": PASSWORD }).to_string();
    let response = program.send("POST", "/api/v1/token", &[JSON], &account);
    let token: Value = serde_json::from_str(&response.body).unwrap();
    format!("authorization: Bearer {}", token["access_token"].as_str().unwrap())
}

/// Creates a todo; the status, if there was a whole answer.
fn put(program: &Program, ann: &str, id: Uuid, title: &str) -> Option<u16> {
    let body = json!({ "title": title }).to_string();
    let response = program.try_send("PUT", &format!("/api/v1/todos/{id}"), &[ann, JSON, "if-none-match: *"], &body);
    response.map(|response| response.status)
}

/// All todos of Ann.
fn todos(program: &Program, ann: &str) -> Vec<Value> {
    let response = program.send("GET", "/api/v1/export", &[ann], "");
    assert_eq!(response.status, 200, "{}", response.body);
    let export: Value = serde_json::from_str(&response.body).unwrap();
    export["todos"].as_array().unwrap().clone()
}

/// Tries to create a todo: the status, which must come, and the seconds of `Retry-After`.
fn try_write(program: &Program, ann: &str) -> (u16, String) {
    let response = program.send("POST", "/api/v1/todos", &[ann, JSON], r#"{"title":"x"}"#);
    (response.status, response.header("retry-after").to_owned())
}

fn status(program: &Program, path: &str, ann: &str) -> u16 {
    program.send("GET", path, &[ann], "").status
}

//! Failure drills: acknowledged writes survive. `make test` runs a short form of each drill, `make drill` the long form.

mod crash;
mod postgres_trouble;
mod power_loss;
mod sqlite_trouble;

use std::env;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ANN, PASSWORD, Program};

const JSON: &str = "content-type: application/json";

fn rounds(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

fn is_long() -> bool {
    env::var_os("DRILL").is_some()
}

/// Prints the summary, which is visible only with `--nocapture` (`make drill`).
fn report(summary: &str) {
    println!("drill: {summary}");
}

fn start(database_url: &str) -> Program {
    Program::start(&[("DATABASE_URL", database_url), ("RATE_LIMITS", "off")])
}

/// Creates Ann's account and signs her in.
fn sign_up(program: &Program) -> String {
    let password = PASSWORD.replace(' ', "+");
    let response = program.submit("sign_up", "", &format!("email={ANN}&password={password}"));
    assert_eq!(response.status, 303, "{}", response.body);
    sign_in(program)
}

/// The `Authorization` header. It is valid for one program only, because the issuer claim is the program's origin.
fn sign_in(program: &Program) -> String {
    let account = json!({ "email": ANN, "password": PASSWORD }).to_string();
    let response = program.send("POST", "/api/v1/token", &[JSON], &account);
    let token: Value = serde_json::from_str(&response.body).unwrap();
    format!("authorization: Bearer {}", token["access_token"].as_str().unwrap())
}

/// Creates a todo. Returns the status of a complete response.
fn put(program: &Program, ann: &str, id: Uuid, title: &str) -> Option<u16> {
    let body = json!({ "title": title }).to_string();
    let response = program.try_send("PUT", &format!("/api/v1/todos/{id}"), &[ann, JSON, "if-none-match: *"], &body);
    response.map(|response| response.status)
}

fn todos(program: &Program, ann: &str) -> Vec<Value> {
    let response = program.send("GET", "/api/v1/export", &[ann], "");
    assert_eq!(response.status, 200, "{}", response.body);
    let export: Value = serde_json::from_str(&response.body).unwrap();
    export["todos"].as_array().unwrap().clone()
}

/// Creates a todo. Returns the status and `Retry-After`.
fn try_write(program: &Program, ann: &str) -> (u16, String) {
    let response = program.send("POST", "/api/v1/todos", &[ann, JSON], r#"{"title":"x"}"#);
    (response.status, response.header("retry-after").to_owned())
}

fn status(program: &Program, path: &str, ann: &str) -> u16 {
    program.send("GET", path, &[ann], "").status
}

//! Further forged tokens, tokens of deleted users and tokens of replicas.

use std::time::Instant;

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto::sign};
use serde_json::{Value, json};

use crate::support::{
    ANN, ApiUser, App, BOB, Browser, ID, Kind, PASSWORD, Program, SECRET, TestDatabase, body_text, first_header, path,
};

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// A token with any header, signed with the server's secret.
fn signed(header: &Value, payload: &str) -> String {
    let message = format!("{}.{payload}", encode(header));
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    format!("{message}.{}", sign(message.as_bytes(), &key, Algorithm::HS256).unwrap())
}

/// The status for a token. Fails if the response reveals why the token is invalid.
async fn status(app: &App, token: &str) -> u16 {
    let request = Request::get("/api/v1/todos").header("authorization", format!("Bearer {token}"));
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    let status = response.status().as_u16();
    assert!(status == 200 || first_header(&response, "www-authenticate").ends_with("error=\"invalid_token\""));
    let body = body_text(response).await;
    assert!(!body.contains("eyJ") && !body.contains("signature") && !body.contains("expired"), "{body}");
    status
}

/// A-39
#[tokio::test]
async fn only_the_exact_header_and_key_are_accepted() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let parts: Vec<_> = ann.token.split('.').collect();
    let (payload, signature) = (parts[1], parts[2]);
    let good = json!({ "typ": "at+jwt", "alg": "HS256" });
    assert_eq!(status(&app, &signed(&good, payload)).await, 200, "the helper creates a valid token");

    let mut forged = Vec::new();
    for alg in ["HS384", "RS256", "RS512", "ES256", "PS256", "EdDSA", "none", "None", "NONE", "nOnE", "hs256", "HS256 ", ""] {
        forged.push((alg, signed(&json!({ "typ": "at+jwt", "alg": alg }), payload)));
    }
    for (what, header) in [
        ("no alg", json!({ "typ": "at+jwt" })),
        ("alg null", json!({ "typ": "at+jwt", "alg": null })),
        ("alg list", json!({ "typ": "at+jwt", "alg": ["HS256"] })),
        ("no object", json!("at+jwt")),
        ("list", json!(["at+jwt", "HS256"])),
    ] {
        forged.push((what, signed(&header, payload)));
    }
    let two_algs = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"HS256","alg":"none"}"#));
    let bobs = bob.token.split('.').nth(1).unwrap();
    forged.extend([
        ("two algs", format!("{two_algs}.")),
        ("another's payload", format!("{}.{bobs}.{signature}", parts[0])),
        ("payload of null", format!("{}.{}.{signature}", parts[0], encode(&Value::Null))),
        ("empty signature part", format!("{}.{payload}. ", parts[0])),
        ("empty parts", "..".to_owned()),
        ("dots", ".".repeat(100)),
        ("tab before", format!("\t{}", ann.token)),
        ("blank within", ann.token.replacen('.', ". ", 1)),
        ("not base64url", ann.token.replace('.', "+.")),
    ]);
    for (what, token) in forged {
        let start = Instant::now();
        assert_eq!(status(&app, &token).await, 401, "{what}");
        assert!(start.elapsed().as_secs() < 3, "{what}");
    }
}

/// A-42
#[tokio::test]
async fn signed_token_with_an_extra_header_parameter_is_rejected() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let payload = ann.token.split('.').nth(1).unwrap();
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("kid", json!("../../dev/null")),
        ("jku", json!("https://evil.example/keys")),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("iss", json!("http://127.0.0.1:3000")),
        ("anything", json!("else")),
        ("crit", Value::Null),
        ("kid", Value::Null),
        ("jwk", Value::Null),
        ("zip", Value::Null),
        ("anything", Value::Null),
    ] {
        let mut header = json!({ "typ": "at+jwt", "alg": "HS256" });
        header[name] = value;
        assert_eq!(status(&app, &signed(&header, payload)).await, 401, "{name}");
    }
}

/// A-42
#[test]
fn oversized_token_is_rejected_and_the_server_keeps_serving() {
    let program = Program::start(&[]);
    for size in [1025, 8 * 1024, 300 * 1024] {
        let token = format!("authorization: Bearer {}", "a".repeat(size));
        let answer = program.send("GET", "/api/v1/todos", &[&token], "");
        assert!([0, 400, 401, 431].contains(&answer.status), "{size}: {}", answer.head);
    }
    assert_eq!(program.send("GET", "/livez", &[], "").status, 200);
}

/// A-43
#[tokio::test]
async fn token_of_a_deleted_user_answers_401_everywhere() {
    let app = App::start().await;
    let mut browser = Browser::signed_up(&app, ANN).await;
    let ann = ApiUser::signed_in(&app, ANN).await;
    let todo = ann.add("buy milk").await;
    let gone = ann.call_with("DELETE", "/me", &json!({ "password": PASSWORD })).await;
    assert_eq!(gone.status(), 204);
    let (one, missing) = (path(&todo), format!("/todos/{ID}"));
    for (method, path) in [
        ("GET", "/todos"),
        ("POST", "/todos"),
        ("PATCH", "/todos"),
        ("DELETE", "/todos"),
        ("GET", &one),
        ("PUT", &one),
        ("PATCH", &one),
        ("DELETE", &one),
        ("PUT", &missing),
        ("GET", "/me"),
        ("GET", "/export"),
    ] {
        let body = if path == "/todos" && method == "PATCH" { json!({ "completed": true }) } else { json!({ "title": "x" }) };
        assert_eq!(ann.call_with(method, path, &body).await.status(), 401, "{method} {path}");
    }
    browser.submit("add_todo", &[("title", "x")]).await;
    assert!(browser.cookies.is_empty(), "the session has ended");
    browser.open("/todos").await;
    assert_eq!(browser.at, "/sign-in?next=/todos");
}

/// A-51
#[tokio::test(flavor = "multi_thread")]
async fn replicas_accept_each_others_tokens() {
    let Some(database) = TestDatabase::new(Kind::Postgres).await else { return };
    let shared = [("DATABASE_URL", database.url()), ("PUBLIC_ORIGIN", "https://todo.example.org")];
    let programs = [Program::start(&shared), Program::start(&shared)];
    let kind = "content-type: application/x-www-form-urlencoded";
    let form = format!("email={ANN}&password={}", PASSWORD.replace(' ', "+"));
    let signed_up = programs[0].send("POST", "/bff/sign_up", &["sec-fetch-site: same-origin", kind], &form);
    let cookie = format!("cookie: {}", signed_up.cookie());
    let sign_out = |program: &Program| program.send("POST", "/bff/sign_out", &["sec-fetch-site: same-origin", kind, &cookie], "");
    for program in &programs {
        assert_eq!(program.send("GET", "/todos", &[&cookie], "").status, 200);
    }
    assert_eq!(sign_out(&programs[1]).status, 200);
    assert_eq!(
        programs[0].send("GET", "/todos", &[&cookie], "").status,
        303,
        "a session ended on one replica is invalid on the other"
    );
}

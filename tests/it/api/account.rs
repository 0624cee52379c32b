//! Tokens, and the account itself.

use axum::{
    body::Body,
    http::{Request, Response},
};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, PASSWORD, body_json, body_text, first_header, path, request_token};

const NEW_PASSWORD: &str = "a long walk by the sea";

#[tokio::test]
async fn me_returns_the_email_and_dates() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, "Ann@Example.org").await;
    let response = ann.call("GET", "/me").await;
    assert_eq!(first_header(&response, "cache-control"), "no-store");
    let noon = "2026-11-21T12:00:00Z";
    let todos = json!({ "active": 0, "completed": 0, "version": 0 });
    let me = json!({ "email": ANN, "created_at": noon, "password_changed_at": noon, "time_zone": "UTC", "todos": todos });
    assert_eq!(body_json(response).await, me);
}

#[tokio::test]
async fn time_zone_is_chosen_in_any_spelling_and_unchosen_by_null() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let me = body_json(ann.call("GET", "/me").await).await;
    for (patch, time_zone) in [
        (json!({}), "UTC"),
        (json!({ "time_zone": "Europe/Berlin" }), "Europe/Berlin"),
        (json!({}), "Europe/Berlin"),
        (json!({ "time_zone": "america/NEW_YORK" }), "America/New_York"),
        (json!({ "time_zone": null }), "UTC"),
        (json!({ "time_zone": "utc" }), "UTC"),
    ] {
        let mut expected = me.clone();
        expected["time_zone"] = time_zone.into();
        let response = ann.call_with("PATCH", "/me", &patch).await;
        assert_eq!(response.status(), 200, "{patch}");
        assert_eq!(body_json(response).await, expected, "{patch}");
        assert_eq!(body_json(ann.call("GET", "/me").await).await, expected, "{patch}");
    }
    assert_eq!(body_json(bob.call("GET", "/me").await).await["time_zone"], "UTC", "of this account only");
}

#[tokio::test]
async fn account_can_be_sent_back_as_received() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut me = body_json(ann.call("GET", "/me").await).await;
    me["time_zone"] = "Asia/Tokyo".into();
    assert_eq!(body_json(ann.call_with("PATCH", "/me", &me).await).await, me);
    // Members that this operation does not change.
    let other = json!({ "email": BOB, "created_at": 7, "password_changed_at": null, "todos": [] });
    assert_eq!(body_json(ann.call_with("PATCH", "/me", &other).await).await, me);
    let request = ann.request("PATCH", "/me").header("content-type", "application/merge-patch+json");
    let response = app.send(request.body(Body::from(r#"{"time_zone":"Asia/Seoul"}"#)).unwrap()).await;
    assert_eq!(body_json(response).await["time_zone"], "Asia/Seoul");
}

#[tokio::test]
async fn invalid_change_of_the_account_changes_nothing() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let me = body_json(ann.call_with("PATCH", "/me", &json!({ "time_zone": "Asia/Tokyo" })).await).await;
    for (body, pointer, code) in [
        (json!({ "time_zone": "Mars/Olympus" }), "/time_zone", "unknown-time-zone"),
        (json!({ "time_zone": "" }), "/time_zone", "unknown-time-zone"),
        (json!({ "time_zone": "Etc/Unknown" }), "/time_zone", "unknown-time-zone"),
        (json!({ "time_zone": "Europe/Berlin\u{0}" }), "/time_zone", "unknown-time-zone"),
        (json!({ "time_zone": 1 }), "/time_zone", "type"),
        (json!({ "time_zone": ["Europe/Berlin"] }), "/time_zone", "type"),
        (json!({ "time_zone": "Europe/Berlin", "password": PASSWORD }), "", "shape"),
        (json!({ "time_zone": "Europe/Berlin", "time_zone_chosen": false }), "", "shape"),
        (json!([]), "", "shape"),
    ] {
        let response = ann.call_with("PATCH", "/me", &body).await;
        assert_eq!(response.status(), 422, "{body}");
        let error = body_json(response).await["errors"][0].take();
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
        assert!(!error.to_string().contains("Mars"), "{error}");
    }
    // An account has no entity tag.
    let response = ann.call_if("PATCH", "/me", ("if-match", r#""v1""#), &json!({ "time_zone": "Europe/Berlin" })).await;
    assert_eq!(response.status(), 412);
    assert_eq!(body_json(ann.call("GET", "/me").await).await, me);
}

/// A-85
#[tokio::test]
async fn email_change_needs_the_password_and_keeps_every_token() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let elsewhere = ApiUser::signed_in(&app, ANN).await;
    let change = async |email: &str, password: &str| {
        ann.call_with("POST", "/me/email", &json!({ "email": email, "password": password })).await.status().as_u16()
    };
    assert_eq!(change("kim@example.org", "wrong horse battery staple").await, 403);
    assert_eq!(change(" ANN@example.org", PASSWORD).await, 204, "one's own address");
    let me = body_json(ann.call("GET", "/me").await).await;
    assert_eq!(me["email"], ANN, "nothing has changed");

    assert_eq!(change("\u{212a}im@B\u{fc}cher.example ", PASSWORD).await, 204);
    for user in [&ann, &elsewhere] {
        let mut expected = me.clone();
        expected["email"] = "kim@xn--bcher-kva.example".into();
        assert_eq!(body_json(user.call("GET", "/me").await).await, expected);
    }
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);
    assert_eq!(request_token(&app, "kim@b\u{fc}cher.example", PASSWORD).await.status(), 200);
    ApiUser::signed_up(&app, ANN).await;
    assert_eq!(change(ANN, PASSWORD).await, 422, "the old address has a new owner");
}

/// A-85
#[tokio::test]
async fn rejected_email_change_keeps_the_email() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let long = format!("{}@example.org", "a".repeat(243));
    for (body, status, place) in [
        (json!({ "email": BOB, "password": "" }), 403, json!([null, null])),
        (json!({ "email": "bob", "password": "wrong horse battery staple" }), 403, json!([null, null])),
        (json!({ "email": "bob", "password": PASSWORD }), 422, json!(["/email", "malformed"])),
        (json!({ "email": "", "password": PASSWORD }), 422, json!(["/email", "malformed"])),
        (json!({ "email": "b\u{0}b@example.org", "password": PASSWORD }), 422, json!(["/email", "malformed"])),
        (json!({ "email": long, "password": PASSWORD }), 422, json!(["/email", "too-long"])),
        (json!({ "email": BOB }), 422, json!(["", "shape"])),
        (json!({ "email": 7, "password": PASSWORD }), 422, json!(["/email", "type"])),
        (json!({ "email": BOB, "password": PASSWORD, "user": 7 }), 422, json!(["", "shape"])),
    ] {
        let response = ann.call_with("POST", "/me/email", &body).await;
        assert_eq!(response.status(), status, "{body}");
        let problem = body_json(response).await;
        assert_eq!(json!([problem["errors"][0]["pointer"], problem["errors"][0]["code"]]), place, "{body}");
        assert!(!problem.to_string().contains(PASSWORD) && !problem.to_string().contains("bob"));
    }
    assert_eq!(body_json(ann.call("GET", "/me").await).await["email"], ANN);
}

/// A-85
#[tokio::test]
async fn taken_email_is_revealed_only_after_the_password() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let refusal = async |email: &str, password: &str| {
        let response = ann.call_with("POST", "/me/email", &json!({ "email": email, "password": password })).await;
        let mut problem = body_json(response).await;
        problem["instance"].take();
        problem
    };
    let wrong = "wrong horse battery staple";
    assert_eq!(refusal(BOB, wrong).await, refusal("new@example.org", wrong).await);
    let taken = refusal("Bob@EXAMPLE.org", PASSWORD).await;
    let error = json!({ "pointer": "/email", "code": "taken", "detail": "email is the address of another account" });
    assert_eq!((&taken["status"], &taken["errors"]), (&json!(422), &json!([error])));
    for (user, email) in [(&ann, ANN), (&bob, BOB)] {
        assert_eq!(body_json(user.call("GET", "/me").await).await["email"], email);
    }
}

#[tokio::test]
async fn password_change_revokes_every_token() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let elsewhere = ApiUser::signed_in(&app, ANN).await;
    ann.add("buy milk").await;
    app.wait(60);
    let response = ann.call_with("POST", "/me/password", &json!({ "current": PASSWORD, "new": NEW_PASSWORD })).await;
    assert_eq!(response.status(), 204);
    for user in [&ann, &elsewhere] {
        assert_eq!(user.call("GET", "/me").await.status(), 401);
    }
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);

    let token = body_json(request_token(&app, ANN, NEW_PASSWORD).await).await["access_token"].as_str().unwrap().to_owned();
    let ann = ApiUser { token, ..ann };
    assert_eq!(ann.titles().await, ["buy milk"]);
    assert_eq!(body_json(ann.call("GET", "/me").await).await["password_changed_at"], "2026-11-21T12:01:00Z");
}

#[tokio::test]
async fn rejected_password_change_keeps_the_password_and_tokens() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (body, status, place) in [
        (json!({ "current": "wrong horse battery staple", "new": NEW_PASSWORD }), 403, Value::Null),
        (json!({ "current": "", "new": NEW_PASSWORD }), 403, Value::Null),
        (json!({ "current": NEW_PASSWORD, "new": "short" }), 403, Value::Null),
        (json!({ "current": PASSWORD, "new": "seven77" }), 422, json!(["/new", "too-short"])),
        (json!({ "current": PASSWORD, "new": "x".repeat(129) }), 422, json!(["/new", "too-long"])),
        (json!({ "current": PASSWORD, "new": "password1234" }), 422, json!(["/new", "guessable"])),
        (json!({ "current": PASSWORD, "new": "ann@example.org" }), 422, json!(["/new", "guessable"])),
        (json!({ "current": PASSWORD }), 422, json!(["", "shape"])),
        (json!({ "current": PASSWORD, "new": 7 }), 422, json!(["/new", "type"])),
        (json!({ "current": PASSWORD, "new": NEW_PASSWORD, "email": BOB }), 422, json!(["", "shape"])),
    ] {
        let response = ann.call_with("POST", "/me/password", &body).await;
        assert_eq!(response.status(), status, "{body}");
        let problem = body_json(response).await;
        if !place.is_null() {
            assert_eq!(json!([problem["errors"][0]["pointer"], problem["errors"][0]["code"]]), place, "{body}");
        }
        assert!(!problem.to_string().contains(PASSWORD) && !problem.to_string().contains(NEW_PASSWORD));
    }
    assert_eq!(ann.call("GET", "/me").await.status(), 200, "tokens stay valid");
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn account_deletion_removes_its_todos_and_tokens() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    ann.add("buy milk").await;
    bob.add("buy tea").await;
    for wrong in [json!({ "password": "wrong horse battery staple" }), json!({ "password": "" })] {
        assert_eq!(ann.call_with("DELETE", "/me", &wrong).await.status(), 403);
    }
    assert_eq!(ann.call_with("DELETE", "/me", &json!({})).await.status(), 422);
    assert_eq!(ann.call("DELETE", "/me").await.status(), 415);
    assert_eq!(ann.titles().await, ["buy milk"], "rejected requests delete nothing");

    assert_eq!(ann.call_with("DELETE", "/me", &json!({ "password": PASSWORD })).await.status(), 204);
    assert_eq!(ann.call("GET", "/me").await.status(), 401);
    assert_eq!(ann.call_with("POST", "/todos", &json!({ "title": "ghost" })).await.status(), 401);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);
    assert_eq!(bob.titles().await, ["buy tea"]);

    let again = ApiUser::signed_up(&app, ANN).await;
    assert!(again.titles().await.is_empty());
    assert_eq!(ann.call("GET", "/todos").await.status(), 401, "an old token is invalid for a new account with the same email");
}

#[tokio::test]
async fn export_contains_all_own_data_and_no_other_users_data() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    bob.add("Bob's").await;
    let export = async || {
        let response = ann.call("GET", "/export").await;
        assert_eq!(first_header(&response, "content-disposition"), "attachment; filename=\"holdfast-export.json\"");
        assert_eq!(first_header(&response, "cache-control"), "no-store");
        let text = body_text(response).await;
        assert!(!text.contains("argon2"));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    ann.call_with("PATCH", "/me", &json!({ "time_zone": "Europe/Berlin" })).await;
    assert_eq!(export().await, json!({ "account": body_json(ann.call("GET", "/me").await).await, "todos": [] }));

    let (kept, deleted) = (ann.add("kept").await, ann.add("\"quotes\" and \u{1f951}").await);
    app.wait(60);
    ann.call("DELETE", &path(&deleted)).await;
    let todos = export().await["todos"].clone();
    assert_eq!(todos[0], kept);
    assert_eq!((&todos[1]["title"], &todos[1]["deleted_at"]), (&deleted["title"], &json!("2026-11-21T12:01:00Z")));
    assert_eq!(todos.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn interrupted_export_aborts_the_connection() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::WithoutTodos, "off").await;
    let response = faulty.begin(ann.request("GET", "/export").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200, "the response has begun");
    let mut pieces = response.into_body().into_data_stream();
    assert!(pieces.next().await.unwrap().unwrap().starts_with(b"{\"account\""));
    assert!(pieces.next().await.unwrap().is_err(), "the connection is cut, so the client detects the truncation");
}

#[tokio::test]
async fn export_spans_several_database_pages() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    // The server reads 500 todos at a time: two full pages and an empty one.
    for n in 0..1000 {
        ann.add(&format!("todo {n}")).await;
    }
    let export = body_json(ann.call("GET", "/export").await).await;
    let titles: Vec<_> =
        export["todos"].as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), 1000);
    assert_eq!((titles[0].as_str(), titles[999].as_str()), ("todo 0", "todo 999"));
}

#[tokio::test]
async fn token_endpoint_issues_a_bearer_token() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let response = request_token(&app, "Ann@Example.org", PASSWORD).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "cache-control")), (200, "no-store"));
    assert!(!response.headers().contains_key("set-cookie"));
    let body = body_json(response).await;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(1800)));
}

#[tokio::test]
async fn token_endpoint_does_not_distinguish_unknown_email_from_wrong_password() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let mut answers = Vec::new();
    for (email, password) in [(ANN, "wrong horse battery staple"), ("nobody@example.org", PASSWORD), ("", "")] {
        let response = request_token(&app, email, password).await;
        assert_eq!(
            (response.status().as_u16(), first_header(&response, "www-authenticate")),
            (401, r#"Bearer realm="holdfast""#)
        );
        let mut problem = body_json(response).await;
        problem["instance"].take();
        answers.push(problem);
    }
    assert!(answers[0] == answers[1] && answers[1] == answers[2]);
}

#[tokio::test]
async fn token_endpoint_rejects_browsers() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for (name, value) in [("origin", "http://127.0.0.1:3000"), ("origin", "null"), ("sec-fetch-site", "same-origin")] {
        let response = request_token_with(&app, &[(name, value)]).await;
        assert_eq!(response.status(), 403, "{name}");
        assert_eq!(body_json(response).await["type"], "/problems/forbidden");
    }
}

/// Node's `fetch` sends `Sec-Fetch-Mode` without `Sec-Fetch-Site`.
#[tokio::test]
async fn token_endpoint_accepts_node_fetch() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let headers = [
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("accept-language", "*"),
        ("user-agent", "Mozilla/5.0"),
        ("referer", "http://127.0.0.1:3000/"),
    ];
    assert_eq!(request_token_with(&app, &headers).await.status(), 200);
}

async fn request_token_with(app: &App, headers: &[(&str, &str)]) -> Response<Body> {
    let request = Request::post("/api/v1/token").header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(Body::from(json!({ "email": ANN, "password": PASSWORD }).to_string())).unwrap()).await
}

/// A-25
#[tokio::test]
async fn passwords_are_stored_as_argon2id_hashes_only() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    Browser::signed_up(&app, BOB).await;
    let stored = app.stored_bytes().await;
    assert!(!stored.contains(PASSWORD));
    let hashes: std::collections::BTreeSet<_> =
        stored.match_indices("$argon2id$v=19$m=19456,t=2,p=1$").map(|(at, _)| &stored[at..at + 90]).collect();
    assert!(hashes.len() >= 2, "equal passwords have different salts");
}

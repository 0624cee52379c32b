//! The REST API, as a program that calls it sees it.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, body_json, body_text, first_header};

const ID: &str = "018f3a52-7b1c-7def-8abc-0123456789ab";
const ROUTES: [(&str, &str); 7] = [
    ("GET", "/todos"),
    ("POST", "/todos"),
    ("GET", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
    ("PUT", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
    ("PATCH", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
    ("DELETE", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
    ("TRACE", "/todos"),
];

fn path(todo: &Value) -> String {
    format!("/todos/{}", todo["id"].as_str().unwrap())
}

#[tokio::test]
async fn whole_life_of_a_todo() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    assert_eq!(body_json(ann.call("GET", "/todos").await).await, json!([]));

    let response = ann.call_with("POST", "/todos", &json!({ "title": "  buy milk " })).await;
    assert_eq!(response.status(), 201);
    assert_eq!(first_header(&response, "etag"), r#""v1""#);
    let location = first_header(&response, "location").to_owned();
    let created = body_json(response).await;
    assert_eq!(created["url"], location);
    assert_eq!(
        created,
        json!({
            "id": created["id"], "url": format!("http://127.0.0.1:3000/api/v1{}", path(&created)), "title": "buy milk",
            "completed": false, "order": 1024, "version": 1,
            "created_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:00:00Z",
        })
    );

    app.wait(60);
    let response = ann.call_with("PATCH", &path(&created), &json!({ "completed": true })).await;
    assert_eq!((response.status(), first_header(&response, "etag")), (StatusCode::OK, r#""v2""#));
    let changed = body_json(response).await;
    assert_eq!((&changed["completed"], &changed["completed_at"]), (&json!(true), &json!("2026-11-21T12:01:00Z")));
    assert_eq!((&changed["title"], &changed["created_at"]), (&created["title"], &created["created_at"]));

    assert_eq!(body_json(ann.call("GET", &path(&created)).await).await, changed);
    assert_eq!(body_json(ann.call("GET", "/todos").await).await, json!([changed]));

    let response = ann.call("DELETE", &path(&created)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(ann.call("GET", &path(&created)).await.status(), 404);
    assert_eq!(ann.call("DELETE", &path(&created)).await.status(), 404);
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn reopening_forgets_when_it_was_completed() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = body_json(ann.call_with("POST", "/todos", &json!({ "title": "x", "completed": true })).await).await;
    assert_eq!(todo["completed_at"], "2026-11-21T12:00:00Z");
    app.wait(60);
    let again = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "completed": true })).await).await;
    assert_eq!(again["completed_at"], "2026-11-21T12:00:00Z", "completing twice keeps the first time");
    let reopened = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "completed": false })).await).await;
    assert_eq!((reopened["completed"].as_bool(), reopened.get("completed_at")), (Some(false), None));
}

#[tokio::test]
async fn todos_come_by_order_and_new_ones_last() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (title, order) in [("b", Some(5)), ("c", Some(9_007_199_254_740_991_i64)), ("a", Some(-3))] {
        ann.call_with("POST", "/todos", &json!({ "title": title, "order": order })).await;
    }
    let last = ann.add("d").await;
    assert_eq!(last["order"], 9_007_199_254_740_991_i64, "there is no place behind the largest: ties go by id");
    assert_eq!(ann.titles().await, ["a", "b", "c", "d"]);
    ann.call_with("PATCH", &path(&last), &json!({ "order": 0 })).await;
    assert_eq!(ann.titles().await, ["a", "d", "b", "c"]);
}

#[tokio::test]
async fn put_makes_a_todo_under_the_clients_id_and_is_safe_to_repeat() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = format!("/todos/{ID}");
    let create = async || {
        let request = ann.request("PUT", &path).header("if-none-match", "*").header("content-type", "application/json");
        app.send(request.body(Body::from(r#"{"title":"buy milk"}"#)).unwrap()).await
    };
    let response = create().await;
    assert_eq!(
        (response.status().as_u16(), first_header(&response, "location")),
        (201, format!("http://127.0.0.1:3000/api/v1{path}").as_str())
    );
    assert_eq!(create().await.status(), 412);

    let response = ann.call_with("PUT", &path, &json!({ "title": "buy tea", "completed": true })).await;
    assert_eq!(response.status(), 200);
    let todo = body_json(response).await;
    assert_eq!((&todo["title"], &todo["completed"], &todo["version"]), (&json!("buy tea"), &json!(true), &json!(2)));

    ann.call("DELETE", &path).await;
    assert_eq!(create().await.status(), 409);
    let response = ann.call_with("PUT", &path, &json!({ "title": "back again" })).await;
    assert_eq!(response.status(), 409);
    assert_eq!(body_json(response).await["type"], "/problems/in-trash");
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn own_representation_can_be_sent_back_as_it_came() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut todo = ann.add("buy milk").await;
    todo["title"] = json!("buy oat milk");
    let response = ann.call_with("PUT", &path(&todo), &todo).await;
    assert_eq!(response.status(), 200);
    let stored = body_json(response).await;
    assert_eq!((&stored["title"], &stored["version"]), (&json!("buy oat milk"), &json!(2)));
}

#[tokio::test]
async fn without_a_good_token_everything_is_401_before_the_body_is_read() {
    let app = App::start().await;
    for authorization in [None, Some("Bearer x"), Some("Bearer"), Some("Basic YTpi"), Some("Bearer  ")] {
        for (method, path) in ROUTES {
            let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let response = app.send(request.body(Body::from("{broken")).unwrap()).await;
            assert_eq!(
                (response.status().as_u16(), first_header(&response, "www-authenticate")),
                (401, "Bearer"),
                "{method} {path}"
            );
            assert_eq!(first_header(&response, "content-type"), "application/problem+json");
            let problem = body_json(response).await;
            assert_eq!((&problem["type"], &problem["status"]), (&json!("/problems/unauthenticated"), &json!(401)));
            assert!(problem["instance"].as_str().unwrap().starts_with("urn:uuid:"));
        }
    }
}

#[tokio::test]
async fn api_never_looks_at_cookies() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let cookies: Vec<_> = ann.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get("/api/v1/todos").header("cookie", cookies.join("; ")).header("sec-fetch-site", "same-origin");
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 401);
}

#[tokio::test]
async fn two_authorization_headers_are_none() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let request = ann.request("GET", "/todos").header("authorization", format!("Bearer {}", ann.token));
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 401);
}

#[tokio::test]
async fn another_users_todo_is_exactly_a_missing_one() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let todo = ann.add("buy milk").await;
    let body = json!({ "title": "stolen" });
    for method in ["GET", "PATCH", "DELETE"] {
        let mut answers = Vec::new();
        for path in [path(&todo), format!("/todos/{ID}"), "/todos/x".to_owned()] {
            let response = bob.call_with(method, &path, &body).await;
            assert_eq!(response.status(), 404);
            let mut headers = response.headers().clone();
            let id = headers.remove("x-request-id").unwrap().to_str().unwrap().to_owned();
            answers.push((headers, body_text(response).await.replace(&id, "")));
        }
        assert_eq!(answers[0], answers[1], "{method}");
        assert_eq!(answers[0], answers[2], "{method}");
    }
    assert_eq!(body_json(ann.call("GET", &path(&todo)).await).await, todo, "untouched");

    // Under the same id Bob may have a todo of his own, and learns nothing by making it.
    assert_eq!(bob.call_with("PUT", &path(&todo), &json!({ "title": "mine" })).await.status(), 201);
    assert_eq!((ann.titles().await, bob.titles().await), (vec!["buy milk".to_owned()], vec!["mine".to_owned()]));
}

#[tokio::test]
async fn owner_can_not_be_named() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let todo = ann.add("buy milk").await;
    for member in ["owner", "user_id", "userId", "sub", "user"] {
        for (method, path) in [("POST", "/todos".to_owned()), ("PATCH", path(&todo)), ("PUT", path(&todo))] {
            let body = json!({ "title": "x", member: "018f3a52-7b1c-7def-8abc-0123456789ab" });
            assert_eq!(ann.call_with(method, &path, &body).await.status(), 422, "{method} {member}");
        }
    }
    assert_eq!(ann.titles().await, ["buy milk"]);
    assert!(bob.titles().await.is_empty());
    let members: Vec<_> = todo.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["completed", "created_at", "id", "order", "title", "updated_at", "url", "version"]);
}

#[tokio::test]
async fn id_and_times_are_the_servers_to_set() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let body =
        json!({ "title": "x", "id": ID, "version": 9, "created_at": "1999-01-01T00:00:00Z", "url": "https://evil.example" });
    let created = body_json(ann.call_with("POST", "/todos", &body).await).await;
    assert_ne!(created["id"], ID);
    let changed = body_json(ann.call_with("PATCH", &path(&created), &body).await).await;
    assert_eq!(
        (&changed["id"], &changed["created_at"], &changed["url"]),
        (&created["id"], &created["created_at"], &created["url"])
    );
    assert_eq!(changed["version"], 2);
}

#[tokio::test]
async fn bad_input_is_refused_with_the_right_status_and_changes_nothing() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let long = format!(r#"{{"title":"{}"}}"#, "a".repeat(501));
    let huge = format!(r#"{{"title":"{}"}}"#, "a".repeat(65 * 1024));
    for (kind, body, status, problem) in [
        ("application/json", "{", 400, "malformed-json"),
        ("application/json", "", 400, "malformed-json"),
        ("text/plain", r#"{"title":"x"}"#, 415, "unsupported-media-type"),
        ("application/x-www-form-urlencoded", "title=x", 415, "unsupported-media-type"),
        ("application/json", "{}", 422, "validation"),
        ("application/json", "[]", 422, "validation"),
        ("application/json", r#"{"title":null}"#, 422, "validation"),
        ("application/json", r#"{"title":7}"#, 422, "validation"),
        ("application/json", r#"{"title":" \n "}"#, 422, "validation"),
        ("application/json", r#"{"title":"a\u0000b"}"#, 422, "validation"),
        ("application/json", &long, 422, "validation"),
        ("application/json", r#"{"title":"x","title":"y"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","colour":"red"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","completed":"yes"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":1.5}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":9007199254740992}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":9223372036854775808}"#, 422, "validation"),
        ("application/json", &huge, 413, "payload-too-large"),
    ] {
        let request = ann.request("POST", "/todos").header("content-type", kind);
        let response = app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!(response.status(), status, "{shown}");
        assert_eq!(first_header(&response, "content-type"), "application/problem+json", "{shown}");
        let answer = body_json(response).await;
        assert_eq!(answer["type"], format!("/problems/{problem}"), "{shown}");
        assert!(!answer.to_string().contains("aaaa") && !answer.to_string().contains("colour"), "echoes {shown}");
    }
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn validation_points_at_the_member() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (body, pointer, code) in [
        (json!({}), "/title", "required"),
        (json!({ "title": " " }), "/title", "blank"),
        (json!({ "title": "x", "order": 9_007_199_254_740_992_i64 }), "/order", "out-of-range"),
    ] {
        let problem = body_json(ann.call_with("POST", "/todos", &body).await).await;
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
}

#[tokio::test]
async fn framework_refusals_are_problem_details_too() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let response = ann.call("POST", &format!("/todos/{ID}")).await;
    assert_eq!(response.status(), 405);
    let mut allowed: Vec<_> = first_header(&response, "allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PATCH", "PUT"]);
    assert_eq!(body_json(response).await["type"], "/problems/method-not-allowed");

    for path in ["/nope", "/todos/", "/todos/x/y"] {
        let response = ann.call("GET", path).await;
        assert_eq!(
            (response.status().as_u16(), first_header(&response, "content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    let response = app.send(Request::get("/api").body(Body::empty()).unwrap()).await;
    assert_eq!(first_header(&response, "content-type"), "application/problem+json");
}

#[tokio::test]
async fn token_endpoint_gives_a_bearer_token() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let request = Request::post("/api/v1/token").header("content-type", "application/json");
    let credentials = json!({ "email": "Ann@Example.org", "password": PASSWORD }).to_string();
    let response = app.send(request.body(Body::from(credentials)).unwrap()).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "cache-control")), (200, "no-store"));
    assert!(!response.headers().contains_key("set-cookie"));
    let body = body_json(response).await;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(1800)));
}

#[tokio::test]
async fn token_endpoint_says_the_same_for_unknown_email_and_wrong_password() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let mut answers = Vec::new();
    for (email, password) in [(ANN, "wrong horse battery staple"), ("nobody@example.org", PASSWORD), ("", "")] {
        let request = Request::post("/api/v1/token").header("content-type", "application/json");
        let response =
            app.send(request.body(Body::from(json!({ "email": email, "password": password }).to_string())).unwrap()).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "www-authenticate")), (401, "Bearer"));
        let mut problem = body_json(response).await;
        problem["instance"].take();
        answers.push(problem);
    }
    assert!(answers[0] == answers[1] && answers[1] == answers[2]);
}

#[tokio::test]
async fn token_endpoint_refuses_browsers() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for (name, value) in [
        ("origin", "http://127.0.0.1:3000"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ] {
        let request = Request::post("/api/v1/token").header("content-type", "application/json").header(name, value);
        let response =
            app.send(request.body(Body::from(json!({ "email": ANN, "password": PASSWORD }).to_string())).unwrap()).await;
        assert_eq!(response.status(), 403, "{name}");
        assert_eq!(body_json(response).await["type"], "/problems/forbidden");
    }
}

#[tokio::test]
async fn passwords_are_stored_as_argon2id_hashes_only() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    Browser::signed_up(&app, BOB).await;
    let stored = app.stored_bytes();
    assert!(!stored.contains(PASSWORD));
    let hashes: std::collections::BTreeSet<_> =
        stored.match_indices("$argon2id$v=19$m=19456,t=2,p=1$").map(|(at, _)| &stored[at..at + 90]).collect();
    assert!(hashes.len() >= 2, "two users with one password have different hashes");
}

#[tokio::test]
async fn every_api_answer_says_how_it_may_be_kept() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    for path in ["/todos".to_owned(), path(&todo)] {
        let response = ann.call("GET", &path).await;
        assert_eq!(first_header(&response, "cache-control"), "private, no-cache");
        assert!(response.headers().get_all("vary").iter().any(|vary| vary == "Authorization"));
        assert_eq!(first_header(&response, "content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(first_header(&response, "x-content-type-options"), "nosniff");
    }
    assert_eq!(first_header(&ann.call("GET", "/nope").await, "cache-control"), "no-store");
    assert_eq!(first_header(&ann.call("DELETE", &path(&todo)).await, "cache-control"), "no-store");
}

//! The OpenAPI document is complete, and every response in it occurs. `App::send` checks the converse in every test.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Fault, ID, Operation, PASSWORD, body_json, body_text, first_header};

#[tokio::test]
async fn document_describes_every_operation() {
    let app = App::start().await;
    let document = app.document();
    assert!(document.0["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document.0["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document.0["servers"][0]["url"], "/api/v1");
    let bearer = json!({ "type": "http", "scheme": "bearer" });
    assert_eq!(document.0["components"]["securitySchemes"]["bearer"], bearer);
    assert_eq!(document.0["security"], json!([{ "bearer": [] }]));

    let mut ids = BTreeSet::new();
    for operation in document.operations() {
        let described = document.get(&operation);
        assert!(ids.insert(described["operationId"].as_str().unwrap()), "{operation:?} has a duplicate id");
        assert!(!described["summary"].as_str().unwrap().is_empty(), "{operation:?}");
        assert_eq!(described["tags"].as_array().unwrap().len(), 1, "{operation:?}");
        let responses = described["responses"].as_object().unwrap();
        let public = described["security"] == json!([{}]);
        assert_eq!(responses.contains_key("401"), !public || operation.path == "/token", "{operation:?}");
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap().is_empty(), "{operation:?} {status}");
            if status.as_str() >= "400" {
                let media = &response["content"]["application/problem+json"];
                assert_eq!(media["schema"]["$ref"], "#/components/schemas/Problem", "{operation:?} {status}");
                assert_eq!(media["example"]["status"].to_string(), *status, "{operation:?} {status}");
            }
        }
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            assert!(schema["type"].is_string() || schema["$ref"].is_string(), "{operation:?} {parameter}");
        }
    }
    assert_eq!(ids.len(), 27, "the operations of the contract");
}

#[tokio::test]
async fn examples_match_their_schemas() {
    let app = App::start().await;
    let document = app.document();
    let mut checked = 0;
    let mut check = |schema: &Value, example: &Value, what: &str| {
        if !example.is_null() {
            document.validate(schema, example, what);
            checked += 1;
        }
    };
    for operation in document.operations() {
        let described = document.get(&operation);
        let what = format!("example of {operation:?}");
        for media in described["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values()) {
            check(&media["schema"], &media["example"], &what);
        }
        for response in described["responses"].as_object().unwrap().values() {
            for media in response["content"].as_object().into_iter().flat_map(|content| content.values()) {
                check(&media["schema"], &media["example"], &what);
            }
        }
    }
    for (name, schema) in document.0["components"]["schemas"].as_object().unwrap() {
        check(schema, &schema["example"], name);
        for example in schema["examples"].as_array().into_iter().flatten() {
            check(schema, example, name);
        }
    }
    assert!(checked > 80, "only {checked} examples were found");
}

#[tokio::test]
async fn no_schema_exposes_an_owner() {
    let app = App::start().await;
    let schemas = app.document().0["components"]["schemas"].as_object().unwrap();
    let members = schemas.values().filter_map(|schema| schema["properties"].as_object()).flat_map(|properties| properties.keys());
    let members: BTreeSet<_> = members.collect();
    assert!(members.len() > 15);
    for owner in ["owner", "user", "user_id", "userId", "sub", "password_hash", "token_epoch"] {
        assert!(!members.contains(&owner.to_owned()), "{owner}");
    }
}

#[tokio::test]
async fn guide_table_matches_the_document() {
    let app = App::start().await;
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/todos-api.md")).unwrap();
    let rows = guide.lines().skip_while(|line| *line != "## Operations").take_while(|line| *line != "## Errors");
    let mut in_guide = BTreeMap::new();
    for row in rows.filter(|row| row.starts_with("| `")) {
        let statuses: BTreeSet<_> =
            row.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 3).map(str::to_owned).collect();
        // Several operations can share a row; other quoted words are parameters.
        for quoted in row.split('|').nth(1).unwrap().split('`') {
            if let Some((method, path)) = quoted.split_once(' ').filter(|(_, path)| path.starts_with('/')) {
                in_guide.insert(Operation { method: method.to_lowercase(), path: path.to_owned() }, statuses.clone());
            }
        }
    }
    let everywhere = |status: &&String| ["401", "414", "429", "500", "503"].contains(&status.as_str());
    let documented = |operation: Operation| {
        let statuses = app.document().get(&operation)["responses"].as_object().unwrap().keys();
        (operation, statuses.filter(|status| !everywhere(status)).cloned().collect())
    };
    let documented: BTreeMap<_, BTreeSet<_>> = app.document().operations().into_iter().map(documented).collect();
    assert_eq!(in_guide, documented);
}

/// Records the status codes seen per operation.
struct Observer<'a> {
    app: &'a App,
    seen: BTreeSet<(Operation, String)>,
}

impl Observer<'_> {
    async fn send(&mut self, app: &App, request: Request<Body>) -> StatusCode {
        let operation = self.app.document().find(request.method(), request.uri().path()).unwrap();
        let status = app.send(request).await.status();
        self.seen.insert((operation, status.as_str().to_owned()));
        status
    }

    /// Sends the invalid bodies, tokens and loads that any operation may reject.
    async fn provoke_errors(&mut self, ann: &ApiUser<'_>) {
        let faults = [self.app.with_fault(Fault::Unavailable, "off").await, self.app.with_fault(Fault::Broken, "off").await];
        let limited = self.app.with_fault(Fault::Unavailable, "on").await;
        let huge = "x".repeat(2 * 1024 * 1024 + 1);
        for operation in self.app.document().operations() {
            let (method, path) = (operation.method.to_uppercase(), operation.path.replace("{id}", ID).replace("{name}", "home"));
            let send = |kind: &str, body: &str| {
                ann.request(&method, &path).header("content-type", kind).body(Body::from(body.to_owned())).unwrap()
            };
            let described = self.app.document().get(&operation).clone();
            if described["requestBody"].is_object() {
                // With the clock paused, the body times out at once; the store isn't called meanwhile.
                tokio::time::pause();
                let never = Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
                let request = ann.request(&method, &path).header(PLAIN.0, PLAIN.1).body(never).unwrap();
                self.send(self.app, request).await;
                tokio::time::resume();
                for (kind, body) in [(JSON, "{"), (JSON, "7"), ("text/plain", "{}"), (JSON, huge.as_str())] {
                    self.send(self.app, send(kind, body)).await;
                }
            }
            if described["responses"]["414"].is_object() {
                let request = ann.request(&method, &format!("{path}?x={}", &huge[..8 * 1024]));
                self.send(self.app, request.body(Body::empty()).unwrap()).await;
            }
            if described["security"] != json!([{}]) {
                let anonymous = Request::builder().method(method.as_str()).uri(format!("/api/v1{path}"));
                self.send(self.app, anonymous.body(Body::empty()).unwrap()).await;
            }
            let examples = described["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values());
            let good = examples.map(|media| &media["example"]).find(|example| !example.is_null()).cloned();
            let good = good.unwrap_or_default().to_string();
            for faulty in &faults {
                self.send(faulty, send(JSON, &good)).await;
            }
            for _ in 0..3000 {
                if self.send(&limited, send(JSON, &good)).await == 429 {
                    break;
                }
            }
        }
    }
}

const JSON: &str = "application/json";
const PLAIN: (&str, &str) = ("content-type", JSON);

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
async fn every_documented_response_occurs() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut observer = Observer { app: &app, seen: BTreeSet::new() };
    let (one, restore, to_move) = (format!("/todos/{ID}"), format!("/todos/{ID}/restore"), format!("/todos/{ID}/move"));
    let (title, ids) = (r#"{"title":"x"}"#, format!(r#"{{"ids":["{ID}"]}}"#));
    let (first, batch) = (r#"{"after":null}"#, r#"{"todos":[{"title":"x"}]}"#);
    let credentials = |password: &str| format!(r#"{{"email":"{ANN}","password":"{password}"}}"#);
    let token = credentials(PASSWORD);

    // Success and the errors of single operations; each step depends on the state left by the previous ones.
    for (method, path, (name, value), body) in [
        ("POST", "/todos", ("if-match", r#""x""#), title),
        ("PATCH", "/todos", ("if-match", r#""x""#), r#"{"completed":true}"#),
        ("DELETE", "/todos", ("if-match", r#""x""#), ""),
        ("POST", &restore, ("if-match", r#""x""#), ""),
        ("POST", &restore, ("if-none-match", r#""x""#), ""),
        ("DELETE", &one, ("if-none-match", r#""x""#), ""),
        ("POST", "/todos/restore", ("if-match", r#""x""#), &ids),
        ("POST", "/todos/batch", ("if-match", r#""x""#), batch),
        ("POST", "/todos", PLAIN, title),
        ("POST", "/todos/batch", PLAIN, batch),
        ("GET", "/todos", PLAIN, ""),
        ("GET", "/todos", ("if-none-match", "*"), ""),
        ("GET", "/todos?cursor=x", PLAIN, ""),
        ("GET", "/todos?limit=x", PLAIN, ""),
        ("PATCH", "/todos", PLAIN, r#"{"completed":true}"#),
        ("GET", &one, PLAIN, ""),
        ("PUT", "/todos/x", PLAIN, title),
        ("PATCH", &one, PLAIN, title),
        ("POST", &to_move, PLAIN, first),
        ("DELETE", &one, PLAIN, ""),
        ("POST", &restore, PLAIN, ""),
        ("POST", "/todos/restore", PLAIN, &ids),
        ("PUT", &one, PLAIN, title),
        ("PUT", &one, PLAIN, title),
        ("POST", &to_move, PLAIN, first),
        ("POST", &to_move, ("if-match", r#""v9""#), first),
        ("GET", &one, PLAIN, ""),
        ("GET", &one, ("if-none-match", "*"), ""),
        ("PUT", &one, ("if-match", r#""v9""#), title),
        ("PATCH", &one, ("if-match", r#""v9""#), title),
        ("DELETE", &one, ("if-match", r#""v9""#), ""),
        ("PATCH", &one, PLAIN, title),
        ("DELETE", &one, PLAIN, ""),
        ("PUT", &one, PLAIN, title),
        ("POST", &restore, PLAIN, ""),
        ("POST", "/todos/restore", PLAIN, &ids),
        ("POST", "/todos/undo", PLAIN, r#"{"version":1}"#),
        ("POST", "/todos/undo", ("if-match", r#""v9""#), r#"{"version":1}"#),
        ("GET", "/todos/summary", PLAIN, ""),
        ("GET", "/todos/summary?today=x", PLAIN, ""),
        ("POST", "/todos", PLAIN, r##"{"title":"#home"}"##),
        ("PUT", "/tags/home", PLAIN, r#"{"name":"house"}"#),
        ("PUT", "/tags/home", PLAIN, r#"{"name":"house"}"#),
        ("PUT", "/tags/house", ("if-match", r#""v9""#), r#"{"name":"home"}"#),
        ("DELETE", "/todos?completed=x", PLAIN, ""),
        ("DELETE", "/todos", ("prefer", "return=representation"), ""),
        ("DELETE", "/todos", PLAIN, ""),
        ("GET", "/trash", PLAIN, ""),
        ("GET", "/trash", ("if-none-match", "*"), ""),
        ("GET", "/trash?cursor=x", PLAIN, ""),
        ("GET", "/trash?limit=x", PLAIN, ""),
        ("DELETE", "/trash", ("if-match", r#""x""#), ""),
        ("DELETE", "/trash?completed=true", PLAIN, ""),
        ("DELETE", "/trash", PLAIN, ""),
        ("GET", "/me", PLAIN, ""),
        ("PATCH", "/me", PLAIN, r#"{"time_zone":"Europe/Berlin"}"#),
        ("PATCH", "/me", ("if-match", r#""v1""#), "{}"),
        ("POST", "/me/email", PLAIN, &credentials("x")),
        ("POST", "/me/email", PLAIN, &token),
        ("GET", "/export", PLAIN, ""),
        ("GET", "/openapi.json", PLAIN, ""),
        ("GET", "/docs", PLAIN, ""),
        ("POST", "/me/password", PLAIN, r#"{"current":"x","new":"y"}"#),
        ("DELETE", "/me", PLAIN, r#"{"password":"x"}"#),
        ("POST", "/token", PLAIN, r#"{"email":"x","password":"y"}"#),
        ("POST", "/token", ("origin", "http://127.0.0.1:3000"), &token),
        ("POST", "/token", PLAIN, &token),
    ] {
        let mut request = ann.request(method, path).header(name, value);
        if name != PLAIN.0 {
            request = request.header(PLAIN.0, PLAIN.1);
        }
        observer.send(&app, request.body(Body::from(body.to_owned())).unwrap()).await;
    }
    observer.provoke_errors(&ann).await;
    let small = App::with(&[("MAX_TODOS", "1")]).await;
    let bob = ApiUser::signed_up(&small, BOB).await;
    for (method, path) in [("POST", "/todos"), ("POST", "/todos"), ("PUT", &one)] {
        observer.send(&small, bob.request(method, path).header(PLAIN.0, PLAIN.1).body(Body::from(title)).unwrap()).await;
    }

    // The operations that revoke the token come last.
    let new_password = json!({ "current": PASSWORD, "new": "a long walk by the sea" }).to_string();
    let request = ann.request("POST", "/me/password").header(PLAIN.0, PLAIN.1).body(Body::from(new_password));
    observer.send(&app, request.unwrap()).await;
    let request = Request::post("/api/v1/token").header(PLAIN.0, PLAIN.1).body(Body::from(credentials("a long walk by the sea")));
    let token = body_json(app.send(request.unwrap()).await).await["access_token"].as_str().unwrap().to_owned();
    let ann = ApiUser { app: &app, token };
    let other = app.send(
        Request::post("/api/v1/token").header(PLAIN.0, PLAIN.1).body(Body::from(credentials("a long walk by the sea"))).unwrap(),
    );
    let token = body_json(other.await).await["access_token"].as_str().unwrap().to_owned();
    observer.send(&app, ApiUser { app: &app, token }.request("DELETE", "/token").body(Body::empty()).unwrap()).await;
    let password = json!({ "password": "a long walk by the sea" }).to_string();
    observer.send(&app, ann.request("DELETE", "/me").header(PLAIN.0, PLAIN.1).body(Body::from(password)).unwrap()).await;

    let mut never: BTreeMap<Operation, Vec<String>> = BTreeMap::new();
    for operation in app.document().operations() {
        for status in app.document().get(&operation)["responses"].as_object().unwrap().keys() {
            if !observer.seen.contains(&(operation.clone(), status.clone())) {
                never.entry(operation.clone()).or_default().push(status.clone());
            }
        }
    }
    assert!(never.is_empty(), "documented, but never seen: {never:#?}");
}

#[tokio::test]
async fn documentation_is_public_and_self_hosted() {
    let app = App::start().await;
    let get = async |path: &str| app.send(Request::get(path).body(Body::empty()).unwrap()).await;
    let page = get("/api/v1/docs").await;
    let policy = first_header(&page, "content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let html = body_text(page).await;
    assert!(!html.contains("://"), "no third-party resources: {html}");
    for (file, kind) in [
        ("swagger-ui.css", "text/css"),
        ("docs.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
    ] {
        assert!(html.contains(&format!("docs/{file}")), "{file}");
        let response = get(&format!("/api/v1/docs/{file}")).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "content-type")), (200, kind));
        assert!(body_text(response).await.len() > 100);
    }
    let response = get("/api/v1/openapi.json").await;
    assert_eq!(first_header(&response, "content-type"), "application/json");
}

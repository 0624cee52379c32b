//! The OpenAPI document: whole, true, and nothing in it that can't happen. (That nothing happens which is not in it,
//! `App::send` checks with every answer in every test.)

use std::collections::{BTreeMap, BTreeSet};

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, Fault, Operation, PASSWORD, body_json, body_text, first_header};

const ID: &str = "018f3a52-7b1c-7def-8abc-0123456789ab";

#[tokio::test]
async fn document_says_what_a_reader_needs() {
    let app = App::start().await;
    let document = app.document();
    assert!(document.0["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document.0["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document.0["servers"][0]["url"], "/api/v1");
    let scheme = json!({ "type": "http", "scheme": "bearer" });
    assert_eq!(document.0["components"]["securitySchemes"]["bearer"], scheme);
    assert_eq!(document.0["security"], json!([{ "bearer": [] }]));

    let mut ids = BTreeSet::new();
    for operation in document.operations() {
        let described = document.get(&operation);
        assert!(ids.insert(described["operationId"].as_str().unwrap()), "{operation:?} has the id of another");
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
            assert!(parameter["schema"].is_object(), "{operation:?} {parameter}");
        }
    }
    assert_eq!(ids.len(), 17, "the operations of the contract");
}

#[tokio::test]
async fn examples_fit_their_schemas() {
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
        let what = format!("the example of {operation:?}");
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
async fn no_schema_names_an_owner() {
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
async fn table_of_the_guide_says_what_the_document_says() {
    let app = App::start().await;
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/todos-api.md")).unwrap();
    let rows = guide.lines().skip_while(|line| *line != "## Operations").take_while(|line| *line != "## Errors");
    let mut told = BTreeMap::new();
    for row in rows.filter(|row| row.starts_with("| `")) {
        let statuses: BTreeSet<_> =
            row.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 3).map(str::to_owned).collect();
        // `GET /a`, `GET /b` share a row; what follows in quotes are parameters.
        for quoted in row.split('|').nth(1).unwrap().split('`') {
            if let Some((method, path)) = quoted.split_once(' ').filter(|(_, path)| path.starts_with('/')) {
                told.insert(Operation { method: method.to_lowercase(), path: path.to_owned() }, statuses.clone());
            }
        }
    }
    let everywhere = |status: &&String| ["401", "500", "503"].contains(&status.as_str());
    let statuses =
        |operation: &Operation| app.document().get(operation)["responses"].as_object().unwrap().keys().cloned().collect();
    let documented: BTreeMap<_, BTreeSet<String>> = app
        .document()
        .operations()
        .into_iter()
        .map(|operation| {
            let statuses: BTreeSet<String> = statuses(&operation);
            let told = statuses.iter().filter(|status| !everywhere(status)).cloned().collect();
            (operation, told)
        })
        .collect();
    assert_eq!(told, documented);
}

/// Does what it takes to get each answer once, and notes which there were.
struct Observer<'a> {
    app: &'a App,
    seen: BTreeSet<(Operation, String)>,
}

impl Observer<'_> {
    async fn send(&mut self, app: &App, request: Request<Body>) {
        let operation = self.app.document().find(request.method(), request.uri().path()).unwrap();
        let status = app.send(request).await.status();
        self.seen.insert((operation, status.as_str().to_owned()));
    }
}

#[tokio::test]
async fn every_documented_answer_can_be_had() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut observer = Observer { app: &app, seen: BTreeSet::new() };
    let json_type = ("content-type", "application/json");
    let one = format!("/todos/{ID}");
    let restore = format!("{one}/restore");
    let title = r#"{"title":"x"}"#;
    let new_password = format!(r#"{{"current":"{PASSWORD}","new":"a long walk by the sea"}}"#);
    let credentials = format!(r#"{{"email":"{ANN}","password":"{PASSWORD}"}}"#);
    let ids = format!(r#"{{"ids":["{ID}"]}}"#);
    let goodbye = r#"{"password":"a long walk by the sea"}"#;

    // What goes well, and what only some operations refuse, in an order that makes it so.
    for (method, path, header, body) in [
        ("POST", "/todos", json_type, title),
        ("GET", "/todos", json_type, ""),
        ("GET", "/todos", ("if-none-match", "*"), ""),
        ("GET", "/todos?cursor=x", json_type, ""),
        ("GET", "/todos?limit=x", json_type, ""),
        ("PATCH", "/todos", json_type, r#"{"completed":true}"#),
        ("GET", &one, json_type, ""),
        ("PUT", "/todos/x", json_type, title),
        ("PATCH", &one, json_type, title),
        ("DELETE", &one, json_type, ""),
        ("POST", &restore, json_type, ""),
        ("POST", "/todos/restore", json_type, &ids),
        ("PUT", &one, json_type, title),
        ("PUT", &one, json_type, title),
        ("GET", &one, json_type, ""),
        ("GET", &one, ("if-none-match", r#""v2""#), ""),
        ("PUT", &one, ("if-match", r#""v9""#), title),
        ("PATCH", &one, ("if-match", r#""v9""#), title),
        ("DELETE", &one, ("if-match", r#""v9""#), ""),
        ("PATCH", &one, json_type, title),
        ("DELETE", &one, json_type, ""),
        ("PUT", &one, json_type, title),
        ("POST", &restore, json_type, ""),
        ("POST", "/todos/restore", json_type, &ids),
        ("DELETE", "/todos?completed=x", json_type, ""),
        ("DELETE", "/todos", ("prefer", "return=representation"), ""),
        ("DELETE", "/todos", json_type, ""),
        ("GET", "/me", json_type, ""),
        ("GET", "/export", json_type, ""),
        ("GET", "/openapi.json", json_type, ""),
        ("GET", "/docs", json_type, ""),
        ("POST", "/me/password", json_type, r#"{"current":"x","new":"y"}"#),
        ("DELETE", "/me", json_type, r#"{"password":"x"}"#),
        ("POST", "/token", json_type, r#"{"email":"x","password":"y"}"#),
        ("POST", "/token", ("origin", "http://127.0.0.1:3000"), &credentials),
        ("POST", "/token", json_type, &credentials),
    ] {
        let mut request = ann.request(method, path).header(header.0, header.1);
        if header != json_type {
            request = request.header(json_type.0, json_type.1);
        }
        observer.send(&app, request.body(Body::from(body.to_owned())).unwrap()).await;
    }

    // What any body, any token and any store may lead to.
    let faults = [app.with_fault(Fault::Unavailable).await, app.with_fault(Fault::Broken).await];
    let huge = "x".repeat(65 * 1024);
    for operation in app.document().operations() {
        let (method, path) = (operation.method.to_uppercase(), operation.path.replace("{id}", ID));
        let described = app.document().get(&operation);
        let mut good =
            if operation.path == "/todos" && method == "PATCH" { r#"{"completed":true}"#.to_owned() } else { title.to_owned() };
        if described["requestBody"].is_object() {
            for (kind, body) in
                [("application/json", "{"), ("application/json", "7"), ("text/plain", "{}"), ("application/json", &huge)]
            {
                let request = ann.request(&method, &path).header("content-type", kind).body(Body::from(body.to_owned())).unwrap();
                observer.send(&app, request).await;
            }
            let example = &described["requestBody"]["content"]["application/json"]["example"];
            if !example.is_null() {
                good = example.to_string();
            }
            if operation.path == "/token" {
                good.clone_from(&credentials);
            }
        }
        let anonymous = Request::builder().method(method.as_str()).uri(format!("/api/v1{path}"));
        if described["security"] != json!([{}]) {
            observer.send(&app, anonymous.body(Body::empty()).unwrap()).await;
        }
        for faulty in &faults {
            let request = ann.request(&method, &path).header(json_type.0, json_type.1).body(Body::from(good.clone())).unwrap();
            observer.send(faulty, request).await;
        }
    }

    // At last what ends the token.
    let request = ann.request("POST", "/me/password").header(json_type.0, json_type.1).body(Body::from(new_password)).unwrap();
    observer.send(&app, request).await;
    let request = Request::post("/api/v1/token").header(json_type.0, json_type.1);
    let again =
        body_json(app.send(request.body(Body::from(goodbye.replace('{', &format!(r#"{{"email":"{ANN}","#)))).unwrap()).await)
            .await;
    let ann = ApiUser { app: &app, token: again["access_token"].as_str().unwrap().to_owned() };
    let request = ann.request("DELETE", "/me").header(json_type.0, json_type.1).body(Body::from(goodbye)).unwrap();
    observer.send(&app, request).await;

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
async fn documentation_needs_no_token_and_nothing_from_elsewhere() {
    let app = App::start().await;
    let get = async |path: &str| app.send(Request::get(path).body(Body::empty()).unwrap()).await;
    let page = get("/api/v1/docs").await;
    let policy = first_header(&page, "content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'; script-src 'self';") && !policy.contains("unsafe-eval"), "{policy}");
    let html = body_text(page).await;
    assert!(!html.contains("://"), "nothing from elsewhere: {html}");
    for (file, kind) in
        [("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript"), ("start.js", "text/javascript")]
    {
        assert!(html.contains(&format!("docs/{file}")), "{file}");
        let response = get(&format!("/api/v1/docs/{file}")).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "content-type")), (200, kind));
        assert!(body_text(response).await.len() > 100);
    }
    let response = get("/api/v1/openapi.json").await;
    assert_eq!(first_header(&response, "content-type"), "application/json");
}

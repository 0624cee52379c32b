//! Headers and content that hold for every kind of response.

use std::{collections::BTreeMap, fs};

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response},
};
use holdfast::contract::AppError;
use scraper::Html;
use serde_json::json;

use crate::support::{
    ANN, ApiUser, App, Browser, Fault, PASSWORD, Program, SECURITY_HEADERS, body_text, first_header, path, request_token,
};

const BARE_CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// A response of each kind with its request and status.
async fn responses_of_each_kind() -> Vec<(String, Response<Body>)> {
    let app = App::start().await;
    let limited = App::with_limits().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let one = path(&ann.add("buy milk").await);
    let broken = app.with_fault(Fault::Panics, "off").await;
    let away = app.with_fault(Fault::Unavailable, "off").await;
    let mut responses = Vec::new();

    let get = |path: &str, accept: &str| Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
    for (status, path, accept) in [
        (303, "/", "text/html"),
        (200, "/sign-in", "text/html"),
        (200, "/sign-up", "text/html"),
        (303, "/todos", "text/html"),
        (404, "/nope", "text/html"),
        (404, "/nope", "*/*"),
        (404, "/todos/x.css", "*/*"),
        (200, "/problems", "text/html"),
        (200, "/problems/validation", "text/html"),
        (200, "/livez", "*/*"),
        (200, "/readyz", "*/*"),
        (404, "/pkg/nope.js", "*/*"),
        (404, "/pkg/", "*/*"),
        (401, "/api/v1/todos", "*/*"),
        (404, "/api/nope", "text/html"),
        (200, "/api/v1/openapi.json", "*/*"),
        (200, "/api/v1/docs", "text/html"),
    ] {
        responses.push((status, format!("GET {path} {accept}"), app.send(get(path, accept)).await));
    }
    let form = |browser: &Browser<'_>, function: &str, accept: &str, body: &str| {
        let request = browser.request("POST".parse().unwrap(), &format!("/bff/{function}")).header("accept", accept);
        let request = request.header("sec-fetch-site", "same-origin").header("content-type", "application/x-www-form-urlencoded");
        request.body(Body::from(body.to_owned())).unwrap()
    };
    let (long, huge) = (format!("title={}", "a".repeat(501)), format!("title={}", "a".repeat(65 * 1024)));
    for accept in ["text/html", "application/json"] {
        let mut browser = Browser::with_scripting(&app);
        browser.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
        let page = |done| if accept == "text/html" { 303 } else { done };
        let nobody = Browser::without_scripting(&app);
        for (status, function, body) in [
            (page(200), "add_todo", "title=x"),
            (page(200), "sign_in", &format!("email={ANN}&password={}", PASSWORD.replace(' ', "+"))),
            (422, "add_todo", &long),
            (413, "add_todo", &huge),
            (404, "delete_todo", "id=018f3a52-7b1c-7def-8abc-0123456789ab"),
            (404, "nope", ""),
        ] {
            // A sign-in with a session cookie would end that session.
            let sender = if function == "sign_in" { &nobody } else { &browser };
            responses.push((status, format!("POST {function} {accept}"), app.send(form(sender, function, accept, body)).await));
        }
        let refused = app.send(form(&nobody, "sign_in", accept, "email=x&password=y")).await;
        responses.push((401, format!("POST sign_in {accept}"), refused));
        let forged = Request::post("/bff/add_todo").header("accept", accept).body(Body::empty()).unwrap();
        responses.push((403, format!("forged {accept}"), app.send(forged).await));
        for (status, app) in [(200, &app), (500, &broken), (503, &away)] {
            let request = browser.request("GET".parse().unwrap(), "/todos").header("accept", accept);
            responses.push((status, format!("GET /todos {accept}"), app.send(request.body(Body::empty()).unwrap()).await));
        }
        responses.push((page(200), format!("POST sign_out {accept}"), app.send(form(&browser, "sign_out", accept, "")).await));
    }

    // The sign-outs above ended the first token's session.
    let ann = ApiUser::signed_in(&app, ANN).await;
    let title = json!({ "title": "x" });
    responses.push((200, "API".to_owned(), ann.call("GET", "/todos").await));
    responses.push((304, "API".to_owned(), ann.call_if("GET", &one, ("if-none-match", "*"), &title).await));
    responses.push((201, "API".to_owned(), ann.call_with("POST", "/todos", &title).await));
    responses.push((204, "API".to_owned(), ann.call("DELETE", &one).await));
    responses.push((404, "API".to_owned(), ann.call("GET", "/todos/1.css").await));
    responses.push((405, "API".to_owned(), ann.call("PUT", "/todos").await));
    responses.push((409, "API".to_owned(), ann.call_with("PUT", &one, &title).await));
    responses.push((413, "API".to_owned(), ann.call_with("POST", "/todos", &json!({ "title": "a".repeat(257 * 1024) })).await));
    responses.push((415, "API".to_owned(), ann.call("POST", "/todos").await));
    responses.push((422, "API".to_owned(), ann.call_with("POST", "/todos", &json!({ "title": 7 })).await));
    responses.push((200, "API token".to_owned(), request_token(&app, ANN, PASSWORD).await));
    for _ in 0..10 {
        request_token(&limited, ANN, "x").await;
    }
    responses.push((429, "API token".to_owned(), request_token(&limited, ANN, "x").await));
    for (status, app) in [(500, &broken), (503, &away)] {
        responses.push((status, "API".to_owned(), ApiUser { app, token: ann.token.clone() }.call("GET", "/todos").await));
    }
    let named = |(status, what, response): (u16, String, Response<Body>)| {
        assert_eq!(response.status(), status, "{what}");
        (format!("{what} {status}"), response)
    };
    responses.into_iter().map(named).collect()
}

fn is_page(response: &Response<Body>) -> bool {
    first_header(response, "content-type").starts_with("text/html")
}

///
#[tokio::test]
async fn every_kind_of_response_has_security_headers() {
    let mut nonces = Vec::new();
    for (what, response) in responses_of_each_kind().await {
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(first_header(&response, name), value, "{what}");
        }
        assert!(!response.headers().contains_key("server") && !response.headers().contains_key("x-powered-by"), "{what}");
        let csp = first_header(&response, "content-security-policy").to_owned();
        let (is_page, is_docs) = (is_page(&response), what.contains("/api/v1/docs"));
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{what}: {csp}");
        assert!(is_page || csp == BARE_CSP, "{what}: {csp}");
        if is_page && !is_docs {
            assert!(csp.contains("object-src 'none'") && csp.contains("base-uri 'none'") && !csp.contains("unsafe-inline"));
            let nonce = csp.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            assert!(nonce.len() >= 22, "128 bits in base64: {nonce}");
            nonces.push(nonce);
        }
        let caching = first_header(&response, "cache-control").to_owned();
        // Responses with an entity tag are revalidated; only documentation may be cached.
        let is_revalidated = what.starts_with("API 20") && response.headers().contains_key("etag") || what == "API 304";
        let may_be_cached = what.contains("openapi.json") || is_docs && what.ends_with("200");
        let expected = if is_revalidated { "private, no-cache" } else { "no-store" };
        assert!(caching == expected || may_be_cached && !caching.contains("public"), "{what}: {caching}");
        assert!(caching == "no-store" || !response.headers().contains_key("set-cookie"), "{what}");
    }
    let pages = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert!(pages > 10 && nonces.len() == pages, "each page has its own nonce");
}

///
#[test]
fn site_files_have_security_headers_and_are_cached_for_good_if_their_names_are_hashed() {
    // The build writes the hashes of the names beside the program.
    let hashed = "cp \"$0\" holdfast && touch hash.txt && exec ./holdfast";
    for (command, caching) in [(hashed, "public, max-age=31536000, immutable"), ("exec \"$0\"", "no-cache")] {
        let program = Program::start_with_shell(command, &[]);
        for (file, kind) in [("x.js", "text/javascript"), ("x.wasm", "application/wasm"), ("x.css", "text/css")] {
            fs::write(program.folder.path().join("target/site/pkg").join(file), "x").unwrap();
            let response = program.send("GET", &format!("/pkg/{file}"), &[], "");
            assert_eq!((response.status, response.header("content-type")), (200, kind));
            assert_eq!(response.header("cache-control"), caching);
            assert_eq!(response.header("x-content-type-options"), "nosniff");
            assert_eq!(response.header("cross-origin-resource-policy"), "same-origin");
            assert_eq!(response.header("content-security-policy"), BARE_CSP);
        }
        assert_eq!(program.send("GET", "/pkg/missing.js", &[], "").header("cache-control"), "no-store");
    }
}

///
#[tokio::test]
async fn api_responses_are_json_and_never_html() {
    for (what, response) in responses_of_each_kind().await.into_iter().filter(|(what, _)| what.starts_with("API")) {
        let kind = first_header(&response, "content-type");
        let expected = match response.status().as_u16() {
            204 | 304 => "",
            status if status < 400 => "application/json",
            _ => "application/problem+json",
        };
        assert_eq!(kind, expected, "{what}");
    }
}

/// Counts elements by name and attribute names.
fn elements(html: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for element in Html::parse_document(html).tree.nodes().filter_map(|node| node.value().as_element()) {
        let mut attributes: Vec<_> = element.attrs().map(|(name, _)| name).collect();
        attributes.sort_unstable();
        *found.entry(format!("{} {}", element.name(), attributes.join(" "))).or_default() += 1;
    }
    found
}

///
#[tokio::test]
async fn pages_render_hostile_titles_as_text() {
    const TITLES: [&str; 14] = [
        "<script>alert(1)</script>",
        "</script><!--<script>",
        "<!-- --!> -->",
        "</title></textarea></style></noscript></template><b>x</b>",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus='alert(1)' autofocus='",
        "\" onfocus=alert(1) autofocus=\"",
        "` onfocus=alert(1) `",
        "&lt;script&gt;&#x3c;b&#x3e;&quot;&amp;",
        "\\u003cscript\\u003e\\\"]}</leptos-island>",
        "a\u{2028}b\u{2029}c",
        "\u{202e}desrever\u{202c} \u{2066}isolated",
        "zero\u{200b}width\u{feff} e\u{301}\u{301}\u{301}",
        "{{7*7}} ${7*7} <%= 7*7 %> javascript:alert(1)",
    ];
    let mut pages = Vec::new();
    for hostile in [true, false] {
        let app = App::start().await;
        let mut browser = Browser::signed_up(&app, ANN).await;
        let ann = ApiUser::signed_in(&app, ANN).await;
        let titles: Vec<_> = TITLES.iter().map(|title| if hostile { *title } else { "buy milk" }).collect();
        let mut ids = Vec::new();
        for title in &titles {
            ids.push(ann.add(title).await["id"].as_str().unwrap().to_owned());
        }
        let list = browser.open("/todos").await;
        let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(list.titles(), titles.iter().map(|title| blanks(title)).collect::<Vec<_>>());
        let mut of_app: Vec<_> = vec![elements(&list.html)];
        for (id, title) in ids.iter().zip(&titles) {
            let page = browser.open(&format!("/todos?edit={id}")).await;
            assert_eq!(page.values(".edit"), [*title]);
            of_app.push(elements(&page.html));
            // A redisplayed form has the title in an input, and the sign-in page keeps it as a draft.
            let mut other = Browser::without_scripting(&app);
            other.open("/sign-in").await;
            let page = other.submit("sign_in", &[("email", title), ("password", "x"), ("next", title), ("draft", title)]).await;
            assert_eq!(page.attributes("input[name=draft]", "value"), [*title]);
            assert_eq!(page.attributes("input[name=email]", "value"), [*title]);
            of_app.push(elements(&page.html));
        }
        pages.push(of_app);
    }
    assert_eq!(pages[0], pages[1], "the same elements and attributes as with harmless titles");
}

///
#[test]
fn only_site_files_are_served() {
    let program = Program::start(&[]);
    fs::write(program.folder.path().join(".env.secret"), "hunter2").unwrap();
    fs::write(program.folder.path().join("target/site/pkg/.hidden"), "hunter2").unwrap();
    for path in [
        "/.env",
        "/.env.secret",
        "/.git/config",
        "/Cargo.toml",
        "/data/holdfast.db",
        "/data/holdfast.db-wal",
        "/pkg/../../../.env.secret",
        "/pkg/..%2f..%2f..%2f.env.secret",
        "/pkg/%2e%2e/%2e%2e/%2e%2e/.env.secret",
        "/pkg/..%5c..%5c.env.secret",
        "/pkg//etc/passwd",
        "/pkg/%00",
        "/pkg",
        "/pkg/",
        "/target/site/pkg/",
    ] {
        let response = program.send("GET", path, &[], "");
        assert_eq!(response.status, 404, "{path}: {}", response.head);
        assert!(!response.body.contains("hunter2") && !response.body.contains(".hidden"), "{path}");
    }
}

///
#[tokio::test]
async fn server_functions_validate_input() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let (most, too_long) = ("ß".repeat(500), "ß".repeat(501));
    for (function, fields, status) in [
        ("add_todo", vec![("title", most.as_str())], 200),
        ("add_todo", vec![("title", too_long.as_str())], 422),
        ("add_todo", vec![("title", "a\0b")], 422),
        ("add_todo", vec![("title", "a\u{9b}b")], 422),
        ("add_todo", vec![], 400),
        ("add_todo", vec![("id", "7"), ("title", "x")], 400),
        ("add_todo", vec![("id", "018F3A52-7B1C-7DEF-8ABC-0123456789AB"), ("title", "x")], 400),
        ("undo_change", vec![("version", "9223372036854775808")], 400),
        ("undo_change", vec![("version", "9223372036854775807")], 200),
        ("sign_up", vec![("email", "a\0@example.org"), ("password", PASSWORD)], 422),
        ("sign_up", vec![("email", "x@example.org"), ("password", &"a".repeat(10_000))], 422),
    ] {
        let response = island.submit(function, &fields).await;
        assert_eq!(response.status, status, "{function} {}", response.html);
        // The error is one of ours and never echoes input.
        assert!(status == 200 || serde_json::from_str::<AppError>(&response.html).is_ok(), "{}", response.html);
    }
    assert_eq!(Browser::without_scripting(&app).in_session_of(&ann).open("/todos").await.titles(), [most]);
}

///
#[tokio::test]
async fn health_separates_liveness_from_readiness_and_hides_the_version() {
    let app = App::start().await;
    let (away, hangs) = (app.with_fault(Fault::Unavailable, "off").await, app.with_fault(Fault::Hangs, "off").await);
    let (ready, trouble) = ((200, "ready\n"), (503, "database: it does not answer\n"));
    for (app, path, (status, line)) in [
        (&app, "/livez", (200, "alive\n")),
        (&app, "/readyz", ready),
        (&away, "/livez", (200, "alive\n")),
        (&away, "/readyz", trouble),
        (&hangs, "/livez", (200, "alive\n")),
        (&hangs, "/readyz", trouble),
    ] {
        let response = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(first_header(&response, "cache-control"), "no-store");
        let headers = format!("{:?}", HeaderMap::clone(response.headers()));
        let body = body_text(response).await;
        assert_eq!(body, line, "{path}");
        let printed = headers + &body;
        assert!(!printed.contains(env!("CARGO_PKG_VERSION")) && !printed.to_lowercase().contains("holdfast"), "{printed}");
    }
    for path in ["/metrics", "/version", "/status", "/debug", "/health", "/actuator"] {
        let response = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 404, "{path}");
    }
}

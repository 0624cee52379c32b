//! Error responses for browsers and for programs.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request},
};

use futures::future::join_all;

use crate::support::{ANN, ApiUser, App, Browser, Fault, PASSWORD, Page, body_text, first_header};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Checks what all error pages have in common.
fn check(page: &Page, status: u16, heading: &str) {
    assert_eq!((page.status.as_u16(), page.texts("h1")), (status, vec![heading.to_owned()]));
    let header = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap());
    let id = header("x-request-id");
    assert_eq!((id.len(), page.texts("p.aside code")), (36, vec![id.to_owned()]), "the request id, as in the log");
    assert!(header("content-type").starts_with("text/html") && header("cache-control") == "no-store");
    let nonces = page.attributes("script", "nonce");
    assert!(nonces.iter().all(|nonce| header("content-security-policy").contains(&format!("'nonce-{nonce}'"))));
    assert_eq!(page.attributes("link[rel=stylesheet]", "href"), ["/pkg/holdfast.css"]);
    // An error page offers exactly one next step.
    let text = page.texts("main p").concat();
    let steps = page.texts("main a, main button").len() + usize::from(text.contains("Try again in "));
    assert_eq!(steps, 1, "{text}");
}

async fn send_accepting(app: &App, accept: &str, request: Request<Body>) -> Page {
    let mut request = request;
    request.headers_mut().insert("accept", accept.parse().unwrap());
    let response = app.send(request).await;
    let (status, headers) = (response.status(), response.headers().clone());
    Page { status, headers, html: body_text(response).await, first_status: status, first_headers: HeaderMap::new() }
}

fn post(path: &str, origin: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("origin", origin).header(FORM.0, FORM.1).body(body.into()).unwrap()
}

/// A form body whose connection breaks.
fn aborted_body() -> Body {
    let pieces = [Ok("title="), Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))];
    Body::from_stream(futures::stream::iter(pieces))
}

#[tokio::test]
async fn error_is_a_page_for_browsers_and_text_for_programs() {
    let app = App::start().await;
    let ours = "http://127.0.0.1:3000";
    let huge = format!("title={}", "a".repeat(64 * 1024));
    let long = format!("/todos?show={}", "a".repeat(8 * 1024));
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let refused = || {
        [
            (400, "Not understood", post("/bff/sign_in", ours, aborted_body())),
            (403, "Not allowed", post("/bff/add_todo", "https://evil.example", "title=x".to_owned())),
            (404, "Not found", get("/nope")),
            (404, "Not found", get("/problems/nope")),
            (404, "Not found", post("/bff/nope", ours, String::new())),
            (405, "Not possible", post("/sign-in", ours, String::new())),
            (413, "Too large", post("/bff/sign_in", ours, huge.clone())),
            (414, "Too long", get(&long)),
        ]
    };
    for ((status, heading, request), (_, _, repeated)) in refused().into_iter().zip(refused()) {
        let page = send_accepting(&app, "text/html,application/xhtml+xml", request).await;
        check(&page, status, heading);
        assert_eq!(page.headers.contains_key("allow"), status == 405);
        let text = send_accepting(&app, "*/*", repeated).await;
        assert_eq!(text.status, status);
        assert!(
            !text.html.contains('<')
                && text.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; frame")
        );
    }
}

#[tokio::test]
async fn error_page_keeps_the_top_bar_of_a_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for (path, status, heading) in [("/nope", 404, "Not found"), ("/problems/nope", 404, "Not found")] {
        let page = ann.open(path).await;
        check(&page, status, heading);
        assert_eq!(page.attributes(".top a", "href"), ["/todos", "/trash", "/account"]);
        assert!(page.texts("main .brand").is_empty());
    }
    check(&ann.submit("nope", &[]).await, 404, "Not found");
    app.wait(1800);
    let page = ann.open("/nope").await;
    check(&page, 404, "Not found");
    assert_eq!((page.texts(".top").len(), page.texts("main .brand")), (0, vec!["Holdfast".to_owned()]));
}

#[tokio::test]
async fn api_files_and_health_never_answer_with_an_error_page() {
    let app = App::start().await;
    for path in ["/api/nope", "/api/v1/todos", "/pkg/nope.js"] {
        let response = send_accepting(&app, "text/html", Request::get(path).body(Body::empty()).unwrap()).await;
        assert!(response.status.is_client_error() && !response.html.contains("<html"), "{path}");
    }
    let faulty = app.with_fault(Fault::Unavailable, "off").await;
    let response = send_accepting(&faulty, "text/html", Request::get("/readyz").body(Body::empty()).unwrap()).await;
    assert_eq!((response.status.as_u16(), response.html.as_str()), (503, "database: it does not answer\n"));
}

#[tokio::test]
async fn panic_answers_with_the_error_page() {
    let app = App::start().await.with_fault(Fault::Panics, "off").await;
    let mut anyone = Browser::without_scripting(&app);
    let page = anyone.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    check(&page, 500, "Something went wrong");
    assert!(!page.html.contains("panic") && !page.html.contains(PASSWORD));
}

#[tokio::test]
async fn failed_todo_list_sets_the_page_status() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    for (fault, status, retry_after) in
        [(Fault::Unavailable, 503, Some("5")), (Fault::Broken, 500, None), (Fault::Panics, 500, None)]
    {
        let faulty = app.with_fault(fault, "off").await;
        let mut ann = Browser::without_scripting(&faulty).in_session_of(&ann);
        let page = ann.open("/todos").await;
        check(&page, status, "Your todos can’t be shown");
        assert_eq!(page.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap()), retry_after);
        assert_eq!(page.attributes("main a", "href"), ["/todos"]);
        assert_eq!(ann.at, "/todos", "still signed in");
    }
}

#[tokio::test]
async fn failed_submission_keeps_the_typed_title() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Unavailable, "off").await;
    let typed = "<b>buy</b> \"milk\"";
    let page = Browser::without_scripting(&faulty).in_session_of(&ann).submit("add_todo", &[("title", typed)]).await;
    check(&page, 503, "Your todos can’t be shown");
    assert_eq!(page.texts("main p")[1], format!("You typed: “{typed}”"));
    assert_eq!(page.attributes(".card form", "action"), ["/bff/add_todo"]);
    let (names, values) = (page.attributes(".card input", "name"), page.attributes(".card input", "value"));
    assert_eq!((names, values.as_slice()), (vec!["title".to_owned()], &[typed.to_owned()][..]));
    let mut ann = Browser::without_scripting(&app).in_session_of(&ann);
    assert_eq!(ann.submit("add_todo", &[("title", &values[0])]).await.titles(), [typed]);
}

#[tokio::test]
async fn rate_limited_page_shows_when_to_retry() {
    let app = App::with_limits().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let calls = (0..1000).map(|_| program.call("GET", "/todos/x"));
    join_all(calls).await;
    let page = &Browser::without_scripting(&app).in_session_of(&ann).open("/todos").await;
    check(page, 429, "Your todos can’t be shown");
    assert_eq!(page.headers["retry-after"], "1");
    assert!(page.texts("main p").concat().contains("try again in a second."));
}

#[tokio::test]
async fn hanging_request_times_out() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Hangs, "off").await;
    // With the clock paused, timeouts expire at once.
    tokio::time::pause();
    for (function, status, seconds) in [("sign_in", 503, 30), ("add_todo", 503, 15)] {
        let start = tokio::time::Instant::now();
        let fields = [("email", ANN), ("password", PASSWORD), ("title", "x")];
        let response = Browser::with_scripting(&faulty).in_session_of(&ann).submit(function, &fields).await;
        assert_eq!((response.status.as_u16(), start.elapsed().as_secs()), (status, seconds), "{function}");
    }
    let page = Browser::without_scripting(&faulty).submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    check(&page, 503, "Not available");
}

#[tokio::test]
async fn head_request_gets_the_headers_of_the_error_page() {
    let app = App::start().await;
    let request = Browser::without_scripting(&app).request(Method::HEAD, "/nope").header("accept", "text/html");
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "content-type")), (404, "text/html; charset=utf-8"));
}

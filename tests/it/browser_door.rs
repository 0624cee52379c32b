//! Session cookies and request checks of the gateway for browsers.

use axum::{
    body::Body,
    http::{Method, Request},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use leptos::server_fn::axum::server_fn_paths;

use crate::support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, body_json, first_header};

const COOKIE: &str = "__Host-Http-session-3000";

pub fn functions() -> Vec<&'static str> {
    let names: Vec<_> = server_fn_paths().map(|(path, _)| path.strip_prefix("/bff/").unwrap()).collect();
    assert!(names.len() >= 20, "{names:?}");
    names
}

/// A-01, A-03, A-04
#[tokio::test]
async fn session_cookie_is_encrypted_and_restricted() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let mut ann = Browser::without_scripting(&app);
    ann.open("/sign-in").await;
    let page = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(page.first_status, 303);
    let cookies: Vec<_> = page.first_headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1);
    let (pair, attributes) = cookies[0].to_str().unwrap().split_once("; ").unwrap();
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=1800", "Path=/", "SameSite=Strict", "Secure"]);
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(name, COOKIE);
    assert!(pair.len() < 4096);
    assert!(!value.contains("eyJ") && !value.contains('.'), "the token is encrypted");
    // Decodes at every offset, because a prefix would shift the rest.
    let value = value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let value = value.trim_end_matches('=');
    for skip in 0..4 {
        let whole = &value[skip..value.len() - (value.len() - skip) % 4];
        let decoded = String::from_utf8_lossy(&STANDARD.decode(whole).unwrap()).into_owned();
        assert!(["eyJ", "\"alg\"", "\"sub\"", "at+jwt"].iter().all(|part| !decoded.contains(part)), "{decoded}");
    }
}

/// A-02
#[tokio::test]
async fn no_browser_response_contains_the_token() {
    let app = App::start().await;
    let token = ApiUser::signed_up(&app, ANN).await.token;
    let jwt_start = &token[..10];
    for mut ann in [Browser::without_scripting(&app), Browser::with_scripting(&app)] {
        ann.open("/sign-in").await;
        for page in [
            ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await,
            ann.open("/todos").await,
            ann.submit("add_todo", &[("title", "buy milk")]).await,
            ann.submit("list_todos", &[]).await,
            ann.submit("add_todo", &[("title", &"a".repeat(501))]).await,
            ann.open("/nope").await,
        ] {
            let cookie = ann.cookies[COOKIE].clone();
            assert!(!page.html.contains(jwt_start) && !page.html.contains(&cookie));
            for (name, value) in page.headers.iter().chain(&page.first_headers).filter(|(name, _)| *name != "set-cookie") {
                let value = value.to_str().unwrap();
                assert!(!value.contains(jwt_start) && !value.contains(&cookie), "{name}");
            }
        }
    }
}

/// A-47
#[tokio::test]
async fn sign_in_replaces_a_planted_session() {
    let app = App::start().await;
    let mut mallory = Browser::signed_up(&app, BOB).await;
    let session_of_bob = mallory.cookies[COOKIE].clone();
    mallory.submit("sign_up", &[("email", ANN), ("password", PASSWORD)]).await;
    let session_of_ann = mallory.cookies[COOKIE].clone();
    assert_ne!(session_of_ann, session_of_bob);
    for planted in ["planted", &session_of_ann, &session_of_bob] {
        let mut ann = Browser::without_scripting(&app);
        ann.cookies.insert(COOKIE.to_owned(), planted.to_owned());
        ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
        assert_eq!(ann.cookies.keys().collect::<Vec<_>>(), [COOKIE]);
        assert!(![planted, &session_of_ann].contains(&ann.cookies[COOKIE].as_str()));
    }
}

/// A-44
#[tokio::test]
async fn sign_out_ends_the_session_on_the_server() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let stolen = ann.cookies.clone();
    ann.submit("sign_out", &[]).await;

    let mut thief = Browser::without_scripting(&app);
    thief.cookies = stolen;
    let page = thief.open("/todos").await;
    assert_eq!(thief.at, "/sign-in?next=/todos");
    assert_eq!(page.texts("[role=status]"), ["Sign in to go on."]);
    assert!(thief.cookies.is_empty(), "the cookie is removed");
}

#[tokio::test]
async fn sign_out_is_idempotent() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for _ in 0..2 {
        let page = ann.submit("sign_out", &[]).await;
        assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/sign-in"));
    }
}

#[tokio::test]
async fn sign_out_does_not_affect_other_users() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut bob = Browser::signed_up(&app, BOB).await;
    ann.submit("sign_out", &[]).await;
    bob.open("/todos").await;
    assert_eq!(bob.at, "/todos");
}

#[tokio::test]
async fn expired_session_redirects_to_sign_in_and_back() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(1799);
    ann.open("/todos").await;
    assert_eq!(ann.at, "/todos");
    app.wait(1800);
    ann.open("/todos?edit=x").await;
    assert_eq!(ann.at, "/sign-in?next=/todos%3Fedit%3Dx");
    assert!(ann.cookies.is_empty());
    ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("next", "/todos?edit=x")]).await;
    assert_eq!(ann.at, "/todos?edit=x");
}

#[tokio::test]
async fn ended_session_is_401_for_the_island() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut island = Browser::with_scripting(&app);
    island.cookies = ann.cookies.clone();
    ann.submit("sign_out", &[]).await;
    for function in ["list_todos", "add_todo"] {
        let page = island.submit(function, &[("title", "buy milk")]).await;
        assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#), "{function}");
    }
    assert!(!island.cookies.is_empty(), "a server function keeps the cookie, which may belong to a newer session");
    island.scripting = false;
    island.open("/todos").await;
    assert!(island.cookies.is_empty(), "a page removes the cookie");
}

#[tokio::test]
async fn error_status_tells_the_island_the_cause() {
    let app = App::start().await;
    let mut anonymous = Browser::with_scripting(&app);
    let wrong = anonymous.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!((wrong.status.as_u16(), wrong.html.as_str()), (401, r#""WrongCredentials""#));
    assert_eq!(anonymous.submit("sign_up", &[("email", "x"), ("password", PASSWORD)]).await.status, 422);
    assert_eq!(anonymous.submit("sign_up", &[("email", ANN)]).await.status, 400);

    let ann = Browser::signed_up(&app, ANN).await;
    anonymous.cookies = ann.cookies;
    let missing = "018f3a52-7b1c-7def-8abc-0123456789ab";
    assert_eq!(anonymous.submit("add_todo", &[("title", &"a".repeat(501))]).await.status, 422);
    assert_eq!(anonymous.submit("delete_todo", &[("id", missing)]).await.status, 404);
    assert_eq!(anonymous.submit("delete_todo", &[("id", "../../token")]).await.status, 400);
}

#[tokio::test]
async fn foreign_todo_is_404_in_every_server_function() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("buy milk").await;
    let bob = Browser::signed_up(&app, BOB).await;
    let mut island = Browser::with_scripting(&app);
    island.cookies = bob.cookies;
    for (function, field) in
        [("read_todo", ""), ("edit_todo", "title"), ("edit_todo", "completed"), ("delete_todo", ""), ("restore_todos", "")]
    {
        let stolen = match field {
            "title" => vec![("seen_title", "buy milk"), ("title", "stolen")],
            _ => vec![("completed", "true")],
        };
        let fields = |id| [vec![("id", id), ("ids[0]", id)], stolen.clone()].concat();
        let theirs = island.submit(function, &fields(todo["id"].as_str().unwrap())).await;
        let missing = island.submit(function, &fields("018f3a52-7b1c-7def-8abc-0123456789ab")).await;
        assert_eq!((theirs.status.as_u16(), theirs.html.as_str()), (404, r#""NotFound""#), "{function}");
        assert_eq!((missing.status.as_u16(), missing.html.as_str()), (404, r#""NotFound""#), "{function}");
    }
    let path = format!("/todos/{}", todo["id"].as_str().unwrap());
    assert_eq!(body_json(ann.call("GET", &path).await).await, todo, "untouched");
}

#[tokio::test]
async fn adding_an_existing_id_changes_nothing() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let id = "018f3a52-7b1c-7def-8abc-0123456789ab";
    ann.submit("add_todo", &[("id", id), ("title", "buy milk")]).await;
    let page = ann.submit("add_todo", &[("id", id), ("title", "buy milk again")]).await;
    assert_eq!(page.titles(), ["buy milk"]);
}

/// A-12, A-13, A-14, A-15
#[tokio::test]
async fn cross_site_posts_are_rejected_before_any_work() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let foreign: [&[(&str, &str)]; 14] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:3000")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:3000.evil.example")],
        &[("origin", "http://evil127.0.0.1:3000")],
        &[("origin", "https://127.0.0.1:3000")],
        &[("origin", "http://127.0.0.1:3001")],
        &[("origin", "http://127.0.0.1:3000, x")],
        &[("referer", "http://127.0.0.1:3000.evil.example/todos")],
        // Duplicate headers.
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        &[("origin", "http://127.0.0.1:3000"), ("origin", "https://evil.example")],
        &[],
    ];
    let mut bare = Browser::without_scripting(&app);
    bare.cookies = ann.cookies;
    for headers in foreign {
        for function in functions() {
            let mut request = bare.request(Method::POST, &format!("/bff/{function}"));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.header("accept", "text/html").header("content-type", "application/x-www-form-urlencoded");
            let form = "title=stolen&email=mallory@example.org&password=correct+horse+battery+staple";
            let response = app.send(request.body(Body::from(form)).unwrap()).await;
            assert_eq!(response.status(), 403, "{function} {headers:?}");
            assert!(!response.headers().contains_key("set-cookie") && !response.headers().contains_key("location"));
        }
    }
    let page = bare.open("/todos").await;
    assert_eq!((bare.at.as_str(), page.titles().len()), ("/todos", 0), "still signed in, and nothing was added");
}

/// A-15
#[tokio::test]
async fn one_same_origin_header_is_sufficient() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let mut bare = Browser::without_scripting(&app);
    bare.cookies = ann.cookies;
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", "http://127.0.0.1:3000"),
        ("origin", "http://localhost:3000"),
        ("referer", "http://127.0.0.1:3000/todos"),
        ("referer", "http://127.0.0.1:3000"),
    ] {
        let request = bare.request(Method::POST, "/bff/add_todo").header(name, value);
        let request = request.header("accept", "text/html").header("content-type", "application/x-www-form-urlencoded");
        let response = app.send(request.body(Body::from("title=x")).unwrap()).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/todos"), "{name}: {value}");
    }
}

/// A-17
#[tokio::test]
async fn get_changes_nothing() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for function in functions() {
        for method in [Method::GET, Method::HEAD] {
            let request = ann.request(method, &format!("/bff/{function}?title=x&email=a@b.c&password=x"));
            let response = app.send(request.header("accept", "text/html").body(Body::empty()).unwrap()).await;
            // A reload of a form's response redirects to the page of the form.
            let form_page = match function {
                "sign_in" => "/sign-in",
                "sign_up" => "/sign-up",
                "change_email" | "change_password" | "choose_time_zone" | "read_account" | "sign_out_everywhere" => "/account",
                "delete_account" => "/account/delete",
                "empty_trash" => "/trash",
                "add_todos" => "/todos/several",
                _ => "/todos",
            };
            assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, form_page), "{function}");
            let request = ann.request(Method::GET, &format!("/bff/{function}?title=x&email=a@b.c&password=x"));
            let response = app.send(request.body(Body::empty()).unwrap()).await;
            assert!(response.status().is_client_error(), "{function}: {}", response.status());
        }
    }
    let page = ann.open("/todos").await;
    assert_eq!((ann.at.as_str(), page.titles().len()), ("/todos", 0));
}

/// A-66
#[tokio::test]
async fn redirects_stay_on_the_site() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let long = format!("/{}", "a".repeat(10_000));
    for next in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nset-cookie: x=y",
        "/bff/sign_out",
        "/api/v1/me",
        "",
        &long,
    ] {
        let mut ann = Browser::without_scripting(&app);
        ann.open("/sign-in").await;
        ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(ann.at, "/todos", "{next:?}");
    }

    // A foreign `Referer` is no redirect target either.
    let ann = Browser::signed_up(&app, BOB).await;
    for referer in [
        "https://evil.example/",
        "http://127.0.0.1:3000//evil.example",
        "http://127.0.0.1:3000/bff/sign_in",
        "http://127.0.0.1:3000/api/v1/me",
    ] {
        let mut bare = Browser::without_scripting(&app).in_session_of(&ann);
        "/".clone_into(&mut bare.at);
        let request = bare.request(Method::POST, "/bff/add_todo").header("origin", "http://127.0.0.1:3000");
        let request = request.header("referer", referer).header("accept", "text/html");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = app.send(request.body(Body::from("title=z")).unwrap()).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/todos"), "{referer}");
    }
}

/// A-67
#[tokio::test]
async fn no_url_makes_a_page_show_an_error() {
    let app = App::start().await;
    let mut anonymous = Browser::without_scripting(&app);
    // "WrongCredentials" and "Call +1-555" in base64, the format of Leptos.
    for error in ["Ildyb25nQ3JlZGVudGlhbHMi", "IkNhbGwgKzEtNTU1Ig==", "%00", "x"] {
        let page = anonymous.open(&format!("/sign-in?__path=/bff/sign_in&__err={error}&error=x&draft=y&email=z")).await;
        assert_eq!((page.status.as_u16(), page.texts("[role=alert]").len()), (200, 0));
        assert!(page.attributes("input", "value").is_empty(), "no field is filled in");
    }
}

/// A-11
#[tokio::test]
async fn pages_and_server_functions_ignore_bearer_tokens() {
    let app = App::start().await;
    let token = ApiUser::signed_up(&app, ANN).await.token;
    let request = Request::get("/todos").header("authorization", format!("Bearer {token}"));
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/sign-in?next=/todos"));
    let request = Request::post("/bff/list_todos").header("authorization", format!("Bearer {token}"));
    let response = app.send(request.header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 401);
}

/// A-05
#[tokio::test]
async fn foreign_cookies_do_not_authenticate() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let value = &ann.cookies[COOKIE];
    let token = ApiUser::signed_in(&app, ANN).await.token;
    // A changed character in the middle: valid base64, but not the encrypted value.
    let middle = value.len() / 2;
    let replacement = if &value[middle..=middle] == "A" { "B" } else { "A" };
    let tampered = format!("{}{replacement}{}", &value[..middle], &value[middle + 1..]);
    for cookie in [
        format!("session={value}"),
        format!("__host-http-session={value}"),
        format!("{COOKIE}={token}"),
        format!("{COOKIE}={tampered}"),
        format!("{COOKIE}=junk"),
        format!("{COOKIE}={value}; {COOKIE}=junk"),
    ] {
        let request = Request::get("/todos").header("cookie", &cookie);
        let response = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/sign-in?next=/todos"), "{cookie}");
        for path in ["/todos", "/sign-in", "/bff/list_todos"] {
            let request = Request::get(path).header("cookie", &cookie).header("accept", "text/html");
            let response = app.send(request.body(Body::empty()).unwrap()).await;
            assert!(!response.headers().contains_key("set-cookie"), "{path} removes {cookie}, which does not decrypt");
        }
    }
}

/// A-05
#[tokio::test]
async fn sites_on_one_host_have_separate_sessions() {
    let here = App::start().await;
    let other = [("PUBLIC_ORIGIN", "http://127.0.0.1:4000"), ("JWT_SECRET", "An0ther-9876543210-zyxwvutsrqponmlkj")];
    let there = App::with(&other).await;
    let mut ann = Browser::signed_up(&here, ANN).await;
    let mut bob = Browser::without_scripting(&there).in_session_of(&ann);
    bob.open("/sign-in").await;
    assert_eq!(bob.cookies, ann.cookies);
    bob.submit("sign_up", &[("email", BOB), ("password", PASSWORD)]).await;
    assert_eq!(bob.at, "/todos");
    assert_eq!(bob.cookies.keys().collect::<Vec<_>>(), [COOKIE, "__Host-Http-session-4000"]);
    let mut both = Browser::without_scripting(&here).in_session_of(&bob);
    assert!(both.open("/todos").await.html.contains(ANN), "each site reads its own cookie");
    bob.submit("sign_out", &[]).await;
    assert_eq!(bob.cookies, ann.cookies);
    ann.open("/todos").await;
    assert_eq!(ann.at, "/todos");
}

/// A-01
#[tokio::test]
async fn cookie_name_contains_the_port_of_the_origin() {
    for (origin, insecure, name) in [
        ("https://todo.example.org", "false", "__Host-Http-session"),
        ("https://todo.example.org:443", "false", "__Host-Http-session"),
        ("https://todo.example.org:8443", "false", "__Host-Http-session-8443"),
        ("http://[::1]:3000", "false", "__Host-Http-session-3000"),
        ("http://todo.lan", "true", "insecure-session"),
        ("http://todo.lan:8080", "true", "insecure-session-8080"),
    ] {
        let app = App::with(&[("PUBLIC_ORIGIN", origin), ("INSECURE_HTTP", insecure)]).await;
        let ann = Browser::signed_up(&app, ANN).await;
        assert_eq!(ann.cookies.keys().collect::<Vec<_>>(), [name], "{origin}");
    }
}

/// A-05
#[tokio::test]
async fn last_of_duplicate_cookies_counts() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let cookies = format!("{COOKIE}=junk; {COOKIE}={}", ann.cookies[COOKIE]);
    let request = Request::get("/todos").header("cookie", cookies);
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 200);
}

/// A-61
#[tokio::test]
async fn pages_have_a_fresh_nonce_and_are_not_cached() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = ann.open("/todos").await;
        let mut scripts = page.attributes("script", "nonce");
        assert_eq!(scripts.len(), page.texts("script").len(), "every script has a nonce");
        scripts.dedup();
        assert_eq!(scripts.len(), 1);
        let nonce = scripts.remove(0);
        let csp = page.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(
            csp.contains(&format!("'nonce-{nonce}'")) && !csp.contains("unsafe-inline") && !csp.contains("'unsafe-eval'"),
            "{csp}"
        );
        assert!(csp.contains("object-src 'none'") && csp.contains("base-uri 'none'"), "{csp}");
        assert_eq!(page.headers["cache-control"], "no-store");
        nonces.push(nonce);
    }
    assert!(nonces[0].len() >= 22 && nonces[0] != nonces[1]);
}

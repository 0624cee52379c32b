//! Request checks of the gateway and the API against hostile clients.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, Response},
};

use crate::{
    browser_door::functions,
    support::{ANN, App, BOB, Browser, PASSWORD, Program, body_text, first_header},
};

const FORM: &str = "application/x-www-form-urlencoded";
const PATHS: [&str; 9] =
    ["/", "/sign-in", "/sign-up", "/todos", "/nope", "/livez", "/api/v1/todos", "/api/v1/token", "/pkg/nope.js"];

async fn send(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(Body::empty()).unwrap()).await
}

/// A-06
#[test]
fn every_https_response_has_hsts() {
    for (origin, subdomains, expected) in [
        ("https://todo.example.org", "", "max-age=31536000"),
        ("https://todo.example.org", "on", "max-age=31536000; includeSubDomains"),
        ("http://127.0.0.1:3000", "", ""),
    ] {
        let program = Program::start(&[("PUBLIC_ORIGIN", origin), ("HSTS_INCLUDE_SUBDOMAINS", subdomains)]);
        for path in PATHS {
            let response = program.send("GET", path, &[], "");
            assert_eq!(response.header("strict-transport-security"), expected, "{origin} {subdomains} {path}");
        }
    }
}

/// A-07
#[test]
fn api_is_never_redirected() {
    let program = Program::start(&[("PUBLIC_ORIGIN", "https://todo.example.org")]);
    for path in ["/api", "/api/v1/todos", "/api/v1/token", "/api/v1/me", "/api/v1/todos/"] {
        for header in ["x-forwarded-proto: http", "accept: text/html", "upgrade-insecure-requests: 1"] {
            let response = program.send("GET", path, &[header], "");
            assert!((400..500).contains(&response.status) && response.header("location").is_empty(), "{path}: {}", response.head);
        }
    }
}

/// A-08
#[tokio::test]
async fn password_forms_use_post_and_no_url_contains_input() {
    let app = App::start().await;
    let mut anonymous = Browser::without_scripting(&app);
    for (path, function) in [("/sign-in", "sign_in"), ("/sign-up", "sign_up")] {
        let page = anonymous.open(path).await;
        let forms = page.attributes("form:has(input[type=password])", "method");
        assert_eq!(forms, ["post"], "{path}");
        for fields in [[("email", ANN), ("password", "password")], [("email", "x"), ("password", PASSWORD)]] {
            let page = anonymous.submit(function, &fields).await;
            assert!(!page.first_headers.contains_key("location") && anonymous.at == format!("/bff/{function}"));
        }
    }
    let ann = Browser::signed_up(&app, ANN).await;
    assert_eq!(ann.at, "/todos");
}

/// A-16
#[tokio::test]
async fn cross_site_forms_are_rejected_without_a_session() {
    let app = App::start().await;
    let anonymous = Browser::without_scripting(&app);
    let email = format!("email={}&password={}", ANN.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
        for function in ["sign_up", "sign_in", "sign_out"] {
            let request = anonymous.request(Method::POST, &format!("/bff/{function}")).header(name, value);
            let response = app.send(request.header("content-type", FORM).body(Body::from(email.clone())).unwrap()).await;
            assert_eq!(response.status(), 403, "{function} {name}: {value}");
            assert!(!response.headers().contains_key("set-cookie") && !response.headers().contains_key("location"));
        }
    }
    assert!(!app.stored_bytes().await.contains("$argon2id$"), "no account was created");
}

/// A-18
#[tokio::test]
async fn form_of_another_media_type_is_rejected() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json", "application/octet-stream", ""] {
        let request = ann.request(Method::POST, "/bff/add_todo").header("sec-fetch-site", "same-origin");
        let response = app.send(request.header("content-type", kind).body(Body::from("title=stolen")).unwrap()).await;
        assert!(response.status().is_client_error(), "{kind}: {}", response.status());
    }
    assert!(ann.open("/todos").await.titles().is_empty());

    // Functions without fields check the media type as well.
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        let request = ann.request(Method::POST, "/bff/complete_todos").header("sec-fetch-site", "same-origin");
        let response = app.send(request.header("content-type", kind).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 415, "{kind}");
    }
    assert_eq!(ann.open("/todos").await.texts(".completed").len(), 0);
}

/// A-19
#[tokio::test]
async fn no_response_grants_access_to_another_origin() {
    let app = App::start().await;
    let functions: Vec<_> = functions().iter().map(|function| format!("/bff/{function}")).collect();
    for path in PATHS.iter().copied().chain(functions.iter().map(String::as_str)) {
        for method in ["GET", "OPTIONS", "POST"] {
            let preflight = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
            let response = send(&app, method, path, &preflight).await;
            let granted = response.headers().keys().any(|name| name.as_str().starts_with("access-control-"));
            assert!(!granted, "{method} {path}");
        }
    }
}

/// A-45
#[tokio::test]
async fn sign_out_clears_the_cookie_with_its_attributes() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let set = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await.first_headers["set-cookie"].clone();
    let page = ann.submit("sign_out", &[]).await;
    let cleared = page.first_headers["set-cookie"].to_str().unwrap().to_owned();
    let attributes = |cookie: &str| {
        let mut attributes: Vec<_> = cookie
            .split("; ")
            .skip(1)
            .filter(|part| !part.starts_with("Max-Age") && !part.starts_with("Expires"))
            .map(str::to_owned)
            .collect();
        attributes.sort();
        attributes
    };
    assert_eq!(attributes(&cleared), attributes(set.to_str().unwrap()));
    assert!(cleared.starts_with("__Host-Http-session-3000=;") && cleared.contains("Max-Age=0"), "{cleared}");
    assert_eq!(page.first_headers["clear-site-data"], r#""storage""#, "the cookies of other sites on this host stay");
    assert!(ann.cookies.is_empty());
    // `Clear-Site-Data` omits the cache, which is slow to clear and contains no user data.
    let bob = Browser::signed_up(&app, BOB).await;
    for path in ["/todos", "/trash", "/account", "/account/delete"] {
        assert_eq!(
            Browser::without_scripting(&app).in_session_of(&bob).open(path).await.headers["cache-control"],
            "no-store",
            "{path}"
        );
    }
}

/// A-52
#[tokio::test]
async fn server_functions_require_a_session() {
    let app = App::start().await;
    let mut anonymous = Browser::with_scripting(&app);
    for function in functions().iter().filter(|function| !["sign_up", "sign_in", "sign_out"].contains(function)) {
        let id = crate::support::ID;
        let fields = [
            ("id", id),
            ("ids[0]", id),
            ("title", "x"),
            ("seen_title", "x"),
            ("at", "1"),
            ("current_password", "x"),
            ("new_password", "x"),
            ("password", "x"),
        ];
        let response = anonymous.submit(function, &fields).await;
        assert_eq!((response.status.as_u16(), response.html.as_str()), (401, r#""SignedOut""#), "{function}");
        // The session check precedes the parsing of the body, and a form gets the sign-in page.
        for body in ["", "x=%ff", "{}", "id=1&id=2"] {
            for (accept, kind) in [("*/*", FORM), ("*/*", "application/json"), ("text/html", FORM)] {
                let request =
                    anonymous.request(Method::POST, &format!("/bff/{function}")).header("sec-fetch-site", "same-origin");
                let request = request.header("accept", accept).header("content-type", kind);
                let response = app.send(request.body(Body::from(body)).unwrap()).await;
                assert_eq!(response.status(), 401, "{function} {accept} {kind} {body}");
                assert!(accept == "*/*" || body_text(response).await.contains("Sign in"), "{function}");
            }
        }
    }
}

/// A-05
#[tokio::test]
async fn lookalike_cookie_names_are_ignored() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let (name, value) = ann.cookies.iter().next().unwrap();
    let get = async |cookie: &[u8]| {
        let request = Request::get("/todos").header("cookie", HeaderValue::from_bytes(cookie).unwrap());
        app.send(request.body(Body::empty()).unwrap()).await.status().as_u16()
    };
    assert_eq!(get(format!("{name}={value}").as_bytes()).await, 200);
    assert_eq!(get(format!("a=b;{name}={value};c").as_bytes()).await, 200, "among other cookies");
    // Some parsers percent-decode names or trim Unicode spaces. The browser does not enforce the prefix rules for such names.
    for lookalike in [
        "__%48ost-Http-session-3000",
        "%5F_Host-Http-session-3000",
        "__Host-Http-sessio%6E-3000",
        "__Host-Http-session-300%30",
        "\u{2000}__Host-Http-session-3000",
    ] {
        let forged = format!("{lookalike}={value}");
        assert_eq!(get(forged.as_bytes()).await, 303, "{lookalike}");
        assert_eq!(get(format!("{name}={value}; {lookalike}=junk").as_bytes()).await, 200, "{lookalike} beside the real one");
    }
}

/// A-65
#[tokio::test]
async fn sign_in_page_never_redirects_to_another_site() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for next in [
        "//evil.example",
        "/%5Cevil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "%0d%0aset-cookie:%20x=y",
        "//user@evil.example/todos",
        "/todos&next=//evil.example",
        "%2F%2Fevil.example&next=/todos",
        "//evil.example%2F..",
    ] {
        let mut ann = Browser::without_scripting(&app);
        let page = ann.open(&format!("/sign-in?next={next}")).await;
        assert_eq!(page.status, 200, "{next}");
        let kept = page.attributes("input[name=next]", "value").pop().unwrap_or_default();
        // `submit` fails if a redirect leaves the site.
        ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("next", &kept)]).await;
        assert!(ann.at == "/todos" || ann.at.starts_with("/todos?"), "{next} leads to {}", ann.at);
    }
}

/// A-74
#[tokio::test]
async fn unsupported_methods_do_nothing() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"] {
        for path in ["/", "/sign-in", "/todos", "/problems", "/bff/sign_out", "/bff/delete_todo", "/livez", "/pkg/holdfast.js"] {
            let request = ann.request(method.parse().unwrap(), path).header("sec-fetch-site", "same-origin");
            let response = app.send(request.body(Body::empty()).unwrap()).await;
            let allowed = first_header(&response, "allow").to_owned();
            assert!([404, 405].contains(&response.status().as_u16()), "{method} {path}: {}", response.status());
            assert!(response.status() == 404 || !allowed.is_empty(), "{method} {path} lacks Allow");
            assert!(!body_text(response).await.contains("buy milk"));
        }
    }
    // Method overrides are ignored.
    let request = ann.request(Method::GET, "/bff/clear_completed?_method=POST").header("x-http-method-override", "POST");
    assert!(app.send(request.body(Body::empty()).unwrap()).await.status().is_client_error());
    assert_eq!(ann.open("/todos").await.titles(), ["buy milk"]);
}

/// A-75
#[test]
fn request_needs_exactly_one_valid_host() {
    let program = Program::start(&[]);
    for (version, hosts, expected) in [
        ("HTTP/1.1", &["Host: evil.example"][..], 200),
        ("HTTP/1.1", &["Host: [::1]:3000"], 200),
        ("HTTP/1.0", &[], 200),
        ("HTTP/1.1", &[], 400),
        ("HTTP/1.1", &["Host: 127.0.0.1:3000", "Host: evil.example"], 400),
        ("HTTP/1.1", &["Host:"], 400),
        ("HTTP/1.1", &["Host: a b"], 400),
        ("HTTP/1.1", &["Host: x/y"], 400),
        ("HTTP/1.1", &["Host: user@evil.example"], 400),
    ] {
        for path in ["/sign-in", "/api/v1/openapi.json", "/livez"] {
            let first = format!("GET {path} {version}");
            let head = [&[first.as_str()], hosts, &["Connection: close", "", ""]].concat();
            let response = program.send_raw(head.join("\r\n").as_bytes());
            assert_eq!(response.status, expected, "{path} {version} {hosts:?}");
        }
    }
}

/// A-76
#[tokio::test]
async fn input_that_grows_in_json_is_a_client_error() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let mut ann = Browser::with_scripting(&app).in_session_of(&ann);
    for (function, fields) in [
        ("list_trash", vec![("cursor", "a".repeat(8200))]),
        ("delete_account", vec![("password", "a".repeat(65_500))]),
        ("delete_account", vec![("password", "\u{1}".repeat(15_000))]),
        ("change_password", vec![("current_password", "\u{1}".repeat(15_000)), ("new_password", PASSWORD.to_owned())]),
        ("change_password", vec![("current_password", PASSWORD.to_owned()), ("new_password", "\u{1}".repeat(15_000))]),
    ] {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let response = ann.submit(function, &fields).await;
        assert!(response.status.is_client_error(), "{function}: {}", response.status);
    }
}

/// A-09, A-75
#[tokio::test]
async fn host_headers_are_not_reflected() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let cookies: Vec<_> = ann.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    for name in ["host", "x-forwarded-host", "x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip", "x-original-url"] {
        for path in PATHS {
            let mut request = Request::get(path).header(name, "evil.example").header("accept", "text/html");
            if path == "/todos" {
                request = request.header("cookie", &cookies);
            }
            let response = app.send(request.body(Body::empty()).unwrap()).await;
            let head = format!("{:?}", response.headers());
            assert!(!head.contains("evil.example"), "{name} {path}: {head}");
            assert!(!body_text(response).await.contains("evil.example"), "{name} {path}");
        }
    }
}

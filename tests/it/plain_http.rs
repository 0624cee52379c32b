//! Plain HTTP on a host other than localhost: the pages explain why sign-in fails (ux.md S9).

use axum::{
    body::Body,
    http::{Request, Response, request::Builder},
};

use crate::support::{ANN, App, Browser, PASSWORD, Program, body_text, first_header};

const LAN: &str = "http://todo.lan:3000";

fn from_lan(request: Builder) -> Builder {
    // Over plain HTTP, browsers send no Fetch Metadata.
    request.header("host", "todo.lan:3000").header("accept", "text/html")
}

async fn sign_up(app: &App) -> Response<Body> {
    let form = format!("email={}&password={}", ANN.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let request = from_lan(Request::post("/bff/sign_up")).header("origin", LAN);
    app.send(request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(form)).unwrap()).await
}

async fn open(app: &App, request: Builder) -> String {
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    body_text(response).await
}

/// S9
#[tokio::test]
async fn sign_in_page_requires_https_and_names_the_setting() {
    let app = App::with(&[("PUBLIC_ORIGIN", LAN)]).await;
    for page in ["/sign-in", "/sign-up", "/sign-in?next=/todos"] {
        let html = open(&app, from_lan(Request::get(page))).await;
        assert!(
            html.contains("Signing in needs HTTPS.") && html.contains("PUBLIC_ORIGIN") && html.contains("INSECURE_HTTP=true")
        );
    }
    // The browser drops this cookie; the landing page explains why.
    let response = sign_up(&app).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/signed-in?next=/todos"));
    assert!(first_header(&response, "set-cookie").starts_with("__Host-Http-session-3000="));
    let response = app.send(from_lan(Request::get("/signed-in?next=/todos")).body(Body::empty()).unwrap()).await;
    let landed = (response.status().as_u16(), first_header(&response, "location"));
    assert_eq!(landed, (303, "/sign-in?next=/todos&done=no-cookie"));
}

/// S9
#[tokio::test]
async fn page_under_a_foreign_host_links_to_the_public_origin() {
    for origin in ["http://127.0.0.1:3000", "https://todo.example.org", LAN] {
        let app = App::with(&[("PUBLIC_ORIGIN", origin), ("RATE_LIMITS", "off")]).await;
        for page in ["/sign-in", "/sign-up"] {
            let request = || Request::get(page).header("accept", "text/html").header("host", "evil.example");
            let html = open(&app, request()).await;
            assert!(html.contains("This is not the address of this site."), "{origin}");
            assert!(["PUBLIC_ORIGIN", "HTTPS", "INSECURE_HTTP=true"].iter().all(|way| html.contains(way)), "{origin}");
            assert!(html.contains(&format!(r#"href="{origin}""#)) && !html.contains("evil.example"), "{origin}");
        }
    }
    // A proxy may change the Host. Fetch Metadata proves that the browser uses HTTPS.
    let app = App::with(&[("PUBLIC_ORIGIN", "https://todo.example.org")]).await;
    let request = Request::get("/sign-in").header("host", "127.0.0.1:3000").header("sec-fetch-site", "none");
    assert!(!open(&app, request).await.contains("role=\"note\""));
}

/// S9
#[tokio::test]
async fn correct_origin_shows_no_notice() {
    for (origin, host) in [
        ("http://127.0.0.1:3000", "localhost:3000"),
        ("https://todo.example.org", "todo.example.org"),
        ("http://[::1]:1", "[::1]:1"),
    ] {
        let app = App::with(&[("PUBLIC_ORIGIN", origin)]).await;
        assert!(!open(&app, Request::get("/sign-in").header("host", host)).await.contains("role=\"note\""), "{origin}");
    }
}

/// S9
#[tokio::test]
async fn insecure_http_sets_a_plain_cookie_and_warns() {
    let app = App::with(&[("PUBLIC_ORIGIN", LAN), ("INSECURE_HTTP", "true")]).await;
    let html = open(&app, from_lan(Request::get("/sign-in"))).await;
    assert!(html.contains("This connection is not encrypted.") && !html.contains("needs HTTPS"));
    let response = sign_up(&app).await;
    let cookie = first_header(&response, "set-cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=1800", "Path=/", "SameSite=Strict"]);
    let value = pair.strip_prefix("insecure-session-3000=").unwrap();
    assert!(!value.contains("eyJ"), "the token is encrypted");
    assert!(open(&app, from_lan(Request::get("/todos")).header("cookie", pair)).await.contains(ANN));
    // The secure name is not accepted.
    let other = format!("__Host-Http-session-3000={value}");
    let response = app.send(from_lan(Request::get("/todos")).header("cookie", other).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 303);
}

/// S9
#[tokio::test]
async fn insecure_cookie_is_ignored_without_insecure_http() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let value = ann.cookies.values().next().unwrap();
    let request = Request::get("/todos").header("cookie", format!("insecure-session-3000={value}"));
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 303);
}

/// S9
#[test]
fn log_warns_about_plain_http() {
    let log = |set: &[(&str, &str)]| {
        let mut program = Program::start(set);
        program.check_livez();
        program.stop();
        program.output()
    };
    assert!(log(&[("PUBLIC_ORIGIN", LAN)]).contains("nobody can sign in: PUBLIC_ORIGIN is plain http"));
    assert!(log(&[("PUBLIC_ORIGIN", LAN), ("INSECURE_HTTP", "true")]).contains("INSECURE_HTTP is on"));
    assert!(!log(&[]).contains("http, where"));
}

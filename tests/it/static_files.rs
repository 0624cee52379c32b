//! Static files, health endpoints and common headers.

use std::fs;

use axum::{body::Body, http::Request};

use crate::support::{App, SECURITY_HEADERS, body_text, first_header};

#[tokio::test]
async fn only_the_site_is_served() {
    let app = App::start().await;
    for path in [
        "/.env",
        "/.git/config",
        "/Cargo.toml",
        "/..%2f.env",
        "/%2e%2e/.env",
        "/pkg/",
        "/pkg/../../.env",
        "/pkg/..%2f..%2f.env",
        "/test.db",
    ] {
        let response = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_ne!(first_header(&response, "cache-control"), "public, max-age=31536000, immutable", "{path}");
    }
}

#[tokio::test]
async fn range_requests_get_the_whole_file() {
    let site = tempfile::tempdir().unwrap();
    fs::create_dir(site.path().join("pkg")).unwrap();
    for file in ["pkg/a.js", "favicon.svg"] {
        fs::write(site.path().join(file), "0123456789").unwrap();
    }
    let app = App::with(&[("LEPTOS_SITE_ROOT", site.path().to_str().unwrap())]).await;
    for path in ["/pkg/a.js", "/favicon.svg"] {
        for range in ["bytes=0-1", "bytes=0-1,4-5", "bytes=-3", "bytes=100-", "lines=0-1", "nonsense"] {
            for condition in ["", "\"another\"", "Thu, 01 Jan 1970 00:00:00 GMT"] {
                let mut request = Request::get(path).header("range", range);
                if !condition.is_empty() {
                    request = request.header("if-range", condition);
                }
                let response = app.send(request.body(Body::empty()).unwrap()).await;
                assert_eq!(response.status(), 200, "{path} {range} {condition}");
                assert!(["accept-ranges", "content-range"].iter().all(|name| !response.headers().contains_key(*name)));
                assert_eq!(body_text(response).await, "0123456789", "{path} {range} {condition}");
            }
        }
    }
}

///
#[tokio::test]
async fn impossible_file_name_answers_404() {
    let app = App::start().await;
    for name in ["a".repeat(256), "a/".repeat(4000) + "b", "%00".to_owned(), ".".to_owned(), "//.".to_owned()] {
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri(format!("/pkg/{name}"));
            let response = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(response.status(), 404, "{method} {name:.20}");
            assert_eq!(first_header(&response, "cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn health_endpoints_need_no_session() {
    let app = App::start().await;
    for path in ["/livez", "/readyz"] {
        assert_eq!(app.send(Request::get(path).body(Body::empty()).unwrap()).await.status(), 200, "{path}");
    }
}

///
#[tokio::test]
async fn every_response_carries_the_security_headers() {
    let app = App::start().await;
    for path in ["/", "/sign-in", "/nope", "/livez", "/api/v1/todos", "/api/nope", "/pkg/nope.js", "/bff/list_todos"] {
        let response = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(first_header(&response, name), value, "{path}");
        }
        assert!(first_header(&response, "content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!response.headers().contains_key("server"), "{path}");
        assert!(first_header(&response, "x-request-id").len() == 36, "{path}");
    }
}

#[tokio::test]
async fn request_id_from_a_client_is_ignored() {
    let app = App::start().await;
    let request = Request::get("/livez").header("x-request-id", "forged");
    let response = app.send(request.body(Body::empty()).unwrap()).await;
    assert_ne!(first_header(&response, "x-request-id"), "forged");
}

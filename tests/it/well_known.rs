//! Well-known URLs.

use axum::{
    body::Body,
    http::{Request, Response},
};

use crate::support::{App, body_text, first_header};

async fn get(app: &App, path: &str) -> Response<Body> {
    app.send(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn change_password_url_redirects_to_the_account_page() {
    let response = get(&App::start().await, "/.well-known/change-password").await;
    assert_eq!((response.status().as_u16(), first_header(&response, "location")), (303, "/account"));
    // Password managers request this URL to detect sites that answer 200 to everything.
    let nowhere = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(get(&App::start().await, nowhere).await.status(), 404);
}

#[tokio::test]
async fn security_txt_names_the_contact_and_renews_its_expiry() {
    let app = App::with(&[("SECURITY_CONTACT", "mailto:security@example.org")]).await;
    let response = get(&app, "/.well-known/security.txt").await;
    assert_eq!((response.status().as_u16(), first_header(&response, "content-type")), (200, "text/plain; charset=utf-8"));
    let text = "Contact: mailto:security@example.org\nExpires: 2027-05-20T12:00:00Z\n\
                Canonical: http://127.0.0.1:3000/.well-known/security.txt\n";
    assert_eq!(body_text(response).await, text, "expires in 180 days");
    app.wait(24 * 60 * 60);
    assert!(body_text(get(&app, "/.well-known/security.txt").await).await.contains("Expires: 2027-05-21T12:00:00Z\n"));
    assert_eq!(get(&App::start().await, "/.well-known/security.txt").await.status(), 404);
}

#[tokio::test]
async fn robots_txt_disallows_private_paths() {
    let response = get(&App::start().await, "/robots.txt").await;
    assert!(first_header(&response, "content-type").starts_with("text/plain"));
    let text = body_text(response).await;
    let lines =
        ["User-agent: *", "Disallow: /account", "Disallow: /api/", "Disallow: /bff/", "Disallow: /todos", "Disallow: /trash"];
    assert_eq!(text.lines().collect::<Vec<_>>(), [&lines[..], &["Allow: /api/v1/docs"]].concat());
}

//! Open and closed sign-up.

use holdfast::domain::Email;

use crate::support::{ANN, App, Browser, PASSWORD};

#[tokio::test]
async fn closed_sign_up_page_links_to_sign_in() {
    let app = App::with(&[("REGISTRATION", "closed")]).await;
    let mut anyone = Browser::without_scripting(&app);
    let page = anyone.open("/sign-up").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (403, vec!["Sign-up is closed".to_owned()]));
    assert!(page.attributes("form", "action").is_empty());
    assert_eq!(page.attributes("main a", "href"), ["/sign-in"]);
    let page = anyone.open("/sign-in").await;
    assert!(!page.html.contains("/sign-up"), "no link to the sign-up page");
}

#[tokio::test]
async fn closed_sign_up_creates_no_account() {
    let app = App::with(&[("REGISTRATION", "closed")]).await;
    let fields = [("email", ANN), ("password", PASSWORD)];
    let page = Browser::without_scripting(&app).submit("sign_up", &fields).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (403, vec!["Sign-up is closed".to_owned()]));
    let response = Browser::with_scripting(&app).submit("sign_up", &fields).await;
    assert_eq!((response.status.as_u16(), response.html.as_str()), (403, r#""RegistrationClosed""#));
    assert!(!page.headers.contains_key("set-cookie") && !response.headers.contains_key("set-cookie"));
    assert!(app.store().find_user(&Email::parse(ANN).unwrap()).await.unwrap().is_none());
}

/// A-37
#[tokio::test]
async fn new_server_has_no_accounts() {
    let app = App::start().await;
    assert!(app.store().list_users(None, 1).await.unwrap().is_empty());
}

/// A-35
#[tokio::test]
async fn concurrent_sign_ups_with_one_email_create_one_account() {
    let app = App::start().await;
    let spellings = [ANN, " Ann@Example.org", "ANN@EXAMPLE.ORG", "ann@example.org\u{a0}"];
    let sign_ups = spellings.iter().cycle().take(20).map(|spelling| async {
        let mut browser = Browser::with_scripting(&app);
        browser.submit("sign_up", &[("email", spelling), ("password", PASSWORD)]).await.status.as_u16()
    });
    let statuses = futures::future::join_all(sign_ups).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    // A busy server may answer 503 before it hashes a password.
    assert!(statuses.iter().all(|status| [200, 422, 503].contains(status)), "{statuses:?}");
    assert_eq!(app.store().list_users(None, 10).await.unwrap().len(), 1);
}

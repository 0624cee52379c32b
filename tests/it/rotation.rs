//! Secret rotation: tokens and cookies of the previous secret stay valid until they expire.

use axum::http::StatusCode;

use crate::support::{ANN, ApiUser, App, Browser, PASSWORD, SECRET};

const NEW_SECRET: &str = "T3st-only-zyxwvutsrqponmlkjihgfedcba-98765";

/// The path to which `/` redirects in this session.
async fn landing_page(app: &App, session: &Browser<'_>) -> String {
    let mut browser = Browser::without_scripting(app).in_session_of(session);
    browser.open("/").await;
    browser.at
}

async fn is_accepted(app: &App, token: &str) -> bool {
    let program = ApiUser { app, token: token.to_owned() };
    program.call("GET", "/todos").await.status() == StatusCode::OK
}

///
#[tokio::test]
async fn secret_rotation_keeps_sessions_while_the_previous_secret_is_set() {
    let old = App::start().await;
    let ann = Browser::signed_up(&old, ANN).await;
    let token = ApiUser::signed_in(&old, ANN).await.token;

    let both = old.again_with(&[("JWT_SECRET", NEW_SECRET), ("JWT_SECRET_PREVIOUS", SECRET)]).await;
    assert!(is_accepted(&both, &token).await);
    assert_eq!(landing_page(&both, &ann).await, "/todos");

    // A renewed session uses the new secret.
    let mut used = Browser::without_scripting(&both).in_session_of(&ann);
    used.age(120);
    used.open("/todos").await;
    let new = old.again_with(&[("JWT_SECRET", NEW_SECRET)]).await;
    assert_eq!((landing_page(&new, &used).await, landing_page(&new, &ann).await), ("/todos".into(), "/sign-in".into()));

    // New tokens and sessions use only the new secret.
    let new_token = ApiUser::signed_in(&both, ANN).await.token;
    let mut new_session = Browser::without_scripting(&both);
    new_session.open("/sign-in").await;
    new_session.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    let new = old.again_with(&[("JWT_SECRET", NEW_SECRET)]).await;
    assert!(is_accepted(&new, &new_token).await && !is_accepted(&old, &new_token).await);
    assert_eq!(
        (landing_page(&new, &new_session).await, landing_page(&old, &new_session).await),
        ("/todos".into(), "/sign-in".into())
    );

    assert!(!is_accepted(&new, &token).await, "without the previous secret");
    assert_eq!(landing_page(&new, &ann).await, "/sign-in");
}

//! Replicas on one Postgres database share sessions and rate limits.

use std::{thread, time::Instant};

use futures::future::join_all;

use crate::support::{ANN, ApiUser, App, Browser, Kind, PASSWORD, Program, TestDatabase, of_version_before, request_token};

async fn two_replicas(set: &[(&str, &str)]) -> Option<(App, App)> {
    let database = TestDatabase::new(Kind::Postgres).await?;
    let other = App::on_database(&database, set).await;
    Some((App::on_database(&database, set).await, other))
}

#[tokio::test]
async fn token_is_valid_and_revoked_on_both_replicas() {
    let Some((one, other)) = two_replicas(&[("RATE_LIMITS", "off")]).await else { return };
    let ann = ApiUser::signed_up(&one, ANN).await;
    let there = ApiUser { app: &other, token: ann.token.clone() };
    there.add("buy milk").await;
    assert_eq!(ann.titles().await, ["buy milk"]);
    let change = serde_json::json!({ "current": PASSWORD, "new": "a long walk by the sea" });
    let changed = there.call_with("POST", "/me/password", &change).await.status();
    assert!(changed.is_success(), "{changed}");
    for user in [&ann, &there] {
        assert_eq!(user.call("GET", "/todos").await.status(), 401);
    }
}

///
#[tokio::test]
async fn session_renewed_on_one_replica_is_ended_on_the_other() {
    let Some((one, other)) = two_replicas(&[("RATE_LIMITS", "off")]).await else { return };
    let mut laptop = Browser::signed_up(&one, ANN).await;
    let mut phone = Browser::without_scripting(&other);
    phone.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    for app in [&one, &other] {
        app.wait(120);
    }
    let late = Browser::without_scripting(&one).in_session_of(&laptop);
    laptop.open("/todos").await;
    assert_ne!(laptop.cookies, late.cookies, "the session is renewed");
    let mut there = Browser::without_scripting(&other).in_session_of(&laptop);
    there.open("/todos").await;
    assert_eq!(there.at, "/todos");
    there.submit("sign_out", &[]).await;
    for copy in [&late, &laptop] {
        for app in [&one, &other] {
            let mut copy = Browser::without_scripting(app).in_session_of(copy);
            assert_eq!(ApiUser { app, token: copy.token() }.call("GET", "/todos").await.status(), 401);
            copy.open("/todos").await;
            assert_eq!(copy.at, "/sign-in?next=/todos");
        }
    }
    for app in [&one, &other] {
        let mut phone = Browser::without_scripting(app).in_session_of(&phone);
        phone.open("/todos").await;
        assert_eq!(phone.at, "/todos");
    }
}

/// A sign-out on the previous version, which has no sessions table.
const SIGN_OUT_BEFORE: &str = "update users set token_epoch = token_epoch + 1 where email = 'ann@example.org'";

///
#[tokio::test]
async fn sign_out_on_the_previous_version_ends_all_sessions() {
    let Some(database) = TestDatabase::new(Kind::Postgres).await else { return };
    let app = App::on_database(&database, &[("RATE_LIMITS", "off")]).await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut there = Browser::without_scripting(&app).in_session_of(&ann);
    there.take_token(&of_version_before(&there.token()));
    let program = ApiUser::signed_in(&app, ANN).await;
    for browser in [&mut ann, &mut there] {
        browser.open("/todos").await;
        assert_eq!(browser.at, "/todos");
    }
    database.execute(SIGN_OUT_BEFORE).await;
    for browser in [&mut ann, &mut there] {
        browser.open("/todos").await;
        assert_eq!(browser.at, "/sign-in?next=/todos");
    }
    assert_eq!(program.call("GET", "/todos").await.status(), 401);
}

#[tokio::test]
async fn replicas_share_rate_limit_counts() {
    let Some((one, other)) = two_replicas(&[]).await else { return };
    ApiUser::signed_up(&one, ANN).await;
    let attempts = (0..30).map(|nth| request_token(if nth % 2 == 0 { &one } else { &other }, ANN, "not her password"));
    let statuses: Vec<_> = join_all(attempts).await.iter().map(|response| response.status().as_u16()).collect();
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    // `ApiUser::signed_up` used one of the ten attempts.
    assert_eq!((count(401) + count(503), count(429)), (9, 21), "{statuses:?}");
    // The limit refills for both replicas.
    other.wait(60);
    assert_eq!(request_token(&other, ANN, PASSWORD).await.status(), 200);
    one.wait(60);
    assert_eq!(request_token(&one, ANN, PASSWORD).await.status(), 429, "the other replica used the refilled attempt");
}

///
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_starts_on_an_empty_database_all_become_ready() {
    let Some(database) = TestDatabase::new(Kind::Postgres).await else { return };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Program::start(&[("DATABASE_URL", database.url())]).wait_until_ready(Instant::now()));
        }
    });
    let status = crate::support::command(database.url(), &["migrate", "status"]).unwrap();
    assert!(status.contains("0001  applied") && status.ends_with("The database is up to date.\n"), "{status}");
}

//! Several servers on one Postgres are as one: with the same secret they know each other's tokens, and they count together.

use std::{thread, time::Instant};

use futures::future::join_all;

use crate::support::{ANN, ApiUser, App, Kind, PASSWORD, Program, TestDatabase, ask_for_token};

/// Two of them, on a database of their own.
async fn two(set: &[(&str, &str)]) -> Option<(App, App)> {
    let database = TestDatabase::new(Kind::Postgres).await?;
    let other = App::on_database(&database, set).await;
    Some((App::on_database(&database, set).await, other))
}

#[tokio::test]
async fn token_of_one_is_good_at_the_other_until_it_is_ended_at_either() {
    let Some((one, other)) = two(&[("RATE_LIMITS", "off")]).await else { return };
    let ann = ApiUser::signed_up(&one, ANN).await;
    let there = ApiUser { app: &other, token: ann.token.clone() };
    there.add("added there").await;
    assert_eq!(ann.titles().await, ["added there"]);
    // A new password ends every session, wherever it is.
    let change = serde_json::json!({ "current": PASSWORD, "new": "a long walk by the sea" });
    let changed = there.call_with("POST", "/me/password", &change).await.status();
    assert!(changed.is_success(), "{changed}");
    for user in [&ann, &there] {
        assert_eq!(user.call("GET", "/todos").await.status(), 401);
    }
}

#[tokio::test]
async fn attempts_are_counted_together_and_exactly() {
    let Some((one, other)) = two(&[]).await else { return };
    ApiUser::signed_up(&one, ANN).await;
    let attempts = (0..30).map(|nth| ask_for_token(if nth % 2 == 0 { &one } else { &other }, ANN, "not her password"));
    let statuses: Vec<_> = join_all(attempts).await.iter().map(|answer| answer.status().as_u16()).collect();
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    // One of the ten was her sign-in after signing up.
    assert_eq!((count(401) + count(503), count(429)), (9, 21), "{statuses:?}");
    // It comes back as time goes on, for both.
    other.wait(60);
    assert_eq!(ask_for_token(&other, ANN, PASSWORD).await.status(), 200);
    one.wait(60);
    assert_eq!(ask_for_token(&one, ANN, PASSWORD).await.status(), 429, "that was the one");
}

#[tokio::test(flavor = "multi_thread")]
async fn r_17_many_that_start_at_once_on_an_empty_database_all_get_ready() {
    let Some(database) = TestDatabase::new(Kind::Postgres).await else { return };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Program::start(&[("DATABASE_URL", database.url())]).ready_after(Instant::now()));
        }
    });
    let status = crate::support::command(database.url(), &["migrate", "status"]).unwrap();
    assert!(status.contains("0001  applied") && status.ends_with("has all that this Holdfast knows.\n"), "{status}");
}

//! Password rules and hashes.

use std::time::{Duration, Instant};

use holdfast::{
    domain::{Email, UnixMillis, UserId},
    server::store::NewUser,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{ANN, ApiUser, App, Browser, Fault, PASSWORD, body_json, old_hash, request_token};

async fn sign_up(app: &App, email: &str, password: &str) -> u16 {
    Browser::with_scripting(app).submit("sign_up", &[("email", email), ("password", password)]).await.status.as_u16()
}

///
#[tokio::test]
async fn password_must_be_long_enough_and_hard_to_guess() {
    let app = App::start().await;
    for weak in ["seven77", "password1234", "passwordpassword", "123456789012345", "holdfastholdfast", ANN] {
        assert_eq!(sign_up(&app, ANN, weak).await, 422, "{weak}");
    }
    // There are no rules on character classes.
    assert_eq!(sign_up(&app, ANN, "an old oak tree").await, 200);
}

///
#[tokio::test]
async fn every_character_counts_up_to_128() {
    let app = App::start().await;
    let longest: String = PASSWORD.chars().cycle().take(128).collect();
    assert_eq!(sign_up(&app, ANN, &longest).await, 200);
    assert_eq!(request_token(&app, ANN, &longest).await.status(), 200);
    let other_end = format!("{}!", &longest[..127]);
    for wrong in [&other_end, &longest[..127], &format!("{longest} "), &longest.to_uppercase()] {
        assert_eq!(request_token(&app, ANN, wrong).await.status(), 401, "{wrong}");
    }
    assert_eq!(sign_up(&app, "bob@example.org", &format!("{PASSWORD} ")).await, 200);
    assert_eq!(request_token(&app, "bob@example.org", PASSWORD).await.status(), 401, "spaces count");
    assert_eq!(request_token(&app, "bob@example.org", &format!("{PASSWORD} ")).await.status(), 200);
}

///
#[tokio::test]
async fn ten_kilobyte_password_is_rejected_before_hashing() {
    let app = App::start().await;
    // Combining accents are the slowest to normalise.
    let huge = "e\u{301}".repeat(3500);
    // Compares the fastest of several runs, because a busy machine delays some.
    let (mut refused, mut hashed) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        let start = Instant::now();
        assert_eq!(sign_up(&app, ANN, &huge).await, 422);
        refused = refused.min(start.elapsed());
        let start = Instant::now();
        assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);
        hashed = hashed.min(start.elapsed());
    }
    assert!(refused < hashed, "{refused:?} {hashed:?}");
}

///
#[tokio::test]
async fn passwords_are_unicode_normalised() {
    let app = App::start().await;
    let (composed, decomposed) = ("caf\u{e9} au lait sous l'orme", "cafe\u{301} au lait sous l'orme");
    assert_eq!(sign_up(&app, ANN, composed).await, 200);
    assert_eq!(sign_up(&app, "bob@example.org", decomposed).await, 200);
    for email in [ANN, "bob@example.org"] {
        for typed in [composed, decomposed] {
            assert_eq!(request_token(&app, email, typed).await.status(), 200);
        }
        assert_eq!(request_token(&app, email, "cafe au lait sous l'orme").await.status(), 401);
    }
}

#[tokio::test]
async fn api_explains_why_a_password_is_guessable() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (new, weakness, detail) in [
        ("password1234", "common", "new is easy to guess: it is a common password, or much like one"),
        ("aaaaaaaaaaaa", "repeat", "new is easy to guess: it repeats itself"),
        (ANN, "personal", "new is easy to guess: it is made from the e-mail address or the name of this site"),
    ] {
        let response = ann.call_with("POST", "/me/password", &json!({ "current": PASSWORD, "new": new })).await;
        let error = body_json(response).await["errors"][0].take();
        assert_eq!(error, json!({ "pointer": "/new", "code": "guessable", "weakness": weakness, "detail": detail }));
    }
}

async fn stored_hash(app: &App) -> String {
    app.store().find_account(&Email::parse(ANN).unwrap()).await.unwrap().unwrap().password_hash
}

///
#[tokio::test]
async fn sign_in_rehashes_an_outdated_hash() {
    let app = App::start().await;
    let old = old_hash();
    let (id, email, created_at) = (UserId::from(Uuid::now_v7()), Email::parse(ANN).unwrap(), UnixMillis(0));
    app.store().create_user(NewUser { id, email, password_hash: old.clone(), created_at }).await.unwrap();
    assert_eq!(request_token(&app, ANN, "wrong horse battery staple").await.status(), 401);
    assert_eq!(stored_hash(&app).await, old, "a wrong password does not rehash");

    let first = ApiUser::signed_in(&app, ANN).await;
    let new = stored_hash(&app).await;
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    ApiUser::signed_in(&app, ANN).await;
    assert_eq!(stored_hash(&app).await, new, "a current hash is kept");
    assert_eq!(first.call("GET", "/me").await.status(), 200, "a rehash ends no session");
    assert_eq!(body_json(first.call("GET", "/me").await).await["password_changed_at"], "1970-01-01T00:00:00Z");
}

///
#[tokio::test]
async fn sign_in_succeeds_when_the_rehash_cannot_be_stored() {
    let app = App::start().await.with_fault(Fault::ReadOnly, "off").await;
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

//! The API rejects forged tokens, and signed tokens with an invalid header or claim (RFC 8725).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::Sha512;

use crate::support::{ANN, ApiUser, App, SECRET};

/// The claims of a valid token, for tests to modify.
async fn good_claims(app: &App) -> Value {
    let token = ApiUser::signed_up(app, ANN).await.token;
    let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&token).unwrap().claims;
    assert_eq!(claims["iss"], "http://127.0.0.1:3000");
    assert_eq!(claims["aud"], "http://127.0.0.1:3000/api/v1");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 1800);
    assert_eq!(claims["ver"], 1);
    claims
}

fn good_header() -> Header {
    Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) }
}

fn sign(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

async fn status(app: &App, token: &str) -> u16 {
    let request = axum::http::Request::get("/api/v1/todos").header("authorization", format!("Bearer {token}"));
    app.send(request.body(axum::body::Body::empty()).unwrap()).await.status().as_u16()
}

#[tokio::test]
async fn valid_token_is_accepted() {
    let app = App::start().await;
    let claims = good_claims(&app).await;
    assert_eq!(status(&app, &sign(&good_header(), &claims, SECRET)).await, 200);
}

#[tokio::test]
async fn bearer_scheme_and_token_are_separated_by_spaces_only() {
    let app = App::start().await;
    let token = ApiUser::signed_up(&app, ANN).await.token;
    for (blanks, expected) in [(" ", 200), ("  ", 200), ("          ", 200), ("\t", 401), (" \t", 401), ("", 401), (" , ", 401)] {
        let request = axum::http::Request::get("/api/v1/todos").header("authorization", format!("Bearer{blanks}{token}"));
        let status = app.send(request.body(axum::body::Body::empty()).unwrap()).await.status();
        assert_eq!(status, expected, "{blanks:?}");
    }
}

/// A-39
#[tokio::test]
async fn forged_tokens_are_rejected() {
    let app = App::start().await;
    let claims = good_claims(&app).await;
    let good = sign(&good_header(), &claims, SECRET);
    let parts: Vec<_> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let none = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0"; // {"typ":"at+jwt","alg":"none"}
    let hs512 = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"HS512"}"#));
    let mac = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&hs512).finalize();
    let hs512 = format!("{hs512}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()));
    let flipped = format!("{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    for (forgery, token) in [
        ("another key", sign(&good_header(), &claims, "another-secret-of-more-than-32-bytes!")),
        ("empty key", sign(&good_header(), &claims, "")),
        ("HS512", hs512),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none, signed", format!("{none}.{payload}.{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("flipped signature", format!("{header}.{payload}.{flipped}")),
        ("truncated signature", format!("{header}.{payload}.{}", &signature[..20])),
        ("padding", format!("{good}=")),
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{good}.{signature}")),
        ("five parts", format!("{good}.{signature}.{signature}")),
        ("JWS JSON", json!({ "protected": header, "payload": payload, "signature": signature }).to_string()),
        ("nothing", String::new()),
    ] {
        assert_eq!(status(&app, &token).await, 401, "{forgery}");
    }
}

/// A-41
#[tokio::test]
async fn signed_tokens_with_a_foreign_header_are_rejected() {
    let app = App::start().await;
    let claims = good_claims(&app).await;
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = good_header();
        change(&mut header);
        sign(&header, &claims, SECRET)
    };
    for (what, token) in [
        ("no typ", with(&|header| header.typ = None)),
        ("typ JWT", with(&|header| header.typ = Some("JWT".to_owned()))),
        ("kid", with(&|header| header.kid = Some("1".to_owned()))),
        ("jku", with(&|header| header.jku = Some("https://evil.example/keys".to_owned()))),
        ("x5u", with(&|header| header.x5u = Some("https://evil.example/cert".to_owned()))),
        ("cty", with(&|header| header.cty = Some("JWT".to_owned()))),
        ("crit", with(&|header| header.crit = Some(vec!["exp".to_owned()]))),
        ("zip", with(&|header| header.extras.insert("zip", "DEF"))),
        ("b64", with(&|header| header.extras.insert("b64", false))),
    ] {
        assert_eq!(status(&app, &token).await, 401, "{what}");
    }
}

/// A-40, A-41, A-43
#[tokio::test]
async fn signed_tokens_with_invalid_claims_are_rejected() {
    let app = App::start().await;
    let claims = good_claims(&app).await;
    let now = app.now();
    let cases = [
        ("iss", json!("http://127.0.0.1:3001")),
        ("iss", Value::Null),
        ("aud", json!("http://127.0.0.1:3000")),
        ("exp", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(9_223_372_036_854_775_808_u64)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(now + 1801)),
        ("iat", json!(now + 6)),
        ("iat", json!(i64::MIN)),
        ("exp", json!(i64::MIN)),
        ("nbf", json!(now + 60)),
        ("nbf", json!("x")),
        ("ver", json!(0)),
        ("ver", json!(2)),
        ("ver", json!("1")),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!(claims["sub"].as_str().unwrap().to_uppercase())),
        ("sub", json!(format!(" {}", claims["sub"].as_str().unwrap()))),
        ("sub", json!("00000000-0000-0000-0000-000000000000")),
        ("sub", json!("018f3a52-7b1c-7def-8abc-0123456789ab")),
    ];
    for (claim, value) in cases {
        let mut changed = claims.clone();
        changed[claim] = value;
        assert_eq!(status(&app, &sign(&good_header(), &changed, SECRET)).await, 401, "{claim}: {}", changed[claim]);
    }
    for claim in ["iss", "aud", "sub", "ver", "iat", "exp", "jti"] {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(claim);
        assert_eq!(status(&app, &sign(&good_header(), &changed, SECRET)).await, 401, "without {claim}");
    }
}

#[tokio::test]
async fn tokens_tolerate_five_seconds_of_clock_skew() {
    let app = App::start().await;
    let mut claims = good_claims(&app).await;
    claims["iat"] = json!(app.now() + 5);
    claims["exp"] = json!(app.now() + 1805);
    assert_eq!(status(&app, &sign(&good_header(), &claims, SECRET)).await, 200);
}

#[tokio::test]
async fn every_statement_rejects_an_unknown_user() {
    let app = App::start().await;
    let mut claims = good_claims(&app).await;
    claims["sub"] = json!("018f3a52-7b1c-7def-8abc-0123456789ab");
    let ghost = sign(&good_header(), &claims, SECRET);
    for (method, path) in [
        ("GET", "/todos"),
        ("POST", "/todos"),
        ("GET", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
        ("PUT", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
        ("PATCH", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
        ("DELETE", "/todos/018f3a52-7b1c-7def-8abc-0123456789ab"),
    ] {
        let request = axum::http::Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {ghost}")).header("content-type", "application/json");
        let response = app.send(request.body(axum::body::Body::from(r#"{"title":"x"}"#)).unwrap()).await;
        assert_eq!(response.status(), 401, "{method} {path}");
    }
}

/// A-40
#[tokio::test]
async fn token_expires_to_the_second() {
    let app = App::start().await;
    let token = ApiUser::signed_up(&app, ANN).await.token;
    app.wait(1799);
    assert_eq!(status(&app, &token).await, 200);
    app.wait(1);
    assert_eq!(status(&app, &token).await, 401);
}

#[tokio::test]
async fn oversized_token_is_rejected() {
    let app = App::start().await;
    let mut claims = good_claims(&app).await;
    claims["jti"] = json!("x".repeat(1024));
    assert_eq!(status(&app, &sign(&good_header(), &claims, SECRET)).await, 401);
    assert_eq!(status(&app, &"a".repeat(300_000)).await, 401);
}

//! Sign-in and sign-up don't reveal which accounts exist.

use std::time::{Duration, Instant};

use axum::http::HeaderMap;

use crate::support::{ANN, App, BOB, Browser, Fault, PASSWORD, body_text, request_token};

const WRONG: &str = "wrong horse battery staple";

/// The headers without request id and nonce.
fn comparable_headers(headers: &HeaderMap, id: &str) -> Vec<String> {
    let text = |name: &str, value: &str| format!("{name}: {}", value.replace(id, ""));
    let nonce = |value: &str| value.split("'nonce-").next().unwrap().to_owned();
    let mut lines: Vec<_> = headers.iter().map(|(name, value)| text(name.as_str(), &nonce(value.to_str().unwrap()))).collect();
    lines.sort();
    lines
}

///
#[tokio::test]
async fn unknown_email_and_wrong_password_get_identical_responses() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let mut answers = Vec::new();
    // The e-mails have equal lengths, because the form shows them again.
    for email in [ANN, "ben@example.org"] {
        let response = request_token(&app, email, WRONG).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let id = headers["x-request-id"].to_str().unwrap().to_owned();
        let mut answer = vec![(status, comparable_headers(&headers, &id), body_text(response).await.replace(&id, ""))];
        for mut browser in [Browser::without_scripting(&app), Browser::with_scripting(&app)] {
            browser.open("/sign-in").await;
            let page = browser.submit("sign_in", &[("email", email), ("password", WRONG)]).await;
            let id = page.headers["x-request-id"].to_str().unwrap().to_owned();
            let nonce = page.headers["content-security-policy"].to_str().unwrap().split("'nonce-").nth(1);
            let nonce = nonce.map_or("-", |rest| rest.split('\'').next().unwrap());
            let html = page.html.replace(nonce, "").replace(email, "");
            answer.push((page.status, comparable_headers(&page.headers, &id), html));
        }
        assert!(answer.iter().all(|(status, ..)| *status == 401));
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The ratio of the median times. Both alternate, so that other load slows them equally.
async fn time_ratio(rounds: usize, mut one: impl AsyncFnMut(), mut other: impl AsyncFnMut()) -> f64 {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        one().await;
        ones.push(start.elapsed());
        let start = Instant::now();
        other().await;
        others.push(start.elapsed());
    }
    median(ones).as_secs_f64() / median(others).as_secs_f64()
}

///
#[tokio::test]
async fn rejected_sign_in_takes_equal_time_for_any_email() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let away = app.with_fault(Fault::Unavailable, "off").await;
    let long = format!("{}@example.org", "a".repeat(300));
    for (email, rounds) in [("nobody@example.org", 40), ("", 15), ("a\0@example.org", 15), (&long, 15)] {
        let refuse = async |email: &str| assert_eq!(request_token(&app, email, WRONG).await.status(), 401);
        // A missing hash gives a ratio of about 0.01; load alone gives 0.5 to 2.
        let ratio = time_ratio(rounds, async || refuse(email).await, async || refuse(ANN).await).await;
        assert!((0.25..4.0).contains(&ratio), "{email:?} takes {ratio} times as long");
        assert_eq!(request_token(&away, email, WRONG).await.status(), 503, "{email:?} is looked up");
    }
}

///
#[tokio::test]
async fn sign_up_takes_equal_time_for_known_and_new_emails() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let sign_up = async |email: &str, status: u16| {
        let mut anyone = Browser::with_scripting(&app);
        let page = anyone.submit("sign_up", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(page.first_status, status);
    };
    let mut n = 0;
    let known = async || sign_up(ANN, 422).await;
    let new = async || {
        n += 1;
        sign_up(&format!("new{n}@example.org"), 200).await;
    };
    let ratio = time_ratio(20, known, new).await;
    assert!((0.25..4.0).contains(&ratio), "{ratio}");
}

///
#[tokio::test]
async fn emails_are_normalised() {
    let app = App::start().await;
    Browser::signed_up(&app, "Ann@Example.org").await;
    // Lower-casing maps the Kelvin sign to k.
    Browser::signed_up(&app, "\u{212a}im@example.org").await;
    Browser::signed_up(&app, "e\u{301}va@example.org").await;
    // Chromium sends this domain in ASCII, other clients send it as typed.
    Browser::signed_up(&app, "kim@b\u{fc}cher.example").await;
    for (email, status) in [
        (ANN, 200),
        ("\u{e9}va@example.org", 200),
        ("\u{c9}VA@example.org", 200),
        ("E\u{301}va@example.org", 200),
        ("eva@example.org", 401),
        (" ANN@EXAMPLE.ORG\t", 200),
        ("kim@example.org", 200),
        ("KIM@example.org", 200),
        ("kim@xn--bcher-kva.example", 200),
        ("KIM@B\u{dc}CHER.example", 200),
        ("kim@bu\u{308}cher.example", 200),
        ("kim@bucher.example", 401),
        ("ann@example.org.", 401),
        ("a.nn@example.org", 401),
        (BOB, 401),
    ] {
        assert_eq!(request_token(&app, email, PASSWORD).await.status(), status, "{email}");
    }
}

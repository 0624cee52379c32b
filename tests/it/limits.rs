//! Rate limits on sign-in and sign-up, and the limit on todos per user.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use futures::future::join_all;
use serde_json::json;

use crate::support::{
    ANN, ApiUser, App, BOB, Browser, PASSWORD, body_json, first_header, peer, request_token, request_token_from,
};

const WRONG: &str = "wrong horse battery staple";
const ELSEWHERE: &str = "203.0.113.9";

/// Checks the API's 429 problem. Returns `Retry-After`.
async fn retry_after(response: Response<Body>) -> u32 {
    assert_eq!(response.status(), 429);
    let seconds = first_header(&response, "retry-after").parse().unwrap();
    assert_eq!(body_json(response).await["type"], "/problems/rate-limited");
    seconds
}

/// The status of a sign-in to an unknown account from this IP address.
async fn guess_from(app: &App, ip: &str, nth: usize, forwarded: &[(&str, &str)]) -> u16 {
    let body = json!({ "email": format!("nobody{nth}@example.org"), "password": "short" }).to_string();
    let request = Request::post("/api/v1/token").header("content-type", "application/json").extension(ConnectInfo(peer(ip)));
    let request = forwarded.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(Body::from(body)).unwrap()).await.status().as_u16()
}

/// A-30
#[tokio::test]
async fn password_guesses_share_one_limit_across_api_and_forms() {
    let app = App::with_limits().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let mut form = Browser::without_scripting(&app);
    form.open("/sign-in").await;
    let mut script = Browser::with_scripting(&app);
    let fields = [("email", ANN), ("password", WRONG)];
    // `ApiUser::signed_up` above used one attempt.
    for _ in 0..3 {
        assert_eq!(request_token(&app, ANN, WRONG).await.status(), 401);
        assert_eq!(form.submit("sign_in", &fields).await.status, 401);
        assert_eq!(script.submit("sign_in", &fields).await.status, 401);
    }
    // The limit also rejects the correct password, or an attacker would recognise it.
    let fields = [("email", ANN), ("password", PASSWORD)];
    let page = form.submit("sign_in", &fields).await;
    assert_eq!((page.status.as_u16(), page.headers["retry-after"].to_str().unwrap()), (429, "60"));
    assert_eq!(page.complaints(), ["Too many attempts; try again in 60 seconds."]);
    let response = script.submit("sign_in", &fields).await;
    assert_eq!((response.status.as_u16(), response.html.as_str()), (429, r#"{"RateLimited":60}"#));
    for email in [ANN, "ANN@example.org ", "Ann@EXAMPLE.org"] {
        assert_eq!(retry_after(request_token(&app, email, PASSWORD).await).await, 60);
    }
    for path in ["/api/v1/token?x=1", "/api/v1/TOKEN", "/api/v1/token/"] {
        let request = Request::post(path).header("content-type", "application/json").extension(ConnectInfo(peer("198.51.100.1")));
        let body = json!({ "email": ANN, "password": PASSWORD }).to_string();
        let status = app.send(request.body(Body::from(body)).unwrap()).await.status().as_u16();
        assert_eq!(status, if path.contains('?') { 429 } else { 404 }, "{path} bypasses the limit");
    }

    assert_eq!(ann.call("GET", "/me").await.status(), 200, "other operations are not limited");
    assert_eq!(request_token(&app, BOB, WRONG).await.status(), 401, "other accounts are not limited");
    assert_eq!(bob.call("GET", "/me").await.status(), 200);
    // Unknown accounts have the same limit.
    for attempt in 0..11 {
        let status = request_token_from(ELSEWHERE, &app, "nobody@example.org", WRONG).await.status();
        assert_eq!(status, if attempt < 10 { 401 } else { 429 }, "{attempt}");
    }
}

/// A-30
#[tokio::test]
async fn one_ip_address_cannot_guess_at_many_accounts() {
    let app = App::with_limits().await;
    for nth in 0..30 {
        assert_eq!(guess_from(&app, ELSEWHERE, nth, &[]).await, 401);
    }
    assert_eq!(guess_from(&app, ELSEWHERE, 30, &[]).await, 429);
    assert_eq!(retry_after(request_token_from(ELSEWHERE, &app, "not an address", "x").await).await, 5);
    assert_eq!(guess_from(&app, "203.0.113.10", 30, &[]).await, 401, "other IP addresses are not limited");
    // Rejected attempts don't count against the account, or one IP address could exhaust the limits of all accounts.
    for _ in 0..20 {
        assert_eq!(guess_from(&app, ELSEWHERE, 30, &[]).await, 429);
    }
    app.wait(5);
    assert_eq!(guess_from(&app, ELSEWHERE, 30, &[]).await, 401);
    assert_eq!(guess_from(&app, ELSEWHERE, 31, &[]).await, 429);
}

/// A-30
#[tokio::test]
async fn malformed_emails_are_counted() {
    let app = App::with_limits().await;
    for attempt in 0..31 {
        let status = request_token_from(ELSEWHERE, &app, "not an address", WRONG).await.status();
        assert_eq!(status, if attempt < 30 { 401 } else { 429 }, "{attempt}");
    }
}

/// A-30
#[tokio::test]
async fn ipv6_clients_are_counted_per_network() {
    let app = App::with_limits().await;
    for nth in 0..30 {
        assert_eq!(guess_from(&app, &format!("2001:db8::{nth:x}"), nth, &[]).await, 401);
    }
    assert_eq!(guess_from(&app, "2001:db8::ffff:1", 30, &[]).await, 429);
    assert_eq!(guess_from(&app, "2001:db8:0:1::1", 30, &[]).await, 401);
}

/// A-31
#[tokio::test]
async fn attack_on_an_account_delays_its_owner_only_briefly() {
    let app = App::with_limits().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    // An attack from one IP address.
    for _ in 0..40 {
        request_token_from(ELSEWHERE, &app, ANN, WRONG).await;
    }
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200, "the owner's IP address is not limited");
    // An attack from many IP addresses.
    let many = (0..60).map(|nth| format!("203.0.113.{nth}"));
    for ip in many {
        request_token_from(&ip, &app, ANN, WRONG).await;
    }
    assert_eq!(retry_after(request_token(&app, ANN, PASSWORD).await).await, 30);
    assert_eq!(ann.open("/todos").await.status, 200);
    let change = json!({ "current": PASSWORD, "new": "a long walk by the sea" });
    app.wait(30);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200, "30 s after the attack");
    assert_eq!(program.call_with("POST", "/me/password", &change).await.status(), 204);
}

/// A-31
#[tokio::test]
async fn password_confirmation_has_its_own_limit() {
    let app = App::with_limits().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for nth in 0..60 {
        request_token_from(&format!("203.0.113.{nth}"), &app, ANN, WRONG).await;
    }
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 429);
    // The limit on confirmations stops password guesses with a stolen token.
    for _ in 0..5 {
        assert_eq!(ann.call_with("DELETE", "/me", &json!({ "password": "wrong" })).await.status(), 403);
        assert_eq!(ann.call_with("POST", "/me/password", &json!({ "current": "x", "new": "y" })).await.status(), 403);
    }
    assert_eq!(retry_after(ann.call_with("DELETE", "/me", &json!({ "password": PASSWORD })).await).await, 60);
    let change = json!({ "current": PASSWORD, "new": "a long walk by the sea" });
    assert_eq!(retry_after(ann.call_with("POST", "/me/password", &change).await).await, 60);
    assert_eq!(ann.call("GET", "/me").await.status(), 200);
    app.wait(60);
    assert_eq!(ann.call_with("POST", "/me/password", &change).await.status(), 204);
}

/// A-32
#[tokio::test]
async fn concurrent_attempts_use_up_the_limit_exactly() {
    let app = App::with_limits().await;
    // Short passwords aren't hashed, so only the rate limit rejects.
    let responses = join_all((0..50).map(|_| request_token(&app, ANN, "short"))).await;
    let allowed = responses.iter().filter(|response| response.status() == 401).count();
    let refused = responses.iter().filter(|response| response.status() == 429).count();
    assert_eq!((allowed, refused), (10, 40));
}

/// A-32
#[tokio::test]
async fn clients_without_a_known_address_share_one_limit() {
    let app = App::with_limits().await;
    let mut allowed = 0;
    for nth in 0..40 {
        let body = json!({ "email": format!("nobody{nth}@example.org"), "password": "short" }).to_string();
        let request = Request::post("/api/v1/token").header("content-type", "application/json");
        let request = request.header("x-forwarded-for", format!("203.0.113.{nth}"));
        allowed += usize::from(app.send(request.body(Body::from(body)).unwrap()).await.status() == 401);
    }
    assert_eq!(allowed, 30);
}

/// A-29
#[tokio::test]
async fn sign_ups_from_one_ip_address_are_limited() {
    let app = App::with_limits().await;
    let mut known = Browser::signed_up(&app, ANN).await;
    known.submit("sign_out", &[]).await;
    known.open("/sign-up").await;
    for _ in 0..19 {
        let page = known.submit("sign_up", &[("email", ANN), ("password", PASSWORD)]).await;
        assert_eq!((page.status.as_u16(), page.texts("#email-error").len()), (422, 1));
    }
    let page = known.submit("sign_up", &[("email", "new@example.org"), ("password", PASSWORD)]).await;
    assert_eq!((page.status.as_u16(), page.headers["retry-after"].to_str().unwrap()), (429, "180"));
    assert_eq!(page.complaints(), ["Too many attempts; try again in 3 minutes."]);
    assert_eq!(page.attributes("#email", "value"), ["new@example.org"]);
    // Invalid input isn't counted, and sign-in has its own limit.
    let page = known.submit("sign_up", &[("email", "new@example.org"), ("password", "short")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
    let mut elsewhere = Browser::without_scripting(&app);
    elsewhere.peer = peer(ELSEWHERE);
    elsewhere.submit("sign_up", &[("email", BOB), ("password", PASSWORD)]).await;
    assert_eq!(elsewhere.at, "/todos");
    app.wait(180);
    known.submit("sign_up", &[("email", "new@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(known.at, "/todos");
}

/// A-29
#[tokio::test]
async fn sign_ups_from_one_ipv6_site_share_one_limit() {
    let app = App::with_limits().await;
    let mut anyone = Browser::with_scripting(&app);
    // A guessable password is counted, but not hashed.
    let fields = [("email", ANN), ("password", "password1")];
    let mut from = async |ip: String| {
        anyone.peer = peer(&ip);
        anyone.submit("sign_up", &fields).await.status.as_u16()
    };
    for nth in 0..100 {
        assert_eq!(from(format!("2001:db8:7:{nth:x}::1")).await, 422, "{nth}");
    }
    // Attempts that the site limit rejects don't count against the network.
    for _ in 0..30 {
        assert_eq!(from("2001:db8:7:ffff::1".to_owned()).await, 429);
    }
    assert_eq!(from("2001:db8:8::1".to_owned()).await, 422, "another IPv6 site is not limited");
    assert_eq!(from("203.0.113.9".to_owned()).await, 422);
    app.wait(36);
    assert_eq!(from("2001:db8:7:ffff::1".to_owned()).await, 422);
    assert_eq!(from("2001:db8:7:ffff::1".to_owned()).await, 429);
}

/// A-85
#[tokio::test]
async fn email_changes_have_the_limits_of_sign_ups_and_confirmations() {
    let app = App::with_limits().await;
    let eves = "eve@example.org";
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let eve = ApiUser::signed_up(&app, eves).await;
    let change = async |user: &ApiUser<'_>, email: &str, password: &str| {
        user.call_with("POST", "/me/email", &json!({ "email": email, "password": password })).await
    };
    for _ in 0..10 {
        assert_eq!(change(&ann, BOB, PASSWORD).await.status(), 422);
        assert_eq!(change(&bob, ANN, PASSWORD).await.status(), 422);
    }
    assert_eq!(retry_after(change(&ann, BOB, PASSWORD).await).await, 60, "confirmations by one user");
    assert_eq!(retry_after(change(&eve, BOB, PASSWORD).await).await, 180, "sign-ups from one IP address");
    let mut anyone = Browser::with_scripting(&app);
    anyone.peer = peer("198.51.100.1");
    let page = anyone.submit("sign_up", &[("email", "new@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 429, "both count together");
    // A wrong password, invalid input and the present address reveal nothing and are not counted.
    for (email, password, status) in [("x", WRONG, 403), ("x", PASSWORD, 422), (eves, PASSWORD, 204)] {
        assert_eq!(change(&eve, email, password).await.status(), status);
    }
    app.wait(180);
    assert_eq!(change(&eve, "new@example.org", PASSWORD).await.status(), 204);
    assert_eq!(retry_after(change(&eve, eves, PASSWORD).await).await, 180);
}

/// A-09
#[tokio::test]
async fn forwarding_headers_count_only_from_a_trusted_proxy() {
    let app = App::with(&[("TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    let names = ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "cf-connecting-ip", "x-forwarded-host", "x-user-id"];
    let mut statuses = Vec::new();
    for nth in 0..31 {
        let ip = format!("192.0.2.{nth}");
        let forwarded = format!("for={ip}");
        let value = |name| if name == "forwarded" { forwarded.as_str() } else { &ip };
        let headers = names.map(|name| (name, value(name)));
        statuses.push(guess_from(&app, ELSEWHERE, nth, &headers).await);
        // Only `X-Forwarded-For` counts from a trusted proxy.
        let headers = [("x-forwarded-for", ELSEWHERE), ("forwarded", &forwarded), ("x-real-ip", &ip)];
        assert_eq!(guess_from(&app, "10.0.0.1", nth, &headers).await, if nth < 15 { 401 } else { 429 }, "{nth}");
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 15, "both connections count for one address");
    // Clients behind the proxy are counted separately.
    assert_eq!(guess_from(&app, "10.0.0.1", 0, &[("x-forwarded-for", "1.2.3.4, 192.0.2.1")]).await, 401);
}

#[tokio::test]
async fn todo_limit_is_shown_on_the_page_and_keeps_the_typed_title() {
    let app = App::with(&[("MAX_TODOS", "1")]).await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    let page = ann.submit("add_todo", &[("title", "buy tea")]).await;
    let message = ["You’ve reached this server’s limit of todos. Delete some and try again."];
    assert_eq!((page.status.as_u16(), page.complaints().as_slice()), (403, message.map(str::to_owned).as_slice()));
    assert_eq!((page.titles(), page.attributes(".new-todo", "value")), (vec!["buy milk".to_owned()], vec!["buy tea".to_owned()]));
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let response = island.submit("add_todo", &[("title", "buy tea")]).await;
    assert_eq!((response.status.as_u16(), response.html.as_str()), (403, r#""TodoLimit""#));
    // A deletion frees a slot.
    ann.submit("delete_todo", &[("id", &page.id_of("buy milk"))]).await;
    assert_eq!(ann.submit("add_todo", &[("title", "buy tea")]).await.titles(), ["buy tea"]);
}

//! Lifetime and end of sessions.

use axum::{body::Body, http::Method};
use futures::future::join_all;
use holdfast::domain::UnixMillis;
use serde_json::{Value, json};

use crate::{
    browser_door::functions,
    support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, Page, claims, of_version_before, sign},
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const NEW_PASSWORD: &str = "a long walk by the sea";

/// The `Set-Cookie` headers of the response before any redirect.
fn set_cookies(page: &Page) -> Vec<&str> {
    page.first_headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect()
}

/// The `Max-Age` of the only cookie in the response.
fn max_age(page: &Page) -> i64 {
    let [cookie] = set_cookies(page)[..] else { panic!("{:?}", set_cookies(page)) };
    cookie.split("; ").find_map(|attribute| attribute.strip_prefix("Max-Age=")).unwrap().parse().unwrap()
}

/// Another tab with the same cookies.
fn copy<'a>(app: &'a App, session: &Browser<'a>, scripting: bool) -> Browser<'a> {
    let mut copy = Browser::without_scripting(app).in_session_of(session);
    copy.scripting = scripting;
    copy
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Alive,
    Ended,
}
use State::{Alive, Ended};

/// The state of the session, which must be the same for pages, server functions and the API.
async fn state(app: &App, session: &Browser<'_>) -> State {
    let mut page = copy(app, session, false);
    page.open("/todos").await;
    let mut accepted = vec![page.at == "/todos", !page.cookies.is_empty(), api_accepts(app, &session.token()).await];
    for function in ["current_user", "list_todos", "stay_signed_in", "add_todo"] {
        let mut island = copy(app, session, true);
        let page = island.submit(function, &[("title", "x")]).await;
        assert!([200, 401].contains(&page.status.as_u16()), "{function}: {}", page.status);
        assert!(page.status == 200 || set_cookies(&page).is_empty(), "{function} removes a cookie of a newer session");
        accepted.push(page.status == 200);
    }
    assert!(accepted.iter().all(|other| *other == accepted[0]), "{accepted:?}");
    if accepted[0] { Alive } else { Ended }
}

async fn api_accepts(app: &App, token: &str) -> bool {
    let status = ApiUser { app, token: token.to_owned() }.call("GET", "/todos").await.status();
    assert!([200, 401].contains(&status.as_u16()), "{status}");
    status == 200
}

async fn sign_in<'a>(app: &'a App, email: &str) -> Browser<'a> {
    let mut browser = Browser::without_scripting(app);
    browser.submit("sign_in", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(browser.at, "/todos");
    browser
}

const COOKIE_REFUSED: &str =
    "Your browser didn’t keep the cookie that keeps you signed in. Allow cookies for this site, then sign in again.";

#[tokio::test]
async fn sign_in_reports_a_refused_cookie() {
    let app = App::start().await;
    let mut ann = Browser::without_scripting(&app);
    ann.refuses_cookies = true;
    let credentials = [("email", ANN), ("password", PASSWORD)];
    let page = ann.open("/sign-up").await;
    let page = ann.press(&page, "Sign up", &credentials).await;
    assert_eq!(page.texts("[role=alert], [role=status]"), [COOKIE_REFUSED]);
    let page = ann.open("/todos?show=active").await;
    assert_eq!(page.texts("[role=alert], [role=status]"), ["Sign in to go on."]);
    let page = ann.press(&page, "Sign in", &credentials).await;
    assert_eq!(page.texts("[role=alert], [role=status]"), [COOKIE_REFUSED]);

    // The next error replaces the message.
    let wrong = ann.press(&page, "Sign in", &[("email", ANN), ("password", "wrong horse battery")]).await;
    assert_eq!(wrong.texts("[role=alert], [role=status]"), ["Wrong e-mail or password."]);
    ann.refuses_cookies = false;
    ann.press(&page, "Sign in", &credentials).await;
    assert_eq!(ann.at, "/todos?show=active");
}

#[tokio::test]
async fn signed_in_redirect_leads_to_own_pages_only() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for (next, at) in [("/trash", "/trash"), ("//evil.example", "/todos"), ("/bff/sign_out", "/todos"), ("", "/todos")] {
        ann.open(&format!("/signed-in?next={next}")).await;
        assert_eq!(ann.at, at, "{next}");
    }
}

///
#[tokio::test]
async fn used_session_lasts_exactly_its_maximum() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let first = claims(&ann.token());
    assert_eq!((first["auth_time"].as_i64(), first["exp"].as_i64()), (Some(app.now()), Some(app.now() + 30 * MINUTE)));
    let (start, mut ids) = (app.now(), vec![first["jti"].clone()]);
    for _ in 1..72 {
        app.wait(10 * MINUTE);
        let page = ann.open("/todos").await;
        let renewed = claims(&ann.token());
        for claim in ["iss", "aud", "sub", "ver", "sid", "auth_time"] {
            assert_eq!(renewed[claim], first[claim], "{claim}");
        }
        let end = (app.now() + 30 * MINUTE).min(start + 12 * HOUR);
        assert_eq!((renewed["iat"].as_i64(), renewed["exp"].as_i64()), (Some(app.now()), Some(end)));
        assert!(!ids.contains(&renewed["jti"]));
        ids.push(renewed["jti"].clone());
        assert_eq!(max_age(&page), end - app.now(), "the remaining seconds");
        let props = page.html.replace("&quot;", "\"");
        assert!(props.contains(&format!("\"seconds_left\":{}", end - app.now())), "the page has the remaining seconds");
    }
    app.wait(10 * MINUTE - 1);
    ann.open("/todos").await;
    assert_eq!((ann.at.as_str(), app.now()), ("/todos", start + 12 * HOUR - 1));
    let last = copy(&app, &ann, false);
    app.wait(1);
    assert_eq!(state(&app, &last).await, Ended);
    ann.open("/todos").await;
    assert_eq!(ann.at, "/sign-in?next=/todos");
}

///
#[tokio::test]
async fn token_is_renewed_after_a_thirtieth_of_its_lifetime() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(MINUTE);
    assert!(set_cookies(&ann.open("/todos").await).is_empty());
    app.wait(1);
    assert_eq!(max_age(&ann.open("/todos").await), 1800);
    assert!(set_cookies(&ann.open("/todos").await).is_empty());
    // A use in the first minute does not renew the token, so the session ends after 29 to 30 minutes without a use.
    app.wait(MINUTE);
    ann.open("/todos").await;
    app.wait(29 * MINUTE - 1);
    assert!(api_accepts(&app, &ann.token()).await);
    app.wait(1);
    assert_eq!(state(&app, &ann).await, Ended);
}

///
#[tokio::test]
async fn token_is_renewed_in_its_last_second() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for _ in 0..3 {
        app.wait(1799);
        assert_eq!(max_age(&ann.open("/todos").await), 1800);
    }
    app.wait(1800);
    assert_eq!(state(&app, &ann).await, Ended);
}

///
#[tokio::test]
async fn short_session_maximum_limits_the_first_token() {
    let app = App::with(&[("SESSION_MAX", "10m"), ("RATE_LIMITS", "off")]).await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(max_age(&page), 600);
    let client = ApiUser::signed_in(&app, ANN).await;
    assert_eq!(claims(&client.token)["exp"].as_i64(), Some(app.now() + 600));
    app.wait(599);
    ann.open("/todos").await;
    assert!(ann.at == "/todos" && api_accepts(&app, &client.token).await);
    app.wait(1);
    assert_eq!((state(&app, &ann).await, api_accepts(&app, &client.token).await), (Ended, false));
}

///
#[tokio::test]
async fn lowered_maximum_applies_to_existing_sessions() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(20 * MINUTE);
    ann.open("/todos").await;
    let lowered = app.again_with(&[("SESSION_MAX", "30m")]).await;
    lowered.wait(20 * MINUTE);
    let mut island = copy(&lowered, &ann, true);
    let user: Value = serde_json::from_str(&island.submit("current_user", &[]).await.html).unwrap();
    assert_eq!((&user["seconds_left"], &user["seconds_to_max"]), (&json!(600), &json!(600)));
    lowered.wait(10 * MINUTE);
    assert_eq!(state(&lowered, &ann).await, Ended);
}

/// Fields with which every server function succeeds, given an existing and a deleted todo.
fn fields<'a>(existing: &'a str, deleted: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("id", existing),
        ("ids[0]", deleted),
        ("seen_title", "there"),
        ("title", "there"),
        ("version", "1"),
        ("time_zone", "UTC"),
        ("titles", "a"),
        ("name", "b"),
    ]
}

const USES: [&str; 14] = [
    "rename_tag",
    "stay_signed_in",
    "choose_time_zone",
    "add_todos",
    "add_todo",
    "edit_todo",
    "move_todo",
    "delete_todo",
    "complete_todos",
    "reopen_todos",
    "clear_completed",
    "restore_todos",
    "undo_change",
    "empty_trash",
];

///
#[tokio::test]
async fn user_actions_renew_the_session_and_background_requests_do_not() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let with_password =
        ["sign_in", "sign_up", "sign_out", "sign_out_everywhere", "change_email", "change_password", "delete_account"];
    for function in functions().into_iter().filter(|function| !with_password.contains(function)) {
        for (scripting, is_retry) in [(true, false), (true, true), (false, false)] {
            let (existing, deleted) = (client.add("there").await, client.add("deleted").await);
            let [existing, deleted] = [existing, deleted].map(|todo| todo["id"].as_str().unwrap().to_owned());
            client.call("DELETE", &format!("/todos/{deleted}")).await;
            client.add("tagged #a").await;
            let mut due = copy(&app, &ann, scripting);
            due.is_retry = is_retry;
            due.age(2 * MINUTE);
            let before = claims(&due.token());
            let mut fields = fields(&existing, &deleted);
            if function.starts_with("add_todo") {
                fields.retain(|(name, _)| !name.starts_with("id"));
            }
            let form = if function == "rename_tag" { "rename_tag?tag=a" } else { function };
            let page = due.submit(form, &fields).await;
            assert!([200, 303].contains(&page.first_status.as_u16()), "{function}: {}", page.first_status);
            let is_use = USES.contains(&function) && !is_retry;
            assert_eq!(set_cookies(&page).len(), usize::from(is_use), "{function} {scripting} {is_retry}");
            if is_use {
                assert_eq!((max_age(&page), &claims(&due.token())["sid"]), (1800, &before["sid"]), "{function}");
            }
        }
    }
    let mut due = copy(&app, &ann, true);
    due.age(2 * MINUTE);
    let page = due.list("", None).await;
    assert_eq!((page.status.as_u16(), set_cookies(&page).len()), (200, 0), "the list for the island");
}

///
#[tokio::test]
async fn only_pages_with_user_data_renew_the_session() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let mut due = copy(&app, &ann, false);
    due.age(2 * MINUTE);
    for (method, path, is_use) in [
        (Method::GET, "/todos", true),
        (Method::GET, "/todos?show=active", true),
        (Method::GET, "/todos/several", true),
        (Method::GET, "/trash", true),
        (Method::GET, "/trash/empty", true),
        (Method::GET, "/account", true),
        (Method::GET, "/account/delete", true),
        (Method::HEAD, "/todos", false),
        (Method::GET, "/", false),
        (Method::GET, "/sign-in", false),
        (Method::GET, "/sign-up", false),
        (Method::GET, "/problems", false),
        (Method::GET, "/nope", false),
        (Method::GET, "/account/export", false),
    ] {
        let request = due.request(method.clone(), path).header("accept", "text/html").body(Body::empty()).unwrap();
        let response = app.send(request).await;
        assert_eq!(response.headers().contains_key("set-cookie"), is_use, "{method} {path}");
    }
}

///
#[tokio::test]
async fn api_renews_no_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.age(2 * MINUTE);
    let client = ApiUser { app: &app, token: ann.token() };
    for (method, path) in [("GET", "/todos"), ("GET", "/me"), ("GET", "/export")] {
        let response = client.call(method, path).await;
        let names: Vec<_> = response.headers().keys().map(|name| name.as_str().to_owned()).collect();
        assert_eq!(response.status(), 200);
        assert!(!names.iter().any(|name| name == "set-cookie" || name.starts_with("holdfast-")), "{names:?}");
    }
}

#[tokio::test]
async fn island_responses_have_the_remaining_session_lifetime() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    app.wait(100);
    let remaining = |page: &Page| {
        let header = |name| page.headers.get(name).map(|value| value.to_str().unwrap().parse::<i64>().unwrap());
        (header("holdfast-seconds-left"), header("holdfast-seconds-to-max"))
    };
    for (function, left) in
        [("current_user", 1700), ("list_todos", 1700), ("nope", 1700), ("read_todo", 1700), ("add_todo", 1800)]
    {
        let mut island = copy(&app, &ann, true);
        // Every response has the headers, whatever its status and with or without a renewal.
        let page = island.submit(function, &[("title", "x"), ("id", "018f3a52-7b1c-7def-8abc-0123456789ab")]).await;
        assert_eq!(remaining(&page), (Some(left), Some(12 * HOUR - 100)), "{function}");
    }
    let mut island = Browser::with_scripting(&app);
    assert_eq!(remaining(&island.submit("list_todos", &[]).await), (None, None), "no session");
    let page = island.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(remaining(&page), (Some(1800), Some(12 * HOUR)));
    assert_eq!(remaining(&island.submit("sign_out", &[]).await), (None, None));
}

///
#[tokio::test]
async fn idle_tab_expires_while_another_device_is_active() {
    let app = App::start().await;
    let mut phone = Browser::signed_up(&app, ANN).await;
    let mut tab = copy(&app, &sign_in(&app, ANN).await, true);
    for _ in 0..30 {
        app.wait(MINUTE - 1);
        phone.submit("add_todo", &[("title", "written")]).await;
        // The background requests of a tab: session check, reload of the list, retry of a lost request.
        for (function, is_retry) in [("current_user", false), ("list_todos", false), ("add_todo", true)] {
            tab.is_retry = is_retry;
            assert_eq!(tab.submit(function, &[("title", "unanswered")]).await.status, 200);
        }
        app.wait(1);
    }
    assert_eq!(state(&app, &tab).await, Ended);
    phone.open("/todos").await;
    assert_eq!(phone.at, "/todos");
}

///
#[tokio::test]
async fn signed_out_cookie_stays_rejected_after_the_purge() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(2 * MINUTE);
    let old = copy(&app, &ann, false);
    ann.submit("sign_out", &[]).await;
    for nth in 0..31 * 90 {
        for path in ["/", "/problems", "/todos"] {
            let request = old.request(Method::GET, path).header("accept", "text/html").body(Body::empty()).unwrap();
            let response = app.begin(request).await;
            for cookie in response.headers().get_all("set-cookie") {
                assert!(cookie.to_str().unwrap().contains("Max-Age=0"), "{path}");
            }
            let location = response.headers().get("location").map_or("", |location| location.to_str().unwrap());
            assert!(path != "/todos" || location == "/sign-in?next=/todos", "{nth}: {location}");
        }
        app.wait(16 * MINUTE);
        app.store().purge_sessions(UnixMillis(app.now() * 1000)).await.unwrap();
    }
    assert!(app.now() > claims(&old.token())["auth_time"].as_i64().unwrap() + 30 * DAY, "after the purge");
    assert_eq!(state(&app, &old).await, Ended);
}

/// Actions in the browser that end a session while a response is in flight.
const ENDS: [&str; 7] = [
    "sign out",
    "sign out everywhere",
    "sign in as Bob",
    "sign up as Cleo",
    "sign in again",
    "change password",
    "delete account",
];

async fn end(ann: &mut Browser<'_>, what: &str) {
    let credentials = |email| [("email", email), ("password", PASSWORD)];
    let page = match what {
        "sign out" => ann.submit("sign_out", &[]).await,
        "sign out everywhere" => ann.submit("sign_out_everywhere", &[]).await,
        "sign in as Bob" => ann.submit("sign_in", &credentials(BOB)).await,
        "sign up as Cleo" => ann.submit("sign_up", &credentials("cleo@example.org")).await,
        "sign in again" => ann.submit("sign_in", &credentials(ANN)).await,
        "change password" => {
            ann.submit("change_password", &[("current_password", PASSWORD), ("new_password", NEW_PASSWORD)]).await
        }
        "delete account" => ann.submit("delete_account", &[("password", PASSWORD)]).await,
        _ => panic!("{what}"),
    };
    assert_eq!(page.first_status, 303, "{what}");
    // The response removes the cookie or sets that of a new session, and renews nothing.
    assert_eq!(set_cookies(&page).len(), 1, "{what}");
}

///
#[tokio::test]
async fn late_response_restores_no_ended_session() {
    for what in ENDS {
        let app = App::start().await;
        Browser::signed_up(&app, BOB).await;
        let mut ann = Browser::signed_up(&app, ANN).await;
        app.wait(2 * MINUTE);
        let before = copy(&app, &ann, false);
        // Responses sent before the end of the session; their renewed cookies arrive after it.
        let mut late = Vec::new();
        for scripting in [false, true] {
            let mut request = copy(&app, &ann, scripting);
            let page = request.submit("add_todo", &[("title", "late")]).await;
            assert_eq!(max_age(&page), 1800);
            late.push(request);
            let mut request = copy(&app, &ann, scripting);
            request.open("/account").await;
            late.push(request);
        }
        end(&mut ann, what).await;
        for late in late.iter().chain([&before]) {
            assert_eq!(state(&app, late).await, Ended, "{what}");
        }
        // The sessions stay ended after the first token has expired.
        app.wait(29 * MINUTE);
        for late in &late {
            assert_eq!(state(&app, late).await, Ended, "{what}");
        }
    }
}

///
#[tokio::test]
async fn late_401_of_the_island_keeps_the_new_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut old = copy(&app, &ann, true);
    ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    for function in ["add_todo", "stay_signed_in", "list_todos", "current_user"] {
        let page = old.submit(function, &[("title", "x")]).await;
        assert_eq!((page.status.as_u16(), set_cookies(&page).len()), (401, 0), "{function}");
    }
    ann.open("/todos").await;
    assert_eq!(ann.at, "/todos");
}

///
#[tokio::test(flavor = "multi_thread")]
async fn token_renewed_during_sign_out_is_ended() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(2 * MINUTE);
    let requests = (0..20).map(|nth| {
        let mut request = copy(&app, &ann, true);
        async move {
            let page = request.submit("add_todo", &[("title", "x")]).await;
            (nth, page.status.as_u16(), request)
        }
    });
    let requests: Vec<_> = requests.collect();
    let (results, _) = tokio::join!(join_all(requests), ann.submit("sign_out", &[]));
    for (nth, status, session) in &results {
        assert!([200, 401].contains(status), "{nth}: {status}");
        assert_eq!(state(&app, session).await, Ended, "{nth}");
    }
}

///
#[tokio::test]
async fn sign_out_ends_all_tokens_of_this_session_only() {
    let app = App::start().await;
    let mut laptop = Browser::signed_up(&app, ANN).await;
    let mut phone = sign_in(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let mut copies = vec![copy(&app, &laptop, false)];
    for _ in 0..2 {
        app.wait(2 * MINUTE);
        for browser in [&mut laptop, &mut phone] {
            browser.open("/todos").await;
        }
        copies.push(copy(&app, &laptop, false));
    }
    for copy in &copies {
        assert_eq!(state(&app, copy).await, Alive);
    }
    let of_phone = copy(&app, &phone, false);
    laptop.submit("sign_out", &[]).await;
    for copy in &copies {
        assert_eq!(state(&app, copy).await, Ended);
    }
    assert_eq!((state(&app, &of_phone).await, api_accepts(&app, &client.token).await), (Alive, true));

    // An ended session can't end other sessions.
    for function in ["sign_out", "sign_out_everywhere"] {
        for ended in &copies {
            let mut stolen = copy(&app, ended, false);
            stolen.submit(function, &[]).await;
        }
    }
    assert_eq!((state(&app, &of_phone).await, api_accepts(&app, &client.token).await), (Alive, true));

    phone.submit("sign_out_everywhere", &[]).await;
    assert_eq!((state(&app, &of_phone).await, api_accepts(&app, &client.token).await), (Ended, false));
}

///
#[tokio::test]
async fn api_token_is_a_session_that_its_client_can_end() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let (one, other) = (ApiUser::signed_in(&app, ANN).await, ApiUser::signed_in(&app, ANN).await);
    assert_ne!(claims(&one.token)["sid"], claims(&other.token)["sid"]);
    assert_eq!(one.call("DELETE", "/token").await.status(), 204);
    assert_eq!(one.call("DELETE", "/token").await.status(), 401, "the session has ended");
    assert_eq!((api_accepts(&app, &one.token).await, api_accepts(&app, &other.token).await), (false, true));
    assert_eq!(state(&app, &ann).await, Alive);
}

///
#[tokio::test]
async fn password_change_starts_a_new_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let before = claims(&ann.token());
    app.wait(2 * HOUR / 5);
    end(&mut ann, "change password").await;
    let after = claims(&ann.token());
    assert_ne!(after["sid"], before["sid"]);
    assert_eq!((after["auth_time"].as_i64(), after["ver"].as_i64()), (Some(app.now()), Some(2)));
    assert_eq!(state(&app, &ann).await, Alive);
}

#[tokio::test]
async fn failed_sign_in_ends_no_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    assert_eq!(ann.submit("sign_in", &[("email", ANN), ("password", "not her password")]).await.status, 401);
    let mut script = copy(&app, &ann, true);
    assert_eq!(script.submit("sign_up", &[("email", ANN), ("password", PASSWORD)]).await.status, 422);
    ann.open("/todos").await;
    assert_eq!(ann.at, "/todos");
}

///
#[tokio::test]
async fn token_without_a_session_id_is_valid_until_it_expires() {
    let app = App::start().await;
    let mut old = Browser::signed_up(&app, ANN).await;
    old.take_token(&of_version_before(&old.token()));
    let new = sign_in(&app, ANN).await;
    app.wait(10 * MINUTE);
    let page = old.open("/todos").await;
    assert_eq!((old.at.as_str(), set_cookies(&page).len()), ("/todos", 0), "accepted, not renewed");
    let mut island = copy(&app, &old, true);
    let page = island.submit("stay_signed_in", &[]).await;
    let user: Value = serde_json::from_str(&page.html).unwrap();
    assert_eq!((&user["seconds_left"], &user["seconds_to_max"]), (&json!(1200), &json!(1200)));
    assert!(set_cookies(&page).is_empty());

    // A sign-in does not end the old session, since a new epoch would end the new session as well.
    let mut over = copy(&app, &old, false);
    over.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!((state(&app, &over).await, state(&app, &old).await), (Alive, Alive));

    let mut copy = copy(&app, &old, false);
    copy.submit("sign_out", &[]).await;
    for session in [&old, &new, &over] {
        assert_eq!(state(&app, session).await, Ended);
    }

    let mut old = sign_in(&app, ANN).await;
    old.take_token(&of_version_before(&old.token()));
    app.wait(30 * MINUTE - 1);
    assert!(api_accepts(&app, &old.token()).await);
    app.wait(1);
    assert_eq!(state(&app, &old).await, Ended);
}

#[tokio::test]
async fn session_claims_must_be_complete_and_valid() {
    let app = App::start().await;
    let token = ApiUser::signed_up(&app, ANN).await.token;
    let now = app.now();
    for (sid, auth_time, expected) in [
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(now), true),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(now - 12 * HOUR + 1), true),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(now - 12 * HOUR), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(now + 1), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(i64::MIN), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(i64::MAX), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(now.to_string()), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), json!(1.5), false),
        (json!("018f3a52-7b1c-7def-8abc-0123456789ab"), Value::Null, false),
        (json!("018F3A52-7B1C-7DEF-8ABC-0123456789AB"), json!(now), false),
        (json!("00000000-0000-0000-0000-000000000000"), json!(now), false),
        (json!(""), json!(now), false),
        (json!(7), json!(now), false),
        (Value::Null, json!(now), false),
        (Value::Null, Value::Null, false),
    ] {
        let mut changed = claims(&token);
        (changed["sid"], changed["auth_time"]) = (sid.clone(), auth_time.clone());
        assert_eq!(api_accepts(&app, &sign(&changed)).await, expected, "{sid} {auth_time}");
    }
    for missing in ["sid", "auth_time"] {
        let mut changed = claims(&token);
        changed.as_object_mut().unwrap().remove(missing);
        assert!(!api_accepts(&app, &sign(&changed)).await, "without {missing}");
    }
}

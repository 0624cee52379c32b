//! The account pages, as a browser uses them.

use axum::{
    body::Body,
    http::{Method, Request},
};

use holdfast::{domain::Email, server::time_zone::TimeZone};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, PASSWORD, Page, body_text, request_token, statements_of};

const NEW_PASSWORD: &str = "a long walk by the sea";
const WRONG: &str = "wrong horse battery staple";

async fn change_password(browser: &mut Browser<'_>, current: &str, new: &str) -> Page {
    browser.submit("change_password", &[("current_password", current), ("new_password", new)]).await
}

#[tokio::test]
async fn account_page_shows_the_email_and_links_to_the_todos() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let todos = ann.open("/todos").await;
    assert!(todos.attributes(".top a", "href").contains(&"/account".to_owned()));

    let page = ann.open("/account").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (200, vec!["Account".to_owned()]));
    assert_eq!(page.texts(".whose b"), [ANN]);
    assert!(page.attributes(".top a", "href").contains(&"/todos".to_owned()));
    assert_eq!(page.attributes(".top [aria-current=page]", "href"), ["/account"]);
    assert!(page.attributes("link[rel=modulepreload], link[rel=preload]", "href").is_empty(), "no WASM");
    assert_eq!(page.attributes("script[src]", "src"), ["/show-password.js"]);
    // Password managers rely on these attributes.
    let form = "form[action='/bff/change_password'] input";
    assert_eq!(page.attributes(form, "autocomplete"), ["username", "current-password", "new-password"]);
    assert_eq!(page.attributes(form, "id"), ["current_password", "new_password"]);
    let form = "form[action='/bff/change_email'] input";
    assert_eq!(page.attributes(form, "autocomplete"), ["username", "email", "current-password"]);
    assert_eq!(page.attributes(form, "id"), ["email", "password"]);
    assert_eq!(page.attributes("input[name=username]", "value"), [ANN, ANN]);
    assert_eq!(page.texts("h2"), ["Preferences", "Your data", "Security"]);
    assert_eq!(page.texts("#new_password-hint").len(), 1, "the rules are shown before any input");
    assert!(page.texts("details[open]").is_empty(), "the forms are closed until they are opened");
    assert!(page.texts(".show-password").is_empty(), "only the script adds it");
}

#[tokio::test]
async fn signed_out_visit_redirects_to_sign_in_and_back() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for (page, back) in [("/account", "/account"), ("/account/delete", "/account/delete"), ("/account/export", "/account")] {
        let mut ann = Browser::without_scripting(&app);
        ann.open(page).await;
        assert_eq!(ann.at, format!("/sign-in?next={back}"));
        ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("next", back)]).await;
        assert_eq!(ann.at, back);
    }
}

/// A-38
#[tokio::test]
async fn password_change_ends_all_other_sessions_and_keeps_this_one() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    program.add("buy milk").await;
    let mut elsewhere = Browser::without_scripting(&app).in_session_of(&ann);
    ann.open("/account").await;
    let page = change_password(&mut ann, PASSWORD, NEW_PASSWORD).await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/account?done=password"));
    assert_eq!(
        page.texts("p.notice[role=status]"),
        ["Your password is changed. Every other browser and program has been signed out."]
    );
    assert_eq!(page.first_headers.get_all("set-cookie").iter().count(), 1);
    assert_ne!(ann.cookies, elsewhere.cookies, "a new token");
    assert_eq!(ann.open("/todos").await.titles(), ["buy milk"]);

    assert_eq!(program.call("GET", "/me").await.status(), 401);
    elsewhere.open("/account").await;
    assert_eq!(elsewhere.at, "/sign-in?next=/account");
    for (password, status) in [(PASSWORD, 401), (NEW_PASSWORD, 200)] {
        assert_eq!(request_token(&app, ANN, password).await.status(), status);
    }
}

/// A-38
#[tokio::test]
async fn rejected_password_change_shows_a_field_error_and_ends_no_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    ann.open("/account?done=password").await;
    for (current, new, status, field, message) in [
        (WRONG, NEW_PASSWORD, 403, "current_password", "That’s not your current password. Try again."),
        ("", NEW_PASSWORD, 403, "current_password", "That’s not your current password. Try again."),
        (PASSWORD, "short", 422, "new_password", "This password is too short. Use at least 8 characters."),
        (PASSWORD, &"x".repeat(129), 422, "new_password", "This password is too long. Use at most 128 characters."),
        (PASSWORD, "password1234", 422, "new_password", "This password is too common. Three or four unrelated words are better."),
        (
            PASSWORD,
            ANN,
            422,
            "new_password",
            "Your e-mail and the name of this site are tried first. Use words that have nothing to do with them.",
        ),
    ] {
        let page = change_password(&mut ann, current, new).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (status, vec!["Account".to_owned()]), "{new}");
        assert_eq!(page.texts(&format!("#{field}-error")), [message]);
        assert_eq!(page.attributes("[aria-invalid]", "id"), [field]);
        assert_eq!(page.attributes("[autofocus]", "id"), [field]);
        assert!(page.attributes(&format!("#{field}"), "aria-describedby").concat().contains(&format!("{field}-error")));
        assert!(page.texts("p.notice").is_empty(), "the notice of the previous change is gone");
        assert!(page.attributes("input[type=password]", "value").is_empty() && !page.html.contains("battery"));
        assert!(!page.first_headers.contains_key("set-cookie"));
    }
    assert_eq!(program.call("GET", "/me").await.status(), 200);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

/// A-85
#[tokio::test]
async fn new_email_is_used_to_sign_in_and_keeps_every_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut elsewhere = Browser::without_scripting(&app).in_session_of(&ann);
    let page = ann.open("/account").await;
    let page = ann.press(&page, "Change e-mail", &[("email", " Kim@EXAMPLE.org"), ("password", PASSWORD)]).await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/account?done=email"));
    assert_eq!(page.texts("p.notice[role=status]"), ["Your e-mail is changed. Use it the next time you sign in."]);
    assert_eq!((page.texts(".whose b"), page.texts("details[open]").len()), (vec!["kim@example.org".to_owned()], 0));
    assert!(!page.first_headers.contains_key("set-cookie"));
    assert_eq!(elsewhere.open("/account").await.texts(".whose b"), ["kim@example.org"]);
    for (email, status) in [(ANN, 401), ("kim@example.org", 200)] {
        assert_eq!(request_token(&app, email, PASSWORD).await.status(), status);
    }
}

/// A-85
#[tokio::test]
async fn rejected_email_change_shows_a_field_error_in_its_form() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ApiUser::signed_up(&app, BOB).await;
    ann.open("/account?done=email").await;
    let long = format!("{}@example.org", "a".repeat(243));
    let wrong = "That’s not your current password. Try again.";
    for (email, password, status, field, message) in [
        (BOB, WRONG, 403, "password", wrong),
        ("kim", "", 403, "password", wrong),
        ("kim", PASSWORD, 422, "email", "This isn’t an e-mail address. It should look like name@example.org."),
        (&long, PASSWORD, 422, "email", "This e-mail address is too long."),
        (BOB, PASSWORD, 422, "email", "Another account has this e-mail. Use a different one."),
    ] {
        let page = ann.submit("change_email", &[("email", email), ("password", password)]).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (status, vec!["Account".to_owned()]), "{email}");
        assert_eq!(page.texts(".field-error"), [message]);
        assert_eq!(page.texts(&format!("#{field}-error")), [message]);
        assert_eq!(page.attributes("[autofocus]", "id"), [field]);
        assert_eq!(page.texts("details[open] summary"), ["Change e-mail"]);
        assert_eq!((page.attributes("#email", "value"), page.texts(".notice").len()), (vec![email.to_owned()], 0));
        assert!(page.attributes("input[type=password]", "value").is_empty() && !page.html.contains("battery"));
    }
    assert_eq!(ann.open("/account").await.texts(".whose b"), [ANN]);
}

/// The selected names.
fn time_zone(page: &Page) -> Vec<String> {
    page.texts("#time_zone option[selected]")
}

#[tokio::test]
async fn chosen_time_zone_is_kept_by_sign_ins() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.open("/account").await;
    assert_eq!((time_zone(&page), page.texts("label[for=time_zone], #time_zone-hint").len()), (vec!["UTC".to_owned()], 2));
    let names = page.texts("#time_zone option");
    assert!(names.len() > 400 && names.is_sorted() && names.contains(&"Europe/Berlin".to_owned()));
    let page = ann.submit("choose_time_zone", &[("time_zone", "Asia/Tokyo")]).await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/account?done=time-zone"));
    assert_eq!(
        (time_zone(&page), page.texts(".notice")),
        (vec!["Asia/Tokyo".to_owned()], vec!["Your time zone is saved.".to_owned()])
    );
    ann.submit("sign_out", &[]).await;
    ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("time_zone", "Europe/Berlin")]).await;
    assert_eq!(time_zone(&ann.open("/account").await), ["Asia/Tokyo"]);
}

#[tokio::test]
async fn rejected_time_zone_changes_nothing() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("choose_time_zone", &[("time_zone", "Asia/Tokyo")]).await;
    for name in ["Mars/Olympus", "", "<b>"] {
        let page = ann.submit("choose_time_zone", &[("time_zone", name)]).await;
        assert_eq!((page.status.as_u16(), time_zone(&page)), (400, vec!["Asia/Tokyo".to_owned()]), "{name}");
        assert_eq!(page.complaints(), ["The server didn’t understand this page. Reload it and try again."]);
        assert!(page.texts("details[open]").is_empty());
    }
    let faulty = app.with_fault(Fault::WithoutTodos, "off").await;
    let page = Browser::without_scripting(&faulty).in_session_of(&ann).submit("choose_time_zone", &[("time_zone", "UTC")]).await;
    assert_eq!((page.status.as_u16(), page.texts("h1"), page.complaints().len()), (503, vec!["Account".to_owned()], 1));
}

#[tokio::test]
async fn time_zone_of_a_newer_release_stays_selected() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let account = app.store().find_account(&Email::parse(ANN).unwrap()).await.unwrap().unwrap();
    app.store().choose_time_zone(account.owner, Some(TimeZone::stored("Moon/<Tycho>".to_owned()))).await.unwrap();
    assert_eq!(time_zone(&ann.open("/account").await), ["Moon/<Tycho>"]);
}

#[tokio::test]
async fn sign_up_and_sign_in_detect_the_time_zone() {
    let app = App::start().await;
    let mut ann = Browser::without_scripting(&app);
    for path in ["/sign-in", "/sign-up"] {
        let page = ann.open(path).await;
        let nonces = page.attributes("form input[type=hidden][name=time_zone] + script", "nonce");
        assert_eq!((nonces.len(), page.attributes("[name=time_zone]", "value").len()), (1, 0), "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains(&format!("'nonce-{}'", nonces[0])), "{path}");
    }
    let page = ann.open("/sign-up").await;
    let fields = [("email", ANN), ("password", PASSWORD)];
    // As the script of the page fills it in.
    ann.press(&page, "Sign up", &[fields[0], fields[1], ("time_zone", "Asia/Calcutta")]).await;
    assert_eq!(time_zone(&ann.open("/account").await), ["Asia/Calcutta"]);
    // Without scripting, or from a browser that knows others.
    for (detected, expected) in
        [("", "Asia/Calcutta"), ("undefined", "Asia/Calcutta"), ("Mars/\0<b>", "Asia/Calcutta"), ("america/lima", "America/Lima")]
    {
        ann.submit("sign_out", &[]).await;
        let page = ann.open("/sign-in").await;
        ann.press(&page, "Sign in", &[fields[0], fields[1], ("time_zone", detected)]).await;
        assert_eq!(ann.at, "/todos");
        assert_eq!(time_zone(&ann.open("/account").await), [expected], "{detected}");
    }
    let mut bob = Browser::without_scripting(&app);
    let page = bob.open("/sign-up").await;
    bob.press(&page, "Sign up", &[("email", BOB), fields[1], ("time_zone", "x")]).await;
    assert_eq!(bob.at, "/todos");
    assert_eq!(time_zone(&bob.open("/account").await), ["UTC"]);
}

#[tokio::test]
async fn sign_in_writes_only_a_new_time_zone_and_succeeds_without() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let sign_in = async |app: &App, zone| {
        let fields = [("email", ANN), ("password", PASSWORD), ("time_zone", zone)];
        let mut ann = Browser::with_scripting(app);
        let (count, page) = statements_of(ann.submit("sign_in", &fields)).await;
        assert_eq!((page.status.as_u16(), ann.cookies.len()), (200, 1));
        count
    };
    let known = sign_in(&app, "UTC").await;
    assert!(sign_in(&app, "Asia/Tokyo").await > known);
    assert_eq!(sign_in(&app, "Asia/Tokyo").await, known);
    let read_only = app.with_fault(Fault::ReadOnly, "off").await;
    sign_in(&read_only, "Asia/Tokyo").await;
}

#[tokio::test]
async fn account_forms_require_a_live_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let mut stale = Browser::without_scripting(&app).in_session_of(&ann);
    stale.open("/account").await;
    ann.submit("sign_out", &[]).await;
    let page = change_password(&mut stale, PASSWORD, NEW_PASSWORD).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Sign in".to_owned()]));
    assert_eq!(page.attributes("input[name=next]", "value"), ["/account"]);
    assert!(!page.html.contains("sea") && !page.html.contains("battery"));
    let mut stranger = Browser::without_scripting(&app);
    assert_eq!(stranger.submit("delete_account", &[("password", PASSWORD)]).await.status, 401);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

/// A-30
#[tokio::test]
async fn account_forms_rate_limit_password_guesses() {
    let app = App::with_limits().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/account").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(change_password(&mut ann, WRONG, NEW_PASSWORD).await.status.as_u16());
        statuses.push(ann.submit("delete_account", &[("password", WRONG)]).await.status.as_u16());
    }
    assert_eq!(statuses, [403; 10]);
    let page = change_password(&mut ann, PASSWORD, NEW_PASSWORD).await;
    assert_eq!((page.status.as_u16(), page.headers.contains_key("retry-after")), (429, true));
    assert_eq!(page.complaints(), ["Too many attempts; try again in 60 seconds."]);
    assert_eq!(ann.open("/account").await.status, 200, "still signed in");
}

/// A-31
#[tokio::test]
async fn password_change_works_while_sign_in_is_rate_limited() {
    let app = App::with_limits().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/account").await;
    // Failed sign-ins from the same IP address exhaust the sign-in limit.
    for _ in 0..10 {
        assert_eq!(request_token(&app, ANN, WRONG).await.status(), 401);
    }
    change_password(&mut ann, PASSWORD, NEW_PASSWORD).await;
    assert_eq!(ann.at, "/account?done=password");
    ann.open("/todos").await;
    assert_eq!(ann.at, "/todos", "this session is still valid");
}

#[tokio::test]
async fn account_page_ignores_forged_query_parameters() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for query in
        ["done=%3Cb%3EYou%20won%3C/b%3E", "done=deleted", "done", "error=WrongPassword", "current_password=x", "time_zone=UTC"]
    {
        let page = ann.open(&format!("/account?{query}")).await;
        assert!(page.texts(".notice, [role=alert], .field-error, main b").iter().all(|text| text == ANN), "{query}");
        assert!(page.attributes("input[type=password]", "value").is_empty());
    }
    let page = Browser::without_scripting(&app).open("/sign-in?done=password").await;
    assert!(page.texts(".notice").is_empty());
}

#[tokio::test]
async fn account_export_equals_the_api_export_and_takes_the_cookie() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let (program, bob) = (ApiUser::signed_in(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    bob.add("Bob's").await;
    for n in 0..3 {
        program.add(&format!("todo {n}")).await;
    }
    for page in ["/account", "/account/delete"] {
        assert_eq!(ann.open(page).await.attributes("main a[href$=export]", "href"), ["/account/export"]);
    }
    let page = ann.open("/account/export").await;
    for (name, value) in [
        ("content-type", "application/json"),
        ("content-disposition", "attachment; filename=\"holdfast-export.json\""),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    assert_eq!(page.html, body_text(program.call("GET", "/export").await).await);
    assert!(page.html.contains("todo 2") && !page.html.contains("Bob's") && !page.html.contains("argon2"));

    let by_token = Request::get("/account/export").header("authorization", format!("Bearer {}", program.token));
    let response = app.send(by_token.body(Body::empty()).unwrap()).await;
    assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (303, "/sign-in?next=/account"));
}

#[tokio::test]
async fn account_page_answers_503_when_the_database_is_unavailable() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Unavailable, "off").await;
    let mut ann = Browser::without_scripting(&faulty).in_session_of(&ann);
    for page in ["/account", "/account/delete"] {
        let page = ann.open(page).await;
        assert_eq!((page.status.as_u16(), page.headers["retry-after"].to_str().unwrap()), (503, "5"));
        assert_eq!(page.texts("h1"), ["Your account can’t be shown"]);
        assert_eq!(page.attributes("main a", "href"), ["/account"]);
    }
    let page = ann.open("/account/export").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (503, vec!["Not available".to_owned()]));
    assert!(!page.headers.contains_key("content-disposition"));
}

#[tokio::test]
async fn account_page_signs_out_everywhere() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let (program, mut elsewhere) = (ApiUser::signed_in(&app, ANN).await, Browser::without_scripting(&app).in_session_of(&ann));
    let page = ann.open("/account").await;
    assert_eq!(page.texts("main form[action='/bff/sign_out_everywhere'] button"), ["Sign out everywhere"]);
    ann.submit("sign_out_everywhere", &[]).await;
    assert_eq!((ann.at.as_str(), program.call("GET", "/me").await.status().as_u16()), ("/sign-in", 401));
    elsewhere.open("/todos").await;
    assert_eq!(elsewhere.at, "/sign-in?next=/todos");
}

#[tokio::test]
async fn ended_session_cannot_sign_out_everywhere() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/account").await;
    // One session is revoked elsewhere; the other has expired, so the browser has dropped its cookie.
    let mut ended = Browser::without_scripting(&app).in_session_of(&ann);
    let mut expired = Browser::without_scripting(&app);
    for stale in [&mut ended, &mut expired] {
        stale.at = "/account".to_owned();
    }
    ann.submit("sign_out", &[]).await;
    let phone = ApiUser::signed_in(&app, ANN).await;
    for stale in [&mut ended, &mut expired] {
        let page = stale.submit("sign_out_everywhere", &[]).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Sign in".to_owned()]));
        assert_eq!(page.attributes("input[name=next]", "value"), ["/account"]);
        assert_eq!(phone.call("GET", "/me").await.status(), 200);
    }
}

#[tokio::test]
async fn deletion_page_counts_the_todos_and_links_back() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    assert_eq!(ann.open("/account").await.attributes("a.button-danger", "href"), ["/account/delete"]);
    for loss in ["no todos", "1 todo", "2 todos"] {
        let page = ann.open("/account/delete").await;
        assert_eq!(page.texts("main > p b"), [ANN, loss]);
        assert_eq!(page.attributes("main p a", "href"), ["/account/export", "/account"]);
        assert!(page.attributes("[autofocus]", "id").is_empty());
        program.add("buy milk").await;
    }
}

#[tokio::test]
async fn account_deletion_requires_the_password() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/account/delete").await;
    for wrong in [WRONG, "", "x"] {
        let page = ann.submit("delete_account", &[("password", wrong)]).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (403, vec!["Delete account".to_owned()]));
        assert_eq!(page.texts("#password-error"), ["That’s not your current password. Try again."]);
        assert_eq!(page.attributes("[autofocus]", "id"), ["password"]);
        assert!(!page.html.contains("battery"));
    }
    assert_eq!(ann.open("/todos").await.status, 200, "still signed in");
}

#[tokio::test]
async fn account_deletion_frees_the_email() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let (program, bob) = (ApiUser::signed_in(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    program.add("buy milk").await;
    bob.add("buy tea").await;
    let mut elsewhere = Browser::without_scripting(&app).in_session_of(&ann);
    ann.open("/account/delete").await;
    let page = ann.submit("delete_account", &[("password", PASSWORD)]).await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/sign-in?done=deleted"));
    assert_eq!(page.texts("p.notice"), ["Your account and everything in it have been deleted."]);
    assert_eq!(page.first_headers["clear-site-data"], r#""storage""#);
    assert!(ann.cookies.is_empty());

    elsewhere.open("/todos").await;
    assert_eq!(elsewhere.at, "/sign-in?next=/todos");
    assert_eq!(program.call("GET", "/me").await.status(), 401);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);
    assert!(Browser::signed_up(&app, ANN).await.open("/todos").await.titles().is_empty());
    assert_eq!(bob.titles().await, ["buy tea"]);
}

/// A-17
#[tokio::test]
async fn get_never_changes_the_account() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let query = format!("password={PASSWORD}&current_password={PASSWORD}&new_password={NEW_PASSWORD}").replace(' ', "+");
    for path in ["/bff/change_password", "/bff/delete_account", "/account/delete", "/account/export", "/account"] {
        for method in [Method::GET, Method::HEAD] {
            let request = ann.request(method, &format!("{path}?{query}")).header("sec-fetch-site", "same-origin");
            app.send(request.body(Body::empty()).unwrap()).await;
        }
    }
    assert_eq!(ann.open("/account").await.status, 200);
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

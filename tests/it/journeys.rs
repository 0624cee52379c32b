//! User journeys in a browser, with scripting and without.

use uuid::Uuid;

use crate::support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, body_json};

/// The life of an account and its todos.
async fn journey(app: &App, mut ann: Browser<'_>) {
    let page = ann.open("/").await;
    assert_eq!((ann.at.as_str(), page.texts("h1")), ("/sign-in", vec!["Sign in".to_owned()]));

    "/sign-up".clone_into(&mut ann.at);
    ann.submit("sign_up", &[("email", ANN), ("password", PASSWORD)]).await;
    let page = ann.open("/todos").await;
    assert_eq!(page.texts("h1"), ["Todos"]);
    assert!(page.titles().is_empty());

    for title in ["buy milk", "  call Bob ", "water the plants"] {
        // The island generates the id, a form sends none.
        let id = Uuid::now_v7().to_string();
        let fields = [("title", title), ("id", id.as_str())];
        let page = ann.submit("add_todo", if ann.scripting { &fields } else { &fields[..1] }).await;
        assert_eq!(page.status, 200);
    }
    let page = ann.open("/todos").await;
    assert_eq!(page.titles(), ["buy milk", "call Bob", "water the plants"]);
    assert_eq!(page.texts(".todo-count"), ["3 items left"]);

    let (milk, bob, plants) = (page.id_of("buy milk"), page.id_of("call Bob"), page.id_of("water the plants"));
    ann.submit("edit_todo", &[("id", &milk), ("seen_title", "buy milk"), ("title", "buy oat milk")]).await;
    ann.submit("edit_todo", &[("id", &bob), ("completed", "true")]).await;
    ann.submit("edit_todo", &[("id", &plants), ("completed", "true")]).await;
    ann.submit("edit_todo", &[("id", &plants), ("completed", "false")]).await;
    let page = ann.open("/todos").await;
    assert_eq!(page.titles(), ["buy oat milk", "call Bob", "water the plants"]);
    assert_eq!(page.texts(".todo-list .completed label"), ["call Bob"]);
    assert_eq!(page.attributes(".toggle[checked]", "aria-labelledby"), [format!("t-{bob}")]);

    ann.submit("delete_todo", &[("id", &plants)]).await;
    ann.submit("edit_todo", &[("id", &bob), ("seen_title", "call Bob"), ("title", "  ")]).await;
    let page = ann.open("/todos").await;
    assert_eq!(page.titles(), ["buy oat milk"]);
    assert_eq!(page.texts(".todo-count"), ["1 item left"]);

    let page = ann.submit("sign_out", &[]).await;
    assert_eq!(page.first_headers["clear-site-data"], r#""storage""#);
    assert!(ann.cookies.is_empty());
    ann.open("/todos").await;
    assert_eq!(ann.at, "/sign-in?next=/todos");

    let mut elsewhere = Browser::without_scripting(app);
    elsewhere.open("/sign-in").await;
    let page = elsewhere.submit("sign_in", &[("email", " ANN@example.org"), ("password", PASSWORD)]).await;
    assert_eq!((elsewhere.at.as_str(), page.titles()), ("/todos", vec!["buy oat milk".to_owned()]));
}

#[tokio::test]
async fn journey_works_without_scripting() {
    let app = App::start().await;
    journey(&app, Browser::without_scripting(&app)).await;
}

#[tokio::test]
async fn journey_works_with_scripting() {
    let app = App::start().await;
    journey(&app, Browser::with_scripting(&app)).await;
}

#[tokio::test]
async fn signed_in_users_are_redirected_to_their_todos() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for path in ["/", "/sign-in", "/sign-up"] {
        ann.open(path).await;
        assert_eq!(ann.at, "/todos", "from {path}");
    }
}

#[tokio::test]
async fn failed_sign_in_does_not_reveal_whether_the_account_exists() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let mut pages = Vec::new();
    for (email, password) in [(ANN, "wrong horse battery staple"), ("nobody@example.net", PASSWORD), ("", ""), ("a\0b", "short")]
    {
        let mut browser = Browser::without_scripting(&app);
        browser.open("/sign-in?next=/todos").await;
        let page = browser.submit("sign_in", &[("email", email), ("password", password)]).await;
        assert_eq!((page.status.as_u16(), browser.at.as_str()), (401, "/bff/sign_in"));
        assert!(!page.headers.contains_key("set-cookie"));
        assert_eq!(page.texts("[role=alert]"), ["Wrong e-mail or password."]);
        assert_eq!(page.attributes("input[name=next]", "value"), ["/todos"], "the redirect target is kept");
        let nonce = page.attributes("script", "nonce").remove(0);
        pages.push(page.html.replace(&nonce, "").replace(email, ""));
    }
    assert!(pages[0].contains("<form") && pages[0] == pages[1], "{pages:?}");
}

#[tokio::test]
async fn sign_up_shows_errors_beside_the_field() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for (email, password, field) in [
        ("nobody", PASSWORD, "#email-error"),
        (ANN, PASSWORD, "#email-error"),
        ("new@example.org", "short", "#password-error"),
        ("new@example.org", "password1234", "#password-error"),
        ("new@example.org", "new@example.org", "#password-error"),
    ] {
        let mut browser = Browser::without_scripting(&app);
        browser.open("/sign-up").await;
        let page = browser.submit("sign_up", &[("email", email), ("password", password)]).await;
        assert_eq!((page.status.as_u16(), page.texts(field).len()), (422, 1), "{email} {password}");
        assert!(browser.cookies.is_empty());
        // The invalid field is marked and has the focus.
        let input = field.strip_suffix("-error").unwrap().strip_prefix('#').unwrap();
        assert_eq!(page.attributes("[aria-invalid]", "id"), [input]);
        assert_eq!(page.attributes("[autofocus]", "id"), [input]);
    }
}

#[tokio::test]
async fn concurrent_sign_ups_create_one_account() {
    let app = App::start().await;
    let sign_ups = (0..8).map(|_| async {
        let mut browser = Browser::with_scripting(&app);
        browser.submit("sign_up", &[("email", ANN), ("password", PASSWORD)]).await.status.as_u16()
    });
    let mut statuses = futures::future::join_all(sign_ups).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    // On a busy machine some requests are rejected before their password is hashed.
    assert!(statuses[1..].iter().all(|status| [422, 503].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn too_long_title_is_rejected_with_an_explanation() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("add_todo", &[("title", &"a".repeat(501))]).await;
    assert_eq!(page.complaints(), ["Todos can be up to 500 characters."]);
    assert!(page.titles().is_empty());
    // The next successful request removes the message.
    let page = ann.submit("add_todo", &[("title", &"a".repeat(500))]).await;
    assert!(page.complaints().is_empty());
    assert_eq!(page.titles().len(), 1);
}

#[tokio::test]
async fn blank_title_adds_nothing_without_an_error() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("add_todo", &[("title", " \u{2003}\n")]).await;
    assert!(page.titles().is_empty());
    assert!(page.complaints().is_empty());
}

#[tokio::test]
async fn editor_opens_without_scripting_for_own_todos_only() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("add_todo", &[("title", "buy milk")]).await;
    let id = page.id_of("buy milk");
    let page = ann.open(&format!("/todos?edit={id}")).await;
    assert_eq!(page.values(".edit"), ["buy milk"]);
    assert_eq!(page.attributes(".edit-form input[name=seen_title]", "value"), ["buy milk"]);
    assert_eq!(page.attributes(".todo-list li", "class"), ["editing"]);
    let page = ann.submit("edit_todo", &[("id", &id), ("seen_title", "buy milk"), ("title", &"a".repeat(501))]).await;
    assert_eq!(page.values(".edit"), ["a".repeat(501)], "a rejected title leaves the editor open");
    let page = ann.submit("edit_todo", &[("id", &id), ("seen_title", "buy milk"), ("title", "buy oat milk")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos", vec!["buy oat milk".to_owned()]));

    let mut bob = Browser::signed_up(&app, "bob@example.org").await;
    let page = bob.open(&format!("/todos?edit={id}")).await;
    assert!(page.titles().is_empty() && page.values(".edit").is_empty());
    assert!(!page.html.contains("milk"));
}

#[tokio::test]
async fn user_text_is_escaped() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</textarea></title><b>x</b>",
        "</script><!--<script>",
        "'onmouseover='alert(1)",
        "&lt;b&gt; {{7*7}} \u{2028} \u{202e}",
    ];
    for title in hostile {
        ann.submit("add_todo", &[("title", title)]).await;
    }
    let first = ann.open("/todos").await.id_of(hostile[0]);
    let page = ann.open(&format!("/todos?edit={first}")).await;
    let shown: Vec<_> = hostile.iter().map(|title| title.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(page.titles(), shown);
    assert_eq!(page.values(".edit"), [hostile[0]]);
    assert!(page.texts(".todoapp img, .todo-list b").is_empty());
    assert!(page.texts("script").iter().all(|script| !script.contains("alert")));
}

#[tokio::test]
async fn invisible_title_counts_as_blank() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for blank in ["\u{200b}", " \u{2060}\u{ad} ", "\u{3164}"] {
        assert!(ann.submit("add_todo", &[("title", blank)]).await.titles().is_empty(), "{blank:?}");
    }
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    let milk = ann.open("/todos").await.id_of("buy milk");
    let page = ann.submit("edit_todo", &[("id", &milk), ("seen_title", "buy milk"), ("title", "\u{200b}")]).await;
    assert!(page.titles().is_empty() && page.texts(".flash p") == ["Deleted “buy milk”."], "like a blank title");
}

#[tokio::test]
async fn user_text_has_its_own_direction() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let titles = ["\u{202e}desrever", "\u{2069}\u{202e}x", "לקנות חלב"];
    for title in titles {
        ann.submit("add_todo", &[("title", title)]).await;
    }
    let page = ann.open("/todos").await;
    assert_eq!(page.texts(".todo-list label[dir=auto]"), titles);
    assert_eq!(page.attributes(".new-todo", "dir"), ["auto"]);
    let first = page.id_of(titles[0]);
    assert_eq!(ann.open(&format!("/todos?edit={first}")).await.attributes(".edit", "dir"), ["auto"]);
    let page = ann.submit("edit_todo", &[("id", &first), ("seen_title", "another"), ("title", "mine")]).await;
    assert_eq!(page.texts(".conflict bdi"), [titles[0]], "the current title");
    for page in ["/account", "/account/delete"] {
        assert_eq!(ann.open(page).await.texts("b[dir=auto]"), [ANN], "{page}");
    }
    ann.open("/todos").await;
    assert_eq!(ann.submit("delete_todo", &[("id", &first)]).await.texts(".flash bdi"), [titles[0]]);
    assert_eq!(ann.open("/trash").await.texts(".trash-text p[dir=auto]"), [titles[0]]);
    let page = ann.submit("restore_todos", &[("ids[0]", &first)]).await;
    assert_eq!(page.texts(".notice b[dir=auto]"), [titles[0]], "the restored title");
}

#[tokio::test]
async fn unknown_page_is_a_styled_404() {
    let app = App::start().await;
    let mut anonymous = Browser::without_scripting(&app);
    for path in ["/nope", "/todos/x.css", "/sign-in/", "/bff/nope"] {
        let page = anonymous.open(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.texts("h1"), ["Not found"], "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn long_list_is_shown_page_by_page() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    // More than one page of the API.
    let titles: Vec<_> = (0..401).map(|n| format!("todo {n}")).collect();
    for title in &titles {
        client.add(title).await;
    }
    let mut page = ann.open("/todos").await;
    for part in [0..200, 200..400] {
        assert_eq!(page.titles(), titles[part]);
        page = ann.follow(&page, "Show more").await;
    }
    assert_eq!(page.titles(), titles[400..]);
}

#[tokio::test]
async fn filters_and_bulk_operations_are_links_and_forms() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    for title in ["a", "b", "c"] {
        ann.submit("add_todo", &[("title", title)]).await;
    }
    let page = ann.open("/todos").await;
    let b = page.id_of("b");
    assert_eq!(page.attributes("button.clear-completed", "hidden").len(), 1, "nothing is completed yet");
    ann.submit("edit_todo", &[("id", &b), ("completed", "true")]).await;

    let page = ann.open("/todos").await;
    assert_eq!(page.attributes(".filters a", "href"), ["/todos", "/todos?show=active", "/todos?show=completed"]);
    for (path, selected, titles) in [
        ("/todos", "All", vec!["a", "b", "c"]),
        ("/todos?show=active", "Active", vec!["a", "c"]),
        ("/todos?show=completed", "Completed", vec!["b"]),
        ("/todos?show=nonsense", "All", vec!["a", "b", "c"]),
    ] {
        let page = ann.open(path).await;
        assert_eq!(
            (page.texts(".filters .selected"), page.titles()),
            (vec![selected.to_owned()], titles.iter().map(ToString::to_string).collect())
        );
        assert_eq!(page.texts(".todo-count"), ["2 items left"], "the filter does not change the count");
        assert!(page.attributes("button.clear-completed", "hidden").is_empty());
    }

    // A form redirects to the filter of its page.
    ann.open("/todos?show=active").await;
    let page = ann.submit("complete_todos", &[]).await;
    assert_eq!((ann.at.starts_with("/todos?show=active&completed="), page.titles().len()), (true, 0));
    assert_eq!(page.texts(".none-shown"), ["No active todos. Show all"]);
    assert_eq!(page.attributes(".toggle-all", "checked").len(), 1);
    ann.submit("reopen_todos", &[]).await;
    assert_eq!(ann.open("/todos").await.texts(".todo-count"), ["3 items left"]);
    ann.submit("edit_todo", &[("id", &b), ("completed", "true")]).await;
    let page = ann.submit("clear_completed", &[]).await;
    assert_eq!(page.titles(), ["a", "c"]);
}

#[tokio::test]
async fn bulk_operations_do_not_affect_other_users() {
    let app = App::start().await;
    let (mut ann, bob) = (Browser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    bob.add("Bob's").await;
    ann.scripting = true;
    for function in ["complete_todos", "clear_completed", "reopen_todos"] {
        assert_eq!(ann.submit(function, &[]).await.status, 200, "{function}");
    }
    let todos = body_json(bob.call("GET", "/todos").await).await;
    assert_eq!((todos[0]["completed"].as_bool(), todos[0]["version"].as_i64()), (Some(false), Some(1)));
}

//! The editor of a todo without scripting, and its server function.

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, Page, body_json, path};

/// The day of the tests' clock, in UTC.
const TODAY: &str = "2026-11-21";

async fn edited<'a>(app: &'a App, fields: &Value) -> (Browser<'a>, ApiUser<'a>, Value) {
    let ann = Browser::signed_up(app, ANN).await;
    let client = ApiUser::signed_in(app, ANN).await;
    let todo = client.add("buy milk").await;
    client.call_with("PATCH", &path(&todo), fields).await;
    (ann, client, todo)
}

async fn fields(client: &ApiUser<'_>, todo: &Value) -> [Value; 4] {
    let todo = body_json(client.call("GET", &path(todo)).await).await;
    ["title", "notes", "due_on", "important"].map(|field| todo[field].clone())
}

fn id(todo: &Value) -> &str {
    todo["id"].as_str().unwrap()
}

fn values(page: &Page) -> [String; 3] {
    [".edit", ".notes", ".due"].map(|input| page.values(input).concat())
}

#[tokio::test]
async fn all_fields_are_shown_and_saved() {
    let app = App::start().await;
    let notes = "two\n\n</textarea><b>lines</b>";
    let (mut ann, client, todo) = edited(&app, &json!({ "notes": notes, "due_on": "2026-12-05", "important": true })).await;
    let page = ann.open("/todos").await;
    assert_eq!(
        (page.texts(".meta time"), page.attributes(".meta time", "datetime")),
        (vec!["Sat 5 Dec".to_owned()], vec!["2026-12-05".to_owned()])
    );
    assert_eq!(page.attributes(".has-notes", "aria-label"), ["Has notes"]);
    assert_eq!(page.attributes(".star", "aria-pressed"), ["true"]);
    let page = ann.follow(&page, "Edit: buy milk").await;
    assert_eq!(values(&page), ["buy milk", notes, "2026-12-05"]);
    assert_eq!((page.attributes(".star-box[checked]", "value").len(), page.texts(".editing b").len()), (1, 0));
    // Nothing was changed.
    let version = body_json(client.call("GET", &path(&todo)).await).await["version"].clone();
    let page = ann.press(&page, "Save: buy milk", &[]).await;
    assert_eq!(body_json(client.call("GET", &path(&todo)).await).await["version"], version);
    let page = ann.follow(&page, "Edit: buy milk").await;
    let typed = [("title", "buy\noat milk"), ("notes", "line\r\nbreaks\r\n"), ("due_on", "2027-01-01")];
    ann.press(&page, "Save: buy milk", &typed).await;
    assert_eq!(fields(&client, &todo).await, [json!("buy oat milk"), json!("line\nbreaks"), json!("2027-01-01"), json!(true)]);
    assert_eq!((ann.at.as_str(), ann.fragment.as_deref()), ("/todos", Some(&*format!("t-{}", id(&todo)))));
}

#[tokio::test]
async fn star_and_date_have_buttons_of_their_own() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({})).await;
    let page = ann.open("/todos").await;
    assert!(page.attributes(".meta", "class").is_empty(), "a plain todo has none");
    let page = ann.press(&page, "Important: buy milk", &[]).await;
    assert_eq!(page.attributes(".star", "aria-pressed"), ["true"]);
    ann.press(&page, "Important: buy milk", &[]).await;
    // It is a Saturday.
    for (preset, date) in
        [("Today", json!(TODAY)), ("Tomorrow", json!("2026-11-22")), ("Next week", json!("2026-11-23")), ("None", Value::Null)]
    {
        let page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
        ann.press(&page, preset, &[("title", format!("buy milk {preset}").as_str()), ("due_on", "2030-01-01")]).await;
        let title = json!(format!("buy milk {preset}"));
        assert_eq!(fields(&client, &todo).await, [title, json!(""), date, json!(false)], "{preset}");
    }
    let page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
    assert_eq!(page.attributes(".chip", "aria-pressed"), ["false", "false", "false", "true"]);
}

#[tokio::test]
async fn dates_are_told_in_the_zone_of_the_user() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({ "due_on": TODAY })).await;
    // It is noon in UTC.
    for (zone, text, class) in
        [("UTC", "Today", "today"), ("Pacific/Kiritimati", "Overdue, yesterday", "overdue"), ("Etc/GMT+12", "Today", "today")]
    {
        client.call_with("PATCH", "/me", &json!({ "time_zone": zone })).await;
        let page = ann.open("/todos").await;
        assert_eq!(
            (page.texts("time"), page.attributes("time", "class")),
            (vec![text.to_owned()], vec![class.to_owned()]),
            "{zone}"
        );
    }
    client.call_with("PATCH", &path(&todo), &json!({ "completed": true, "due_on": "2025-11-20" })).await;
    assert_eq!(ann.open("/todos").await.texts("time"), ["Thu 20 Nov 2025"], "nothing is overdue that is done");
}

/// What the island reads turns at midnight, although no todo has changed.
#[tokio::test]
async fn list_for_the_island_changes_with_the_day() {
    let app = App::start().await;
    let (ann, ..) = edited(&app, &json!({})).await;
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let page: Value = serde_json::from_str(&island.list("", None).await.html).unwrap();
    let info = &page["info"];
    assert_eq!((&info["today"], &info["seconds_of_today"]), (&json!(TODAY), &json!(12 * 3600)));
    let tag = info["tag"].as_str().unwrap();
    island.age(20);
    app.wait(1200);
    assert_eq!(island.list("", Some(tag)).await.status, 304);
    for forged in ["W/\"1;x\"", "W/\"1\"", ";", ""] {
        assert_eq!(island.list("", Some(forged)).await.status, 200, "{forged}");
    }
}

/// B5
#[tokio::test]
async fn each_field_has_its_own_conflict_and_the_others_merge() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({ "notes": "first", "due_on": "2026-12-01" })).await;
    for (elsewhere, typed, text) in [
        (json!({ "notes": "theirs" }), ("notes", "mine"), "The notes were changed somewhere else. They now read “theirs”."),
        (
            json!({ "due_on": "2026-12-24" }),
            ("due_on", "2026-12-31"),
            "The due date was changed somewhere else. It is now “Thu 24 Dec”.",
        ),
        (json!({ "due_on": null }), ("due_on", "2026-12-30"), "The due date was changed somewhere else. It is now “none”."),
    ] {
        let (field, value) = typed;
        let before = fields(&client, &todo).await;
        let page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
        client.call_with("PATCH", &path(&todo), &elsewhere).await;
        let title = format!("{} and {field}", before[0].as_str().unwrap());
        let save = format!("Save: {}", before[0].as_str().unwrap());
        let page = ann.press(&page, &save, &[(field, value), ("title", &title)]).await;
        assert_eq!((page.status.as_u16(), page.texts(".conflict p")), (409, vec![text.to_owned()]));
        assert_eq!(values(&page)[usize::from(field == "due_on") + 1], value);
        assert_eq!(fields(&client, &todo).await[0], json!(title), "the title merges");
        ann.press(&page, "Take theirs", &[]).await;
        let kept = body_json(client.call("GET", &path(&todo)).await).await;
        assert_eq!(kept[field], elsewhere[field]);
        ann.open("/todos").await;
        let seen = format!("seen_{field}");
        let typed = [("id", id(&todo)), ("title", &title), ("seen_title", &title), (field, value), (&seen, "1970-01-01")];
        let page = ann.submit("edit_todo", &typed).await;
        assert_eq!(page.status, 409);
        ann.press(&page, "Keep mine", &[]).await;
        let kept = body_json(client.call("GET", &path(&todo)).await).await;
        assert_eq!(kept[field], json!(value));
    }
}

#[tokio::test]
async fn invalid_field_stays_in_the_editor_with_its_error() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({})).await;
    let long = "é".repeat(10_001);
    for (field, value, text) in [
        ("notes", long.as_str(), "Notes can be up to 10,000 characters."),
        ("notes", "a\u{7}b", "This has invisible characters that can’t be saved. Type it by hand."),
        ("due_on", "tomorrow", "This isn’t a date. It should look like 2026-12-31."),
        ("due_on", "2026-02-29", "This isn’t a date. It should look like 2026-12-31."),
    ] {
        let page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
        let page = ann.press(&page, "Save: buy milk", &[(field, value), ("title", "typed")]).await;
        assert_eq!((page.status.as_u16(), page.texts("#edit-message")), (422, vec![text.to_owned()]), "{field}");
        assert_eq!(
            (page.values(&format!("[name={field}]")), page.values(".edit")),
            (vec![value.to_owned()], vec!["typed".to_owned()])
        );
        assert_eq!(page.attributes("[aria-invalid]", "name"), [field]);
    }
    assert_eq!(fields(&client, &todo).await, [json!("buy milk"), json!(""), Value::Null, json!(false)]);
}

#[tokio::test]
async fn row_moves_up_and_down_and_stays_open() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({})).await;
    client.add("call Bob").await;
    client.add("write to Ida").await;
    let mut page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
    assert_eq!(page.attributes(".up[disabled]", "name").len(), 1);
    for (button, titles) in [
        ("Move down: buy milk", ["call Bob", "buy milk", "write to Ida"]),
        ("Move down: buy milk", ["call Bob", "write to Ida", "buy milk"]),
        ("Move up: buy milk", ["call Bob", "buy milk", "write to Ida"]),
        ("Move up: buy milk", ["buy milk", "call Bob", "write to Ida"]),
    ] {
        page = ann.press(&page, button, &[("notes", button)]).await;
        assert_eq!((page.titles(), values(&page)[1].as_str()), (titles.map(str::to_owned).to_vec(), button));
    }
    client.call("DELETE", &path(&client.add("gone").await)).await;
    let gone = "019aa5a2-7b1c-7def-8abc-0123456789ab";
    let page = ann.submit("move_todo", &[("id", id(&todo)), ("after", gone)]).await;
    assert_eq!(page.status, 404);
    assert_eq!(ann.submit("move_todo", &[("id", gone)]).await.status, 404);
    ann.submit("move_todo", &[("id", id(&todo)), ("after", id(&client.add("last").await))]).await;
    assert_eq!(client.titles().await, ["call Bob", "write to Ida", "last", "buy milk"]);
}

#[tokio::test]
async fn notes_are_read_by_their_owner_only() {
    let app = App::start().await;
    let (ann, _, todo) = edited(&app, &json!({ "notes": "secret" })).await;
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    assert_eq!(island.submit("read_notes", &[("id", id(&todo))]).await.html, r#""secret""#);
    let bob = Browser::signed_up(&app, BOB).await;
    let mut island = Browser::with_scripting(&app).in_session_of(&bob);
    let page = island.submit("read_notes", &[("id", id(&todo))]).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (404, r#""NotFound""#));
}

#[tokio::test]
async fn editor_survives_the_end_of_the_session() {
    let app = App::start().await;
    let (mut ann, client, todo) = edited(&app, &json!({ "notes": "first" })).await;
    let page = ann.open(&format!("/todos?edit={}", id(&todo))).await;
    app.wait(1800);
    let typed = [("title", "buy oat milk"), ("notes", "long\r\nthoughts"), ("due_on", "2026-12-05"), ("important", "true")];
    let fields_of_page = [("seen_title", "buy milk"), ("seen_due_on", ""), ("seen_important", "false")];
    let seen_notes = page.attributes("[name=seen_notes]", "value").concat();
    let fields = [&[("id", id(&todo)), ("seen_notes", &seen_notes)][..], &fields_of_page, &typed].concat();
    let page = ann.submit("edit_todo", &fields).await;
    assert_eq!(page.status, 401);
    let page = ann.press(&page, "Sign in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(values(&page), ["buy oat milk", "long\nthoughts", "2026-12-05"]);
    assert_eq!((page.attributes(".star-box[checked]", "value").len(), page.texts(".conflict").len()), (1, 0));
    ann.press(&page, "Save: buy milk", &[]).await;
    drop(client);
    let client = ApiUser::signed_in(&app, ANN).await;
    assert_eq!(self::fields(&client, &todo).await[1], json!("long\nthoughts"));
}

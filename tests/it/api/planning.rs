//! Notes, dates, stars, tags, search and sorts, from a client's side.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Kind, TestDatabase, body_json, path};

async fn add(user: &ApiUser<'_>, todo: Value) -> Value {
    let response = user.call_with("POST", "/todos", &todo).await;
    let status = response.status();
    let body = body_json(response).await;
    assert_eq!(status, 201, "{todo}: {body}");
    body
}

async fn titles(user: &ApiUser<'_>, query: &str) -> Vec<String> {
    let response = user.call("GET", &format!("/todos{query}")).await;
    let status = response.status();
    let todos = body_json(response).await;
    assert_eq!(status, 200, "{query}: {todos}");
    todos.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect()
}

async fn summary(user: &ApiUser<'_>, query: &str) -> Value {
    body_json(user.call("GET", &format!("/todos/summary{query}")).await).await
}

#[tokio::test]
async fn todo_has_notes_date_star_and_tags() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let plain = ann.add("plain").await;
    assert_eq!(
        [&plain["notes"], &plain["due_on"], &plain["important"], &plain["tags"]],
        [&json!(""), &json!(null), &json!(false), &json!([])]
    );
    let given = json!({ "title": "call #Home #büro", "notes": "one\r\ntwo \n", "due_on": "2028-02-29", "important": true });
    let todo = add(&ann, given).await;
    let expected = [json!("one\ntwo"), json!("2028-02-29"), json!(true), json!(["Home", "büro"])];
    let members = |todo: &Value| ["notes", "due_on", "important", "tags"].map(|name| todo[name].clone());
    assert_eq!(members(&todo), expected);
    assert_eq!(members(&body_json(ann.call("GET", "/todos").await).await[1]), expected, "in a list");

    // A patch keeps what it leaves out, and null clears the date.
    let patched = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "due_on": null })).await).await;
    assert_eq!(members(&patched), [json!("one\ntwo"), json!(null), json!(true), json!(["Home", "büro"])]);
    let patched = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "title": "call", "important": false })).await).await;
    assert_eq!(members(&patched), [json!("one\ntwo"), json!(null), json!(false), json!([])]);

    // The representation can be sent back. PUT gives defaults to what is left out.
    let back = body_json(ann.call_with("PUT", &path(&todo), &patched).await).await;
    assert_eq!(members(&back), members(&patched));
    let replaced = body_json(ann.call_with("PUT", &path(&todo), &json!({ "title": "new" })).await).await;
    assert_eq!(members(&replaced), [json!(""), json!(null), json!(false), json!([])]);

    // So does the trash, and restoring.
    ann.call_with("PATCH", &path(&todo), &json!({ "title": "new #home", "notes": "kept", "due_on": "2026-11-30" })).await;
    ann.call("DELETE", &path(&todo)).await;
    let expected = [json!("kept"), json!("2026-11-30"), json!(false), json!(["home"])];
    assert_eq!(members(&body_json(ann.call("GET", "/trash").await).await[0]), expected);
    let export = body_json(ann.call("GET", "/export").await).await;
    assert_eq!(members(&export["todos"][1]), expected);
    let restored = body_json(ann.call("POST", &format!("{}/restore", path(&todo))).await).await;
    assert_eq!(members(&restored), expected);
    assert_eq!(titles(&ann, "?tag=home&q=KEPT").await, ["new #home"]);
}

#[tokio::test]
async fn invalid_members_are_rejected_with_pointers() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("a").await;
    for (body, pointer, code) in [
        (json!({ "notes": "a".repeat(10_001) }), "/notes", "too-long"),
        (json!({ "notes": "a\u{7}" }), "/notes", "control-character"),
        (json!({ "notes": null }), "/notes", "type"),
        (json!({ "due_on": "2026-02-29" }), "/due_on", "out-of-range"),
        (json!({ "due_on": "1969-12-31" }), "/due_on", "out-of-range"),
        (json!({ "due_on": "2026-11-30T12:00:00Z" }), "/due_on", "out-of-range"),
        (json!({ "due_on": 20_261_130 }), "/due_on", "type"),
        (json!({ "important": "yes" }), "/important", "type"),
        (json!({ "important": null }), "/important", "type"),
    ] {
        let response = ann.call_with("PATCH", &path(&todo), &body).await;
        assert_eq!(response.status(), 422, "{body}");
        let error = &body_json(response).await["errors"][0];
        assert_eq!((error["pointer"].as_str(), error["code"].as_str()), (Some(pointer), Some(code)), "{body}");
    }
    let errors = ann.call_with("PATCH", &path(&todo), &json!({ "title": " ", "notes": "\0", "due_on": "x" })).await;
    assert_eq!(body_json(errors).await["errors"].as_array().unwrap().len(), 3);
    assert_eq!(body_json(ann.call("GET", &path(&todo)).await).await, todo);
    for query in [
        "due_from=2026-02-30",
        "due_to=today",
        "important=1",
        "tag=%23home",
        "tag=1",
        "tag=",
        "completed_since=yesterday",
        "sort=title",
        "q=%00",
        "q=%0a",
        "limit=1&sort=due&sort=due",
    ] {
        let response = ann.call("GET", &format!("/todos?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let name = query
            .split(['&', '='])
            .next_back()
            .filter(|_| query.contains('&'))
            .map_or(query.split('=').next().unwrap(), |_| "sort");
        assert_eq!(body_json(response).await["errors"][0]["parameter"], name, "{query}");
    }
    assert_eq!(ann.call("GET", &format!("/todos?q={}", "a".repeat(201))).await.status(), 422);
    assert_eq!(ann.call("DELETE", "/todos?tag=%23home").await.status(), 422);
    for (query, parameter, code) in [
        ("today=2026-13-01", json!("today"), "out-of-range"),
        ("today=2026-11-30&tag=1", json!("tag"), "out-of-range"),
        ("important=1", json!("important"), "type"),
        ("q=a&today=2026-11-30&q=a", json!("q"), "repeated"),
        ("today=2026-11-30&today=2026-11-30", json!("today"), "repeated"),
        ("sort=due", json!(null), "unknown-parameter"),
        ("due=2026-11-30", json!(null), "unknown-parameter"),
    ] {
        let response = ann.call("GET", &format!("/todos/summary?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let error = &body_json(response).await["errors"][0];
        assert_eq!((&error["parameter"], error["code"].as_str()), (&parameter, Some(code)), "{query}");
    }
    assert_eq!(ann.titles().await, ["a"], "nothing was deleted");
}

#[tokio::test]
async fn filters_select_by_all_that_is_given() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for todo in [
        json!({ "title": "a", "due_on": "2026-11-29" }),
        json!({ "title": "b #home", "due_on": "2026-11-30", "important": true }),
        json!({ "title": "c #Home #work", "important": true, "completed": true }),
        json!({ "title": "d #homework", "due_on": "9999-12-31" }),
        json!({ "title": "e", "completed": true, "due_on": "1970-01-01" }),
    ] {
        add(&ann, todo).await;
    }
    for (query, expected) in [
        ("?due_to=2026-11-29", &["a", "e"][..]),
        ("?due_from=2026-11-29&due_to=2026-11-30", &["a", "b #home"]),
        ("?due_from=2026-11-30", &["b #home", "d #homework"]),
        ("?due_to=2026-11-30&completed=false", &["a", "b #home"]),
        ("?important=true", &["b #home", "c #Home #work"]),
        ("?important=false&completed=true", &["e"]),
        ("?tag=HOME", &["b #home", "c #Home #work"]),
        ("?tag=home&tag=work", &[]),
        ("?tag=work&completed=true&important=true", &["c #Home #work"]),
        ("?tag=hom", &[]),
        ("?q=HOME", &["b #home", "c #Home #work", "d #homework"]),
        ("?q=", &["a", "b #home", "c #Home #work", "d #homework", "e"]),
        ("?sort=due", &["e", "a", "b #home", "d #homework"]),
        ("?sort=due&due_from=2026-11-29&limit=2", &["a", "b #home"]),
        ("?sort=due&completed=true", &["e"]),
    ] {
        if query.contains("&tag=work") && !query.contains("completed") {
            assert_eq!(ann.call("GET", &format!("/todos{query}")).await.status(), 422, "a parameter may be given once");
        } else {
            assert_eq!(titles(&ann, query).await, expected, "{query}");
        }
    }

    // Bulk operations take the same filters.
    let changed =
        body_json(ann.call_with("PATCH", "/todos?due_to=2026-11-30&tag=home", &json!({ "completed": true })).await).await;
    assert_eq!(changed["changed"], 1);
    let changed = body_json(ann.call("DELETE", "/todos?q=homework").await).await;
    assert_eq!(changed["changed"], 1);
    assert_eq!(titles(&ann, "?completed=true").await, ["b #home", "c #Home #work", "e"]);
    assert_eq!(titles(&ann, "?completed=false").await, ["a"]);
}

#[tokio::test]
async fn pages_of_every_sort_and_filter_show_each_todo_once() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for n in 0..12 {
        let due_on = (n % 4 > 0).then(|| format!("2026-11-{}", 10 + n % 4));
        let title = format!("{n} #tag");
        let todo = add(&ann, json!({ "title": title, "due_on": due_on, "important": n % 3 == 0, "order": n % 2 })).await;
        if n % 2 == 0 {
            app.wait_millis(1 + n % 3);
            ann.call_with("PATCH", &path(&todo), &json!({ "completed": true })).await;
        }
    }
    for query in [
        "",
        "?sort=due",
        "?sort=completed",
        "?sort=completed&tag=tag",
        "?due_from=2026-11-10",
        "?important=true",
        "?tag=TAG&q=%23",
        "?completed_since=1970-01-01T00:00:00Z",
    ] {
        let all = titles(&ann, query).await;
        let (mut paged, mut at) = (Vec::new(), Some(format!("/todos{query}{}limit=1", if query.is_empty() { "?" } else { "&" })));
        while let Some(page) = at {
            let response = ann.call("GET", &page).await;
            let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
            at = link.and_then(|link| Some(link.split_once("/api/v1")?.1.split_once('>')?.0.to_owned()));
            paged.push(body_json(response).await[0]["title"].as_str().unwrap().to_owned());
        }
        assert!(all.len() > 3, "{query}");
        assert_eq!(paged, all, "{query}");
    }
}

#[tokio::test]
async fn completed_todos_are_listed_latest_first_or_since_a_time() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut times = Vec::new();
    for title in ["a", "b", "c"] {
        let todo = ann.add(title).await;
        app.wait_millis(1000);
        let done = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "completed": true })).await).await;
        times.push(done["completed_at"].as_str().unwrap().to_owned());
    }
    ann.add("active").await;
    assert_eq!(titles(&ann, "?sort=completed").await, ["c", "b", "a"]);
    let since = format!("completed_since={}", times[1]);
    assert_eq!(titles(&ann, &format!("?{since}")).await, ["b", "c", "active"]);
    assert_eq!(titles(&ann, &format!("?{since}&completed=true")).await, ["b", "c"]);
    assert_eq!(titles(&ann, &format!("?{since}&sort=completed&limit=1")).await, ["c"]);
    let cleared = body_json(ann.call("DELETE", &format!("/todos?completed=true&{since}")).await).await;
    assert_eq!(cleared["changed"], 2);
    assert_eq!(ann.titles().await, ["a", "active"]);
}

#[tokio::test]
async fn search_ignores_case_width_and_normal_form() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    bob.add("Straße of Bob").await;
    add(&ann, json!({ "title": "Straße" })).await;
    add(&ann, json!({ "title": "x", "notes": "Cafe\u{301}\nÖL 100%" })).await;
    add(&ann, json!({ "title": "ＷＩＤＥ _" })).await;
    for (text, expected) in [
        ("STRASSE", &["Straße"][..]),
        ("straße", &["Straße"]),
        ("caf%C3%A9", &["x"]),
        ("CAFE%CC%81", &["x"]),
        ("%C3%B6l", &["x"]),
        ("wide", &["ＷＩＤＥ _"]),
        ("%25", &["x"]),
        ("_", &["ＷＩＤＥ _"]),
        ("%C3%A9%20", &[]),
        ("'", &[]),
        ("100%25", &["x"]),
        ("1_0", &[]),
        ("%5C", &[]),
    ] {
        assert_eq!(titles(&ann, &format!("?q={text}")).await, expected, "{text}");
    }
}

#[tokio::test]
async fn summary_counts_what_views_show() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ApiUser::signed_up(&app, BOB).await.add("#bob").await;
    let empty = summary(&ann, "").await;
    assert_eq!(empty, json!({ "active": 0, "completed": 0, "scheduled": 0, "important": 0, "tags": [], "version": 0 }));
    for todo in [
        json!({ "title": "#Büro #home", "due_on": "2026-11-29", "important": true }),
        json!({ "title": "#home b", "due_on": "2026-11-30" }),
        json!({ "title": "#HOME c", "due_on": "2026-12-01" }),
        json!({ "title": "#gone", "completed": true, "due_on": "2026-11-29", "important": true }),
        json!({ "title": "plain" }),
    ] {
        add(&ann, todo).await;
    }
    let expected = json!({
        "active": 4, "completed": 1, "overdue": 1, "due_today": 1, "scheduled": 3, "important": 1,
        "tags": [{ "name": "Büro", "todos": 1 }, { "name": "HOME", "todos": 3 }], "version": 5,
    });
    assert_eq!(summary(&ann, "?today=2026-11-30").await, expected);
}

#[tokio::test]
async fn summary_with_a_filter_counts_the_todos_of_its_list() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ApiUser::signed_up(&app, BOB).await.add("bob #home").await;
    let mut times = Vec::new();
    for todo in [
        json!({ "title": "a #home", "due_on": "2026-11-29", "important": true }),
        json!({ "title": "b #Home #work", "due_on": "2026-11-30", "notes": "STRASSE" }),
        json!({ "title": "c #HOME Straße", "due_on": "2026-12-01" }),
        json!({ "title": "d #work", "completed": true, "due_on": "2026-11-29", "important": true }),
        json!({ "title": "e #home", "completed": true, "notes": "straße" }),
        json!({ "title": "f", "important": true }),
    ] {
        app.wait_millis(1000);
        times.push(add(&ann, todo).await["updated_at"].as_str().unwrap().to_owned());
    }
    let gone = add(&ann, json!({ "title": "gone #home straße", "due_on": "2026-11-29", "important": true })).await;
    ann.call("DELETE", &path(&gone)).await;

    let (since_last, late) = (format!("completed_since={}", times[4]), "completed_since=9999-01-01T00:00:00Z");
    let since_last_of_home = format!("{since_last}&tag=home");
    let mut counts = Vec::new();
    for filter in [
        "",
        "completed=true",
        "completed=false",
        "due_to=2026-11-30",
        "due_from=2026-11-30",
        "due_from=2026-11-30&due_to=2026-11-30",
        "important=true",
        "important=false",
        "tag=HOME",
        "tag=work&important=true",
        "q=strasse",
        "q=%25",
        "q=",
        &since_last,
        &since_last_of_home,
        late,
        "completed=true&due_to=2026-11-29&important=true&tag=work&q=D",
    ] {
        let listed = body_json(ann.call("GET", &format!("/todos?{filter}")).await).await;
        let (active, completed): (Vec<_>, Vec<_>) =
            listed.as_array().unwrap().iter().partition(|todo| todo["completed"] == json!(false));
        let due =
            |is_counted: fn(&str) -> bool| active.iter().filter(|todo| todo["due_on"].as_str().is_some_and(is_counted)).count();
        let mut tags = BTreeMap::<String, u32>::new();
        for tag in active.iter().flat_map(|todo| todo["tags"].as_array().unwrap()) {
            *tags.entry(tag.as_str().unwrap().to_lowercase()).or_default() += 1;
        }
        let expected = json!({
            "active": active.len(),
            "completed": completed.len(),
            "overdue": due(|date| date < "2026-11-30"),
            "due_today": due(|date| date == "2026-11-30"),
            "scheduled": due(|_| true),
            "important": active.iter().filter(|todo| todo["important"] == json!(true)).count(),
            "tags": tags.into_iter().map(|(name, todos)| json!({ "name": name, "todos": todos })).collect::<Vec<_>>(),
            "version": 8,
        });
        let mut counted = summary(&ann, &format!("?{filter}&today=2026-11-30")).await;
        for tag in counted["tags"].as_array_mut().unwrap() {
            tag["name"] = json!(tag["name"].as_str().unwrap().to_lowercase());
        }
        assert_eq!(counted, expected, "{filter}");
        counts.push((
            filter,
            [&counted["active"], &counted["completed"], &counted["overdue"]].map(|count| count.as_u64().unwrap()),
        ));
        assert_eq!(summary(&ann, &format!("?{filter}")).await.get("overdue"), None, "{filter}");
    }
    for expected in [("", [4, 2, 1]), ("q=strasse", [2, 1, 0]), ("tag=HOME", [3, 1, 1]), (late, [4, 0, 1])] {
        assert!(counts.contains(&expected), "{expected:?}: {counts:?}");
    }
}

#[tokio::test]
async fn renaming_a_tag_changes_titles_and_can_be_undone() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    bob.add("Bob's #home").await;
    for todo in
        [json!({ "title": "a #Home" }), json!({ "title": "b #home #x" }), json!({ "title": "done #home", "completed": true })]
    {
        add(&ann, todo).await;
    }
    let rename = async |tag: &str, name: &str| {
        let response = ann.call_with("PUT", &format!("/tags/{tag}"), &json!({ "name": name })).await;
        (response.status().as_u16(), body_json(response).await)
    };
    let (status, house) = rename("HOME", "House").await;
    assert_eq!((status, &house["changed"]), (200, &json!(2)));
    assert_eq!(ann.titles().await, ["a #House", "b #House #x", "done #home"]);
    assert_eq!(titles(&ann, "?tag=house").await, ["a #House", "b #House #x"]);
    let (_, casa) = rename("house", "casa").await;
    assert_eq!(rename("casa", "casa").await.1["changed"], 0, "the same spelling");
    assert_eq!(bob.titles().await, ["Bob's #home"]);

    // The latest first; completion, which is no bulk change of its own, ends the undo of its todo.
    let done = body_json(ann.call_with("PATCH", "/todos?completed=false&tag=x", &json!({ "completed": true })).await).await;
    let undo = async |change: &Value| {
        let answer = ann.call_with("POST", "/todos/undo", &json!({ "version": change["version"] })).await;
        body_json(answer).await["changed"].clone()
    };
    assert_eq!(undo(&casa).await, 1, "the other one has changed since");
    assert_eq!(undo(&done).await, 1);
    assert_eq!(undo(&casa).await, 1);
    assert_eq!(titles(&ann, "?tag=house").await, ["a #House", "b #House #x"], "tags follow the titles");
    assert_eq!(undo(&house).await, 2);
    assert_eq!(titles(&ann, "?tag=home").await, ["a #Home", "b #home #x", "done #home"]);
    assert_eq!(undo(&house).await, 0);

    for (tag, name, status) in [
        ("nope", "x", 404),
        ("gone", "x", 404),
        ("a%20b", "x", 404),
        ("1", "x", 404),
        ("home", "#x", 422),
        ("home", "", 422),
        ("home", "1", 422),
        ("home", "a b", 422),
    ] {
        assert_eq!(rename(tag, name).await.0, status, "{tag} {name}");
    }
    let long = format!("{} #long", "a".repeat(494));
    ann.add(&long).await;
    ann.add("#long").await;
    let (status, problem) = rename("long", "longer").await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
        (422, &json!("/name"), &json!("too-long"))
    );
    assert_eq!(titles(&ann, "?tag=long").await, [long.as_str(), "#long"], "all or nothing");
}

#[tokio::test]
async fn todos_of_the_release_before_are_found_all_the_same() {
    let database = TestDatabase::new(Kind::from_env()).await.unwrap();
    let app = App::on_database(&database, &[("RATE_LIMITS", "off")]).await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = add(&ann, json!({ "title": "old #old", "notes": "old" })).await;
    // Its statements do not know the derived columns.
    database.execute_text("update todos set title = 'Straße #new', version = version + 1").await;
    assert_eq!(titles(&ann, "?q=STRASSE").await, ["Straße #new"]);
    assert_eq!(titles(&ann, "?q=old").await, ["Straße #new"], "in the notes");
    database.execute_text("update todos set title = 'other #other', version = version + 1").await;
    // A change by this release does not hide it.
    ann.call_with("PATCH", &path(&todo), &json!({ "notes": "" })).await;
    assert_eq!(titles(&ann, "?tag=other").await, ["other #other"]);
    assert_eq!(titles(&ann, "?q=old").await, [] as [&str; 0]);
    database.execute_text("update todos set title = 'third #third', version = version + 1").await;
    assert_eq!(summary(&ann, "").await["tags"], json!([{ "name": "third", "todos": 1 }]));
    database.execute_text("update todos set title = 'found #found', version = version + 1").await;
    assert_eq!(summary(&ann, "?q=FOUND").await["tags"], json!([{ "name": "found", "todos": 1 }]));
    database.execute_text("update todos set title = 'seen #seen', version = version + 1").await;
    assert_eq!(summary(&ann, "?completed=false").await["tags"], json!([{ "name": "seen", "todos": 1 }]));
    database.execute_text("update todos set title = 'fourth #fourth', version = version + 1").await;
    let changed = body_json(ann.call("DELETE", "/todos?tag=third").await).await;
    assert_eq!(changed["changed"], 0);
    assert_eq!(ann.call_with("PUT", "/tags/fourth", &json!({ "name": "fifth" })).await.status(), 200);
    assert_eq!(ann.titles().await, ["fourth #fifth"]);
}

#[tokio::test]
async fn page_ends_at_one_mebibyte_of_text() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let notes = "\u{10348}".repeat(10_000);
    for n in 0..60 {
        add(&ann, json!({ "title": n.to_string(), "notes": notes })).await;
    }
    let response = ann.call("GET", "/todos?limit=200").await;
    assert!(response.headers().contains_key("link"));
    assert_eq!(body_json(response).await.as_array().unwrap().len(), 27, "of 40,000 bytes each");
    let prefer = ("prefer", "return=representation");
    let changed = ann.call_if("PATCH", "/todos", prefer, &json!({ "completed": true })).await;
    assert_eq!(body_json(changed).await.as_array().unwrap().len(), 27);
    assert_eq!(body_json(ann.call("GET", "/export").await).await["todos"].as_array().unwrap().len(), 60);
}

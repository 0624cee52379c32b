//! The views, tags and search of the todo page without scripting, and the day that they are about.

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, Browser, Page};

/// The day of the tests' clock, in UTC.
const TODAY: &str = "2026-11-21";
/// In seconds.
const DAY: i64 = 86_400;

async fn with_todos<'a>(app: &'a App, todos: &[Value]) -> (Browser<'a>, ApiUser<'a>) {
    let ann = Browser::signed_up(app, ANN).await;
    let client = ApiUser::signed_in(app, ANN).await;
    for todo in todos {
        assert_eq!(client.call_with("POST", "/todos", todo).await.status(), 201);
    }
    (ann, client)
}

fn planned() -> Vec<Value> {
    vec![
        json!({ "title": "passport", "due_on": "2026-11-19", "important": true }),
        json!({ "title": "tulips #garden", "due_on": "2026-12-05" }),
        json!({ "title": "dentist", "due_on": TODAY, "notes": "ask about the tap" }),
        json!({ "title": "tap #home", "important": true }),
        json!({ "title": "photographs #home", "due_on": "2026-11-20" }),
        json!({ "title": "plain" }),
        json!({ "title": "books", "due_on": TODAY, "completed": true }),
    ]
}

/// The headings with their lists.
fn groups(page: &Page) -> Vec<String> {
    page.texts(".group:not([hidden])")
}

fn count(page: &Page) -> String {
    page.texts(".todo-count").concat()
}

#[tokio::test]
async fn each_view_shows_its_todos_in_its_order() {
    let app = App::start().await;
    let (mut ann, _) = with_todos(&app, &planned()).await;
    let page = ann.open("/todos").await;
    assert_eq!((page.texts("h1").concat(), page.titles().len(), groups(&page).len()), ("Todos".to_owned(), 7, 0));
    assert_eq!(
        page.texts(".views a"),
        ["Todos", "Today 3 due", "Scheduled 4 active", "Important 2 active", "#garden 1 active", "#home 2 active"]
    );
    let page = ann.open("/todos?view=today").await;
    assert_eq!(
        (page.texts("h1").concat(), page.texts(".when").concat()),
        ("Today".to_owned(), "Saturday 21 November".to_owned())
    );
    assert_eq!(page.titles(), ["passport", "photographs #home", "dentist", "books"]);
    assert_eq!((groups(&page), count(&page)), (vec!["Overdue 2".to_owned(), "Today 1".to_owned()], "3 items left".to_owned()));
    assert_eq!(page.texts(".overdue"), ["Thu 19 Nov", "Yesterday"], "the heading says that they are overdue");
    assert_eq!(page.attributes(".views [aria-current]", "href"), ["/todos?view=today"]);
    let page = ann.open("/todos?view=scheduled").await;
    assert_eq!(groups(&page), ["Overdue 2", "Today 1", "Sat 5 Dec 1"]);
    let page = ann.open("/todos?view=important&show=active").await;
    assert_eq!((page.titles(), groups(&page).len()), (vec!["passport".to_owned(), "tap #home".to_owned()], 0));
    assert_eq!(
        page.attributes(".filters a", "href"),
        ["/todos?view=important", "/todos?view=important&show=active", "/todos?view=important&show=completed"]
    );
    let page = ann.open("/todos?tag=HOME").await;
    assert_eq!(
        (page.texts("h1").concat(), page.titles()),
        ("#HOME".to_owned(), vec!["tap #home".to_owned(), "photographs #home".to_owned()])
    );
    assert_eq!(page.attributes("label .tag", "href"), ["/todos?tag=home", "/todos?tag=home"]);
    assert_eq!(ann.open("/todos?view=today&show=completed").await.titles(), ["books"]);
    // No such name of a tag.
    let page = ann.open("/todos?tag=a.b").await;
    assert_eq!((page.status.as_u16(), page.titles().len()), (400, 0));
}

#[tokio::test]
async fn what_is_added_in_a_view_belongs_to_it() {
    let app = App::start().await;
    let (mut ann, client) = with_todos(&app, &[]).await;
    for (query, empty) in [
        ("?view=today", "Nothing is due today."),
        ("?view=scheduled", "Nothing is scheduled."),
        ("?view=important", "Nothing is important."),
        ("?tag=home", "No todos with #home."),
    ] {
        let page = ann.open(&format!("/todos{query}")).await;
        assert_eq!((page.texts(".empty b").concat(), page.attributes(".main", "hidden").len()), (empty.to_owned(), 1));
        let page = ann.press(&page, "Add", &[("title", query)]).await;
        assert_eq!((ann.at.clone(), page.titles().len()), (format!("/todos{query}"), 1), "{query}");
        client.call("DELETE", "/todos").await;
    }
    let page = ann.open("/todos?tag=home").await;
    let page = ann.press(&page, "Add", &[("title", "has #Home")]).await;
    assert_eq!(page.titles(), ["has #Home"]);
    // There is no room for the tag.
    let long = "a".repeat(496);
    let page = ann.press(&page, "Add", &[("title", &long)]).await;
    assert_eq!((page.status.as_u16(), page.values(".new-todo").concat()), (422, long));
    assert_eq!(page.texts("#new-message"), ["This is too long for the tag of this view to fit behind it."]);
}

#[tokio::test]
async fn what_was_completed_before_midnight_is_out_of_the_way() {
    let app = App::start().await;
    let (mut ann, _) =
        with_todos(&app, &[json!({ "title": "first" }), json!({ "title": "second" }), json!({ "title": "third" })]).await;
    let page = ann.open("/todos").await;
    let page = ann.press(&page, "Complete: second", &[]).await;
    app.wait(60);
    let page = ann.press(&page, "Complete: first", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".earlier").len()), (3, 0));
    app.wait(DAY);
    // The session has ended meanwhile.
    ann.take_token(&ApiUser::signed_in(&app, ANN).await.token);
    let page = ann.open("/todos").await;
    assert_eq!((page.titles(), page.texts(".earlier")), (vec!["third".to_owned()], vec!["2 completed earlier".to_owned()]));
    let page = ann.press(&page, "Complete: third", &[]).await;
    let page_all = page.titles();
    let page = ann.follow(&page, "2 completed earlier").await;
    assert_eq!((page_all, page.titles()), (vec!["third".to_owned()], ["third", "first", "second"].map(str::to_owned).to_vec()));
    assert_eq!(page.attributes("[data-earlier]", "class").len(), 2);
    // Clears what is shown.
    let page = ann.open("/todos").await;
    let page = ann.press(&page, "Clear completed", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".none-shown").concat()), (0, "Nothing left to do.".to_owned()));
    let page = ann.press(&page, "Undo", &[]).await;
    assert_eq!(page.titles(), ["third"]);
    let page = ann.open("/todos?show=completed").await;
    let page = ann.press(&page, "Clear completed", &[]).await;
    assert_eq!(page.texts(".empty b"), ["Nothing to do yet."]);
    let page = ann.press(&page, "Undo", &[]).await;
    assert_eq!(page.titles().len(), 3);
}

#[tokio::test]
async fn bulk_changes_are_of_the_view() {
    let app = App::start().await;
    let (mut ann, _) = with_todos(&app, &planned()).await;
    let page = ann.open("/todos?view=today").await;
    let page = ann.press(&page, "Complete all", &[]).await;
    assert_eq!((ann.at.split('&').next().unwrap(), count(&page)), ("/todos?view=today", "0 items left".to_owned()));
    assert_eq!(count(&ann.open("/todos").await), "3 items left");
    let page = ann.open("/todos?tag=home").await;
    let page = ann.press(&page, "Clear completed", &[]).await;
    assert_eq!(page.titles(), ["tap #home"]);
    assert_eq!(ann.open("/todos").await.titles().len(), 6);
}

#[tokio::test]
async fn search_finds_titles_and_notes_and_marks_them() {
    let app = App::start().await;
    let mut todos = planned();
    todos.push(json!({ "title": "Straße fegen", "due_on": TODAY }));
    let (mut ann, _) = with_todos(&app, &todos).await;
    let page = ann.open("/todos?q=TAP").await;
    assert_eq!(
        (page.texts("h1").concat(), page.titles()),
        ("“TAP”".to_owned(), vec!["dentist".to_owned(), "tap #home".to_owned()])
    );
    assert_eq!((page.texts("mark"), page.values(".search input[name=q]")), (vec!["tap".to_owned()], vec!["TAP".to_owned()]));
    assert_eq!(page.attributes(".clear-search", "href"), ["/todos"]);
    let page = ann.open("/todos?view=today&q=STRASSE").await;
    assert_eq!(
        (page.texts("mark"), page.texts(".when").concat()),
        (vec!["Straße".to_owned()], "In titles and notes of Today. Clear search".to_owned())
    );
    // It stays within the view.
    assert_eq!(page.values(".search [name=view]"), ["today"]);
    let page = ann.open("/todos?view=today&q=tulips").await;
    assert_eq!(page.texts(".empty"), ["Nothing found for “\u{2068}tulips\u{2069}”. Clear search or search all todos"]);
    assert_eq!(ann.follow(&page, "search all todos").await.titles(), ["tulips #garden"]);
    let page = ann.open("/todos?q=%3Cb%3E%22%26").await;
    assert_eq!((page.status.as_u16(), page.texts("h1").concat()), (200, "“<b>\"&”".to_owned()));
}

#[tokio::test]
async fn tag_is_renamed_by_a_form_and_back() {
    let app = App::start().await;
    let (mut ann, _) = with_todos(&app, &planned()).await;
    let page = ann.open("/todos?tag=home").await;
    let page = ann.press(&page, "Rename", &[("name", " #Haus ")]).await;
    assert_eq!(page.titles(), ["tap #Haus", "photographs #Haus"]);
    assert!(ann.at.starts_with("/todos?tag=Haus&renamed="), "{}", ann.at);
    assert_eq!(page.texts(".flash p"), ["Tag renamed."]);
    ann.press(&page, "Undo", &[]).await;
    let page = ann.open("/todos?tag=home").await;
    assert_eq!(page.titles().len(), 2);
    for (name, message) in [
        ("two words", "Use one word: letters, digits, - and _."),
        ("1", "Use one word: letters, digits, - and _."),
        (&"a".repeat(495), "A title with this tag would be longer than 500 characters."),
    ] {
        let page = ann.press(&page, "Rename", &[("name", name)]).await;
        assert_eq!((page.status.as_u16(), page.texts(".rename .field-error").concat()), (422, message.to_owned()), "{name}");
        assert_eq!((page.values(".rename [name=name]").concat(), page.titles().len()), (name.to_owned(), 2));
    }
    let page = ann.open("/todos?tag=none").await;
    let page = ann.press(&page, "Rename", &[("name", "some")]).await;
    assert_eq!(page.texts(".rename .field-error"), ["No active todo has this tag."]);
}

/// Todos of yesterday, today and tomorrow, in each zone at its own midnight.
#[tokio::test]
async fn today_is_that_of_the_zone_and_turns_at_its_midnight() {
    for (zone, now, yesterday, today, tomorrow) in [
        ("Etc/GMT+12", "2027-01-01T11:59:30Z", "2026-12-30", "2026-12-31", "2027-01-01"),
        ("Pacific/Kiritimati", "2028-02-28T09:59:30Z", "2028-02-27", "2028-02-28", "2028-02-29"),
        // The days before the clocks are changed, and that day.
        ("Europe/Berlin", "2027-03-27T22:59:30Z", "2027-03-26", "2027-03-27", "2027-03-28"),
        ("America/New_York", "2027-11-08T04:59:30Z", "2027-11-06", "2027-11-07", "2027-11-08"),
    ] {
        let app = App::start().await;
        let now: jiff::Timestamp = now.parse().unwrap();
        app.wait(now.as_second() - app.now());
        let todo = |title: &str, due_on: &str| json!({ "title": title, "due_on": due_on });
        let todos = [todo("late", yesterday), todo("now", today), todo("soon", tomorrow)];
        let (mut ann, client) = with_todos(&app, &todos).await;
        client.call_with("PATCH", "/me", &json!({ "time_zone": zone })).await;
        let page = ann.open("/todos?view=today").await;
        assert_eq!(
            (page.titles(), groups(&page)),
            (vec!["late".to_owned(), "now".to_owned()], vec!["Overdue 1".to_owned(), "Today 1".to_owned()]),
            "{zone}"
        );
        let page = ann.press(&page, "Complete: late", &[]).await;
        assert_eq!(page.titles().len(), 2);
        app.wait(30);
        let page = ann.open("/todos?view=today").await;
        assert_eq!(
            (page.titles(), groups(&page)),
            (vec!["now".to_owned(), "soon".to_owned()], vec!["Overdue 1".to_owned(), "Today 1".to_owned()]),
            "{zone}"
        );
        assert_eq!(page.texts(".earlier"), ["1 completed earlier"], "{zone}");
    }
}

/// Who travels west has yesterday's date again; nothing moves but the dates.
#[tokio::test]
async fn today_follows_a_change_of_the_zone() {
    let app = App::start().await;
    let (mut ann, client) = with_todos(&app, &[json!({ "title": "now", "due_on": TODAY })]).await;
    for (zone, headings) in [("Pacific/Kiritimati", "Overdue 1"), ("Etc/GMT+12", "Today 1"), ("UTC", "Today 1")] {
        client.call_with("PATCH", "/me", &json!({ "time_zone": zone })).await;
        assert_eq!(groups(&ann.open("/todos?view=today").await), [headings], "{zone}");
    }
}

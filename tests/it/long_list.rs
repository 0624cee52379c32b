//! A list that is longer than a page: what is shown, how to get at the rest, and what that costs.

use futures::future::join_all;
use holdfast::{
    domain::{TodoFields, TodoId, TodoOrder, TodoTitle, UnixMillis},
    server::store::{Condition, NewTodo, Owner},
};
use serde_json::{Value, from_str};
use uuid::Uuid;

use crate::support::{ANN, ApiUser, App, BOB, Browser, Page, claims, statements_of};

/// Adds todos that are named by their numbers; every third is completed today.
async fn fill(app: &App, ann: &Browser<'_>, numbers: std::ops::Range<usize>) {
    let claims = claims(&ann.token());
    let user = claims["sub"].as_str().unwrap().parse().unwrap();
    let owner = Owner { user, token_epoch: claims["ver"].as_i64().unwrap(), session: None };
    for numbers in numbers.collect::<Vec<_>>().chunks(500) {
        let add = async |number: &usize| {
            let title = TodoTitle::parse(&format!("Todo {number:05}")).unwrap();
            let fields = TodoFields { completed: number.is_multiple_of(3), ..TodoFields::new(title) };
            let id = TodoId::from(Uuid::from_u128((1 << 100) | *number as u128));
            let order = TodoOrder::parse(i64::try_from(*number).unwrap()).ok();
            let new = NewTodo { id, fields, order };
            app.store().put_todo(owner, new, Condition::Absent, UnixMillis(app.now() * 1000)).await.unwrap();
        };
        join_all(numbers.iter().map(add)).await;
    }
}

async fn with_todos(app: &App, count: usize) -> Browser<'_> {
    let ann = Browser::signed_up(app, ANN).await;
    fill(app, &ann, 1..count + 1).await;
    ann
}

fn titles(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("Todo {number:05}")).collect()
}

fn json(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.html);
    from_str(&page.html).unwrap()
}

fn json_titles(page: &Page) -> Vec<String> {
    json(page)["todos"].as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect()
}

fn tag(page: &Page) -> String {
    page.headers["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn page_costs_what_is_shown() {
    let app = App::with(&[("RATE_LIMITS", "off"), ("MAX_TODOS", "10000")]).await;
    let mut ann = with_todos(&app, 1000).await;
    let mut costs = Vec::new();
    for count in [1000, 10_000] {
        if count > 1000 {
            fill(&app, &ann, 1001..count + 1).await;
        }
        for path in ["/todos", "/todos?show=completed"] {
            let (statements, page) = statements_of(ann.open(path)).await;
            assert_eq!((page.status.as_u16(), page.titles().len(), statements), (200, 200, 3));
            costs.push(page.html.len());
        }
    }
    for (few, many) in [(costs[0], costs[2]), (costs[1], costs[3])] {
        assert!(many * 10 <= few * 11, "{many} bytes with 10,000 todos, and {few} with 1,000");
    }
    // The island as well.
    ann.scripting = true;
    let (statements, page) = statements_of(ann.list("?show=active", None)).await;
    assert_eq!((json_titles(&page).len(), statements), (200, 3));
    let (statements, page) = statements_of(ann.list("?show=active", Some(&tag(&page)))).await;
    assert_eq!((page.status.as_u16(), statements), (304, 1));
}

#[tokio::test]
async fn counts_and_bulk_changes_are_of_all_todos_and_links_lead_to_the_rest() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 450).await;
    let page = ann.open("/todos").await;
    assert_eq!(page.titles(), titles(1..201));
    assert_eq!(
        (page.texts(".todo-count"), page.texts(".more p").concat()),
        (vec!["300 items left".to_owned()], "200 of 450".to_owned())
    );
    let page = ann.follow(&page, "Show more").await;
    assert_eq!(page.titles(), titles(201..401));
    assert_eq!(page.texts(".todo-count"), ["300 items left"]);
    // A form comes back to the same part.
    let here = ann.at.clone();
    let id = page.id_of("Todo 00202");
    let page = ann.press(&page, "Complete: Todo 00202", &[]).await;
    let with_offer = format!("{here}&completed={id}");
    assert_eq!((ann.at.clone(), page.texts(".todo-count").concat()), (with_offer, "299 items left".to_owned()));
    let page = ann.follow(&page, "Edit: Todo 00202").await;
    assert_eq!(page.values(".edit"), ["Todo 00202"]);
    let page = ann.press(&page, "Save: Todo 00202", &[("title", "renamed")]).await;
    assert_eq!((ann.at.clone(), page.titles()[1].as_str()), (here, "renamed"));
    let page = ann.follow(&page, "Show more").await;
    assert_eq!((page.titles(), page.texts(".more a").concat()), (titles(401..451), "Back to the startPrint all".to_owned()));

    let page = ann.open("/todos?show=completed").await;
    assert_eq!((page.titles().len(), page.texts(".more p").concat()), (151, String::new()), "this part is whole");
    let page = ann.press(&page, "Complete all", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".todo-count").concat()), (200, "0 items left".to_owned()));
    let page = ann.press(&page, "Undo", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".todo-count").concat()), (151, "299 items left".to_owned()));
    let page = ann.press(&page, "Clear completed", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".none-shown").concat()), (0, "No completed todos. Show all".to_owned()));
    let page = ann.press(&page, "Undo", &[]).await;
    assert_eq!(page.titles().len(), 151);
}

#[tokio::test]
async fn editor_of_a_todo_outside_of_the_page_is_shown() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 250).await;
    let page = ann.open("/todos").await;
    let page = ann.follow(&page, "Show more").await;
    let id = page.id_of("Todo 00240");
    let page = ann.open(&format!("/todos?edit={id}")).await;
    assert_eq!((page.titles().len(), page.values(".edit").concat()), (201, "Todo 00240".to_owned()));
    // A conflict as well.
    let fields = [("id", id.as_str()), ("seen_title", "before"), ("title", "mine")];
    let page = ann.submit("edit_todo", &fields).await;
    assert_eq!((page.status.as_u16(), page.texts(".conflict bdi").concat()), (409, "Todo 00240".to_owned()));
    assert_eq!(page.values(".edit"), ["mine"]);
}

#[tokio::test]
async fn short_list_comes_as_a_whole() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 200).await;
    let page = ann.open("/todos").await;
    assert_eq!((page.titles().len(), page.texts(".more").len()), (200, 0));
    assert_eq!(ann.open("/todos?show=completed").await.titles().len(), 66);
}

#[tokio::test]
async fn list_for_the_island_is_conditional() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 401).await;
    ann.scripting = true;
    let mut known = Vec::new();
    let next = json(&ann.list("", None).await)["info"]["next"].as_str().unwrap().to_owned();
    for query in ["", "?show=completed", "?show=active", "?view=important", "?q=todo", &format!("?after={next}")] {
        let page = ann.list(query, None).await;
        assert_eq!(page.headers["content-type"], "application/json");
        assert_eq!(
            (page.headers["cache-control"].to_str().unwrap(), &json(&page)["info"]["tag"]),
            ("no-store", &tag(&page).into())
        );
        known.push((query.to_owned(), tag(&page)));
    }
    for (query, _) in &known {
        for (other, tag) in &known {
            let page = ann.list(query, Some(tag)).await;
            assert_eq!(page.status.as_u16(), if query == other { 304 } else { 200 }, "{query} by the tag of {other}");
            assert!(page.headers.contains_key("holdfast-seconds-left") && !page.headers.contains_key("set-cookie"));
        }
    }
    ann.submit("complete_todos", &[]).await;
    for (query, tag) in &known {
        assert_eq!(ann.list(query, Some(tag)).await.status, 200);
    }
    for query in ["?tag=a.b", "?after=%26limit%3D1", "?after=AAAA", "?others=x", "?others=", "?show=active&show=active"] {
        let page = ann.list(query, None).await;
        assert_eq!((page.status.as_u16(), page.html.as_str()), (400, r#""Malformed""#), "{query}");
    }
}

#[tokio::test]
async fn named_todos_come_with_the_page_in_the_order_of_the_list() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 201).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let bobs = bob.add("Bob's").await["id"].as_str().unwrap().to_owned();
    let id = |number: u128| Uuid::from_u128((1 << 100) | number);
    let query = format!("?show=active&others={},{},{bobs},{}", id(6), id(3), id(1));
    let found = json(&ann.list(&query, None).await);
    let others: Vec<_> = found["others"].as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap()).collect();
    assert_eq!(others, titles([3, 6]), "without those of the page and another user's");
    let many = vec![bobs; 51].join(",");
    assert_eq!(ann.list(&format!("?others={many}"), None).await.status, 400);
}

/// A-19
#[tokio::test]
async fn list_for_the_island_is_for_pages_of_this_site() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    for (name, value, status) in [
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "none", 403),
        ("referer", "https://evil.example/", 403),
        ("x-none", "", 403),
    ] {
        let mut elsewhere = Browser::with_scripting(&app).in_session_of(&ann);
        elsewhere.at = "/".to_owned();
        let request = elsewhere.request(axum::http::Method::GET, "/bff/todos").header("accept", "application/json");
        let response = app.send(request.header(name, value).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{name}: {value}");
    }
    assert_eq!(Browser::with_scripting(&app).list("", None).await.status, 401);
}

#[tokio::test]
async fn page_for_printing_has_a_thousand_todos_and_a_link_to_the_rest() {
    let app = App::start().await;
    let mut ann = with_todos(&app, 1100).await;
    let page = ann.open("/todos").await;
    let (statements, page) = statements_of(ann.follow(&page, "Print all")).await;
    assert_eq!((ann.at.as_str(), page.texts(".print-list li").len(), statements), ("/todos/print", 1000, 7));
    assert_eq!(page.texts(".print-list li")[2], "☑ Todo 00003");
    let page = ann.follow(&page, "Next part").await;
    assert_eq!((page.texts(".print-list li").len(), page.texts(".print-list li")[0].as_str()), (100, "☐ Todo 01001"));
    let page = ann.open("/todos/print?show=completed").await;
    assert_eq!((page.texts(".print-list li").len(), page.html.contains("Next part")), (366, false));
    assert_eq!(ann.open("/todos/print?after=x%26").await.status, 400);
    let mut anonymous = Browser::without_scripting(&app);
    anonymous.open("/todos/print").await;
    assert!(anonymous.at.starts_with("/sign-in?next="), "{}", anonymous.at);
}

//! The todo page without scripting: forms, links and the TodoMVC markup.

use scraper::{Html, Selector};

use crate::support::{ANN, App, Browser, Page};

async fn with_todos<'a>(app: &'a App, titles: &[&str]) -> (Browser<'a>, Page) {
    let mut ann = Browser::signed_up(app, ANN).await;
    let mut page = ann.open("/todos").await;
    for title in titles {
        page = ann.press(&page, "Add", &[("title", title)]).await;
    }
    (ann, page)
}

/// The exact class of each item, which TodoMVC suites compare.
fn item_classes(page: &Page) -> Vec<String> {
    page.attributes(".todo-list > li", "class")
}

/// Whether the list, the footer and the clear button are hidden.
fn hidden(page: &Page) -> [bool; 3] {
    [".main", ".footer", ".clear-completed"].map(|part| {
        assert_eq!(page.texts(part).len(), 1, "{part} is always there");
        page.attributes(part, "hidden").len() == 1
    })
}

/// The text of each element with its white space, without templates.
fn exact_texts(page: &Page, selector: &str) -> Vec<String> {
    let seen: String = page.html.split("<template>").map(|part| part.rsplit("</template>").next().unwrap()).collect();
    let document = Html::parse_document(&seen);
    document.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

#[tokio::test]
async fn todos_are_added_completed_edited_and_deleted() {
    let app = App::start().await;
    let (mut ann, page) = with_todos(&app, &["read the post", "   repair the bike ", "write to Ida"]).await;
    assert_eq!(ann.at, "/todos");
    assert_eq!(exact_texts(&page, ".todo-list label"), ["read the post", "repair the bike", "write to Ida"]);
    assert_eq!((page.attributes(".new-todo", "value").len(), item_classes(&page)), (0, vec![String::new(); 3]));
    assert_eq!(page.attributes("[autofocus]", "class"), ["new-todo"]);

    let page = ann.press(&page, "Complete: read the post", &[]).await;
    assert_eq!(item_classes(&page), ["completed", "", ""]);
    assert_eq!(page.attributes(".toggle[checked]", "aria-labelledby"), page.attributes(".completed label", "id"));
    let page = ann.press(&page, "Reopen: read the post", &[]).await;
    assert_eq!((item_classes(&page), page.attributes(".toggle[checked]", "class").len()), (vec![String::new(); 3], 0));

    let page = ann.press(&page, "Complete: repair the bike", &[]).await;
    let page = ann.follow(&page, "Edit: repair the bike").await;
    assert_eq!(item_classes(&page), ["", "completed editing", ""]);
    assert_eq!(
        (page.values(".edit"), page.attributes(".edit", "aria-label")),
        (vec!["repair the bike".to_owned()], vec!["Edit: repair the bike".to_owned()])
    );
    assert_eq!(page.attributes("[autofocus]", "class"), ["edit"]);
    let page = ann.press(&page, "Save: repair the bike", &[("title", " \u{2003} sell  the bike \u{3000} ")]).await;
    assert_eq!((ann.at.as_str(), item_classes(&page)), ("/todos", vec![String::new(), "completed".to_owned(), String::new()]));
    assert_eq!(exact_texts(&page, ".completed label"), ["sell  the bike"]);
    assert!(page.values(".edit").is_empty());

    // An empty title deletes the todo.
    let page = ann.follow(&page, "Edit: sell  the bike").await;
    let page = ann.press(&page, "Save: sell  the bike", &[("title", "")]).await;
    assert_eq!(page.titles(), ["read the post", "write to Ida"]);
    let page = ann.press(&page, "Undo", &[]).await;
    assert_eq!((page.titles().len(), item_classes(&page)[1].as_str()), (3, "completed"));
    let page = ann.press(&page, "Delete: read the post", &[]).await;
    assert_eq!((page.titles().len(), page.texts(".todo-count")), (2, vec!["1 item left".to_owned()]));
}

#[tokio::test]
async fn all_todos_are_completed_reopened_and_cleared() {
    let app = App::start().await;
    let (mut ann, page) = with_todos(&app, &[]).await;
    assert_eq!(hidden(&page), [true, true, true]);
    assert_eq!((page.texts(".empty").len(), page.texts(".main .empty, li .empty").len()), (1, 0));

    let page = ann.press(&page, "Add", &[("title", "one")]).await;
    assert_eq!((hidden(&page), page.texts(".empty").len()), ([false, false, true], 0));
    assert_eq!(
        (page.texts(".todo-count"), page.texts(".todo-count strong")),
        (vec!["1 item left".to_owned()], vec!["1".to_owned()])
    );
    let page = ann.press(&page, "Add", &[("title", "two")]).await;
    assert_eq!(page.texts(".todo-count"), ["2 items left"]);

    let page = ann.press(&page, "Complete all", &[]).await;
    assert_eq!((hidden(&page), item_classes(&page)), ([false; 3], vec!["completed".to_owned(); 2]));
    assert_eq!(
        (page.texts(".todo-count"), page.attributes(".toggle-all", "checked").len()),
        (vec!["0 items left".to_owned()], 1)
    );
    let page = ann.press(&page, "Reopen: one", &[]).await;
    assert_eq!(page.attributes(".toggle-all", "checked").len(), 0, "the toggle-all checkbox follows the todos");
    let page = ann.press(&page, "Complete: one", &[]).await;
    let page = ann.press(&page, "Reopen all", &[]).await;
    assert_eq!((item_classes(&page), hidden(&page)), (vec![String::new(); 2], [false, false, true]));

    let page = ann.press(&page, "Complete: two", &[]).await;
    let page = ann.press(&page, "Clear completed", &[]).await;
    assert_eq!((page.titles(), hidden(&page)), (vec!["one".to_owned()], [false, false, true]));
    let page = ann.press(&page, "Delete: one", &[]).await;
    assert_eq!(hidden(&page), [true; 3]);
    let page = ann.press(&page, "Add", &[("title", "one more")]).await;
    assert_eq!(page.attributes(".toggle-all", "checked").len(), 0);
}

#[tokio::test]
async fn filters_are_links_and_forms_keep_the_filter() {
    let app = App::start().await;
    let (mut ann, page) = with_todos(&app, &["buy milk", "call Bob", "water the plants"]).await;
    let mut page = ann.press(&page, "Complete: call Bob", &[]).await;
    for (filter, at, titles) in [
        ("Completed", "/todos?show=completed", &["call Bob"][..]),
        ("All", "/todos", &["buy milk", "call Bob", "water the plants"]),
        ("Active", "/todos?show=active", &["buy milk", "water the plants"]),
    ] {
        page = ann.follow(&page, filter).await;
        assert_eq!((ann.at.as_str(), page.titles()), (at, titles.iter().map(|&title| title.to_owned()).collect()));
        assert_eq!(
            (page.texts(".filters .selected"), page.texts(".todo-count")),
            (vec![filter.to_owned()], vec!["2 items left".to_owned()])
        );
    }
    page = ann.press(&page, "Complete: buy milk", &[]).await;
    assert_eq!(
        (page.texts(".filters .selected"), page.titles()),
        (vec!["Active".to_owned()], vec!["water the plants".to_owned()])
    );
    page = ann.follow(&page, "Edit: water the plants").await;
    page = ann.press(&page, "Save: water the plants", &[("title", "water the garden")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos?show=active", vec!["water the garden".to_owned()]));
    page = ann.press(&page, "Delete: water the garden", &[]).await;
    page = ann.press(&page, "Undo", &[]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos?show=active", vec!["water the garden".to_owned()]));
    page = ann.press(&page, "Add", &[("title", "one more")]).await;
    assert_eq!(page.titles(), ["water the garden", "one more"]);
    page = ann.press(&page, "Complete all", &[]).await;
    assert_eq!(page.texts(".none-shown"), ["No active todos. Show all"]);
    page = ann.follow(&page, "Show all").await;
    assert_eq!((ann.at.as_str(), page.titles().len()), ("/todos", 4));
}

#[tokio::test]
async fn todo_page_keeps_its_markup_contract() {
    let app = App::start().await;
    let (mut ann, page) = with_todos(&app, &["one", "two & three", "four"]).await;
    let page = ann.press(&page, "Complete: one", &[]).await;
    // 2 and 10: the only text of an item is its title; buttons are icons with a name.
    let titles = ["one", "two & three", "four"];
    assert_eq!(exact_texts(&page, ".todo-list > li > .view label"), titles);
    assert_eq!(exact_texts(&page, ".todo-list > li"), titles);
    assert_eq!((page.texts("li li").len(), page.texts("li label *").len(), page.texts(".todo-list label").len()), (0, 0, 3));
    let buttons = ".todo-list button, .todo-list a";
    assert_eq!(exact_texts(&page, buttons).concat(), "");
    assert_eq!(page.attributes(buttons, "aria-label").len(), page.texts(buttons).len());
    // 3: the label names the checkbox, but a click on it does not toggle.
    assert_eq!(page.attributes(".toggle", "aria-labelledby"), page.attributes(".todo-list label", "id"));
    assert_eq!(
        (
            page.attributes("label[for^=t-], .todo-list label", "for").len(),
            page.texts(".todo-list label input, .todo-list input[id]").len()
        ),
        (0, 0)
    );
    // 8 and 9: the delete button has a name; the title input exists only in edit mode.
    assert_eq!(page.attributes(".destroy", "aria-label"), titles.map(|title| format!("Delete: {title}")));
    let page = ann.follow(&page, "Edit: two & three").await;
    assert_eq!(page.values(".edit"), ["two & three"]);
    let page = ann.follow(&page, "All").await;
    assert!(page.values(".edit").is_empty());
}

#[tokio::test]
async fn site_is_navigable_by_links() {
    let app = App::start().await;
    let mut ann = Browser::without_scripting(&app);
    let page = ann.open("/no/such/page").await;
    let page = ann.follow(&page, &page.texts("main a")[0]).await;
    let page = ann.follow(&page, "Sign up").await;
    assert_eq!((ann.at.as_str(), page.texts("h1")), ("/sign-up", vec!["Sign up".to_owned()]));
    let page = ann.press(&page, "Sign up", &[("email", ANN), ("password", crate::support::PASSWORD)]).await;
    let page = ann.follow(&page, "Account").await;
    let page = ann.follow(&page, "Delete account…").await;
    let page = ann.follow(&page, "Cancel").await;
    ann.follow(&page, "Holdfast").await;
    let page = ann.open("/todos").await;
    let page = ann.press(&page, "Add", &[("title", "buy milk")]).await;
    let page = ann.press(&page, "Delete: buy milk", &[]).await;
    let page = ann.follow(&page, "Trash").await;
    let page = ann.follow(&page, "Empty trash…").await;
    let page = ann.follow(&page, "Cancel").await;
    let page = ann.press(&page, "Restore: buy milk", &[]).await;
    let page = ann.follow(&page, "Go to your todos").await;
    assert_eq!(page.titles(), ["buy milk"]);
    let page = ann.follow(&page, "Account").await;
    let page = ann.press(&page, "Sign out", &[]).await;
    assert_eq!((ann.at.as_str(), page.texts("h1")), ("/sign-in", vec!["Sign in".to_owned()]));

    // The pages about API problems.
    let page = ann.open("/problems/precondition-failed").await;
    assert_eq!(
        (page.texts("h1"), page.texts("title")),
        (vec!["Precondition failed".to_owned()], vec!["Precondition failed · Holdfast API".to_owned()])
    );
    assert!(page.texts("main").concat().contains("Status 412"));
    let page = ann.follow(&page, "All problems").await;
    let page = ann.follow(&page, "Not found").await;
    assert_eq!(page.texts("h1"), ["Not found"]);
    let page = ann.open("/api/v1/docs").await;
    assert!(page.texts("main").concat().contains("which needs scripting"));
    ann.follow(&page, "openapi.json").await;
    assert_eq!(ann.at, "/api/v1/openapi.json");
}

#[tokio::test]
async fn pages_have_a_link_preview() {
    let app = App::start().await;
    let page = Browser::without_scripting(&app).open("/sign-in").await;
    assert_eq!(page.attributes("meta[property='og:image']", "content"), ["http://127.0.0.1:3000/preview.png"]);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/public/preview.png");
    assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
}

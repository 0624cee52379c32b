//! Budgets of memory allocations: the same on every machine, and more with most of what makes a request slower. SQLite and its
//! driver have their own threads, which are not counted. With `--nocapture` the test prints its counts, for new budgets.

use allocation_counter::measure;
use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, request::Builder},
};
use tokio::runtime::{self, Runtime};

use crate::support::{ANN, ApiUser, App, Browser, Kind, TestDatabase, log, run_sql, statements_of};

/// One thread does all the work, so that all of it is counted.
fn runtime() -> Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The fewest of some runs: the first one fills caches, and a wait for SQLite allocates.
fn allocations_of(runtime: &Runtime, app: &App, status: u16, request: impl Fn() -> Request<Body>) -> u64 {
    let _production = log::like_production();
    let run = |_| {
        let request = request();
        let counted = measure(|| {
            runtime.block_on(async {
                let response = app.begin(request).await;
                assert_eq!(response.status(), status);
                to_bytes(response.into_body(), usize::MAX).await.unwrap();
            });
        });
        counted.count_total
    };
    (0..20).map(run).min().unwrap()
}

fn empty(request: Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

#[test]
fn requests_keep_their_budgets_of_allocations() {
    let runtime = runtime();
    let database = runtime.block_on(TestDatabase::new(Kind::Sqlite)).unwrap();
    let settings = [("RATE_LIMITS", "off"), ("MAX_TODOS", "100000")];
    let app = runtime.block_on(App::on_database(&database, &settings));
    let browser = runtime.block_on(Browser::signed_up(&app, ANN));
    let ann = ApiUser { app: &app, token: browser.token() };
    for n in 0..100 {
        runtime.block_on(ann.add(&format!("Todo number {n}, as long as most are")));
    }
    let forged = ApiUser { app: &app, token: format!("{}x", ann.token) };
    let page = |browser: &Browser<'_>, path| empty(browser.request(Method::GET, path).header("accept", "text/html"));
    let list = || empty(ann.request("GET", "/todos?limit=100"));
    let create = || {
        let request = ann.request("POST", "/todos").header("content-type", "application/json");
        request.body(Body::from(r#"{"title":"buy milk"}"#)).unwrap()
    };
    // A budget is the count and 2 to 3 %.
    let check = |what, budget, status, request: &dyn Fn() -> Request<Body>| {
        let count = allocations_of(&runtime, &app, status, request);
        println!("{what}: {count} allocations, budget {budget}");
        assert!(count <= budget, "{what} takes {count} allocations, more than its budget of {budget}");
    };
    check("the API's list of 100", 225, 200, &list);
    check("the page of 100", 2110, 200, &|| page(&browser, "/todos"));
    check("the sign-in page", 550, 200, &|| page(&Browser::without_scripting(&app), "/sign-in"));
    check("a refused token", 48, 401, &|| empty(forged.request("GET", "/todos")));
    check("/livez", 35, 200, &|| empty(Request::get("/livez")));
    check("a new todo", 130, 201, &create);

    runtime.block_on(run_sql(&database.folder.path().join("test.db"), FIFTY_THOUSAND_MORE));
    check("100 of a long list by the API", 235, 200, &list);
    check("the page of a long list", 3210, 200, &|| page(&browser, "/todos"));
    check("a new todo of a long list", 130, 201, &create);
    let (statements, _) = runtime.block_on(statements_of(app.begin(create())));
    assert_eq!(statements, 1, "statements of a new todo of a long list");
}

/// Copies of one todo, each with an id of its own.
const FIFTY_THOUSAND_MORE: &str = r#"
    with recursive n(n) as (select 1 union all select n + 1 from n where n < 50000)
    insert into todos (user_id, id, title, completed, "order", version, created_at, updated_at)
    select user_id, printf('018f3a52-7b1c-7def-8abc-%012x', n), title, completed, "order" + n, 1, created_at, updated_at
    from n, (select * from todos limit 1)"#;

//! Property tests of the API with generated input.

use holdfast::domain::{TodoOrder, TodoTitle, is_visible};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::support::{ANN, ApiUser, App, body_json, path};

/// Runs all cases of a property with one app and user.
fn check(property: &impl AsyncFn(&ApiUser<'_>, Value) -> Result<(), TestCaseError>, inputs: impl Strategy<Value = Value>) {
    let runtime = Runtime::new().unwrap();
    let app = runtime.block_on(App::start());
    let ann = runtime.block_on(ApiUser::signed_up(&app, ANN));
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let result = runner.run(&inputs, |input| runtime.block_on(property(&ann, input)));
    if let Err(fault) = result {
        panic!("{fault}");
    }
}

/// Text with many white space, control and invisible characters.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        ' ',
        '\n',
        '\r',
        '\t',
        '\0',
        '\u{85}',
        '\u{a0}',
        '\u{3000}',
        '\u{7f}',
        '\u{202e}',
        '\u{200b}',
        '\u{2060}',
        '\u{3164}',
        '\u{e0041}',
        'é',
        '\u{1f951}',
    ]);
    prop_oneof![
        "\\PC{0,20}",
        prop::collection::vec(prop_oneof![odd, any::<char>()], 0..20).prop_map(|chars| chars.into_iter().collect()),
        (490..510usize).prop_map(|length| "é".repeat(length)),
    ]
}

fn order() -> impl Strategy<Value = i64> {
    let edge = TodoOrder::MAX;
    prop_oneof![any::<i64>(), -edge..=edge, edge - 1..=edge + 1, -edge - 1..=-edge + 1]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

/// A merge patch with valid and invalid values, and sometimes an unknown member.
fn patch() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        4 => text().prop_map(|title| ("title".to_owned(), json!(title))),
        3 => any::<bool>().prop_map(|completed| ("completed".to_owned(), json!(completed))),
        3 => order().prop_map(|order| ("order".to_owned(), json!(order))),
        1 => (prop::sample::select(vec!["id", "url", "version", "created_at", "updated_at", "completed_at"]), json_value())
            .prop_map(|(name, value)| (name.to_owned(), value)),
        1 => (prop::sample::select(vec!["title", "completed", "order", "owner", "Title", ""]), json_value())
            .prop_map(|(name, value)| (name.to_owned(), value)),
    ];
    prop::collection::vec(member, 0..4).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// JSON has a single number type, so 1.0 is an integer.
fn as_integer(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
    let of_float = |float: f64| (float.fract() == 0.0).then_some(float as i64);
    value.as_i64().or_else(|| of_float(value.as_f64()?))
}

/// The todo after the patch, or `None` if the patch is invalid.
fn expected(before: &Value, patch: &Value) -> Option<Value> {
    let mut after = before.clone();
    for (name, value) in patch.as_object().unwrap() {
        match name.as_str() {
            "title" => after["title"] = String::from(TodoTitle::parse(value.as_str()?).ok()?).into(),
            "completed" => after["completed"] = value.as_bool()?.into(),
            "order" => after["order"] = TodoOrder::parse(as_integer(value)?).ok()?.get().into(),
            "id" | "url" | "version" | "created_at" | "updated_at" | "completed_at" => {}
            _ => return None,
        }
    }
    Some(after)
}

#[test]
fn merge_patch_changes_the_named_members_or_nothing() {
    let property = async |ann: &ApiUser<'_>, patch: Value| {
        let before = ann.add("start").await;
        let path = path(&before);
        let response = ann.call_with("PATCH", &path, &patch).await;
        let status = response.status().as_u16();
        let after = body_json(ann.call("GET", &path).await).await;
        if let Some(expected) = expected(&before, &patch) {
            prop_assert_eq!(status, 200);
            for member in ["id", "url", "title", "completed", "order", "created_at"] {
                prop_assert_eq!(&after[member], &expected[member]);
            }
            prop_assert_eq!(&after["version"], &json!(2));
            prop_assert_eq!(after["completed_at"].is_string(), after["completed"] == true);
        } else {
            prop_assert_eq!(status, 422);
            prop_assert_eq!(after, before);
        }
        Ok(())
    };
    check(&property, patch());
}

#[test]
fn title_is_stored_as_the_domain_normalises_it() {
    let property = async |ann: &ApiUser<'_>, title: Value| {
        let response = ann.call_with("POST", "/todos", &json!({ "title": title })).await;
        if let Ok(parsed) = TodoTitle::parse(title.as_str().unwrap()) {
            prop_assert_eq!(response.status(), 201);
            let stored = body_json(response).await["title"].clone();
            prop_assert_eq!(&stored, parsed.as_str());
            // Normalisation is idempotent.
            prop_assert_eq!(TodoTitle::parse(stored.as_str().unwrap()).unwrap(), parsed);
        } else {
            prop_assert_eq!(response.status(), 422);
        }
        Ok(())
    };
    check(&property, text().prop_map(Value::from));
}

#[test]
fn schema_and_api_agree_on_titles_and_orders() {
    let schema = json!({ "$ref": "#/components/schemas/TodoChange" });
    let property = async |ann: &ApiUser<'_>, body: Value| {
        let todo = ann.add("start").await;
        let status = ann.call_with("PATCH", &path(&todo), &body).await.status();
        // The API trims white space around the title, which a schema can't express.
        let is_trimmed = body["title"].as_str().is_none_or(|title| title.trim() == title && !title.contains("\r\n"));
        if is_trimmed {
            prop_assert_eq!(ann.app.document().accepts(&schema, &body), status == 200, "{}", status);
        }
        Ok(())
    };
    let both = (text(), order()).prop_map(|(title, order)| json!({ "title": title, "order": order }));
    check(&property, prop_oneof![both, patch().prop_filter("read-only members may be anything", |patch| patch["id"].is_null())]);
}

/// The schema's pattern duplicates `is_visible`.
#[tokio::test]
async fn schema_and_domain_agree_on_visible_characters() {
    let app = App::start().await;
    let schema = json!({ "$ref": "#/components/schemas/TodoChange" });
    let near = |c: char| (u32::from(c).saturating_sub(1)..=u32::from(c) + 1).filter_map(char::from_u32);
    let edges = ('\0'..=char::MAX).filter(|c| near(*c).any(|other| is_visible(other) != is_visible(*c)));
    let mut checked = 0;
    for c in edges.filter(|c| !c.is_whitespace()) {
        assert_eq!(app.document().accepts(&schema, &json!({ "title": c })), is_visible(c), "U+{:04X}", u32::from(c));
        checked += 1;
    }
    assert!(checked > 70, "{checked}");
}

#[test]
fn list_is_sorted_and_pages_partition_it() {
    let property = async |ann: &ApiUser<'_>, input: Value| {
        ann.call("DELETE", "/todos").await;
        let orders = input["orders"].as_array().unwrap();
        for order in orders {
            ann.call_with("POST", "/todos", &json!({ "title": "x", "order": order })).await;
        }
        let whole = body_json(ann.call("GET", "/todos").await).await;
        let places: Vec<_> = whole.as_array().unwrap().iter().map(|todo| (todo["order"].as_i64(), todo["id"].as_str())).collect();
        prop_assert_eq!(places.len(), orders.len());
        prop_assert!(places.is_sorted());

        let mut walked = Vec::new();
        let mut next = Some(format!("/todos?limit={}", input["limit"]));
        while let Some(path) = next {
            let response = ann.call("GET", &path).await;
            let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
            next = link.map(|link| link["<http://127.0.0.1:3000/api/v1".len()..].split('>').next().unwrap().to_owned());
            walked.extend(body_json(response).await.as_array().unwrap().clone());
        }
        prop_assert_eq!(Value::from(walked), whole);
        Ok(())
    };
    let orders = prop::collection::vec(prop_oneof![-3..3i64, prop::sample::select(vec![-TodoOrder::MAX, TodoOrder::MAX])], 0..8);
    check(&property, (orders, 1..4u32).prop_map(|(orders, limit)| json!({ "orders": orders, "limit": limit })));
}

//! The undo notice after a change by form, for browsers without scripting.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::params::ParamsMap;

use crate::{bff, domain::TodoId};

/// A change that can be undone, and the form that undoes it.
pub struct Offer {
    text: &'static str,
    /// Title of the todo, if it is one.
    title: Option<String>,
    action: String,
    fields: Vec<(&'static str, String)>,
}

impl Offer {
    /// Reads the query parameters, which name the change by the id of a todo or by the list version, never by a text; malformed values
    /// are ignored. The URL of the form repeats the offer, for the page of a failed one.
    pub async fn read(query: ParamsMap) -> Option<Self> {
        if let Some(id) = parameter::<TodoId>(&query, "deleted") {
            // The trash begins with the latest.
            let latest = bff::list_trash(None).await.ok();
            let deleted = latest.and_then(|trash| trash.todos.into_iter().find(|deleted| deleted.todo.id == id));
            let action = bff::RestoreTodos::PATH.to_owned();
            let fields = vec![("ids[0]", id.to_string())];
            return Some(Self { text: "Deleted", title: deleted.map(|deleted| deleted.todo.title), action, fields });
        }
        for (kind, text, completed) in [("completed", "Completed", true), ("reopened", "Reopened", false)] {
            if let Some(id) = parameter::<TodoId>(&query, kind) {
                let todo = bff::read_todo(id).await.ok().filter(|todo| todo.completed == completed)?;
                let action = format!("{}?{kind}={id}", bff::EditTodo::PATH);
                let fields = vec![("id", id.to_string()), ("completed", (!completed).to_string())];
                return Some(Self { text, title: Some(todo.title), action, fields });
            }
        }
        let changes = [
            ("cleared", "Completed todos cleared"),
            ("completed", "All todos completed"),
            ("reopened", "All todos reopened"),
            ("renamed", "Tag renamed"),
        ];
        let (kind, text, version) =
            changes.into_iter().find_map(|(kind, text)| Some((kind, text, parameter::<i64>(&query, kind)?)))?;
        let action = format!("{}?{kind}={version}", bff::UndoChange::PATH);
        Some(Self { text, title: None, action, fields: vec![("version", version.to_string())] })
    }
}

fn parameter<T: std::str::FromStr>(query: &ParamsMap, name: &str) -> Option<T> {
    query.get(name)?.parse().ok()
}

#[component]
pub fn Flash(offer: Offer) -> impl IntoView {
    let Offer { text, title, action, fields } = offer;
    let title = title.map(|title| view! { " “"<bdi translate="no">{title}</bdi>"”" });
    let fields = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <div class="notice flash" role="status">
            <p>{text}{title}"."</p>
            <form method="post" action=action>
                {fields.collect_view()}
                <button class="button button-quiet" type="submit">"Undo"</button>
            </form>
        </div>
    }
}

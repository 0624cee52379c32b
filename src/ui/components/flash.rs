//! The undo notice after a change by form, for browsers without scripting.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use crate::{bff, domain::TodoId};

/// The query parameters name the change, by the id of a deleted todo or by the list version; malformed values are ignored. The URL of
/// the form repeats the offer, for the page of a failed one.
#[component]
pub fn Flash() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let deleted = query.get("deleted").and_then(|id| id.parse::<TodoId>().ok());
    let changed =
        [("cleared", "Completed todos cleared."), ("completed", "All todos completed."), ("reopened", "All todos reopened.")];
    let version = |(kind, text)| Some((kind, query.get(kind)?.parse::<i64>().ok()?, text));
    let (path, name, value, text) = match (deleted, changed.into_iter().find_map(version)) {
        (Some(id), _) => (bff::RestoreTodos::PATH.to_owned(), "ids[0]", id.to_string(), "Deleted."),
        (None, Some((kind, version, text))) => {
            (format!("{}?{kind}={version}", bff::UndoChange::PATH), "version", version.to_string(), text)
        }
        (None, None) => return Either::Left(()),
    };
    Either::Right(view! {
        <div class="notice flash" role="status">
            <p>{text}</p>
            <form method="post" action=path>
                <input type="hidden" name=name value=value />
                <button class="button button-quiet" type="submit">"Undo"</button>
            </form>
        </div>
    })
}

//! The undo notice after a deletion by form, for browsers without scripting.

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_query_map;

use crate::{bff, domain::TodoId};

/// The query parameters `deleted` and `cleared` name the deletion; malformed values are ignored.
#[component]
pub fn Flash() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let deleted = query.get("deleted").and_then(|id| id.parse::<TodoId>().ok());
    let cleared = query.get("cleared").and_then(|at| at.parse::<i64>().ok());
    let (path, name, value, text) = match (deleted, cleared) {
        (Some(id), _) => (bff::RestoreTodos::PATH, "ids[0]", id.to_string(), "Deleted."),
        (None, Some(at)) => (bff::RestoreCleared::PATH, "at", at.to_string(), "Completed todos cleared."),
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

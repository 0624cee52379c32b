//! Texts about changes, for users.

use super::model::{Change, Count, Failure, Filter, Removed, Sending};
use crate::{
    contract::AppError,
    domain::TodoTitle,
    ui::words::{reason, sentence},
};

/// `title` is the title before the change.
pub fn not_done(change: &Change, title: Option<&str>) -> String {
    let todo = |done: &str| {
        [title.map_or_else(|| "The todo".to_owned(), quoted), " was not ".to_owned(), done.to_owned(), ".".to_owned()].concat()
    };
    match change {
        Change::Add { title, .. } => not_added(title),
        Change::Edit { patch, seen, .. } => match (&patch.title, patch.completed) {
            (Some(title), _) => not_changed(seen.as_deref(), title.as_str()),
            (None, Some(true)) => todo("completed"),
            (None, _) => todo("reopened"),
        },
        Change::Delete(_) => todo("deleted"),
        Change::CompleteAll | Change::ReopenAll | Change::ClearCompleted(_) => "The list was not changed.".to_owned(),
        Change::Restore(Removed { at: Some(_), .. }) => "Not all that was deleted was restored.".to_owned(),
        Change::Restore(_) => "What was deleted was not restored.".to_owned(),
    }
}

fn not_added(title: &TodoTitle) -> String {
    quoted(title.as_str()) + " was not added."
}

fn not_changed(seen: Option<&str>, title: &str) -> String {
    quoted(seen.unwrap_or_default()) + " was not changed to " + &quoted(title) + "."
}

pub fn failed(failure: &Failure) -> String {
    let title = failure.title.as_deref();
    let what = match (&failure.change, &failure.typed) {
        (Some(Change::Add { title, .. }), _) => not_added(failure.then.as_ref().and_then(Change::title).unwrap_or(title)),
        (Some(change), _) => not_done(change, title),
        (None, Some(typed)) => not_changed(title, typed),
        (None, None) => return sentence(failure.error).into_owned(),
    };
    what + " " + &if failure.is_known { reason(failure.error) } else { sentence(failure.error) }
}

pub fn waiting(sending: Sending, unsent: usize) -> Option<String> {
    let Sending::Waiting(error) = sending else { return None };
    let why = if error == AppError::Unreachable { "The server can't be reached." } else { "The server is busy." };
    let changes = if unsent == 1 { " change is" } else { " changes are" };
    Some([why, " ", &unsent.to_string(), changes, " kept here and sent as soon as possible."].concat())
}

pub fn deleted(removed: &Removed) -> String {
    match removed.todos.as_slice() {
        [deleted] => ["Deleted ", &quoted(&deleted.todo.title), "."].concat(),
        todos => ["Deleted ", &todos.len().to_string(), " todos."].concat(),
    }
}

/// The item count for screen readers.
pub fn number((filter, count): (Filter, usize)) -> String {
    let kind = match filter {
        Filter::All => "",
        Filter::Active => "active ",
        Filter::Completed => "completed ",
    };
    [&*count.to_string(), " ", kind, if count == 1 { "item" } else { "items" }].concat()
}

pub fn left(count: Count) -> &'static str {
    if count.active == 1 { " item left" } else { " items left" }
}

/// Quotes a title within a sentence. The isolate characters (UAX #9) work like `<bdi>` with less code: a right-to-left title
/// does not reorder the surrounding text.
fn quoted(title: &str) -> String {
    ["“\u{2068}", title, "\u{2069}”"].concat()
}

#[cfg(test)]
mod tests {
    use super::{Change, Removed, deleted, not_done};
    use crate::{
        contract::TodoView,
        domain::{TodoId, TodoTitle},
    };

    #[test]
    fn each_title_stands_between_our_words_and_is_no_part_of_them() {
        let id: TodoId = "019aa5a2-7b1c-7def-8abc-0123456789ab".parse().unwrap();
        let change = Change::rename(id, "\u{202e}was".to_owned(), TodoTitle::parse("is").unwrap());
        assert_eq!(not_done(&change, None), "“\u{2068}\u{202e}was\u{2069}” was not changed to “\u{2068}is\u{2069}”.");
        assert_eq!(not_done(&Change::complete(id, true), Some("milk")), "“\u{2068}milk\u{2069}” was not completed.");
        assert_eq!(not_done(&Change::Delete(id), None), "The todo was not deleted.");
        let todo = TodoView::new(id, "\u{202e}milk");
        assert_eq!(deleted(&Removed::of(&[todo], None, |_| true)), "Deleted “\u{2068}\u{202e}milk\u{2069}”.");
    }
}

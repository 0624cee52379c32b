//! Texts about changes, for users.

use super::model::{Bulk, Change, Count, Failure, Filter, Sending, Undo};
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
        Change::All(..) => "The list was not changed.".to_owned(),
        Change::Undo(undo) if undo.is_deletion() => "What was deleted was not restored.".to_owned(),
        Change::Undo(_) => "The list was not changed back.".to_owned(),
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
        (Some(Change::Undo(Undo { bulk: Some(_), .. })), _) if failure.error == AppError::NotFound => {
            return "Nothing was undone: it has changed since, or was deleted for good.".to_owned();
        }
        (Some(Change::Add { title, .. }), _) => not_added(failure.then.as_ref().and_then(Change::title).unwrap_or(title)),
        (Some(change), _) => not_done(change, title),
        (None, Some(typed)) => not_changed(title, typed),
        (None, None) => return sentence(failure.error).into_owned(),
    };
    what + " " + &if failure.is_known { reason(failure.error) } else { sentence(failure.error) }
}

pub fn waiting(sending: Sending, unsent: usize) -> Option<String> {
    let Sending::Waiting(error) = sending else { return None };
    let why = if error == AppError::Unreachable { "You're offline. " } else { "The server is busy. " };
    let changes = if unsent == 1 { " change" } else { " changes" };
    let when = if error == AppError::Unreachable { "you reconnect." } else { "it answers." };
    Some([why, &unsent.to_string(), changes, " will be saved when ", when].concat())
}

/// The change that can be undone.
pub fn done(undo: &Undo) -> String {
    let done = match undo.bulk {
        Some((Bulk::Complete, _)) => "Completed ",
        Some((Bulk::Reopen, _)) => "Reopened ",
        _ => "Deleted ",
    };
    match undo.todos.as_slice() {
        [before] if undo.count == 1 => [done, &quoted(&before.todo.title), "."].concat(),
        _ if undo.count == 1 => [done, "1 todo."].concat(),
        _ => [done, &grouped(undo.count), " todos."].concat(),
    }
}

/// A number with separators, as in 10,000.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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
    use super::{Bulk, Change, Count, Undo, done, grouped, not_done};
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
        let count = Count { active: 1, completed: 0 };
        assert_eq!(
            done(&Undo::of(None, std::slice::from_ref(&todo), count, |_| true)),
            "Deleted “\u{2068}\u{202e}milk\u{2069}”."
        );
        let all = Undo::of(Some((Bulk::Complete, 1)), std::slice::from_ref(&todo), Count { active: 9_994, ..count }, |_| true);
        assert_eq!(done(&all), "Completed 9,994 todos.");
        let all = Undo::of(Some((Bulk::Reopen, 1)), &[], Count { completed: 1, ..count }, |_| true);
        assert_eq!(done(&all), "Reopened 1 todo.");
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!([0, 999, 1000, 10_020, 1_234_567].map(grouped), ["0", "999", "1,000", "10,020", "1,234,567"]);
    }
}

//! Texts about changes, for users.

use super::model::{Announced, Change, Count, Failure, Kind, Sending, Undo};
use crate::{
    contract::{AppError, Filter, View},
    domain::{DueDate, TodoPatch, TodoTitle},
    ui::words::{reason, sentence},
};

/// `title` is the title before the change.
pub fn not_done(change: &Change, title: Option<&str>) -> String {
    let todo = |done: &str| {
        [title.map_or_else(|| "The todo".to_owned(), quoted), " was not ".to_owned(), done.to_owned() + "."].concat()
    };
    match change {
        Change::Add { title, .. } => not_added(title),
        Change::Edit { patch, before, .. } => match (&patch.title, &before.title) {
            (Some(to), Some(from)) => not_changed(from.as_str(), to.as_str()),
            _ => todo(edited(patch)),
        },
        Change::Move { .. } => todo("moved"),
        Change::Delete(_) => todo("deleted"),
        Change::All(..) => "The list was not changed.".to_owned(),
        Change::Undo(undo) if undo.is_deletion() => "What was deleted was not restored.".to_owned(),
        Change::Undo(_) => "The list was not changed back.".to_owned(),
    }
}

/// What an edit does, as a participle.
fn edited(patch: &TodoPatch) -> &'static str {
    match patch {
        TodoPatch { title: None, notes: None, due_on: None, important: None, completed: Some(completed), .. } => {
            if *completed {
                "completed"
            } else {
                "reopened"
            }
        }
        TodoPatch { title: None, notes: None, due_on: None, important: Some(true), .. } => "marked important",
        _ => "changed",
    }
}

/// An edit was cancelled.
pub fn dropped(title: Option<&str>) -> String {
    ["Your edit of ", &*named(title), " wasn’t saved."].concat()
}

fn named(title: Option<&str>) -> String {
    title.map_or_else(|| "the todo".to_owned(), quoted)
}

fn not_added(title: &TodoTitle) -> String {
    quoted(title.as_str()) + " was not added."
}

fn not_changed(seen: &str, title: &str) -> String {
    quoted(seen) + " was not changed to " + &quoted(title) + "."
}

pub fn failed(failure: &Failure) -> String {
    let title = failure.title.as_deref();
    let what = match (&failure.change, &failure.typed) {
        (Some(Change::Undo(Undo { bulk: Some(_), .. })), _) if failure.error == AppError::NotFound => {
            return "Nothing was undone: it has changed since, or was deleted for good.".to_owned();
        }
        (Some(Change::Add { title, .. }), _) => {
            let renamed = failure.then.as_ref().and_then(Change::title);
            not_added(renamed.unwrap_or(title))
        }
        (Some(change), _) => not_done(change, title),
        (None, Some(typed)) => not_changed(title.unwrap_or_default(), typed),
        (None, None) => return sentence(failure.error).into_owned(),
    };
    let notes = failure.change.as_ref().and_then(|change| failure.notes(change)).filter(|_| failure.typed.is_some());
    let notes = notes.map(|notes| [" Your notes: ", &quoted(notes)].concat());
    what + " " + &if failure.is_known { reason(failure.error) } else { sentence(failure.error) } + &notes.unwrap_or_default()
}

pub fn waiting(sending: Sending, unsent: usize) -> Option<String> {
    let Sending::Waiting(error) = sending else { return None };
    let why = if error == AppError::Unreachable { "You’re offline. " } else { "The server is busy. " };
    let changes = if unsent == 1 { " change" } else { " changes" };
    let when = if error == AppError::Unreachable { "you reconnect." } else { "it answers." };
    Some([why, &unsent.to_string(), changes, " will be saved when ", when].concat())
}

/// The change that `undo` undoes; `title` is the present one.
pub fn done(undo: &Change, title: Option<&str>) -> String {
    let undo = match undo {
        Change::Edit { before: patch, .. } => {
            let (done, end) = match (edited(patch), patch.important) {
                ("completed", _) => ("Completed ", "."),
                ("reopened", _) => ("Reopened ", "."),
                ("marked important", _) => ("Marked ", " as important."),
                (_, Some(false)) if patch.title.is_none() && patch.notes.is_none() && patch.due_on.is_none() => {
                    ("Removed the star of ", ".")
                }
                _ => ("Changed ", "."),
            };
            return [done, &named(title), end].concat();
        }
        Change::Undo(undo) => undo,
        _ => return ["Moved ", &*named(title), "."].concat(),
    };
    let done = match undo.bulk.as_ref().map(|bulk| bulk.kind) {
        Some(Kind::Complete) => "Completed ",
        Some(Kind::Reopen) => "Reopened ",
        _ => "Deleted ",
    };
    match (undo.todos.as_slice(), undo.count()) {
        ([before], 1) => [done, &quoted(&before.todo.title), "."].concat(),
        (_, 1) => [done, "1 todo."].concat(),
        (_, count) => [done, &grouped(count), " todos."].concat(),
    }
}

/// A date in relation to today.
pub fn due(due_on: DueDate, today: DueDate, is_overdue: bool) -> String {
    let day = match due_on.days_since_epoch() - today.days_since_epoch() {
        -1 => if is_overdue { "yesterday" } else { "Yesterday" }.to_owned(),
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        _ if due_on.year() == today.year() => due_on.short(),
        _ => due_on.short() + " " + &due_on.year().to_string(),
    };
    if is_overdue { [OVERDUE, ", ", &day].concat() } else { day }
}

pub const OVERDUE: &str = "Overdue";

pub fn view_name(view: &View) -> String {
    match view {
        View::Todos => "Todos".to_owned(),
        View::Today => "Today".to_owned(),
        View::Scheduled => "Scheduled".to_owned(),
        View::Important => "Important".to_owned(),
        View::Tag(tag) => ["#", tag].concat(),
    }
}

/// A new todo is not shown: the filter hides it, or else the search.
pub fn added_elsewhere(view: &View, is_search: bool) -> String {
    let place = if is_search { isolated(&view_name(view)) } else { "Active".to_owned() };
    ["Added to ", &*place, ". "].concat()
}

/// What to do with several lines in the box for one.
pub fn add_lines(lines: usize) -> String {
    ["Add ", &lines.to_string(), " todos"].concat()
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

/// For screen readers.
pub fn announced(news: Announced) -> String {
    let (filter, count) = match news {
        Announced::Count(filter, count) => (filter, count),
        Announced::Place(place, count) => return ["Moved to ", &place.to_string(), " of ", &grouped(count)].concat(),
    };
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

/// Quotes a title within a sentence.
fn quoted(title: &str) -> String {
    ["“", &*isolated(title), "”"].concat()
}

/// The isolate characters (UAX #9) work like `<bdi>` with less code: right-to-left text does not reorder the text around it.
pub fn isolated(text: &str) -> String {
    ["\u{2068}", text, "\u{2069}"].concat()
}

#[cfg(test)]
mod tests {
    use super::{Change, Count, DueDate, Kind, Undo, done, due, grouped, not_done};
    use crate::{
        contract::{Scope, TodoView},
        domain::{TodoId, TodoTitle},
        ui::todo_list::model::Bulk,
    };

    #[test]
    fn each_title_stands_between_our_words_and_is_no_part_of_them() {
        let id: TodoId = "019aa5a2-7b1c-7def-8abc-0123456789ab".parse().unwrap();
        let change = Change::rename(id, "\u{202e}was".to_owned(), TodoTitle::parse("is").unwrap());
        assert_eq!(not_done(&change, None), "“\u{2068}\u{202e}was\u{2069}” was not changed to “\u{2068}is\u{2069}”.");
        let named = |change: &Change| not_done(change, Some("milk"));
        assert_eq!(named(&Change::complete(id, true)), "“\u{2068}milk\u{2069}” was not completed.");
        assert_eq!(named(&Change::star(id, true)), "“\u{2068}milk\u{2069}” was not marked important.");
        assert_eq!(named(&Change::star(id, false)), "“\u{2068}milk\u{2069}” was not changed.");
        let undone = |change: &Change| done(&change.reversed().unwrap(), Some("milk"));
        assert_eq!(undone(&Change::complete(id, false)), "Reopened “\u{2068}milk\u{2069}”.");
        assert_eq!(undone(&Change::star(id, false)), "Removed the star of “\u{2068}milk\u{2069}”.");
        assert_eq!(undone(&Change::star(id, true)), "Marked “\u{2068}milk\u{2069}” as important.");
        assert_eq!(not_done(&Change::Delete(id), None), "The todo was not deleted.");
        let todo = TodoView::new(id, "\u{202e}milk");
        let undo = |kind: Option<Kind>, todos: &[TodoView], unloaded| {
            let bulk = kind.map(|kind| Bulk { kind, scope: Scope::default(), nth: 1 });
            done(&Change::Undo(Undo::of(bulk, todos, unloaded, |_| true)), None)
        };
        let none = Count::default();
        assert_eq!(undo(None, std::slice::from_ref(&todo), none), "Deleted “\u{2068}\u{202e}milk\u{2069}”.");
        let all = undo(Some(Kind::Complete), std::slice::from_ref(&todo), Count { active: 9_993, ..none });
        assert_eq!(all, "Completed 9,994 todos.");
        assert_eq!(undo(Some(Kind::Reopen), &[], Count { completed: 1, ..none }), "Reopened 1 todo.");
    }

    #[test]
    fn date_is_told_from_today() {
        let date = |text| DueDate::parse(text).unwrap();
        for (due_on, today, text) in [
            ("2026-11-26", "2026-11-26", "Today"),
            ("2026-11-27", "2026-11-26", "Tomorrow"),
            ("2026-02-28", "2026-03-01", "Yesterday"),
            ("2027-01-01", "2026-12-31", "Tomorrow"),
            ("2024-02-29", "2024-02-28", "Tomorrow"),
            ("2026-12-05", "2026-11-26", "Sat 5 Dec"),
            ("2027-01-15", "2026-11-26", "Fri 15 Jan 2027"),
        ] {
            assert_eq!(due(date(due_on), date(today), false), text);
        }
        assert_eq!(due(date("2026-11-24"), date("2026-11-26"), true), "Overdue, Tue 24 Nov");
        assert_eq!(due(date("2025-12-30"), date("2026-01-01"), true), "Overdue, Tue 30 Dec 2025");
        assert_eq!(due(date("2025-12-31"), date("2026-01-01"), true), "Overdue, yesterday");
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!([0, 999, 1000, 10_020, 1_234_567].map(grouped), ["0", "999", "1,000", "10,020", "1,234,567"]);
    }
}

//! Columns that are derived from title and notes, for tags and search. They carry the version that they are derived from, because the
//! release before, which may run beside this one, does not write them.

use super::statement::Value;
use crate::{
    domain::{TodoNotes, TodoTitle},
    server::{folding::fold, tags},
};

pub fn of_title(title: &TodoTitle) -> [(&'static str, Value); 2] {
    let tags = tags::of_title(title.as_str()).into_iter().map(|(_, tag)| tag);
    [("title_folded", fold(title.as_str()).into()), ("tags", column(tags).into())]
}

pub fn of_notes(notes: &TodoNotes) -> (&'static str, Value) {
    ("notes_folded", fold(notes.as_str()).into())
}

/// Each tag with a space before and after it.
fn column(tags: impl Iterator<Item = tags::Tag>) -> String {
    let mut column = String::new();
    for tag in tags {
        if column.is_empty() {
            column.push(' ');
        }
        column += tag.as_str();
        column.push(' ');
    }
    column
}

//! The editor of a todo, and the inputs of the list.

use super::change::{Change, joined};
use crate::{
    contract::{AppError, TodoView, due_field},
    domain::{DueDate, TitleError, TodoId, TodoNotes, TodoPatch, TodoTitle},
};

/// The fields as the inputs have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub title: String,
    /// `None` until they are read.
    pub notes: Option<String>,
    /// Empty without a date.
    pub due_on: String,
    pub important: bool,
}

impl Fields {
    pub fn of(todo: &TodoView) -> Self {
        let notes = (!todo.has_notes).then(String::new);
        Self { title: todo.title.clone(), notes, due_on: due_field(todo.due_on), important: todo.important }
    }

    fn apply(&mut self, patch: &TodoPatch) {
        if let Some(title) = &patch.title {
            title.as_str().clone_into(&mut self.title);
        }
        if let Some(notes) = &patch.notes {
            self.notes = Some(notes.as_str().to_owned());
        }
        if let Some(due_on) = patch.due_on {
            self.due_on = due_field(due_on);
        }
        self.important = patch.important.unwrap_or(self.important);
    }

    /// The text that was typed over what was seen.
    pub fn new_text(&self, seen: &Self) -> Option<String> {
        let title = Some(self.title.as_str()).filter(|title| *title != seen.title && !TodoTitle::is_blank(title));
        let notes = self.notes.as_deref().filter(|notes| Some(*notes) != seen.notes.as_deref() && !notes.is_empty());
        joined(title, notes)
    }
}

/// The fields that were changed here and elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conflict {
    pub title: bool,
    pub notes: bool,
    pub due_on: bool,
}

impl Conflict {
    pub fn is_any(self) -> bool {
        self != Self::default()
    }

    /// The names of the fields, as a form has them, separated by spaces.
    pub fn names(self) -> String {
        let fields = [(self.title, "title "), (self.notes, "notes "), (self.due_on, "due_on")];
        fields.into_iter().filter(|(is_one, _)| *is_one).map(|(_, name)| name).collect()
    }

    pub fn named(names: &str) -> Self {
        let is_one = |name| names.split(' ').any(|other| other == name);
        Self { title: is_one("title"), notes: is_one("notes"), due_on: is_one("due_on") }
    }
}

/// Whether the notes have been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    Wanted,
    Read,
    Unreadable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    pub id: TodoId,
    /// The fields before the edit, or the server's in a conflict: the preconditions for saving.
    pub seen: Fields,
    /// Initial values of the inputs.
    pub typed: Fields,
    pub notes: Notes,
    /// The user has to choose a version.
    pub conflict: Conflict,
}

impl Editor {
    /// The fields of its form beside the title, which a sign-in keeps.
    pub const REST: [&str; 7] = ["seen_title", "notes", "seen_notes", "due_on", "seen_due_on", "important", "seen_important"];

    pub fn new(todo: &TodoView) -> Self {
        let seen = Fields::of(todo);
        let notes = if seen.notes.is_some() { Notes::Read } else { Notes::Wanted };
        Self { id: todo.id, typed: seen.clone(), seen, notes, conflict: Conflict::default() }
    }

    /// For an edit that was rejected, because a field was changed elsewhere if `is_conflict`.
    pub fn rejected(todo: &TodoView, patch: &TodoPatch, before: &TodoPatch, is_conflict: bool) -> Self {
        let mut editor = Self::new(todo);
        editor.typed.apply(patch);
        if let Some(notes) = &before.notes {
            // The list does not say whether these are still the server's.
            editor.seen.notes = Some(notes.as_str().to_owned());
            editor.notes = Notes::Wanted;
        }
        if is_conflict {
            let Fields { title, due_on, .. } = &editor.seen;
            editor.conflict.title = patch.title.is_some() && editor.typed.title != *title && !is_title(before, title);
            editor.conflict.due_on =
                patch.due_on.is_some() && editor.typed.due_on != *due_on && before.due_on.map(due_field).as_ref() != Some(due_on);
            // Nothing else can be.
            editor.conflict.notes = patch.notes.is_some() && !editor.conflict.is_any();
        }
        editor
    }

    /// With the inputs of an editor that was open, for the fields that the patch has not.
    #[must_use]
    pub fn with_rest_of(mut self, open: Option<Self>, patch: &TodoPatch) -> Self {
        let Some(open) = open else { return self };
        if patch.title.is_none() {
            (self.typed.title, self.conflict.title) = (open.typed.title, open.conflict.title);
        }
        if patch.notes.is_none() {
            (self.typed.notes, self.conflict.notes) = (open.typed.notes, open.conflict.notes);
            (self.seen.notes, self.notes) = (open.seen.notes, open.notes);
        }
        if patch.due_on.is_none() {
            (self.typed.due_on, self.conflict.due_on) = (open.typed.due_on, open.conflict.due_on);
        }
        if patch.important.is_none() {
            self.typed.important = open.typed.important;
        }
        self
    }

    /// For a page without scripting, with the server's notes and the inputs of a form that failed.
    pub fn of_form<'a>(todo: &TodoView, notes: Option<String>, field: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut editor = Self::new(todo);
        match notes {
            Some(notes) => editor.read(notes),
            None => editor.notes = Notes::Unreadable,
        }
        let Self { seen, typed, conflict, .. } = &mut editor;
        let text = |name| field(name).map(|text: &str| text.replace("\r\n", "\n"));
        if let Some(title) = text("title") {
            conflict.title = field("seen_title").is_some_and(|before| is_conflict(before, &title, &seen.title));
            typed.title = title;
        }
        if let (Some(notes), Some(current)) = (text("notes"), &seen.notes) {
            let digest = |notes: &str| TodoNotes::digest(notes.trim_end());
            conflict.notes = is_conflict(field("seen_notes").unwrap_or_default(), &digest(&notes), &digest(current));
            typed.notes = Some(notes);
        }
        if let Some(due_on) = field("due_on") {
            conflict.due_on = field("seen_due_on").is_some_and(|before| is_conflict(before, due_on, &seen.due_on));
            due_on.clone_into(&mut typed.due_on);
        }
        if field("seen_important").is_some() {
            typed.important = field("important").is_some();
        }
        editor
    }

    /// The server's notes.
    pub fn read(&mut self, notes: String) {
        let typed = self.typed.notes.get_or_insert_with(|| notes.clone());
        let is_new = self.seen.notes.as_ref() != Some(&notes);
        self.conflict.notes = *typed != notes && self.seen.notes.is_some() && (is_new || self.conflict.notes);
        self.seen.notes = Some(notes);
        self.notes = Notes::Read;
    }

    /// A list from the server, which has other values in a conflict than those that are shown.
    pub fn refresh(&mut self, todo: &TodoView) {
        if self.conflict.title {
            self.seen.title.clone_from(&todo.title);
        }
        if self.conflict.due_on {
            self.seen.due_on = due_field(todo.due_on);
        }
    }

    /// What the inputs have after the decision for the server's version.
    pub fn theirs(&self, mut typed: Fields) -> Fields {
        if self.conflict.title {
            typed.title.clone_from(&self.seen.title);
        }
        if self.conflict.notes {
            typed.notes.clone_from(&self.seen.notes);
        }
        if self.conflict.due_on {
            typed.due_on.clone_from(&self.seen.due_on);
        }
        typed
    }

    /// The change that the inputs make, if any: an empty title deletes.
    ///
    /// # Errors
    /// [`AppError::Invalid`].
    pub fn change(&self, typed: &Fields) -> Result<Option<Change>, AppError> {
        let title = match TodoTitle::parse(&typed.title) {
            Err(TitleError::Blank) => return Ok(Some(Change::Delete(self.id))),
            title => title?,
        };
        let notes = typed.notes.as_deref().map(TodoNotes::parse).transpose()?;
        let due_on = date(&typed.due_on)?;
        let before = TodoPatch {
            title: Some(TodoTitle::stored(self.seen.title.clone())),
            notes: self.seen.notes.clone().map(TodoNotes::stored),
            due_on: Some(date(&self.seen.due_on)?),
            important: Some(self.seen.important),
            ..TodoPatch::default()
        };
        let patch = TodoPatch {
            title: Some(title),
            notes,
            due_on: Some(due_on),
            important: Some(typed.important),
            ..TodoPatch::default()
        };
        Ok(Change::replace(self.id, before, patch))
    }
}

/// Whether a field was changed here and elsewhere, to different values.
fn is_conflict(before: &str, typed: &str, now: &str) -> bool {
    before != now && typed != before && typed != now
}

fn is_title(before: &TodoPatch, title: &str) -> bool {
    before.title.as_ref().is_some_and(|before| before.as_str() == title)
}

fn date(input: &str) -> Result<Option<DueDate>, AppError> {
    if input.is_empty() { Ok(None) } else { Ok(Some(DueDate::parse(input)?)) }
}

/// The current values of the inputs.
#[derive(Clone, Debug, Default)]
pub struct Boxes {
    pub new_todo: String,
    pub editor: Option<Fields>,
}

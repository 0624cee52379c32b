//! The view models of a todo and of the list.

use serde::{Deserialize, Serialize};

use crate::domain::{DueDate, TodoId, TodoNotes, TodoPatch, TodoTitle};

/// The subset of the API's representation that the page shows. The notes themselves are read when the editor opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other, but for the last")]
pub struct TodoView {
    pub id: TodoId,
    pub title: String,
    pub has_notes: bool,
    pub due_on: Option<DueDate>,
    pub important: bool,
    pub completed: bool,
    /// Completed before today.
    #[serde(default)]
    pub is_earlier: bool,
    /// What a search has found in the title: pairs of a start and an end, in bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<usize>,
}

impl TodoView {
    /// A new todo.
    #[must_use]
    pub fn new(id: TodoId, title: &str) -> Self {
        Self {
            id,
            title: title.to_owned(),
            has_notes: false,
            due_on: None,
            important: false,
            completed: false,
            is_earlier: false,
            marks: Vec::new(),
        }
    }

    pub fn apply(&mut self, patch: &TodoPatch) {
        if let Some(title) = &patch.title {
            title.as_str().clone_into(&mut self.title);
            self.marks.clear();
        }
        if let Some(notes) = &patch.notes {
            self.has_notes = !notes.as_str().is_empty();
        }
        self.due_on = patch.due_on.unwrap_or(self.due_on);
        self.important = patch.important.unwrap_or(self.important);
        if let Some(completed) = patch.completed.filter(|completed| *completed != self.completed) {
            self.set_completed(completed);
        }
    }

    /// As of now.
    pub fn set_completed(&mut self, completed: bool) {
        (self.completed, self.is_earlier) = (completed, false);
    }

    /// Whether the patch would change nothing, as far as the view shows: of notes it does not.
    #[must_use]
    pub fn includes(&self, patch: &TodoPatch) -> bool {
        patch.title.as_ref().map(TodoTitle::as_str).is_none_or(|title| title == self.title)
            && patch.notes.is_none()
            && patch.due_on.is_none_or(|due_on| due_on == self.due_on)
            && patch.important.is_none_or(|important| important == self.important)
            && patch.completed.is_none_or(|completed| completed == self.completed)
    }
}

/// The first todos of a scope, or those after a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoPage {
    pub todos: Vec<TodoView>,
    /// The todos that were asked for by id and are not in the page.
    pub others: Vec<TodoView>,
    pub info: PageInfo,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// The counts of all todos of the view and the search, on any page.
    pub active: usize,
    /// Completed today.
    pub completed: usize,
    /// Completed before today.
    pub earlier: usize,
    pub views: ViewCounts,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Entity tag, for a conditional request.
    pub tag: String,
    /// Today's date in the user's time zone, and the seconds until it ends.
    pub today: DueDate,
    pub seconds_of_today: u32,
}

/// The numbers beside the views, of active todos.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewCounts {
    /// Overdue, or due today.
    pub due: usize,
    pub scheduled: usize,
    pub important: usize,
    /// Those with the most todos, by name.
    pub tags: Vec<(String, usize)>,
}

impl ViewCounts {
    pub const MAX_TAGS: usize = 20;
}

impl TodoPage {
    /// Todos of a page. A longer list has more of them.
    pub const SIZE: usize = 200;
    /// Todos that can be asked for by id.
    pub const MAX_OTHERS: usize = 50;

    /// Appends the next page. A todo that moved between the two requests stays in the first one only, because rows have unique keys.
    pub fn append(&mut self, next: Self) {
        let known = self.todos.len();
        let is_new = |todo: &TodoView| self.todos[..known].iter().all(|other| other.id != todo.id);
        let mut new: Vec<_> = next.todos.into_iter().filter(is_new).collect();
        self.todos.append(&mut new);
        // The tag stays that of the first page, so that any change since then is read next time.
        let tag = std::mem::take(&mut self.info.tag);
        self.info = PageInfo { tag, ..next.info };
    }
}

/// A patch as the fields of a form.
#[must_use]
pub fn patch_fields(patch: &TodoPatch) -> Vec<(&'static str, String)> {
    let flag = |value: bool| if value { "true" } else { "false" }.to_owned();
    let fields = [
        ("title", patch.title.clone().map(String::from)),
        ("notes", patch.notes.clone().map(String::from)),
        ("due_on", patch.due_on.map(due_field)),
        ("important", patch.important.map(flag)),
        ("completed", patch.completed.map(flag)),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// What a patch replaces, as the fields of a form: the preconditions of a title, notes or a date. A star or a completion has none,
/// since there is no third value that somebody else could have set.
#[must_use]
pub fn seen_fields(before: &TodoPatch) -> Vec<(&'static str, String)> {
    let fields = [
        ("seen_title", before.title.clone().map(String::from)),
        ("seen_notes", before.notes.as_ref().map(|notes| TodoNotes::digest(notes.as_str()))),
        ("seen_due_on", before.due_on.map(due_field)),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The value of a date input.
#[must_use]
pub fn due_field(due_on: Option<DueDate>) -> String {
    due_on.map(|due_on| due_on.to_string()).unwrap_or_default()
}

//! The loaded part of the server's list: the first todos of a scope, or those after a cursor, and the counts of all.

use super::{
    change::Change,
    count::{Count, moved, view_counts},
};
use crate::{
    contract::{Filter, PageInfo, Scope, TodoPage, TodoView, ViewCounts},
    domain::{DueDate, TodoId},
};

#[derive(Clone, Debug)]
pub struct Window {
    pub todos: Vec<TodoView>,
    /// The todos of the view and the search that are not loaded.
    pub unloaded: Count,
    pub views: ViewCounts,
    pub scope: Scope,
    /// Cursor of the row before the first.
    pub after: Option<String>,
    /// Cursor of the last row, if there are more.
    pub next: Option<String>,
    pub tag: String,
    /// The todos behind the last loaded page, at the end: added here, or outside of the scope and in use.
    beyond: Vec<TodoId>,
}

/// A request for a part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub scope: Scope,
    pub after: Option<String>,
    /// Entity tag of the loaded rows, if they need no reading while it is current.
    pub tag: Option<String>,
    /// Further pages follow until this number is reached.
    pub rows: usize,
    /// Also these todos, wherever they are in the list.
    pub others: Vec<TodoId>,
    /// The next page, and not the loaded ones.
    pub is_more: bool,
}

impl Window {
    pub fn new(TodoPage { mut todos, others, info }: TodoPage, scope: Scope, after: Option<String>) -> Self {
        let PageInfo { active, completed, earlier, views, next, tag, today, .. } = info;
        let beyond = others.iter().map(|todo| todo.id).collect();
        todos.extend(others);
        let mut window = Self { todos, unloaded: Count::default(), views, scope, after, next, tag, beyond };
        let loaded = window.todos.iter().filter(|todo| window.includes(todo, &window.scope, today, false));
        window.unloaded = Count { active, completed, earlier }.minus(Count::of(loaded));
        if window.is_complete() {
            // The rows are the truth; the server's counts may be of another moment.
            let Count { active, completed, earlier } = &mut window.unloaded;
            match window.scope.filter {
                Filter::All => (*active, *completed) = (0, 0),
                Filter::Active => *active = 0,
                Filter::Completed => (*completed, *earlier) = (0, 0),
            }
        }
        window
    }

    /// Whether all todos of the scope are loaded.
    pub fn is_complete(&self) -> bool {
        self.after.is_none() && self.next.is_none()
    }

    /// Whether all rows of a scope are loaded.
    pub fn covers(&self, scope: &Scope) -> bool {
        let has_todos = self.scope.has_todos_of(scope) || (self.scope.is_plain() && scope.text.is_empty());
        let has_rows = self.scope.filter == scope.filter || (self.scope.filter == Filter::All && scope.filter == Filter::Active);
        self.is_complete() && has_todos && has_rows
    }

    /// Whether the list of the scope has the todo, whatever the filter: of a text that the server has searched for, it says so, unless
    /// the todo is new.
    pub fn includes(&self, todo: &TodoView, scope: &Scope, today: DueDate, is_new: bool) -> bool {
        let is_found = self.scope.has_todos_of(scope) && !is_new && !self.beyond.contains(&todo.id);
        let has_text = || has_text(&todo.title, &scope.text);
        (scope.is_by_text() && is_found)
            || (scope.view.includes(todo, today) && (scope.text.is_empty() || (!self.scope.has_todos_of(scope) && has_text())))
    }

    /// A change that the server has made.
    pub fn apply(&mut self, change: &Change, today: DueDate) {
        let before = view_counts(&self.todos, today);
        let is_known = change.id().is_some_and(|id| self.todos.iter().any(|todo| todo.id == id));
        change.apply_within(&self.scope, &mut self.todos, &mut self.unloaded);
        self.views = moved(&self.views, &before, &view_counts(&self.todos, today));
        if let (Change::Add { id, .. }, false) = (change, is_known) {
            self.beyond.push(*id);
            if self.beyond.len() > TodoPage::MAX_OTHERS {
                self.beyond.remove(0);
            }
        }
    }

    pub fn more(&self) -> Read {
        let scope = self.scope.clone();
        Read { scope, after: self.next.clone(), tag: None, rows: 0, others: Vec::new(), is_more: true }
    }

    /// Reads the same rows again. Those beyond the last page and those that are in use have to be named, since they may be outside.
    pub fn again(&self, is_used: impl Fn(TodoId) -> bool) -> Read {
        let is_beyond = |todo: &&TodoView| self.beyond.contains(&todo.id);
        let rows = self.todos.len() - self.todos.iter().filter(is_beyond).count();
        let is_other = |todo: &&TodoView| (!self.is_complete() && is_beyond(todo)) || is_used(todo.id);
        let others = self.todos.iter().filter(is_other).map(|todo| todo.id).collect();
        Read { scope: self.scope.clone(), after: self.after.clone(), tag: None, rows, others, is_more: false }
    }

    pub fn merge(&mut self, read: Read, page: TodoPage) {
        if !read.is_more {
            *self = Self::new(page, read.scope, read.after);
            return;
        }
        let mut old = std::mem::take(&mut self.todos);
        old.retain(|todo| page.todos.iter().all(|other| other.id != todo.id));
        let (others, todos) = old.into_iter().partition(|todo| page.info.next.is_some() && self.beyond.contains(&todo.id));
        let info = PageInfo { tag: std::mem::take(&mut self.tag), ..page.info.clone() };
        let mut all = TodoPage { todos, others, info };
        all.append(page);
        *self = Self::new(all, self.scope.clone(), self.after.take());
    }

    /// Midnight: what was completed today, was completed before today.
    pub fn turn_day(&mut self, today: DueDate, tomorrow: DueDate) {
        self.views = moved(&self.views, &view_counts(&self.todos, today), &view_counts(&self.todos, tomorrow));
        for todo in &mut self.todos {
            todo.is_earlier = todo.completed;
        }
        let Count { active, completed, earlier } = self.unloaded;
        self.unloaded = Count { active, completed: 0, earlier: completed + earlier };
    }
}

/// In any case of ASCII letters, until the server has searched.
fn has_text(title: &str, text: &str) -> bool {
    title.as_bytes().windows(text.len().max(1)).any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
}

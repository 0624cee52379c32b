//! The loaded part of the server's list: its first todos under a filter, or those after a cursor, and the counts of all.

use super::{
    change::Change,
    filter::{Count, Filter},
};
use crate::{
    contract::{PageInfo, TodoPage, TodoView},
    domain::TodoId,
};

#[derive(Clone, Debug)]
pub struct Window {
    pub todos: Vec<TodoView>,
    /// Of all todos.
    pub count: Count,
    /// The filter of the loaded rows; `All` if they are the whole list.
    pub filter: Filter,
    /// Cursor of the row before the first.
    pub after: Option<String>,
    /// Cursor of the last row, if there are more.
    pub next: Option<String>,
    pub tag: String,
    /// The todos behind the last loaded page, at the end: added here, or outside of the filter and in use.
    beyond: Vec<TodoId>,
}

/// A request for a part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub filter: Filter,
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
    pub fn new(TodoPage { mut todos, others, info }: TodoPage, filter: Filter, after: Option<String>) -> Self {
        let PageInfo { active, completed, next, tag, .. } = info;
        let is_all = next.is_none() && todos.len() == active + completed;
        let (filter, after) = if is_all { (Filter::All, None) } else { (filter, after) };
        let mut beyond = Vec::new();
        if !is_all {
            beyond.extend(others.iter().map(|todo| todo.id));
            todos.extend(others);
        }
        let mut window = Self { todos, count: Count { active, completed }, filter, after, next, tag, beyond };
        window.recount();
        window
    }

    /// Whether all todos are loaded.
    pub fn is_whole(&self) -> bool {
        self.filter == Filter::All && self.after.is_none() && self.next.is_none()
    }

    /// Of a whole list the rows are the truth; the server's counts may be of another moment.
    fn recount(&mut self) {
        if self.is_whole() {
            self.count = Count::of(&self.todos);
        }
    }

    /// A change that the server has made.
    pub fn apply(&mut self, change: &Change) {
        change.apply(&mut self.todos, &mut self.count);
        self.recount();
        if let (Change::Add { id, .. }, false) = (change, self.is_whole()) {
            self.beyond.push(*id);
            if self.beyond.len() > TodoPage::MAX_OTHERS {
                self.beyond.remove(0);
            }
        }
    }

    pub fn more(&self) -> Read {
        Read { filter: self.filter, after: self.next.clone(), tag: None, rows: 0, others: Vec::new(), is_more: true }
    }

    /// Reads the same rows again, of which those beyond the last page and those that are in use have to be named.
    pub fn again(&self, is_used: impl Fn(TodoId) -> bool) -> Read {
        let is_beyond = |todo: &&TodoView| self.beyond.contains(&todo.id);
        let rows = self.todos.len() - self.todos.iter().filter(is_beyond).count();
        let is_other = |todo: &&TodoView| !self.is_whole() && (is_beyond(todo) || is_used(todo.id));
        let others = self.todos.iter().filter(is_other).map(|todo| todo.id).collect();
        Read { filter: self.filter, after: self.after.clone(), tag: None, rows, others, is_more: false }
    }

    pub fn merge(&mut self, read: Read, page: TodoPage) {
        if !read.is_more {
            *self = Self::new(page, read.filter, read.after);
            return;
        }
        let mut old = std::mem::take(&mut self.todos);
        old.retain(|todo| page.todos.iter().all(|other| other.id != todo.id));
        let (others, todos) = old.into_iter().partition(|todo| page.info.next.is_some() && self.beyond.contains(&todo.id));
        let info = PageInfo { tag: std::mem::take(&mut self.tag), ..page.info.clone() };
        let mut all = TodoPage { todos, others, info };
        all.append(page);
        *self = Self::new(all, self.filter, self.after.take());
    }
}

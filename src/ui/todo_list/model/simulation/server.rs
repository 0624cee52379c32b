//! A model of the server.

use super::super::{Bulk, Change, Filter, Read};
use crate::{
    contract::{AppError, PageInfo, TodoPage, TodoView},
    domain::{DueDate, TodoId, TodoNotes, TodoTitle},
};

pub struct Stored {
    pub todo: TodoView,
    pub notes: String,
    /// A todo that is moved gets one between those of its new neighbours.
    position: f64,
    pub is_deleted: bool,
    /// The bulk changes since any other change, and whether it was completed before.
    undo_stack: Vec<(i64, bool)>,
}

#[derive(Default)]
pub struct Server {
    /// By position.
    pub todos: Vec<Stored>,
    /// The list version.
    pub version: i64,
    /// Todos of a page.
    pub size: usize,
    /// Every title and all notes that were ever saved.
    pub texts: Vec<String>,
    /// The applied changes, without retries after a lost response.
    pub done: Vec<Change>,
}

impl Server {
    pub fn list(&self) -> Vec<TodoView> {
        self.present().map(|stored| stored.todo.clone()).collect()
    }

    fn present(&self) -> impl Iterator<Item = &Stored> {
        self.todos.iter().filter(|stored| !stored.is_deleted)
    }

    /// The cursor of a page is the position of its last row.
    pub fn page(&self, filter: Filter, after: Option<&str>) -> TodoPage {
        let completed = self.present().filter(|stored| stored.todo.completed).count();
        let active = self.present().count() - completed;
        let is_whole = active + completed <= self.size;
        let after = after.filter(|_| !is_whole).map_or(f64::NEG_INFINITY, |after| after.parse::<f64>().unwrap());
        let is_in = |stored: &&Stored| stored.position > after && (is_whole || filter.includes(stored.todo.completed));
        let found: Vec<_> = self.present().filter(is_in).collect();
        let next = found.get(self.size).map(|_| found[self.size - 1].position.to_string());
        let todos = found.iter().take(self.size).map(|stored| stored.todo.clone()).collect();
        let info =
            PageInfo { active, completed, next, tag: self.version.to_string(), today: DueDate::LAST, seconds_of_today: 60 };
        TodoPage { todos, others: Vec::new(), info }
    }

    pub fn read(&self, read: &Read) -> Option<TodoPage> {
        if read.tag.as_ref() == Some(&self.version.to_string()) {
            return None;
        }
        let mut page = self.page(read.filter, read.after.as_deref());
        while page.todos.len() < read.rows && page.info.next.is_some() {
            page.append(self.page(read.filter, page.info.next.as_deref()));
        }
        let others = self.present().map(|stored| &stored.todo).filter(|todo| read.others.contains(&todo.id));
        page.others = others.filter(|todo| page.todos.iter().all(|other| other.id != todo.id)).cloned().collect();
        Some(page)
    }

    fn find(&mut self, id: TodoId) -> Result<&mut Stored, AppError> {
        let stored = self.todos.iter_mut().find(|stored| stored.todo.id == id && !stored.is_deleted);
        stored.ok_or(AppError::NotFound)
    }

    pub fn add(&mut self, id: TodoId, title: &str) {
        self.texts.push(title.to_owned());
        let todo = TodoView::new(id, title);
        let position = self.todos.last().map_or(0.0, |last| last.position) + 1.0;
        self.todos.push(Stored { todo, notes: String::new(), position, is_deleted: false, undo_stack: Vec::new() });
    }

    /// A change that is not made in bulk.
    fn touch(&mut self, id: TodoId) -> Result<&mut Stored, AppError> {
        let stored = self.find(id)?;
        stored.undo_stack.clear();
        Ok(stored)
    }

    pub fn take(&mut self, change: &Change) -> Result<String, AppError> {
        self.version += 1;
        let (version, mut answer) = (self.version, "null".to_owned());
        match change {
            Change::Add { id, title } => match self.todos.iter().find(|stored| stored.todo.id == *id) {
                Some(Stored { is_deleted: true, .. }) => return Err(AppError::NotFound),
                Some(_) => {}
                None => self.add(*id, title.as_str()),
            },
            Change::Edit { id, patch, before } => {
                let stored = self.touch(*id)?;
                stored.todo.completed = patch.completed.unwrap_or(stored.todo.completed);
                stored.todo.important = patch.important.unwrap_or(stored.todo.important);
                let title = patch.title.as_ref().zip(before.title.as_ref());
                let title = title.map(|(new, seen)| replace(&mut stored.todo.title, seen.as_str(), new.as_str()));
                let notes = patch.notes.as_ref().zip(before.notes.as_ref());
                let notes = notes.map(|(new, seen)| replace(&mut stored.notes, seen.as_str(), new.as_str()));
                stored.todo.has_notes = !stored.notes.is_empty();
                self.texts
                    .extend(patch.title.as_ref().map(TodoTitle::as_str).filter(|_| title == Some(Ok(()))).map(str::to_owned));
                self.texts
                    .extend(patch.notes.as_ref().map(TodoNotes::as_str).filter(|_| notes == Some(Ok(()))).map(str::to_owned));
                title.unwrap_or(Ok(())).and(notes.unwrap_or(Ok(())))?;
            }
            Change::Move { id, after, .. } => {
                self.touch(*id)?;
                let after = after.map(|after| self.find(after).map(|stored| stored.position)).transpose()?;
                let others = self.todos.iter().filter(|stored| stored.todo.id != *id).map(|stored| stored.position);
                let (before, next) = (after.unwrap_or(-1e6), others.filter(|other| Some(*other) > after));
                let next = next.fold(f64::INFINITY, f64::min);
                self.find(*id)?.position = if next.is_finite() { f64::midpoint(before, next) } else { before + 1.0 };
                self.todos.sort_by(|one, other| one.position.total_cmp(&other.position));
            }
            Change::Delete(id) => self.touch(*id)?.is_deleted = true,
            Change::All(bulk, _) => {
                let is_changed = |stored: &&mut Stored| !stored.is_deleted && bulk.affects(stored.todo.completed);
                for stored in self.todos.iter_mut().filter(is_changed) {
                    stored.undo_stack.push((version, stored.todo.completed));
                    match bulk {
                        Bulk::ClearCompleted => stored.is_deleted = true,
                        Bulk::Complete | Bulk::Reopen => stored.todo.completed ^= true,
                    }
                    answer = version.to_string();
                }
            }
            Change::Undo(undo) if undo.bulk.is_some() => {
                let made_in: i64 = undo.version.as_ref().unwrap().parse().unwrap();
                let mut reverted = 0;
                for stored in &mut self.todos {
                    if let Some((_, completed)) = stored.undo_stack.pop_if(|(version, _)| *version == made_in) {
                        (stored.todo.completed, stored.is_deleted) = (completed, false);
                        reverted += 1;
                    }
                }
                answer = reverted.to_string();
            }
            Change::Undo(undo) => {
                for before in &undo.todos {
                    let stored = self.todos.iter_mut().find(|stored| stored.todo.id == before.todo.id);
                    let stored = stored.ok_or(AppError::NotFound)?;
                    stored.is_deleted = false;
                    stored.undo_stack.clear();
                }
            }
        }
        Ok(answer)
    }

    pub fn notes(&self, id: TodoId) -> Result<String, AppError> {
        self.present().find(|stored| stored.todo.id == id).map(|stored| stored.notes.clone()).ok_or(AppError::NotFound)
    }

    /// Another client makes a change.
    pub fn elsewhere(&mut self, nth: usize, change: impl FnOnce(&mut Stored)) {
        self.version += 1;
        let mut present: Vec<_> = self.todos.iter_mut().filter(|stored| !stored.is_deleted).collect();
        if let Some(nth) = nth.checked_rem(present.len()) {
            present[nth].undo_stack.clear();
            change(present[nth]);
        }
    }
}

/// Unless it has changed since.
fn replace(text: &mut String, seen: &str, new: &str) -> Result<(), AppError> {
    if text == seen {
        new.clone_into(text);
    }
    if text == new { Ok(()) } else { Err(AppError::ChangedElsewhere) }
}

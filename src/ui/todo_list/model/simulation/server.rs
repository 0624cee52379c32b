//! A model of the server.

use super::super::{Change, Count, Kind, Read, count::view_counts};
use crate::{
    contract::{AppError, Filter, PageInfo, Scope, TodoPage, TodoView},
    domain::{DueDate, TodoId, TodoNotes, TodoTitle},
};

pub struct Stored {
    pub todo: TodoView,
    pub notes: String,
    /// A todo that is moved gets one between those of its new neighbours.
    position: f64,
    pub is_deleted: bool,
    /// Of the completion: the later, the larger.
    completed_in: i64,
    /// The bulk changes since any other change, whether it was completed before, earlier than today, and when.
    undo_stack: Vec<(i64, bool, bool, i64)>,
}

impl Stored {
    pub fn toggle(&mut self) {
        self.todo.set_completed(!self.todo.completed);
        self.completed_in += 1;
    }

    /// Its place in a scope.
    fn key(&self, scope: &Scope) -> (i64, i64) {
        let first = match self.todo.due_on {
            Some(due_on) if scope.is_by_date() => due_on.days_since_epoch().into(),
            _ if scope.filter == Filter::Completed => -self.completed_in,
            _ => 0,
        };
        // Positions halve at each move between the same two, and a simulation has few moves.
        #[expect(clippy::cast_possible_truncation, reason = "in the range")]
        let second = (self.position * 2_f64.powi(40)) as i64;
        (first, second)
    }
}

pub struct Server {
    pub today: DueDate,
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

    pub fn new(size: usize) -> Self {
        let today = DueDate::parse("2026-11-26").unwrap();
        Self { today, todos: Vec::new(), version: 0, size, texts: Vec::new(), done: Vec::new() }
    }

    /// Whether the view and the search have the todo.
    pub fn has(&self, scope: &Scope, stored: &Stored) -> bool {
        let has_text = |text: &str| text.contains(&scope.text);
        scope.view.includes(&stored.todo, self.today) && (has_text(&stored.todo.title) || has_text(&stored.notes))
    }

    /// The todos of a scope, in its order.
    pub fn found(&self, scope: &Scope) -> Vec<&Stored> {
        let mut found: Vec<_> =
            self.present().filter(|stored| self.has(scope, stored) && scope.filter.includes(&stored.todo)).collect();
        found.sort_by_key(|stored| stored.key(scope));
        found
    }

    pub fn count(&self, scope: &Scope) -> Count {
        Count::of(self.present().filter(|stored| self.has(scope, stored)).map(|stored| &stored.todo))
    }

    /// The cursor of a page is the place of its last row.
    pub fn page(&self, scope: &Scope, after: Option<&str>) -> TodoPage {
        let mut found = self.found(scope);
        if let Some((first, second)) = after.and_then(|after| after.split_once(' ')) {
            let after = (first.parse().unwrap(), second.parse().unwrap());
            found.retain(|stored| stored.key(scope) > after);
        }
        let next = found.get(self.size).map(|_| found[self.size - 1].key(scope));
        let next = next.map(|(first, second)| format!("{first} {second}"));
        let todos = found.iter().take(self.size).map(|stored| stored.todo.clone()).collect();
        let Count { active, completed, earlier } = self.count(scope);
        let info = PageInfo {
            active,
            completed,
            earlier,
            views: view_counts(&self.list(), self.today),
            next,
            tag: [&*self.version.to_string(), &scope.query()].concat(),
            today: self.today,
            seconds_of_today: 60,
        };
        TodoPage { todos, others: Vec::new(), info }
    }

    /// Midnight.
    pub fn turn_day(&mut self) {
        self.today = self.today.plus_days(1);
        for stored in &mut self.todos {
            stored.todo.is_earlier = stored.todo.completed;
        }
    }

    pub fn read(&self, read: &Read) -> Option<TodoPage> {
        let mut page = self.page(&read.scope, read.after.as_deref());
        if read.tag.as_ref() == Some(&page.info.tag) {
            return None;
        }
        while page.todos.len() < read.rows && page.info.next.is_some() {
            page.append(self.page(&read.scope, page.info.next.as_deref()));
        }
        let mut others: Vec<_> = self.present().collect();
        others.sort_by_key(|stored| stored.key(&read.scope));
        let others = others.into_iter().map(|stored| &stored.todo).filter(|todo| read.others.contains(&todo.id));
        page.others = others.filter(|todo| page.todos.iter().all(|other| other.id != todo.id)).cloned().collect();
        Some(page)
    }

    fn find(&mut self, id: TodoId) -> Result<&mut Stored, AppError> {
        let stored = self.todos.iter_mut().find(|stored| stored.todo.id == id && !stored.is_deleted);
        stored.ok_or(AppError::NotFound)
    }

    pub fn add(&mut self, todo: TodoView) {
        self.texts.push(todo.title.clone());
        let position = self.todos.last().map_or(0.0, |last| last.position) + 1.0;
        self.todos.push(Stored {
            todo,
            notes: String::new(),
            position,
            is_deleted: false,
            completed_in: 0,
            undo_stack: Vec::new(),
        });
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
            Change::Add { id, .. } => match self.todos.iter().find(|stored| stored.todo.id == *id) {
                Some(Stored { is_deleted: true, .. }) => return Err(AppError::NotFound),
                Some(_) => {}
                None => self.add(change.added().unwrap()),
            },
            Change::Edit { id, patch, before } => {
                let stored = self.touch(*id)?;
                if let Some(completed) = patch.completed.filter(|completed| *completed != stored.todo.completed) {
                    stored.todo.set_completed(completed);
                    stored.completed_in = version;
                }
                stored.todo.important = patch.important.unwrap_or(stored.todo.important);
                let due_on = patch.due_on.zip(before.due_on);
                let due_on = due_on.map(|(new, seen)| replace(&mut stored.todo.due_on, &seen, &new));
                let title = patch.title.as_ref().zip(before.title.as_ref());
                let title =
                    title.map(|(new, seen)| replace(&mut stored.todo.title, &seen.as_str().to_owned(), &new.as_str().to_owned()));
                let notes = patch.notes.as_ref().zip(before.notes.as_ref());
                let notes =
                    notes.map(|(new, seen)| replace(&mut stored.notes, &seen.as_str().to_owned(), &new.as_str().to_owned()));
                stored.todo.has_notes = !stored.notes.is_empty();
                self.texts
                    .extend(patch.title.as_ref().map(TodoTitle::as_str).filter(|_| title == Some(Ok(()))).map(str::to_owned));
                self.texts
                    .extend(patch.notes.as_ref().map(TodoNotes::as_str).filter(|_| notes == Some(Ok(()))).map(str::to_owned));
                title.unwrap_or(Ok(())).and(notes.unwrap_or(Ok(()))).and(due_on.unwrap_or(Ok(())))?;
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
                let is_changed =
                    |stored: &Stored| !stored.is_deleted && bulk.affects(&stored.todo) && self.has(&bulk.scope, stored);
                let changed: Vec<_> = self.todos.iter().map(is_changed).collect();
                for (stored, _) in self.todos.iter_mut().zip(changed).filter(|(_, is_changed)| *is_changed) {
                    stored.undo_stack.push((version, stored.todo.completed, stored.todo.is_earlier, stored.completed_in));
                    match bulk.kind {
                        Kind::ClearCompleted => stored.is_deleted = true,
                        Kind::Complete | Kind::Reopen => {
                            stored.todo.set_completed(bulk.kind == Kind::Complete);
                            stored.completed_in = version;
                        }
                    }
                    answer = version.to_string();
                }
            }
            Change::Undo(undo) if undo.bulk.is_some() => {
                let made_in: i64 = undo.version.as_ref().unwrap().parse().unwrap();
                let mut reverted = 0;
                for stored in &mut self.todos {
                    if let Some((_, completed, is_earlier, at)) = stored.undo_stack.pop_if(|(version, ..)| *version == made_in) {
                        (stored.todo.completed, stored.todo.is_earlier, stored.is_deleted) = (completed, is_earlier, false);
                        stored.completed_in = at;
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
fn replace<T: Clone + PartialEq>(value: &mut T, seen: &T, new: &T) -> Result<(), AppError> {
    if value == seen {
        value.clone_from(new);
    }
    if value == new { Ok(()) } else { Err(AppError::ChangedElsewhere) }
}

//! A model of the server.

use super::super::{change::Change, removed::Removed};
use crate::{
    contract::{AppError, TodoView},
    domain::{TodoId, TodoTitle},
};

pub struct Stored {
    pub todo: TodoView,
    position: u32,
    pub deleted_at: Option<i64>,
}

#[derive(Default)]
pub struct Server {
    pub todos: Vec<Stored>,
    pub clock: i64,
    /// Every title that was ever saved.
    pub titles: Vec<String>,
    /// The applied changes, without retries after a lost response.
    pub done: Vec<Change>,
}

impl Server {
    pub fn list(&self) -> Vec<TodoView> {
        let mut present: Vec<_> = self.todos.iter().filter(|stored| stored.deleted_at.is_none()).collect();
        present.sort_by_key(|stored| stored.position);
        present.iter().map(|stored| stored.todo.clone()).collect()
    }

    fn find(&mut self, id: TodoId) -> Result<&mut Stored, AppError> {
        let stored = self.todos.iter_mut().find(|stored| stored.todo.id == id && stored.deleted_at.is_none());
        stored.ok_or(AppError::NotFound)
    }

    pub fn add(&mut self, id: TodoId, title: &str) {
        self.titles.push(title.to_owned());
        let todo = TodoView::new(id, title);
        self.todos.push(Stored { todo, position: u32::try_from(self.todos.len()).unwrap(), deleted_at: None });
    }

    pub fn take(&mut self, change: &Change) -> Result<String, AppError> {
        self.clock += 1;
        let (now, mut answer) = (self.clock, "null".to_owned());
        match change {
            Change::Add { id, title } => match self.todos.iter().find(|stored| stored.todo.id == *id) {
                Some(Stored { deleted_at: Some(_), .. }) => return Err(AppError::NotFound),
                Some(_) => {}
                None => self.add(*id, title.as_str()),
            },
            Change::Edit { id, patch, seen } => {
                let stored = self.find(*id)?;
                stored.todo.completed = patch.completed.unwrap_or(stored.todo.completed);
                if let Some(title) = patch.title.as_ref().map(TodoTitle::as_str) {
                    if Some(&stored.todo.title) == seen.as_ref() {
                        title.clone_into(&mut stored.todo.title);
                        self.titles.push(title.to_owned());
                    } else if stored.todo.title != title {
                        return Err(AppError::ChangedElsewhere);
                    }
                }
            }
            Change::Delete(id) => self.find(*id)?.deleted_at = Some(now),
            Change::CompleteAll | Change::ReopenAll => {
                for stored in self.todos.iter_mut().filter(|stored| stored.deleted_at.is_none()) {
                    stored.todo.completed = *change == Change::CompleteAll;
                }
            }
            Change::ClearCompleted(_) => {
                for stored in self.todos.iter_mut().filter(|stored| stored.deleted_at.is_none() && stored.todo.completed) {
                    stored.deleted_at = Some(now);
                    answer = now.to_string();
                }
            }
            Change::Restore(Removed { at: Some(at), .. }) => {
                let at = at.parse().ok();
                let back: Vec<_> = self.todos.iter_mut().filter(|stored| stored.deleted_at == at).collect();
                answer = back.len().to_string();
                for stored in back {
                    stored.deleted_at = None;
                }
            }
            Change::Restore(removed) => {
                for deleted in &removed.todos {
                    let stored = self.todos.iter_mut().find(|stored| stored.todo.id == deleted.todo.id);
                    stored.ok_or(AppError::NotFound)?.deleted_at = None;
                }
            }
        }
        Ok(answer)
    }
}

//! Counts of todos.

use crate::{
    contract::{Filter, TodoView, ViewCounts},
    domain::{DueDate, tags_of},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub active: usize,
    /// Completed today.
    pub completed: usize,
    /// Completed before today.
    pub earlier: usize,
}

impl Count {
    pub fn of<'a>(todos: impl Iterator<Item = &'a TodoView>) -> Self {
        let mut count = Self::default();
        for todo in todos {
            *match (todo.completed, todo.is_earlier) {
                (false, _) => &mut count.active,
                (true, false) => &mut count.completed,
                (true, true) => &mut count.earlier,
            } += 1;
        }
        count
    }

    pub fn total(self) -> usize {
        self.active + self.completed + self.earlier
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// False for an empty list.
    pub fn are_all_completed(self, filter: Filter) -> bool {
        self.active == 0 && self.clearable(filter) > 0
    }

    /// The completed todos that "Clear completed" deletes: what is out of the way stays so.
    pub fn clearable(self, filter: Filter) -> usize {
        if filter == Filter::Completed { self.shown(filter) } else { self.completed }
    }

    pub fn shown(self, filter: Filter) -> usize {
        match filter {
            Filter::All => self.active + self.completed,
            Filter::Active => self.active,
            Filter::Completed => self.completed + self.earlier,
        }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let Self { active, completed, earlier } = other;
        Self { active: self.active + active, completed: self.completed + completed, earlier: self.earlier + earlier }
    }

    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let Self { active, completed, earlier } = other;
        Self {
            active: self.active.saturating_sub(active),
            completed: self.completed.saturating_sub(completed),
            earlier: self.earlier.saturating_sub(earlier),
        }
    }
}

/// The numbers beside the views, of the loaded todos.
pub fn view_counts(todos: &[TodoView], today: DueDate) -> ViewCounts {
    let mut counts = ViewCounts::default();
    for todo in todos.iter().filter(|todo| !todo.completed) {
        counts.due += usize::from(todo.due_on.is_some_and(|due_on| due_on <= today));
        counts.scheduled += usize::from(todo.due_on.is_some());
        counts.important += usize::from(todo.important);
        for place in tags_of(&todo.title) {
            let name = &todo.title[place.start + 1..place.end];
            match counts.tags.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                Some((_, todos)) => *todos += 1,
                None => counts.tags.push((name.to_owned(), 1)),
            }
        }
    }
    counts
}

/// The numbers after the loaded todos have changed.
pub fn moved(counts: &ViewCounts, from: &ViewCounts, to: &ViewCounts) -> ViewCounts {
    let number = |counts: usize, from: usize, to: usize| (counts + to).saturating_sub(from);
    let of = |counts: &ViewCounts, name: &str| {
        counts.tags.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(0, |(_, todos)| *todos)
    };
    let mut tags: Vec<_> = counts.tags.iter().map(|(name, todos)| (name, *todos)).collect();
    let is_new = |name: &str| of(counts, name) == 0 && of(to, name) > of(from, name);
    tags.extend(to.tags.iter().filter(|(name, _)| is_new(name)).map(|(name, _)| (name, 0)));
    let tags = tags.into_iter().map(|(name, todos)| (name.clone(), number(todos, of(from, name), of(to, name))));
    ViewCounts {
        due: number(counts.due, from.due, to.due),
        scheduled: number(counts.scheduled, from.scheduled, to.scheduled),
        important: number(counts.important, from.important, to.important),
        tags: tags.filter(|(_, todos)| *todos > 0).collect(),
    }
}

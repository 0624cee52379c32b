//! The filters of the list. Each has its own URL, which also works without scripting.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::contract::TodoView;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filter {
    All,
    Active,
    Completed,
}

impl Filter {
    pub const EACH: [Self; 3] = [Self::All, Self::Active, Self::Completed];

    /// Parses the query parameter `show`; an unknown value shows all.
    pub fn of_parameter(show: Option<&str>) -> Self {
        match show {
            Some("active") => Self::Active,
            Some("completed") => Self::Completed,
            _ => Self::All,
        }
    }

    pub fn href(self) -> &'static str {
        match self {
            Self::All => "/todos",
            Self::Active => "/todos?show=active",
            Self::Completed => "/todos?show=completed",
        }
    }

    /// URL of the editor without scripting.
    pub fn edit_href(self, id: &str) -> String {
        let href = self.href();
        let separator = if href.contains('?') { "&" } else { "?" };
        [href, separator, "edit=", id].concat()
    }

    /// URL of a form without scripting. The page for a failed form has this URL and sends it as `Referer`, so its query keeps the
    /// filter.
    pub fn action(self, function: &'static str) -> Cow<'static, str> {
        match self.href().split_once('?') {
            Some((_, query)) => [function, "?", query].concat().into(),
            None => function.into(),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Completed => "Completed",
        }
    }

    pub fn includes(self, completed: bool) -> bool {
        match self {
            Self::All => true,
            Self::Active => !completed,
            Self::Completed => completed,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub active: usize,
    pub completed: usize,
}

impl Count {
    pub fn of(todos: &[TodoView]) -> Self {
        let completed = todos.iter().filter(|todo| todo.completed).count();
        Self { active: todos.len() - completed, completed }
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// False for an empty list.
    pub fn are_all_completed(self) -> bool {
        self.active == 0 && self.completed > 0
    }

    pub fn shown(self, filter: Filter) -> usize {
        match filter {
            Filter::All => self.active + self.completed,
            Filter::Active => self.active,
            Filter::Completed => self.completed,
        }
    }
}

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

    /// URL with a further parameter: the row whose editor is open, or the cursor before the first row.
    pub fn href_with(self, parameter: &str, value: &str) -> String {
        with_parameter(self.href(), parameter, value)
    }

    /// The API's parameter `completed`.
    pub fn completed(self) -> Option<bool> {
        match self {
            Self::All => None,
            Self::Active => Some(false),
            Self::Completed => Some(true),
        }
    }

    /// URL of a form without scripting. The page for a failed form has this URL and sends it as `Referer`, so its query keeps the
    /// filter.
    pub fn action(self, function: &'static str) -> Cow<'static, str> {
        match self.query() {
            "" => function.into(),
            query => [function, query].concat().into(),
        }
    }

    pub fn query(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Active => "?show=active",
            Self::Completed => "?show=completed",
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
        self.completed().is_none_or(|shown| shown == completed)
    }
}

pub fn with_parameter(href: &str, parameter: &str, value: &str) -> String {
    let separator = if href.contains('?') { "&" } else { "?" };
    [href, separator, parameter, "=", value].concat()
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

    pub fn side(&mut self, completed: bool) -> &mut usize {
        if completed { &mut self.completed } else { &mut self.active }
    }

    /// Counts at most so many todos as completed, or as active, from now on.
    pub fn turn(&mut self, todos: usize, completed: bool) {
        let turned = todos.min(*self.side(!completed));
        *self.side(!completed) -= turned;
        *self.side(completed) += turned;
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

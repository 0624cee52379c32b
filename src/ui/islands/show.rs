//! Which todos of the list are shown. Each choice has an address of its own, which works without scripting too.

use std::borrow::Cow;

use leptos::prelude::window;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    All,
    Active,
    Completed,
}

impl Show {
    pub const EACH: [Self; 3] = [Self::All, Self::Active, Self::Completed];

    /// By the parameter `show` of the address; one that is not known shows all.
    pub fn of_parameter(show: Option<&str>) -> Self {
        match show {
            Some("active") => Self::Active,
            Some("completed") => Self::Completed,
            _ => Self::All,
        }
    }

    /// By the address that the browser is at.
    pub fn of_browser() -> Self {
        let query = window().location().search().unwrap_or_default();
        let mut parameters = query.trim_start_matches('?').split('&');
        Self::of_parameter(parameters.find_map(|parameter| parameter.strip_prefix("show=")))
    }

    pub fn href(self) -> &'static str {
        match self {
            Self::All => "/todos",
            Self::Active => "/todos?show=active",
            Self::Completed => "/todos?show=completed",
        }
    }

    /// Where a todo among them is edited without scripting.
    pub fn edit_href(self, id: &str) -> String {
        let href = self.href();
        let joint = if href.contains('?') { "&" } else { "?" };
        [href, joint, "edit=", id].concat()
    }

    /// Where a form among them is sent without scripting. If it fails, its answer stands at this address, and the next form
    /// names it as the page that it was on (`Referer`): so the choice goes along.
    pub fn action(self, function: &'static str) -> Cow<'static, str> {
        match self.href().split_once('?') {
            Some((_, query)) => format!("{function}?{query}").into(),
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

    /// What a screen reader is told of their number.
    pub fn announce(self, count: usize) -> String {
        let kind = match self {
            Self::All => "",
            Self::Active => "active ",
            Self::Completed => "completed ",
        };
        format!("{count} {kind}{}", if count == 1 { "item" } else { "items" })
    }

    /// Whether a todo is among them.
    pub fn includes(self, completed: bool) -> bool {
        match self {
            Self::All => true,
            Self::Active => !completed,
            Self::Completed => completed,
        }
    }
}

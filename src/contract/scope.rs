//! The part of the list that a page is about: a view, a text to search for, and a filter. Each has its URL, which also works without
//! scripting.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::TodoView;
use crate::domain::{DueDate, has_tag};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub view: View,
    /// Empty without a search.
    pub text: String,
    pub filter: Filter,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    #[default]
    Todos,
    /// Overdue and due today.
    Today,
    /// With a due date.
    Scheduled,
    Important,
    /// Without `#`, as spelled in the URL.
    Tag(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filter {
    /// The active todos, and those completed today.
    #[default]
    All,
    Active,
    /// All of them, the latest first.
    Completed,
}

impl Scope {
    /// Of the text to search for, in characters.
    pub const MAX_TEXT: usize = 200;

    /// The parameters of the URL, which forms repeat.
    pub const PARAMETERS: [&str; 4] = ["view", "tag", "q", "show"];

    /// Parses the parameters of a URL; an unknown value is none.
    #[must_use]
    pub fn of(parameter: impl Fn(&'static str) -> Option<String>) -> Self {
        let view = match (parameter("tag").filter(|tag| !tag.is_empty()), parameter("view").as_deref()) {
            (Some(tag), _) => View::Tag(tag),
            (None, Some("today")) => View::Today,
            (None, Some("scheduled")) => View::Scheduled,
            (None, Some("important")) => View::Important,
            _ => View::Todos,
        };
        let filter = match parameter("show").as_deref() {
            Some("active") => Filter::Active,
            Some("completed") => Filter::Completed,
            _ => Filter::All,
        };
        Self { view, filter, ..Self::default() }.with_text(&parameter("q").unwrap_or_default())
    }

    /// Without control characters, which no todo has, and what is beyond [`Self::MAX_TEXT`].
    #[must_use]
    pub fn with_text(self, text: &str) -> Self {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(Self::MAX_TEXT).collect();
        Self { text, ..self }
    }

    #[must_use]
    pub fn with_filter(&self, filter: Filter) -> Self {
        Self { filter, ..self.clone() }
    }

    #[must_use]
    pub fn of_view(view: View) -> Self {
        Self { view, ..Self::default() }
    }

    /// The same todos, whatever the filter.
    #[must_use]
    pub fn has_todos_of(&self, other: &Self) -> bool {
        self.view == other.view && self.text == other.text
    }

    /// Whether the filter alone decides.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.view == View::Todos && self.text.is_empty()
    }

    /// Whether the server decides by title or notes.
    #[must_use]
    pub fn is_by_text(&self) -> bool {
        !self.text.is_empty() || matches!(self.view, View::Tag(_))
    }

    #[must_use]
    pub fn is_by_date(&self) -> bool {
        matches!(self.view, View::Today | View::Scheduled) && self.filter != Filter::Completed
    }

    /// Whether the rows are in the order that the user gives them.
    #[must_use]
    pub fn is_by_order(&self) -> bool {
        !self.is_by_date() && self.filter != Filter::Completed
    }

    /// As form fields, or as the parameters of a URL.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, &str)> {
        let view = match &self.view {
            View::Todos => ("view", ""),
            View::Today => ("view", "today"),
            View::Scheduled => ("view", "scheduled"),
            View::Important => ("view", "important"),
            View::Tag(tag) => ("tag", tag.as_str()),
        };
        let filter = match self.filter {
            Filter::All => "",
            Filter::Active => "active",
            Filter::Completed => "completed",
        };
        let mut parameters = vec![view, ("q", &self.text), ("show", filter)];
        parameters.retain(|(_, value)| !value.is_empty());
        parameters
    }

    /// The query of a URL, with its question mark if it is not empty.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.parameters() {
            query.push_str(if query.is_empty() { "?" } else { "&" });
            query.push_str(name);
            query.push('=');
            query.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        query
    }

    /// URL of the page.
    #[must_use]
    pub fn href(&self) -> String {
        "/todos".to_owned() + &self.query()
    }

    /// URL of a form. A server function reads the scope from it, and so does the page for a form that failed.
    #[must_use]
    pub fn action(&self, function: &str) -> String {
        function.to_owned() + &self.query()
    }
}

impl View {
    /// A tag has several spellings.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tag(one), Self::Tag(other)) => one.eq_ignore_ascii_case(other),
            _ => self == other,
        }
    }

    #[must_use]
    pub fn includes(&self, todo: &TodoView, today: DueDate) -> bool {
        match self {
            Self::Todos => true,
            Self::Today => todo.due_on.is_some_and(|due_on| due_on <= today),
            Self::Scheduled => todo.due_on.is_some(),
            Self::Important => todo.important,
            Self::Tag(tag) => has_tag(&todo.title, tag),
        }
    }
}

impl Filter {
    pub const EACH: [Self; 3] = [Self::All, Self::Active, Self::Completed];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Completed => "Completed",
        }
    }

    /// Whether it is about the completed ones alone, or the active ones.
    #[must_use]
    pub fn is_of(self, completed: bool) -> bool {
        self == if completed { Self::Completed } else { Self::Active }
    }

    #[must_use]
    pub fn includes(self, todo: &TodoView) -> bool {
        match self {
            Self::All => !todo.is_earlier,
            Self::Active => !todo.completed,
            Self::Completed => todo.completed,
        }
    }
}

/// A URL with a further parameter, whose value needs no escaping.
#[must_use]
pub fn with_parameter(href: &str, parameter: &str, value: &str) -> String {
    let separator = if href.contains('?') { "&" } else { "?" };
    [href, separator, parameter, "=", value].concat()
}

#[cfg(test)]
mod tests {
    use super::{Filter, Scope, View};

    fn parsed(query: &str) -> Scope {
        let parameters: Vec<(String, String)> =
            url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned().collect();
        Scope::of(|name| parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn scope_is_read_back_from_its_url() {
        for view in [View::Todos, View::Today, View::Scheduled, View::Important, View::Tag("Büro&x".to_owned())] {
            for text in ["", "tap", "a & b=c+d #1 ?", "é\u{301}"] {
                for filter in Filter::EACH {
                    let scope = Scope { view: view.clone(), text: text.to_owned(), filter };
                    assert_eq!(parsed(&scope.query()), scope, "{}", scope.query());
                }
            }
        }
        assert_eq!(Scope::default().href(), "/todos");
        let today = Scope { view: View::Today, text: "a b".to_owned(), filter: Filter::Active };
        assert_eq!(today.href(), "/todos?view=today&q=a%20b&show=active");
    }

    #[test]
    fn unknown_value_is_none() {
        for query in ["view=yesterday", "show=none", "tag=", "q=", "q=%20%09", "other=1"] {
            assert_eq!(parsed(query), Scope::default(), "{query}");
        }
        assert_eq!(parsed("q=a%00b").text, "ab");
        assert_eq!(parsed(&format!("q={}", "é".repeat(300))).text.chars().count(), Scope::MAX_TEXT);
    }
}

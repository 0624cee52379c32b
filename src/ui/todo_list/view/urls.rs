//! The URLs of a row.

use leptos::server_fn::ServerFn;

use super::html::escaped;
use crate::{bff, contract::with_parameter, ui::todo_list::model::Part};

/// The URLs of a row without scripting, the same for all of them and escaped.
pub struct Urls {
    pub edit: String,
    pub delete: String,
    pub list: String,
    /// Of the editor: before and behind the id. It keeps the page of the list.
    pub editor: [String; 2],
}

impl Urls {
    pub fn of(Part { scope, after }: &Part) -> Self {
        let list = scope.href();
        let after = after.as_ref().map(|after| with_parameter(&list, "after", after)[list.len() + 1..].to_owned());
        Self {
            edit: escaped(&scope.action(bff::EditTodo::PATH)),
            delete: escaped(&scope.action(bff::DeleteTodo::PATH)),
            editor: [
                escaped(&with_parameter(&list, "edit", "")),
                after.map(|after| escaped(&["&", &after].concat())).unwrap_or_default(),
            ],
            list: escaped(&list),
        }
    }
}

//! JSON in the browser. The browser's own parser and a few accessors are a fraction of serde's code.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use super::model::Filter;
use crate::{
    contract::{AppError, CurrentUser, PageInfo, TodoPage, TodoView},
    domain::DueDate,
};

pub struct Json(JsValue);

impl Json {
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A member that is missing has no value of any type.
    pub fn get(&self, name: &str) -> Option<Self> {
        Reflect::get(&self.0, &name.into()).ok().map(Self)
    }

    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and our server sends no fractions")]
    pub fn number(&self) -> Option<u32> {
        self.0.as_f64().map(|number| number as u32)
    }

    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    pub fn list<T>(&self, item: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let items = Array::is_array(&self.0).then(|| Array::from(&self.0))?;
        items.iter().map(|value| item(&Self(value))).collect()
    }

    fn date(&self) -> Option<DueDate> {
        DueDate::parse(&self.text()?).ok()
    }

    pub fn todo(&self) -> Option<TodoView> {
        let id = self.get("id")?.text()?.parse().ok()?;
        Some(TodoView {
            id,
            title: self.get("title")?.text()?,
            has_notes: self.get("has_notes")?.flag()?,
            due_on: self.get("due_on")?.date(),
            important: self.get("important")?.flag()?,
            completed: self.get("completed")?.flag()?,
        })
    }

    pub fn page(&self) -> Option<TodoPage> {
        let info = self.get("info")?;
        Some(TodoPage {
            todos: self.get("todos")?.list(Self::todo)?,
            others: self.get("others")?.list(Self::todo)?,
            info: PageInfo {
                active: info.get("active")?.number()? as usize,
                completed: info.get("completed")?.number()? as usize,
                next: info.get("next")?.text(),
                tag: info.get("tag")?.text()?,
                today: info.get("today")?.date()?,
                seconds_of_today: info.get("seconds_of_today")?.number()?,
            },
        })
    }

    pub fn user(&self) -> Option<CurrentUser> {
        Some(CurrentUser {
            id: self.get("id")?.text()?.parse().ok()?,
            email: self.get("email")?.text()?,
            seconds_left: self.get("seconds_left")?.number()?,
            seconds_to_max: self.get("seconds_to_max")?.number().unwrap_or_default(),
        })
    }

    pub fn filter(&self) -> Option<Filter> {
        let name = self.text()?;
        Filter::EACH.into_iter().find(|filter| filter.name() == name)
    }

    pub fn error(&self) -> Option<AppError> {
        match self.text() {
            Some(name) => AppError::of_wire(&name, 0),
            None => AppError::NUMBERED.into_iter().find_map(|name| AppError::of_wire(name, self.get(name)?.number()?)),
        }
    }
}

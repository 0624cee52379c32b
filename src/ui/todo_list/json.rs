//! JSON in the browser. The browser's own parser and a few accessors are a fraction of serde's code.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::{
    contract::{AppError, CurrentUser, PageInfo, TodoPage, TodoView, ViewCounts},
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
        let mut list = Vec::new();
        // `collect` into an option is twice the code.
        for at in 0..items.length() {
            list.push(item(&Self(items.get(at)))?);
        }
        Some(list)
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
            is_earlier: self.get("is_earlier")?.flag()?,
            marks: self.get("marks")?.list(|mark| Some(mark.number()? as usize)).unwrap_or_default(),
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
                earlier: info.get("earlier")?.number()? as usize,
                views: info.get("views")?.views()?,
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

    fn views(&self) -> Option<ViewCounts> {
        let number = |name| Some(self.get(name)?.number()? as usize);
        let tag = |tag: &Self| Some((tag.get("0")?.text()?, tag.get("1")?.number()? as usize));
        Some(ViewCounts {
            due: number("due")?,
            scheduled: number("scheduled")?,
            important: number("important")?,
            tags: self.get("tags")?.list(tag)?,
        })
    }

    pub fn error(&self) -> Option<AppError> {
        match self.text() {
            Some(name) => AppError::of_wire(&name, 0),
            None => AppError::NUMBERED.into_iter().find_map(|name| AppError::of_wire(name, self.get(name)?.number()?)),
        }
    }
}

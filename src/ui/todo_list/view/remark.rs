//! What stands under a box for a title: how long the text is, once that matters, or why it can't be saved.

use leptos::prelude::*;

use crate::{contract::AppError, domain::TodoTitle, ui::words};

/// From here on the length is told.
const NEARLY_FULL: usize = TodoTitle::MAX_CHARS - 50;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// In characters.
    Length(usize),
    Error(AppError),
}

impl Remark {
    /// What there is to say while somebody types.
    pub fn of(typed: &str) -> Option<Self> {
        let length = typed.trim().chars().count();
        (length >= NEARLY_FULL).then_some(Self::Length(length))
    }

    /// `aria-invalid` of the box.
    pub fn invalid(remark: Option<Self>) -> Option<&'static str> {
        remark.is_some_and(Self::is_error).then_some("true")
    }

    fn is_error(self) -> bool {
        match self {
            Self::Length(length) => length > TodoTitle::MAX_CHARS,
            Self::Error(_) => true,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Length(length) => format!("{length} of {} characters", TodoTitle::MAX_CHARS),
            Self::Error(error) => words::sentence(error).into_owned(),
        }
    }

    /// Always there, or a screen reader would not notice that it says something now.
    pub fn view(id: &'static str, remark: RwSignal<Option<Self>>) -> impl IntoView {
        view! {
            <p
                id=id
                class=move || if remark.get().is_some_and(Self::is_error) { "remark field-error" } else { "remark field-hint" }
                aria-live="polite"
            >
                {move || remark.get().map(Self::text)}
            </p>
        }
    }
}

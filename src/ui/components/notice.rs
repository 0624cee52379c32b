//! A sentence that wants to be read first.

use leptos::prelude::*;

use crate::{contract::AppError, ui::words};

/// An error, announced at once by screen readers.
#[component]
pub fn Notice(error: AppError) -> impl IntoView {
    view! { <p class="notice notice-error" role="alert">{words::sentence(error)}</p> }
}

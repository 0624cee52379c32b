//! An error message at the top of a page or form.

use leptos::prelude::*;

use crate::{contract::AppError, ui::words};

/// Screen readers announce it immediately.
#[component]
pub fn Notice(error: AppError) -> impl IntoView {
    view! { <p class="notice notice-error" role="alert">{words::sentence(error)}</p> }
}

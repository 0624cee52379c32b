//! The error page of a signed-in page whose data could not be loaded.

use leptos::prelude::*;

use crate::{
    contract::AppError,
    ui::components::{Notice, SupportLine, Top},
};

#[component]
pub fn NotShown(
    heading: &'static str,
    error: AppError,
    /// Path of that page, for the retry link.
    again: &'static str,
) -> impl IntoView {
    view! {
        <Top at=again />
        <main id="main" tabindex="-1">
            <section class="card">
                <h1>{heading}</h1>
                <Notice error />
                <p><a href=again>"Try again"</a></p>
                <SupportLine />
            </section>
        </main>
    }
}

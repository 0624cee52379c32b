//! What stands in place of a page whose data can't be had.

use leptos::prelude::*;

use crate::{
    contract::AppError,
    ui::components::{Notice, SupportLine, Top},
};

#[component]
pub fn NotShown(
    heading: &'static str,
    error: AppError,
    /// The page to try again.
    again: &'static str,
    /// Whether this is a page about the account.
    #[prop(optional)]
    at_account: bool,
) -> impl IntoView {
    view! {
        <Top email=None at_account />
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

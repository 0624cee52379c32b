//! The warning about plain HTTP on the sign-in and sign-up pages.

use leptos::prelude::*;

use crate::ui::{
    page_context::{HttpWarning, PageContext},
    words,
};

#[component]
pub fn HttpNotice() -> impl IntoView {
    let PageContext { http_warning, origin, .. } = PageContext::current();
    http_warning.map(|warning| {
        let (sentence, advice) = words::about_http(warning);
        let link = (warning == HttpWarning::Elsewhere)
            .then(|| view! { " It is at " <a href=origin.clone()>{origin.clone()}</a> ", and signing in works only there." });
        view! {
            <div class="notice notice-error" role="note">
                <p>{sentence}{link}</p>
                {advice.map(|advice| view! { <p>"If you run this server: " {advice}</p> })}
            </div>
        }
    })
}

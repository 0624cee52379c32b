//! Says what plain http does to somebody who is about to sign in, for as long as it does.

use leptos::prelude::*;

use crate::{
    contract::{HttpWarning, SiteOrigin},
    ui::words,
};

#[component]
pub fn HttpNotice() -> impl IntoView {
    let warning = use_context::<HttpWarning>().zip(use_context::<SiteOrigin>());
    warning.map(|(warning, SiteOrigin(origin))| {
        let (sentence, advice) = words::about_http(warning);
        let way = (warning == HttpWarning::Elsewhere)
            .then(|| view! { " It is at " <a href=origin.clone()>{origin.clone()}</a> ", and signing in works only there." });
        view! {
            <div class="notice notice-error" role="note">
                <p>{sentence}{way}</p>
                {advice.map(|advice| view! { <p>"If you run this server: " {advice}</p> })}
            </div>
        }
    })
}

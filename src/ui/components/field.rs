//! A labelled input with its hint and its error.

use std::borrow::Cow;

use leptos::prelude::*;

/// Label, hint and error are associated with the input for screen readers (WCAG 1.3.1, 3.3.1).
#[component]
pub fn Field(
    /// `name` and `id` of the input.
    name: &'static str,
    label: &'static str,
    /// `type` of the input.
    kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
    error: Option<Cow<'static, str>>,
    /// Initial value, as typed before. Never a password.
    #[prop(optional_no_strip)]
    typed: Option<String>,
    #[prop(optional)] readonly: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described_by = match (hint, &error) {
        (None, None) => None,
        (Some(_), None) => Some(hint_id.clone()),
        (None, Some(_)) => Some(error_id.clone()),
        (Some(_), Some(_)) => Some(format!("{error_id} {hint_id}")),
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            // Room for the button that `public/show-password.js` puts beside the input.
            <div class="box">
                <input
                    id=name
                    name=name
                    type=kind
                    autocomplete=autocomplete
                    value=typed
                    readonly=readonly
                    autofocus=autofocus
                    required
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described_by
                />
            </div>
            {error.map(|error| view! { <p class="field-error" id=error_id>{error}</p> })}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

//! Icons as inline SVG, drawn on a 24 by 24 grid. They are decoration: the button around one has the name.

use leptos::prelude::*;

fn icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path />
        </svg>
    }
}

pub fn check() -> impl IntoView {
    icon("M5 13l4.5 4.5L19 7")
}

pub fn pencil() -> impl IntoView {
    icon("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3")
}

pub fn cross() -> impl IntoView {
    icon("M6 6l12 12M18 6L6 18")
}

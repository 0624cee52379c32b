//! What the list says: failed changes, pending ones, and the toast with Undo. Written as text, like the rows.

use web_sys::HtmlElement;

use super::html::{escaped, push};
use crate::ui::todo_list::{
    dom::find,
    model::Model,
    words::{done, failed, waiting},
};

/// The content of each live region, which itself is always there: screen readers announce only what is new in it.
#[derive(Clone, Default, PartialEq)]
pub struct Texts {
    pub failures: String,
    waiting: String,
    toast: String,
}

impl Texts {
    pub fn of(model: &Model) -> Self {
        let mut failures = String::new();
        for (nth, failure) in model.failures.iter().enumerate() {
            let nth = &nth.to_string();
            push(&mut failures, &["<div class=\"notice notice-error\"><p>", &escaped(&failed(failure)), "</p>"]);
            for (class, word) in [("retry", "Retry"), ("dismiss", "Dismiss")] {
                if class == "dismiss" || failure.can_retry {
                    let button = ["<button class=\"button button-quiet ", class, "\" type=\"button\" value=\"", nth, "\">", word];
                    push(&mut failures, &[&*button.concat(), "</button>"]);
                }
            }
            failures.push_str("</div>");
        }
        let toast = model.offers.last().map(|offer| {
            let undo = "</span><button class=\"undo\" type=\"button\">Undo</button></div>";
            ["<div class=\"toast\"><span class=\"toast-text\">", &escaped(&done(offer)), undo].concat()
        });
        let waiting = waiting(model.sending, model.queue().len()).unwrap_or_default();
        Self { failures, waiting, toast: toast.unwrap_or_default() }
    }

    pub fn redraw(&self, old: &Self) {
        let places = [
            (".failures", &self.failures, &old.failures, true),
            (".offline", &self.waiting, &old.waiting, true),
            (".toast-place", &self.toast, &old.toast, false),
        ];
        for (place, text, old, hides) in places {
            if let Some(place) = find::<HtmlElement>(place).filter(|_| text != old) {
                place.set_inner_html(text);
                place.set_hidden(hides && text.is_empty());
            }
        }
    }
}

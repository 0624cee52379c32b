//! The dialog that asks for the password (`components::SignInDialog`), and what covers the page until it is known whose it is.

use leptos::prelude::document;
use web_sys::HtmlDialogElement;

use crate::ui::todo_list::dom::{self, COVERED, EDITOR, find, focus_at_end, is_covered, rescue_focus};

const DIALOG: &str = "#sign-in-again";
/// Marks the dialog when it can't be put off any more.
const ENDED: &str = "data-ended";

/// Asks for the password once the session has ended. The page stays covered until then: nobody shall read it any more.
pub fn open() {
    // What covers the page now is the dialog.
    uncover();
    if let Some(dialog) = dialog() {
        let _ = dialog.set_attribute(ENDED, "");
        // No Escape either.
        let _ = dialog.set_attribute("closedby", "none");
    }
    offer();
}

/// Asks for the password before it has to be.
pub fn offer() {
    dom::open(DIALOG);
}

/// Once there is a session again.
pub fn close() {
    if let Some(dialog) = dialog() {
        let _ = dialog.remove_attribute(ENDED);
        let _ = dialog.remove_attribute("closedby");
        dialog.close();
    }
}

/// Shows a page that was left covered, with the focus where one types.
pub fn uncover() {
    if is_covered() {
        drop(document().document_element().map(|html| html.remove_attribute(COVERED)));
        focus_at_end(EDITOR);
        rescue_focus();
    }
}

pub fn dialog() -> Option<HtmlDialogElement> {
    find(DIALOG)
}

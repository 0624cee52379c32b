//! The sign-in dialog (`components::SignInDialog`), and the cover of a page whose session is not verified.

use leptos::prelude::document;
use web_sys::HtmlDialogElement;

use crate::ui::todo_list::dom::{self, COVERED, EDITOR, find, focus_at_end, is_covered, rescue_focus};

const DIALOG: &str = "#sign-in-again";
/// Marks a dialog that can't be dismissed.
const ENDED: &str = "data-ended";

/// Opens the dialog, not dismissible, for an expired session. The dialog's backdrop hides the page in place of the cover.
pub fn open() {
    uncover();
    if let Some(dialog) = dialog() {
        let _ = dialog.set_attribute(ENDED, "");
        // Disables Escape.
        let _ = dialog.set_attribute("closedby", "none");
    }
    offer();
}

/// Opens the dialog, dismissible, while the session is still valid.
pub fn offer() {
    dom::open(DIALOG);
}

pub fn close() {
    if let Some(dialog) = dialog() {
        let _ = dialog.remove_attribute(ENDED);
        let _ = dialog.remove_attribute("closedby");
        dialog.close();
    }
}

/// Shows the page and restores the focus of its input.
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

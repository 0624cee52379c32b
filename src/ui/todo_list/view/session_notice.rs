//! The notice before the session expires.

use web_sys::HtmlElement;

use crate::ui::todo_list::dom::find;

pub fn show(is_ending: bool, can_go_on: bool) {
    let action = if can_go_on { "Stay signed in" } else { "Sign in again" };
    let notice = [
        "<p>Your session ends in less than two minutes.</p><button class=\"button button-quiet stay\" type=\"button\">",
        action,
        "</button>",
    ];
    if let Some(place) = find::<HtmlElement>(".session-notice").filter(|place| is_ending || !place.hidden()) {
        place.set_inner_html(&if is_ending { notice.concat() } else { String::new() });
        place.set_hidden(!is_ending);
    }
}

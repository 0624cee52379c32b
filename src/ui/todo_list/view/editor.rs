//! The title editor within a row.

use leptos::server_fn::ServerFn;
use web_sys::Element;

use super::{
    field_message::FieldMessage,
    html::{escaped, push, set},
};
use crate::{
    bff,
    ui::todo_list::{
        dom::find_in,
        model::{Editor, Filter},
    },
};

/// `title` is escaped.
pub fn push_html(editor: &Editor, title: &str, filter: Filter, message: Option<FieldMessage>, html: &mut String) {
    push(
        html,
        &[
            "<form class=\"edit-form\" method=\"post\" action=\"",
            &filter.action(bff::EditTodo::PATH),
            "\"><input type=\"hidden\" name=\"id\" value=\"",
            &editor.id.to_text(),
            "\"><input type=\"hidden\" name=\"seen_title\" value=\"",
            &escaped(&editor.seen),
            "\"><input class=\"edit\" name=\"title\" dir=\"auto\" autocomplete=\"off\" autofocus value=\"",
            &escaped(&editor.typed),
            "\" aria-label=\"Edit: ",
            title,
            "\" aria-describedby=\"",
            described_by(editor),
            if FieldMessage::invalid(message).is_some() { "\" aria-invalid=\"true\">" } else { "\">" },
            "<p id=\"edit-message\" aria-live=\"polite\" class=\"",
            FieldMessage::class(message),
            "\">",
            &message.map(FieldMessage::text).unwrap_or_default(),
            "</p>",
        ],
    );
    push_choice(editor, filter, html);
    push(
        html,
        &[
            "<div class=\"edit-end\"><button class=\"button button-main\" aria-label=\"Save: ",
            title,
            "\">Save</button> <a class=\"button\" href=\"",
            filter.href(),
            "\">Cancel</a><button class=\"delete icon-button\" formaction=\"",
            &filter.action(bff::DeleteTodo::PATH),
            "\" aria-label=\"Delete: ",
            title,
            "\"></button></div></form>",
        ],
    );
}

fn described_by(editor: &Editor) -> &'static str {
    if editor.is_conflict { "edit-conflict edit-message" } else { "edit-message" }
}

/// Shows the title on the server; the input above has the user's own.
fn push_choice(editor: &Editor, filter: Filter, html: &mut String) {
    if editor.is_conflict {
        push(
            html,
            &[
                "<div class=\"conflict notice\"><p id=\"edit-conflict\" role=\"alert\">Changed somewhere else. It now reads “<bdi>",
                &escaped(&editor.seen),
                "</bdi>”.</p><button class=\"button button-plain\">Keep mine</button><a class=\"button button-plain\" href=\"",
                filter.href(),
                "\">Take theirs</a></div>",
            ],
        );
    }
}

/// Keeps the input and its text.
pub fn update(editor: &Editor, title: &str, filter: Filter, form: &Element) {
    if let Some(seen) = find_in(form, "[name=seen_title]") {
        set(&seen, "value", Some(&editor.seen));
    }
    if let Some(input) = find_in(form, ".edit") {
        set(&input, "value", Some(&editor.typed));
        set(&input, "aria-label", Some(&["Edit: ", title].concat()));
        set(&input, "aria-describedby", Some(described_by(editor)));
    }
    if let Some(choice) = find_in::<Element>(form, ".conflict") {
        choice.remove();
    }
    let mut html = String::new();
    push_choice(editor, filter, &mut html);
    if let Some(message) = find_in::<Element>(form, "#edit-message") {
        let _ = message.insert_adjacent_html("afterend", &html);
    }
}

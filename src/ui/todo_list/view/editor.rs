//! The editor of a todo, in place of its row.

use web_sys::{Element, HtmlInputElement};

use super::{
    field_message::FieldMessage,
    html::{escaped, push, set},
    links::links,
    urls::Urls,
};
use crate::{
    domain::{DueDate, TodoId, TodoNotes},
    ui::todo_list::{
        dom::{find_in, mark_preset},
        model::{Conflict, Editor, Notes},
        words::due,
    },
};

/// An editor with what it shows beside its fields.
#[derive(Clone, PartialEq)]
pub struct OpenEditor {
    pub editor: Editor,
    /// See [`Model::places`](crate::ui::todo_list::model::Model::places).
    pub places: [Option<Option<TodoId>>; 2],
    /// For the presets of the date.
    pub today: DueDate,
}

impl OpenEditor {
    /// `title` is escaped.
    pub fn push(&self, title: &str, urls: &Urls, message: Option<FieldMessage>, html: &mut String) {
        let Editor { id, seen, typed, notes, conflict } = &self.editor;
        let invalid = |input| if FieldMessage::input(message) == Some(input) { "\" aria-invalid=\"true" } else { "" };
        push(
            html,
            &[
                "<form class=\"edit-form\" method=\"post\" action=\"",
                &urls.edit,
                "\"><input type=\"hidden\" name=\"id\" value=\"",
                &id.to_text(),
                "\"><input type=\"hidden\" name=\"seen_title\" value=\"",
                &escaped(&seen.title),
                "\"><input type=\"hidden\" name=\"seen_due_on\" value=\"",
                &escaped(&seen.due_on),
                "\"><input type=\"hidden\" name=\"seen_important\" value=\"",
                if seen.important { "true\">" } else { "false\">" },
                "<input type=\"hidden\" name=\"seen_notes\" value=\"",
                &digest(seen.notes.as_deref()),
                // The one that Enter presses, before those of the presets.
                "\"><button hidden></button><input class=\"star-box\" type=\"checkbox\" name=\"important\" value=\"true\" aria-label=\"Important\" title=\"Important\"",
                if typed.important { " checked>" } else { ">" },
                // The parser drops a line break at the start of a textarea.
                "<textarea class=\"edit\" name=\"title\" rows=\"1\" dir=\"auto\" autocomplete=\"off\" enterkeyhint=\"done\" autofocus aria-label=\"Edit: ",
                title,
                "\" aria-describedby=\"",
                described_by(*conflict),
                invalid(FieldMessage::TITLE),
                "\">\n",
                &escaped(&typed.title),
                "</textarea><p id=\"edit-message\" aria-live=\"polite\" class=\"",
                FieldMessage::class(message),
                "\">",
                &message.map(FieldMessage::text).unwrap_or_default(),
                "</p>",
            ],
        );
        self.push_choice(html);
        push(
            html,
            &[
                "<div class=\"noted\"><textarea class=\"notes\" name=\"notes\" rows=\"1\" dir=\"auto\" aria-label=\"Notes\" aria-describedby=\"edit-message\" placeholder=\"",
                placeholder(*notes),
                invalid(FieldMessage::NOTES),
                if typed.notes.is_some() { "\">\n" } else { "\" disabled>\n" },
                &escaped(typed.notes.as_deref().unwrap_or_default()),
                "</textarea></div><p class=\"links\" translate=\"no\">",
                &links(typed.notes.as_deref().unwrap_or_default()),
                "</p><div class=\"dates\"><input class=\"due\" type=\"date\" name=\"due_on\" min=\"1970-01-01\" max=\"9999-12-31\" aria-label=\"Due date\" aria-describedby=\"edit-message\" value=\"",
                &escaped(&typed.due_on),
                invalid(FieldMessage::DUE),
                "\">",
            ],
        );
        for (text, date) in self.presets() {
            let pressed = if date == typed.due_on { "true" } else { "false" };
            let preset =
                [" <button class=\"chip button\" name=\"preset\" value=\"", &date, "\" aria-pressed=\"", pressed, "\">", text];
            push(html, &[&*preset.concat(), "</button>"]);
        }
        html.push_str("</div><div class=\"edit-end\">");
        for (class, name, place) in [("up", "Up", self.places[0]), ("down", "Down", self.places[1])] {
            let after = place.flatten().map(TodoId::to_text).unwrap_or_default();
            let button = ["<button class=\"", class, " icon-button\" name=\"move_after\" aria-label=\"Move ", class, ": ", title];
            push(html, &[&*button.concat(), "\" title=\"", name, "\" value=\"", &after]);
            html.push_str(if place.is_some() { "\"></button>" } else { "\" disabled></button>" });
        }
        push(
            html,
            &[
                "<button class=\"delete icon-button\" formaction=\"",
                &urls.delete,
                "\" title=\"Delete\" aria-label=\"Delete: ",
                title,
                "\"></button><a class=\"cancel button\" href=\"",
                &urls.list,
                "\">Cancel</a> <button class=\"button button-main\" aria-label=\"Save: ",
                title,
                "\">Save</button></div></form>",
            ],
        );
    }

    /// The dates of the buttons beside the input.
    fn presets(&self) -> [(&'static str, String); 4] {
        let Self { today, .. } = self;
        let in_days = |days| today.plus_days(days).to_string();
        [
            ("Today", today.to_string()),
            ("Tomorrow", in_days(1)),
            // A week begins on Monday.
            ("Next week", in_days(7 - today.weekday())),
            ("None", String::new()),
        ]
    }

    /// Shows the server's values; the inputs above have the user's own.
    fn push_choice(&self, html: &mut String) {
        let Editor { seen, conflict, .. } = &self.editor;
        if !conflict.is_any() {
            return;
        }
        html.push_str("<div class=\"conflict notice\"><div id=\"edit-conflict\" role=\"alert\">");
        let date = DueDate::parse(&seen.due_on).map_or("none".to_owned(), |due_on| due(due_on, self.today, false));
        for (is_conflict, what, theirs) in [
            (conflict.title, "Changed somewhere else. It now reads", &seen.title),
            (
                conflict.notes,
                "The notes were changed somewhere else. They now read",
                seen.notes.as_ref().unwrap_or(&String::new()),
            ),
            (conflict.due_on, "The due date was changed somewhere else. It is now", &date),
        ] {
            if is_conflict {
                push(html, &["<p>", what, " “<bdi>", &escaped(theirs), "</bdi>”.</p>"]);
            }
        }
        push(
            html,
            &[
                "</div><button class=\"mine button button-plain\">Keep mine</button><button class=\"theirs button button-plain\" name=\"theirs\" value=\"",
                &conflict.names(),
                "\">Take theirs</button></div>",
            ],
        );
    }

    /// Keeps the inputs and their text.
    pub fn update(&self, title: &str, form: &Element) {
        let Editor { seen, typed, notes, conflict, .. } = &self.editor;
        let seen = [
            ("[name=seen_title]", &seen.title),
            ("[name=seen_due_on]", &seen.due_on),
            ("[name=seen_notes]", &digest(seen.notes.as_deref())),
        ];
        for (selector, value) in seen {
            if let Some(input) = find_in(form, selector) {
                set(&input, "value", Some(value));
            }
        }
        // What was typed stays: these are the values of untouched inputs.
        if let Some(input) = find_in::<Element>(form, ".edit") {
            // A new text would move the cursor, even if it is the same.
            if input.text_content().as_deref() != Some(&typed.title) {
                input.set_text_content(Some(&typed.title));
            }
            set(&input, "aria-label", Some(&["Edit: ", title].concat()));
            set(&input, "aria-describedby", Some(described_by(*conflict)));
        }
        if let Some(input) = find_in::<HtmlInputElement>(form, ".due") {
            set(&input, "value", Some(&typed.due_on));
            mark_preset(form);
        }
        if let Some(input) = find_in::<Element>(form, ".notes") {
            set(&input, "placeholder", Some(placeholder(*notes)));
            if let (Some(notes), true) = (&typed.notes, input.has_attribute("disabled")) {
                input.set_text_content(Some(notes));
                set(&input, "disabled", None);
                if let Some(place) = find_in::<Element>(form, ".links") {
                    place.set_inner_html(&links(notes));
                }
            }
        }
        for (selector, place) in [(".up", self.places[0]), (".down", self.places[1])] {
            if let Some(button) = find_in(form, selector) {
                set(&button, "disabled", place.is_none().then_some(""));
            }
        }
        if let Some(choice) = find_in::<Element>(form, ".conflict") {
            choice.remove();
        }
        let mut html = String::new();
        self.push_choice(&mut html);
        if let Some(message) = find_in::<Element>(form, "#edit-message") {
            let _ = message.insert_adjacent_html("afterend", &html);
        }
    }
}

fn digest(notes: Option<&str>) -> String {
    notes.map(TodoNotes::digest).unwrap_or_default()
}

fn placeholder(notes: Notes) -> &'static str {
    match notes {
        Notes::Wanted => "Loading the notes…",
        Notes::Read => "Notes",
        Notes::Unreadable => "The notes can’t be loaded now.",
    }
}

fn described_by(conflict: Conflict) -> &'static str {
    if conflict.is_any() { "edit-conflict edit-message" } else { "edit-message" }
}

//! The row of a todo. The server and the browser write it as text; a change in the browser updates what differs, so that the
//! row's elements and their focus stay.

use web_sys::{Element, HtmlInputElement};

use super::{
    editor::OpenEditor,
    field_message::FieldMessage,
    html::{TAB, escaped, push, set},
    links::{has_address, linked},
    urls::Urls,
};
use crate::{
    contract::TodoView,
    domain::{DueDate, TodoId},
    ui::{
        components::icon,
        todo_list::{
            dom::find_in,
            model::Model,
            words::{OVERDUE, due},
        },
    },
};

#[derive(Clone, PartialEq)]
pub struct Row {
    pub todo: TodoView,
    pub editor: Option<OpenEditor>,
    /// Notes and date, which a row has only where there are some.
    meta: String,
    /// A change has been pending longer than the threshold of the queue.
    is_late: bool,
    /// The heading above it, of a list by date.
    pub group: String,
}

impl Row {
    /// The rows that the scope shows.
    pub fn shown(model: &Model) -> Vec<Self> {
        let group = |todo: &TodoView| match todo.due_on.filter(|_| model.scope.is_by_date()) {
            Some(due_on) if due_on < model.today => OVERDUE.to_owned(),
            Some(due_on) => due(due_on, model.today, false),
            None => String::new(),
        };
        let row = |todo: &TodoView| {
            let editor = model.editor.as_ref().filter(|editor| editor.id == todo.id);
            let editor =
                editor.map(|editor| OpenEditor { editor: editor.clone(), places: model.places(todo.id), today: model.today });
            let is_late = model.is_late(Some(todo.id));
            let group = group(todo);
            Self { todo: todo.clone(), editor, meta: meta(todo, model.today, group == OVERDUE), is_late, group }
        };
        model.shown().into_iter().map(row).collect()
    }

    pub fn id(&self) -> TodoId {
        self.todo.id
    }

    /// The buttons submit forms, for browsers without scripting; the island intercepts them.
    pub fn push(&self, urls: &Urls, message: Option<FieldMessage>, html: &mut String) {
        let TodoView { id, title, completed, is_earlier, important, marks, .. } = &self.todo;
        let (has_address, label) = (has_address(title), &*linked(title, marks));
        let (id, title) = (&*id.to_text(), &*escaped(title));
        let (new_value, action) = toggled(*completed);
        push(
            html,
            &[
                "<li class=\"",
                self.class(),
                if *is_earlier { "\" data-earlier=\"" } else { "" },
                if self.is_late { "\" aria-busy=\"true\">" } else { "\">" },
                "<form class=\"view\" method=\"post\" action=\"",
                &urls.edit,
                "\"><input type=\"hidden\" name=\"id\" value=\"",
                id,
                "\"><input class=\"toggle\" type=\"checkbox\" aria-labelledby=\"t-",
                id,
                if *completed { "\" checked>" } else { "\">" },
                "<button class=\"without-script\" name=\"completed\" value=\"",
                new_value,
                "\" aria-label=\"",
                action,
                ": ",
                title,
                "\">",
                icon::toggle(*completed),
                "</button><label id=\"t-",
                id,
                "\" dir=\"auto",
                // A link may show less than its address.
                &if has_address { ["\" data-title=\"", title].concat() } else { String::new() },
                "\">",
                label,
                "</label>",
                &self.meta,
                "<a",
                TAB,
                "icon-button edit-link\" href=\"",
                &urls.editor[0],
                id,
                &urls.editor[1],
                "\" aria-label=\"Edit: ",
                title,
                "\">",
                icon::EDIT,
                "</a><button",
                TAB,
                "destroy icon-button\" formaction=\"",
                &urls.delete,
                "\" aria-label=\"Delete: ",
                title,
                "\"></button><button",
                TAB,
                "star icon-button\" name=\"important\" value=\"",
                if *important { "false\" aria-pressed=\"true" } else { "true\" aria-pressed=\"false" },
                "\" aria-label=\"Important: ",
                title,
                "\"></button></form>",
            ],
        );
        if let Some(open) = &self.editor {
            open.push(title, urls, message, html);
        }
        html.push_str("</li>");
    }

    /// Exactly these, by the `TodoMVC` contract.
    fn class(&self) -> &'static str {
        match (self.todo.completed, self.editor.is_some()) {
            (false, false) => "",
            (true, false) => "completed",
            (false, true) => "editing",
            (true, true) => "completed editing",
        }
    }

    /// Updates the element of the row `old`.
    pub fn update(&self, old: &Self, row: &Element, urls: &Urls) {
        let TodoView { title, completed, is_earlier, marks, .. } = &self.todo;
        set(row, "class", Some(self.class()));
        set(row, "data-earlier", is_earlier.then_some(""));
        set(row, "aria-busy", self.is_late.then_some("true"));
        if let Some(toggle) = find_in::<HtmlInputElement>(row, ".toggle") {
            toggle.set_checked(*completed);
            toggle.set_default_checked(*completed);
        }
        if self.todo != old.todo {
            let (new_value, action) = toggled(*completed);
            if let Some(button) = find_in::<Element>(row, "[name=completed]") {
                set(&button, "value", Some(new_value));
            }
            let buttons = [("[name=completed]", action), (".edit-link", "Edit"), (".destroy", "Delete"), (".star", "Important")];
            for (selector, action) in buttons {
                if let Some(button) = find_in(row, selector) {
                    set(&button, "aria-label", Some(&[action, ": ", title].concat()));
                }
            }
            let is_same = *title == old.todo.title && *marks == old.todo.marks;
            if let Some(label) = find_in::<Element>(row, "label").filter(|_| !is_same) {
                set(&label, "data-title", Some(title.as_str()).filter(|title| has_address(title)));
                label.set_inner_html(&linked(title, marks));
            }
            if let Some(star) = find_in::<Element>(row, ".star") {
                let [value, pressed] = if self.todo.important { ["false", "true"] } else { ["true", "false"] };
                set(&star, "value", Some(value));
                set(&star, "aria-pressed", Some(pressed));
            }
        }
        if self.meta != old.meta {
            if let Some(meta) = find_in::<Element>(row, ".meta") {
                meta.remove();
            }
            if let Some(label) = find_in::<Element>(row, "label") {
                let _ = label.insert_adjacent_html("afterend", &self.meta);
            }
        }
        match (find_in::<Element>(row, ".edit-form"), &self.editor) {
            (None, Some(editor)) => {
                let mut html = String::new();
                editor.push(&escaped(title), urls, None, &mut html);
                let _ = row.insert_adjacent_html("beforeend", &html);
            }
            (Some(form), Some(editor)) => editor.update(title, &form),
            (Some(form), None) => form.remove(),
            (None, None) => {}
        }
    }
}

/// The value and the name of the button that toggles.
fn toggled(completed: bool) -> (&'static str, &'static str) {
    if completed { ("false", "Reopen") } else { ("true", "Complete") }
}

/// Notes and date of a todo, if it has some. A heading may say that it is overdue.
fn meta(TodoView { has_notes, due_on, completed, .. }: &TodoView, today: DueDate, is_below_overdue: bool) -> String {
    let mut html = String::new();
    if *has_notes {
        html.push_str("<span class=\"has-notes\" role=\"img\" aria-label=\"Has notes\"></span>");
    }
    if let Some(due_on) = *due_on {
        let is_overdue = due_on < today && !completed;
        let class = if is_overdue {
            "overdue"
        } else if due_on == today {
            "today"
        } else {
            ""
        };
        let text = due(due_on, today, is_overdue && !is_below_overdue);
        push(&mut html, &["<time class=\"", class, "\" datetime=\"", &due_on.to_string(), "\">", &text, "</time>"]);
    }
    if html.is_empty() { html } else { ["<span class=\"meta\">", &html, "</span>"].concat() }
}

//! The row of a todo. The server and the browser write it as text; a change in the browser updates what differs, so that the
//! row's elements and their focus stay.

use leptos::server_fn::ServerFn;
use web_sys::{Element, HtmlInputElement};

use super::{
    editor::OpenEditor,
    field_message::FieldMessage,
    html::{escaped, push, set},
    links::linked,
};
use crate::{
    bff,
    contract::TodoView,
    domain::{DueDate, TodoId},
    ui::{
        components::icon,
        todo_list::{
            dom::{find_in, focused},
            model::{Model, Part},
            words::due,
        },
    },
};

/// With scripting a row is one tab stop, its checkbox: → leads to its buttons. `island_guard.js` marks the server's rows.
const TAB: &str = if cfg!(target_arch = "wasm32") { " tabindex=\"-1\" class=\"" } else { " class=\"" };

#[derive(Clone, PartialEq)]
pub struct Row {
    pub todo: TodoView,
    pub editor: Option<OpenEditor>,
    /// Notes and date, which a row has only where there are some.
    meta: String,
    /// A change has been pending longer than the threshold of the queue.
    is_late: bool,
}

impl Row {
    /// The rows that the filter shows.
    pub fn shown(model: &Model) -> Vec<Self> {
        let row = |todo: &TodoView| {
            let editor = model.editor.as_ref().filter(|editor| editor.id == todo.id);
            let editor =
                editor.map(|editor| OpenEditor { editor: editor.clone(), places: model.places(todo.id), today: model.today });
            Self { todo: todo.clone(), editor, meta: meta(todo, model.today), is_late: model.is_late(Some(todo.id)) }
        };
        model.todos.iter().filter(|todo| model.shows(todo)).map(row).collect()
    }

    pub fn id(&self) -> TodoId {
        self.todo.id
    }

    /// The buttons submit forms, for browsers without scripting; the island intercepts them.
    pub fn push(&self, part: &Part, message: Option<FieldMessage>, html: &mut String) {
        let TodoView { id, title, completed, important, .. } = &self.todo;
        let (id, label, title) = (&*id.to_text(), &*linked(title), &*escaped(title));
        let (new_value, action) = toggled(*completed);
        push(
            html,
            &[
                "<li class=\"",
                self.class(),
                if self.is_late { "\" aria-busy=\"true\">" } else { "\">" },
                "<form class=\"view\" method=\"post\" action=\"",
                &part.filter.action(bff::EditTodo::PATH),
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
                &if label == title { String::new() } else { ["\" data-title=\"", title].concat() },
                "\">",
                label,
                "</label>",
                &self.meta,
                "<a",
                TAB,
                "icon-button edit-link\" href=\"",
                &escaped(&part.edit_href(id)),
                "\" aria-label=\"Edit: ",
                title,
                "\">",
                icon::EDIT,
                "</a><button",
                TAB,
                "destroy icon-button\" formaction=\"",
                &part.filter.action(bff::DeleteTodo::PATH),
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
            open.push(title, part.filter, message, html);
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
    pub fn update(&self, old: &Self, row: &Element, part: &Part) {
        let TodoView { title, completed, .. } = &self.todo;
        set(row, "class", Some(self.class()));
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
            if let Some(label) = find_in::<Element>(row, "label").filter(|_| *title != old.todo.title) {
                let html = linked(title);
                set(&label, "data-title", Some(title.as_str()).filter(|title| escaped(title) != html));
                label.set_inner_html(&html);
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
                editor.push(&escaped(title), part.filter, None, &mut html);
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

/// Notes and date of a todo, if it has some.
fn meta(TodoView { has_notes, due_on, completed, .. }: &TodoView, today: DueDate) -> String {
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
        let text = due(due_on, today, is_overdue);
        push(&mut html, &["<time class=\"", class, "\" datetime=\"", &due_on.to_string(), "\">", &text, "</time>"]);
    }
    if html.is_empty() { html } else { ["<span class=\"meta\">", &html, "</span>"].concat() }
}

/// Makes the elements of `old` those of `new`.
pub fn redraw(list: &Element, old: &[Row], new: &[Row], part: &Part) {
    let mut elements = Vec::new();
    let mut next = list.first_element_child();
    while let Some(element) = next {
        next = element.next_element_sibling();
        elements.push(element);
    }
    let rows: Vec<_> = old.iter().zip(&elements).collect();
    // The search starts behind the last match, because most todos keep their order.
    let mut next = 0;
    let find = |row: &Row| {
        let is_match = |at: &usize| rows[*at].0.id() == row.id();
        let at = (next..rows.len()).find(is_match).or_else(|| (0..next).find(is_match))?;
        next = at + 1;
        Some(at)
    };
    let matches: Vec<_> = new.iter().map(find).collect();
    let mut is_kept = vec![false; elements.len()];
    matches.iter().flatten().for_each(|at| is_kept[*at] = true);
    let removed: Vec<_> = (0..elements.len()).filter(|at| !is_kept[*at]).collect();
    for at in &removed {
        // The gap of a row closes softly; a list of another filter is there at once.
        if removed.len() <= 2 && is_kept.get(at + 1) == Some(&true) {
            set(&elements[at + 1], "data-gap", Some(""));
        }
        elements[*at].remove();
    }

    let mut place = list.first_element_child();
    let mut html = String::new();
    for (row, at) in new.iter().zip(matches) {
        let Some((old, element)) = at.map(|at| rows[at]) else {
            row.push(part, None, &mut html);
            continue;
        };
        insert(list, place.as_ref(), &mut html);
        if place.as_ref() == Some(element) {
            place = element.next_element_sibling();
        } else if focused().is_some_and(|focused| element.contains(Some(&focused))) {
            // Those between move behind it, because an element that moves loses the focus.
            while let Some(between) = place.take_if(|between| *between != *element) {
                place = between.next_element_sibling();
                let _ = list.insert_before(&between, element.next_sibling().as_ref());
            }
            place = element.next_element_sibling();
        } else {
            let _ = list.insert_before(element, place.as_deref());
        }
        if row != old {
            row.update(old, element, part);
        }
    }
    insert(list, place.as_ref(), &mut html);
}

/// Inserts rows before `place`, or at the end.
fn insert(list: &Element, place: Option<&Element>, html: &mut String) {
    let _ = match place {
        _ if html.is_empty() => Ok(()),
        Some(place) => place.insert_adjacent_html("beforebegin", html),
        None => list.insert_adjacent_html("beforeend", html),
    };
    html.clear();
}

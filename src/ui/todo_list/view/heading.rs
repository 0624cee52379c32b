//! What the page says of its scope: the views, the heading, what a new todo gets, and what is missing. Written as text, like the rows.

use leptos::server_fn::ServerFn;

use super::html::{escaped, push};
use crate::{
    bff,
    contract::{Filter, Scope, View, ViewCounts},
    domain::DueDate,
    ui::todo_list::{
        model::Count,
        words::{grouped, isolated, view_name},
    },
};

/// The links to the views, the items of their list.
pub fn views(scope: &Scope, counts: &ViewCounts) -> String {
    let ViewCounts { due, scheduled, important, tags } = counts;
    let mut html = String::new();
    let mut link = |class: &str, view: View, count: usize, unit: &str| {
        let is_current = scope.view.is(&view) && scope.text.is_empty();
        let (name, href) = (view_name(&view), Scope::of_view(view).href());
        push(
            &mut html,
            &["<li", class, "\" href=\"", &escaped(&href), if is_current { "\" aria-current=\"page\">" } else { "\">" }],
        );
        html.push_str(&escaped(&name));
        if count > 0 {
            push(&mut html, &[" <b>", &grouped(count), "</b><span class=\"visually-hidden\">", unit, "</span>"]);
        }
        html.push_str("</a></li>");
    };
    link("><a class=\"to-todos", View::Todos, 0, "");
    link("><a class=\"to-today", View::Today, *due, " due");
    link("><a class=\"to-scheduled", View::Scheduled, *scheduled, " active");
    link("><a class=\"to-important", View::Important, *important, " active");
    for (at, (name, todos)) in tags.iter().enumerate() {
        let class = if at == 0 {
            " class=\"tag-start\"><a dir=\"auto\" translate=\"no\" class=\""
        } else {
            "><a dir=\"auto\" translate=\"no\" class=\""
        };
        link(class, View::Tag(name.clone()), *todos, " active");
    }
    html
}

/// The heading, and what belongs to it. Without scripting, `rejected` is the new name of the tag and the error message.
pub fn heading(scope: &Scope, today: DueDate, rejected: Option<(&str, &str)>) -> String {
    let mut html = "<h1>".to_owned();
    if !scope.text.is_empty() {
        push(&mut html, &["“<bdi>", &escaped(&scope.text), "</bdi>”</h1><p class=\"when\">In titles and notes"]);
        if scope.view != View::Todos {
            push(&mut html, &[" of <bdi>", &escaped(&view_name(&scope.view)), "</bdi>"]);
        }
        push(&mut html, &[". ", &clear_search(scope), "</p>"]);
        return html;
    }
    match &scope.view {
        View::Today => {
            push(
                &mut html,
                &["Today</h1><p class=\"when\"><time datetime=\"", &today.to_string(), "\">", &today.long(), "</time></p>"],
            );
        }
        View::Tag(tag) => {
            let (name, message) = rejected.unwrap_or((tag, ""));
            push(
                &mut html,
                &[
                    "<bdi>#",
                    &escaped(tag),
                    "</bdi></h1><details",
                    if rejected.is_some() { " open" } else { "" },
                    " class=\"when rename\"><summary>Rename tag</summary><form method=\"post\" action=\"",
                    &escaped(&scope.action(bff::RenameTag::PATH)),
                    "\"><input name=\"name\" aria-label=\"New name of the tag\" autocomplete=\"off\" dir=\"auto\" required value=\"",
                    &escaped(name),
                    if rejected.is_some() {
                        "\" aria-invalid=\"true\" aria-describedby=\"rename-message\" autofocus"
                    } else {
                        "\""
                    },
                    "> <button class=\"button button-plain\">Rename</button><p id=\"rename-message\" class=\"field-error\">",
                    message,
                    "</p></form></details>",
                ],
            );
        }
        view => push(&mut html, &[&view_name(view), "</h1>"]),
    }
    html
}

fn clear_search(scope: &Scope) -> String {
    ["<a class=\"clear-search\" href=\"", &*escaped(&scope.clone().with_text("").href()), "\">Clear search</a>"].concat()
}

pub fn document_title(scope: &Scope) -> String {
    let name = if scope.text.is_empty() { view_name(&scope.view) } else { ["“", &scope.text, "”"].concat() };
    name + " · Holdfast"
}

/// What a new todo gets from the view, also as form fields.
pub fn belongs(scope: &Scope, today: DueDate) -> String {
    let (class, text, field, value) = match &scope.view {
        View::Todos => return String::new(),
        View::Today | View::Scheduled => (" belongs-today", "Today".to_owned(), "due_on", today.to_string()),
        View::Important => (" belongs-important", "Important".to_owned(), "important", "true".to_owned()),
        View::Tag(tag) => ("", view_name(&scope.view), "tag", tag.clone()),
    };
    let mut html = String::new();
    push(&mut html, &["<span class=\"belongs", class, "\" dir=\"auto\">", &escaped(&text), "</span>"]);
    push(&mut html, &["<input type=\"hidden\" name=\"", field, "\" value=\"", &escaped(&value), "\">"]);
    html
}

/// Instead of a list without todos.
pub fn empty(scope: &Scope) -> String {
    let mut html = "<p class=\"empty\"><b>".to_owned();
    if !scope.text.is_empty() {
        push(&mut html, &["Nothing found for “", &escaped(&isolated(&scope.text)), "”.</b> ", &clear_search(scope)]);
        if scope.view != View::Todos {
            let everywhere = Scope { view: View::Todos, ..scope.clone() };
            push(&mut html, &[" or <a href=\"", &escaped(&everywhere.href()), "\">search all todos</a>"]);
        }
        return html + "</p>";
    }
    match &scope.view {
        View::Todos => html.push_str("Nothing to do yet.</b> Type what needs to be done and press Enter."),
        View::Today => html.push_str("Nothing is due today.</b> Todos that are due today or overdue show up here."),
        View::Scheduled => html.push_str("Nothing is scheduled.</b> Todos with a due date show up here, day by day."),
        View::Important => html.push_str("Nothing is important.</b> Todos with a star show up here."),
        View::Tag(_) => {
            let name = &*escaped(&view_name(&scope.view));
            push(
                &mut html,
                &["No todos with <bdi>", name, "</bdi>.</b> Write <bdi>", name, "</bdi> into a title, or add a todo here."],
            );
        }
    }
    html + "</p>"
}

/// If the filter hides all todos of the view.
pub fn none_shown(scope: &Scope, count: Count) -> String {
    if count.shown(scope.filter) > 0 || count.is_empty() {
        return String::new();
    }
    let none = match scope.filter {
        Filter::All => return "<p class=\"none-shown\">Nothing left to do.</p>".to_owned(),
        Filter::Active => "No active todos. ",
        Filter::Completed => "No completed todos. ",
    };
    let all = scope.with_filter(Filter::All).href();
    ["<p class=\"none-shown\">", none, "<a class=\"show-all\" href=\"", &*escaped(&all), "\">Show all</a></p>"].concat()
}

/// Below the list: where the todos are that were completed before today.
pub fn earlier(scope: &Scope, count: Count) -> String {
    if scope.filter != Filter::All || count.earlier == 0 {
        return String::new();
    }
    let completed = scope.with_filter(Filter::Completed).href();
    ["<a class=\"earlier\" href=\"", &*escaped(&completed), "\">", &grouped(count.earlier), " completed earlier</a>"].concat()
}

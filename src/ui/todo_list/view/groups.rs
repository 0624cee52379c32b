//! The lists of the page: one, or one for each day with its heading.

use web_sys::Element;

use super::{
    field_message::FieldMessage,
    html::{escaped, push, set},
    row::Row,
    urls::Urls,
};
use crate::ui::todo_list::{
    dom::{find_all, focus_element, focused},
    words::OVERDUE,
};

/// The heading, which the plain list hides, and the list. The rows of a group follow each other.
const GROUP: &str = "<h2 class=\"group\" hidden></h2><ul class=\"todo-list\" translate=\"no\"></ul>";

pub fn push_groups(rows: &[Row], urls: &Urls, message: Option<FieldMessage>, html: &mut String) {
    for group in groups(rows) {
        let (class, text) = heading(group);
        push(html, &["<h2 class=\"", class, if text.is_empty() { "\" hidden>" } else { "\">" }, &text]);
        html.push_str("</h2><ul class=\"todo-list\" translate=\"no\">");
        for row in group {
            row.push(urls, message, html);
        }
        html.push_str("</ul>");
    }
}

/// At least one, which may be empty.
fn groups(rows: &[Row]) -> Vec<&[Row]> {
    let groups: Vec<_> = rows.chunk_by(|one, next| one.group == next.group).collect();
    if groups.is_empty() { vec![&[]] } else { groups }
}

/// Class and content, with the number of active todos.
fn heading(group: &[Row]) -> (&'static str, String) {
    let Some(first) = group.first().filter(|row| !row.group.is_empty()) else { return ("group", String::new()) };
    let active = group.iter().filter(|row| !row.todo.completed).count();
    let class = if first.group == OVERDUE { "group late" } else { "group" };
    (class, [&*escaped(&first.group), " <span>", &active.to_string(), "</span>"].concat())
}

/// Makes the elements of `old` those of `new`.
pub fn redraw(place: &Element, old: &[Row], new: &[Row], urls: &Urls) {
    let elements = find_all(".todo-list > li");
    let had_focus = focused();
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
        // The gap of a row closes softly; a list of another scope is there at once.
        if removed.len() <= 2 && is_kept.get(at + 1) == Some(&true) {
            set(&elements[at + 1], "data-gap", Some(""));
        }
        elements[*at].remove();
    }

    let groups = groups(new);
    let mut lists = find_all(".todo-list");
    if lists.len() < groups.len() {
        let _ = place.insert_adjacent_html("beforeend", &GROUP.repeat(groups.len() - lists.len()));
        lists = find_all(".todo-list");
    }
    let mut matches = matches.into_iter();
    for (group, list) in groups.iter().zip(&lists) {
        if let Some(title) = list.previous_element_sibling() {
            let (class, text) = heading(group);
            set(&title, "class", Some(class));
            set(&title, "hidden", text.is_empty().then_some(""));
            title.set_inner_html(&text);
        }
        let mut at = list.first_element_child();
        let mut html = String::new();
        for row in *group {
            let Some((old, element)) = matches.next().flatten().map(|at| rows[at]) else {
                row.push(urls, None, &mut html);
                continue;
            };
            insert(list, at.as_ref(), &mut html);
            let is_here = element.parent_element().as_ref() == Some(list);
            if at.as_ref() == Some(element) {
                at = element.next_element_sibling();
            } else if is_here && focused().is_some_and(|focused| element.contains(Some(&focused))) {
                // Those between move behind it, because an element that moves loses the focus.
                while let Some(between) = at.take_if(|between| *between != *element) {
                    at = between.next_element_sibling();
                    let _ = list.insert_before(&between, element.next_sibling().as_ref());
                }
                at = element.next_element_sibling();
            } else {
                let _ = list.insert_before(element, at.as_deref());
            }
            if row != old {
                row.update(old, element, urls);
            }
        }
        insert(list, at.as_ref(), &mut html);
    }
    for list in &lists[groups.len()..] {
        if let Some(title) = list.previous_element_sibling() {
            title.remove();
        }
        list.remove();
    }
    // A row has moved to another list.
    if let Some(element) = had_focus.filter(|element| focused().as_ref() != Some(element)) {
        focus_element(&element);
    }
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

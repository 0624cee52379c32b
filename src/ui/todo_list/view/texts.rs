//! What the list says: failed and pending changes, the toast with Undo, the count for screen readers, and how much is shown. Written as
//! text, like the rows.

use web_sys::HtmlElement;

use super::{
    heading::{belongs, earlier, empty, heading, none_shown, views},
    html::{escaped, push},
};
use crate::{
    bff::paths,
    contract::Scope,
    ui::todo_list::{
        dom::{find, find_in, focus, focus_element, focused},
        model::{Change, Model, More},
        words::{announced, done, dropped, failed, grouped, left, waiting},
    },
};

/// The content of each place, which itself is always there: screen readers announce only what is new in a live region.
#[derive(Clone, Default, PartialEq)]
pub struct Texts {
    views: String,
    pub heading: String,
    pub belongs: String,
    count: String,
    pub failures: String,
    waiting: String,
    announced: String,
    pub empty: String,
    pub none_shown: String,
    pub earlier: String,
    pub more: String,
    unread: String,
    pub toast: String,
}

impl Texts {
    pub fn of(model: &Model) -> Self {
        let more = model.more();
        let is_unread = more.as_ref().is_some_and(|more| more.is_unread);
        let Model { scope, count, .. } = model;
        Self {
            views: views(scope, &model.views()),
            heading: heading(scope, model.today, None),
            belongs: belongs(scope, model.today),
            count: ["<strong>", &model.count.active.to_string(), "</strong>", left(model.count)].concat(),
            failures: failures(model),
            waiting: waiting(model.sending, model.queue().len()).unwrap_or_default(),
            announced: model.announced.map(announced).unwrap_or_default(),
            empty: if count.is_empty() { empty(scope) } else { String::new() },
            none_shown: none_shown(scope, *count),
            earlier: earlier(scope, *count),
            more: more.map(|more| below(&more, scope)).unwrap_or_default(),
            unread: if is_unread { "The rest can’t be loaded now.".to_owned() } else { String::new() },
            toast: toast(model),
        }
    }

    pub fn redraw(&self, old: &Self) {
        let last = focused();
        let has_focus = last.as_ref().is_some_and(|element| element.class_list().contains("show-more"));
        let places = [
            // Not the list itself, which may be scrolled.
            (".views ul", &self.views, &old.views, false),
            (".heading", &self.heading, &old.heading, false),
            (".belongs-place", &self.belongs, &old.belongs, false),
            (".todo-count", &self.count, &old.count, false),
            (".failures", &self.failures, &old.failures, true),
            (".offline", &self.waiting, &old.waiting, true),
            (".announcement", &self.announced, &old.announced, false),
            (".empty-place", &self.empty, &old.empty, false),
            (".none-place", &self.none_shown, &old.none_shown, false),
            (".earlier-place", &self.earlier, &old.earlier, false),
            (".more-place", &self.more, &old.more, false),
            (".unread", &self.unread, &old.unread, false),
            (".toast-place", &self.toast, &old.toast, false),
        ];
        for (place, text, old, hides) in places {
            if let Some(place) = find::<HtmlElement>(place).filter(|_| text != old) {
                let link = last.as_ref().filter(|element| place.contains(Some(element)));
                let link = link.and_then(|link| Some(["a[href=\"", &link.get_attribute("href")?, "\"]"].concat()));
                place.set_inner_html(text);
                place.set_hidden(hides && text.is_empty());
                if let Some(link) = link.and_then(|link| find_in(&place, &link)) {
                    focus_element(&link);
                }
            }
        }
        if has_focus {
            focus(".show-more");
        }
    }
}

fn failures(model: &Model) -> String {
    let mut html = String::new();
    for (nth, failure) in model.failures.iter().enumerate() {
        let nth = &nth.to_string();
        push(&mut html, &["<div class=\"notice notice-error\"><p>", &escaped(&failed(failure)), "</p>"]);
        for (class, word) in [("retry", "Retry"), ("dismiss", "Dismiss")] {
            if class == "dismiss" || failure.can_retry {
                let button = ["<button class=\"button button-quiet ", class, "\" type=\"button\" value=\"", nth, "\">", word];
                push(&mut html, &[&*button.concat(), "</button>"]);
            }
        }
        html.push_str("</div>");
    }
    html
}

fn toast(model: &Model) -> String {
    let title = |change: &Change| change.id().and_then(|id| model.title_of(id));
    let undo = model.offers.last().filter(|_| model.offered > 0);
    let (text, more) = match (&model.dropped, undo) {
        (Some(change), _) => (dropped(title(change)), model.offered),
        (None, Some(undo)) => (done(undo, title(undo)), model.offered - 1),
        (None, None) => return String::new(),
    };
    let mut html = String::new();
    push(&mut html, &["<div class=\"toast\"><span class=\"toast-text\">", &escaped(&text), "</span>"]);
    if more > 0 {
        push(&mut html, &["<span class=\"stack\">", &more.to_string(), " more</span>"]);
    }
    html.push_str(
        "<button class=\"undo\" type=\"button\">Undo</button><button class=\"close\" type=\"button\" aria-label=\"Close\"></button></div>",
    );
    html
}

/// Below a list of which only a part is loaded: how much that is, and the links to the rest.
fn below(More { shown, count, href, is_later, .. }: &More, scope: &Scope) -> String {
    let mut html = String::new();
    push(&mut html, &["<div class=\"more\"><p>", &grouped(*shown), " of ", &grouped(*count), "</p>"]);
    if *is_later {
        push(&mut html, &["<a class=\"button button-quiet\" href=\"", &escaped(&scope.href()), "\">Back to the start</a>"]);
    }
    if let Some(href) = href {
        push(&mut html, &["<a class=\"show-more button button-quiet\" href=\"", &escaped(href), "\">Show more</a>"]);
    }
    push(
        &mut html,
        &["<a class=\"button button-quiet\" href=\"", &escaped(&scope.action(paths::PRINT)), "\">Print all</a></div>"],
    );
    html
}

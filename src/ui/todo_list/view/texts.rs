//! What the list says: failed and pending changes, the toast with Undo, the count for screen readers, and how much is shown. Written as
//! text, like the rows.

use web_sys::HtmlElement;

use super::html::{escaped, push};
use crate::{
    bff::paths,
    ui::todo_list::{
        dom::{find, focus, focused},
        model::{Change, Filter, Model, More},
        words::{announced, done, dropped, failed, grouped, left, waiting},
    },
};

/// The content of each place, which itself is always there: screen readers announce only what is new in a live region.
#[derive(Clone, Default, PartialEq)]
pub struct Texts {
    count: String,
    pub failures: String,
    waiting: String,
    announced: String,
    pub empty: &'static str,
    pub none_shown: String,
    pub more: String,
    unread: &'static str,
    pub toast: String,
}

impl Texts {
    pub fn of(model: &Model) -> Self {
        let more = model.more();
        let is_unread = more.as_ref().is_some_and(|more| more.is_unread);
        Self {
            count: ["<strong>", &model.count.active.to_string(), "</strong>", left(model.count)].concat(),
            failures: failures(model),
            waiting: waiting(model.sending, model.queue().len()).unwrap_or_default(),
            announced: model.announced.map(announced).unwrap_or_default(),
            empty: if model.count.is_empty() {
                "<p class=\"empty\"><b>Nothing to do yet.</b> Type what needs to be done and press Enter.</p>"
            } else {
                ""
            },
            none_shown: none_shown(model),
            more: more.map(|more| below(&more, model.filter)).unwrap_or_default(),
            unread: if is_unread { "The rest can’t be loaded now." } else { "" },
            toast: toast(model),
        }
    }

    pub fn redraw(&self, old: &Self) {
        let has_focus = focused().is_some_and(|element| element.class_list().contains("show-more"));
        let places: [(&str, &str, &str, bool); 9] = [
            (".todo-count", &self.count, &old.count, false),
            (".failures", &self.failures, &old.failures, true),
            (".offline", &self.waiting, &old.waiting, true),
            (".announcement", &self.announced, &old.announced, false),
            (".empty-place", self.empty, old.empty, false),
            (".none-place", &self.none_shown, &old.none_shown, false),
            (".more-place", &self.more, &old.more, false),
            (".unread", self.unread, old.unread, false),
            (".toast-place", &self.toast, &old.toast, false),
        ];
        for (place, text, old, hides) in places {
            if let Some(place) = find::<HtmlElement>(place).filter(|_| text != old) {
                place.set_inner_html(text);
                place.set_hidden(hides && text.is_empty());
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

/// If the filter matches no todo.
fn none_shown(model: &Model) -> String {
    if model.count.shown(model.filter) > 0 {
        return String::new();
    }
    let none = if model.filter == Filter::Completed { "No completed todos. " } else { "No active todos. " };
    ["<p class=\"none-shown\">", none, "<a class=\"show-all\" href=\"", Filter::All.href(), "\">Show all</a></p>"].concat()
}

/// Below a list of which only a part is loaded: how much that is, and the links to the rest.
fn below(More { shown, count, href, is_later, .. }: &More, filter: Filter) -> String {
    let mut html = String::new();
    push(&mut html, &["<div class=\"more\"><p>", &grouped(*shown), " of ", &grouped(*count), "</p>"]);
    if *is_later {
        push(&mut html, &["<a class=\"button button-quiet\" href=\"", filter.href(), "\">Back to the start</a>"]);
    }
    if let Some(href) = href {
        push(&mut html, &["<a class=\"show-more button button-quiet\" href=\"", &escaped(href), "\">Show more</a>"]);
    }
    push(&mut html, &["<a class=\"button button-quiet\" href=\"", paths::PRINT, filter.query(), "\">Print all</a></div>"]);
    html
}

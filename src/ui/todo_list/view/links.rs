//! The addresses in titles and notes, and the tags of titles, as links.

use std::ops::Range;

use super::html::{TAB, escaped, push};
use crate::{
    contract::{Scope, View},
    domain::tags_of,
};

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Longest text of a link, in characters.
const MAX_SHOWN: usize = 36;

/// A title as HTML, with its addresses and tags as links, and what a search has found as marks: pairs of a start and an end.
pub fn linked(title: &str, marks: &[usize]) -> String {
    let (mut html, mut at) = (String::with_capacity(title.len()), 0);
    let mut tags = tags_of(title);
    let mut tag = tags.next();
    loop {
        let address = next_address(&title[at..]).map(|(before, address)| (at + before.len(), address));
        match (address, &tag) {
            (Some((start, address)), tag) if tag.as_ref().is_none_or(|tag| start < tag.start) => {
                push_marked(title, at..start, marks, &mut html);
                at = start + address.len();
                push_link(address, is_marked(&(start..at), marks), &mut html);
            }
            (_, Some(place)) => {
                push_marked(title, at..place.start, marks, &mut html);
                let href = Scope::of_view(View::Tag(title[place.start + 1..place.end].to_owned())).href();
                push(&mut html, &["<a", TAB, "tag\" href=\"", &href, "\">"]);
                push_marked(title, place.clone(), marks, &mut html);
                html.push_str("</a>");
                at = place.end;
                tag = tags.next();
            }
            (_, None) => break,
        }
    }
    push_marked(title, at..title.len(), marks, &mut html);
    html
}

/// Whether the text of a label is not its title, because a link may show less than its address.
pub fn has_address(title: &str) -> bool {
    next_address(title).is_some()
}

fn is_marked(place: &Range<usize>, marks: &[usize]) -> bool {
    marks.chunks_exact(2).any(|mark| mark[0] < place.end && place.start < mark[1])
}

/// A part of a title.
fn push_marked(title: &str, Range { start, end }: Range<usize>, marks: &[usize], html: &mut String) {
    let mut at = start;
    for mark in marks.chunks_exact(2) {
        let (from, to) = (mark[0].clamp(at, end), mark[1].clamp(at, end));
        if from < to {
            push(html, &[&escaped(&title[at..from]), "<mark>", &escaped(&title[from..to]), "</mark>"]);
            at = to;
        }
    }
    html.push_str(&escaped(&title[at..end]));
}

/// Only the links.
pub fn links(text: &str) -> String {
    let (mut html, mut rest) = (String::new(), text);
    while let Some((before, address)) = next_address(rest) {
        push_link(address, false, &mut html);
        html.push(' ');
        rest = &rest[before.len() + address.len()..];
    }
    html
}

/// In a tab of its own, because the list may have unsent changes.
fn push_link(address: &str, is_marked: bool, html: &mut String) {
    let whole = &*escaped(address);
    let [begin, end] = if is_marked { ["<mark>", "</mark>"] } else { ["", ""] };
    push(
        html,
        &[
            "<a href=\"",
            whole,
            "\" title=\"",
            whole,
            "\" target=\"_blank\" rel=\"noreferrer\">",
            begin,
            &escaped(&shown(address)),
            end,
            "</a>",
        ],
    );
}

/// Host and path, as far as they fit.
fn shown(address: &str) -> String {
    let text = SCHEMES.into_iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or(address);
    let text = text.strip_prefix("www.").unwrap_or(text);
    let text = text.strip_suffix('/').unwrap_or(text);
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => {
            let shown = &text[..end];
            // Rather whole parts of the path.
            [shown.rfind('/').map_or(shown, |slash| &shown[..=slash]), "…"].concat()
        }
        None => text.to_owned(),
    }
}

/// The first address, and the text before it.
fn next_address(text: &str) -> Option<(&str, &str)> {
    let mut is_word = false;
    for (at, c) in text.char_indices() {
        if c == 'h' && !is_word {
            let address = &text[at..];
            let length = address_length(address);
            if length > 0 {
                return Some((&text[..at], &address[..length]));
            }
        }
        is_word = is_word_character(c);
    }
    None
}

/// In bytes; 0 if the text does not begin with an address. Punctuation at the end belongs to the sentence around it, and a closing
/// bracket does if the address does not open it.
fn address_length(text: &str) -> usize {
    let Some(scheme) = SCHEMES.into_iter().find(|scheme| text.starts_with(scheme)) else { return 0 };
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '“' | '”')).unwrap_or(text.len());
    let mut address = &text[..end];
    while let Some(last) = address.chars().next_back() {
        let count = |wanted: char| address.chars().filter(|c| *c == wanted).count();
        let is_outside = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            _ => false,
        };
        if !is_outside {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    if address[scheme.len().min(address.len())..].starts_with(is_word_character) { address.len() } else { 0 }
}

/// Without the tables of Unicode, which are 2 KB of the WASM: others are letters of a host or of a word.
fn is_word_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::links;

    fn linked(title: &str) -> String {
        super::linked(title, &[])
    }

    fn link(address: &str, text: &str) -> String {
        format!("<a href=\"{address}\" title=\"{address}\" target=\"_blank\" rel=\"noreferrer\">{text}</a>")
    }

    #[test]
    fn tag_is_a_link_to_its_view() {
        assert_eq!(
            linked("(#Büro) a & b #c"),
            "(<a class=\"tag\" href=\"/todos?tag=B%C3%BCro\">#Büro</a>) a &amp; b <a class=\"tag\" href=\"/todos?tag=c\">#c</a>"
        );
        let address = link("https://a.example/#x", "a.example/#x");
        assert_eq!(linked("https://a.example/#x #y"), format!("{address} <a class=\"tag\" href=\"/todos?tag=y\">#y</a>"));
    }

    #[test]
    fn what_is_found_is_marked_in_text_and_links() {
        let marked = |title: &str, marks: &[usize]| super::linked(title, marks);
        assert_eq!(marked("a tap & tap", &[2, 5, 8, 11]), "a <mark>tap</mark> &amp; <mark>tap</mark>");
        assert_eq!(marked("a #home", &[0, 4]), "<mark>a </mark><a class=\"tag\" href=\"/todos?tag=home\"><mark>#h</mark>ome</a>");
        assert_eq!(
            marked("see https://a.example/x", &[12, 13]),
            format!("see {}", link("https://a.example/x", "<mark>a.example/x</mark>"))
        );
        assert_eq!(marked("ab", &[]), "ab");
    }

    #[test]
    fn address_is_a_link_and_the_sentence_around_it_is_not() {
        let path = link("https://example.org/a_(b)?c=1#d", "example.org/a_(b)?c=1#d");
        assert_eq!(linked("Read (https://example.org/a_(b)?c=1#d), then act."), format!("Read ({path}), then act."));
        assert_eq!(linked("http://www.example.org/"), link("http://www.example.org/", "example.org"));
        let [first, second] = ["a", "b"].map(|host| link(&format!("https://{host}.example"), &format!("{host}.example")));
        assert_eq!(links("https://a.example\nand https://b.example!"), format!("{first} {second} "));
    }

    #[test]
    fn long_address_is_shortened_and_whole_in_its_title() {
        let address = format!("https://example.org/news/{}", "é".repeat(90));
        assert_eq!(linked(&address), link(&address, "example.org/news/…"));
        let host = format!("https://{}.example", "é".repeat(40));
        assert_eq!(linked(&host), link(&host, &format!("{}…", "é".repeat(36))));
    }

    #[test]
    fn other_text_is_no_link() {
        for text in
            ["http://", "https:// x", "xhttps://example.org", "javascript:alert(1)", "ftp://example.org", "example.org", "h", ""]
        {
            assert_eq!(linked(text), text);
        }
        assert_eq!(linked("<b> & \"http\""), "&lt;b&gt; &amp; &quot;http&quot;");
    }

    #[test]
    fn hostile_address_stays_within_its_attributes() {
        let link = link("https://x/&amp;'onclick='alert(1)", "x/&amp;'onclick='alert(1)");
        assert_eq!(linked("https://x/&'onclick='alert(1)\"><script>"), format!("{link}&quot;&gt;&lt;script&gt;"));
    }
}

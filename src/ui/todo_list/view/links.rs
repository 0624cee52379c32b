//! The addresses in titles and notes as links.

use super::html::{escaped, push};

const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Longest text of a link, in characters.
const MAX_SHOWN: usize = 36;

/// The text as HTML, with its addresses as links.
pub fn linked(text: &str) -> String {
    let (mut html, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, address)) = next_address(rest) {
        html.push_str(&escaped(before));
        push_link(address, &mut html);
        rest = &rest[before.len() + address.len()..];
    }
    html + &escaped(rest)
}

/// Only the links.
pub fn links(text: &str) -> String {
    let (mut html, mut rest) = (String::new(), text);
    while let Some((before, address)) = next_address(rest) {
        push_link(address, &mut html);
        html.push(' ');
        rest = &rest[before.len() + address.len()..];
    }
    html
}

/// In a tab of its own, because the list may have unsent changes.
fn push_link(address: &str, html: &mut String) {
    let whole = &*escaped(address);
    push(
        html,
        &[
            "<a href=\"",
            whole,
            "\" title=\"",
            whole,
            "\" target=\"_blank\" rel=\"noreferrer\">",
            &escaped(&shown(address)),
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
    use super::{linked, links};

    fn link(address: &str, text: &str) -> String {
        format!("<a href=\"{address}\" title=\"{address}\" target=\"_blank\" rel=\"noreferrer\">{text}</a>")
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

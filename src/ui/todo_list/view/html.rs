//! Rows as text: one string costs the server a seventh of a view of elements, and the browser adds many rows at once.

use web_sys::Element;

/// With scripting a row is one tab stop, its checkbox: → leads to its links and buttons. `island_guard.js` marks the server's rows.
pub const TAB: &str = if cfg!(target_arch = "wasm32") { " tabindex=\"-1\" class=\"" } else { " class=\"" };

/// Text for an element or a quoted attribute (HTML, section 13.3).
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

pub fn push(html: &mut String, parts: &[&str]) {
    for part in parts {
        html.push_str(part);
    }
}

/// Sets or removes an attribute, if it differs.
pub fn set(element: &Element, name: &str, value: Option<&str>) {
    let _ = match value {
        value if element.get_attribute(name).as_deref() == value => Ok(()),
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scraper::Html;

    use super::escaped;

    proptest! {
        #[test]
        fn text_is_read_back_as_it_was(text in "[^\0\r]*") {
            let page = Html::parse_fragment(&format!("<p title=\"{0}\">{0}</p>", escaped(&text)));
            let element = page.root_element().child_elements().next().unwrap();
            prop_assert_eq!(element.attr("title"), Some(text.as_str()));
            prop_assert_eq!(element.text().collect::<String>(), text);
        }
    }
}

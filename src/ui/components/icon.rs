//! Icons as inline SVG, drawn on a 24 by 24 grid. Constant text, since in many rows elements of their own would cost an
//! eighth of the server's work for the page. They are decoration: the button around one has the name.

/// For text browsers, which draw no SVG, and would show nothing to press. Unlike a text, an image is no part of the todo's
/// own text. Other browsers never show it, and there is nothing to load; without any `src`, w3m would not show it either.
macro_rules! alt {
    ($word:literal) => {
        concat!(r#"<img src="" alt="["#, $word, r#"]" hidden>"#)
    };
}

macro_rules! svg {
    ($path:literal) => {
        concat!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=""#, $path, r#""/></svg>"#)
    };
}

pub const SAVE: &str = concat!(svg!("M5 13l4.5 4.5L19 7"), alt!("Save"));
pub const EDIT: &str = concat!(svg!("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"), alt!("Edit"));
/// Nothing to press for text browsers: they know no `formaction`, and would complete the todo. There, one empties the title.
pub const DELETE: &str = svg!("M6 6l12 12M18 6L6 18");

/// For the button in place of a check box, which is an icon by itself.
pub fn toggle(completed: bool) -> &'static str {
    if completed { alt!("Reopen") } else { alt!("Complete") }
}

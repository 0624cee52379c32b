//! Icons as inline SVG, drawn on a 24 by 24 grid. Constant text, since in many rows elements of their own would cost an
//! eighth of the server's work for the page. They are decoration: the button around one has the name.

/// For text browsers, which draw no SVG, and would show nothing to press. They know no `template` either, so they show what
/// is in one. For others that is no part of the page, nor of the todo's own text.
macro_rules! word {
    ($word:literal) => {
        concat!("<template>[", $word, "]</template>")
    };
}

macro_rules! svg {
    ($path:literal) => {
        concat!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=""#, $path, r#""/></svg>"#)
    };
}

pub const SAVE: &str = concat!(svg!("M5 13l4.5 4.5L19 7"), word!("Save"));
pub const EDIT: &str = concat!(svg!("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"), word!("Edit"));
/// Nothing to press for text browsers: they know no `formaction`, and would complete the todo. There, one empties the title.
pub const DELETE: &str = svg!("M6 6l12 12M18 6L6 18");

/// For the button in place of a check box, which is an icon by itself.
pub fn toggle(completed: bool) -> &'static str {
    if completed { word!("Reopen") } else { word!("Complete") }
}

//! Icons as inline SVG on a 24 by 24 grid, decorative: the button around an icon has the accessible name. They are constants,
//! because rendering them as elements costs an eighth of the page's server time.

/// A text label for text browsers, which draw no SVG and would show an empty button. They show the content of a `template`,
/// which other browsers keep out of the page and its text.
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
/// The icons of a row are drawn by the style. Delete has no label: text browsers ignore `formaction`, so the button would complete
/// the todo. An empty title deletes there.
pub const EDIT: &str = word!("Edit");

/// For the button that replaces the checkbox without scripting.
pub fn toggle(completed: bool) -> &'static str {
    if completed { word!("Reopen") } else { word!("Complete") }
}

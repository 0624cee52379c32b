//! Words in place of the icons, which the style draws: the link around an icon has the accessible name.

/// A text label for text browsers, which draw no SVG and would show an empty button. They show the content of a `template`,
/// which other browsers keep out of the page and its text.
macro_rules! word {
    ($word:literal) => {
        concat!("<template>[", $word, "]</template>")
    };
}

pub const TRASH: &str = word!("Trash");
pub const ACCOUNT: &str = word!("Account");
/// Delete has no label: text browsers ignore `formaction`, so the button would complete
/// the todo. An empty title deletes there.
pub const EDIT: &str = word!("Edit");

/// For the button that replaces the checkbox without scripting.
pub fn toggle(completed: bool) -> &'static str {
    if completed { word!("Reopen") } else { word!("Complete") }
}

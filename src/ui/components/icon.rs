//! Icons as inline SVG, drawn on a 24 by 24 grid. Constant text, since in many rows elements of their own would cost an
//! eighth of the server's work for the page. They are decoration: the button around one has the name.

macro_rules! icon {
    ($path:literal) => {
        concat!(r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=""#, $path, r#""/></svg>"#)
    };
}

pub const CHECK: &str = icon!("M5 13l4.5 4.5L19 7");
pub const PENCIL: &str = icon!("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3");
pub const CROSS: &str = icon!("M6 6l12 12M18 6L6 18");

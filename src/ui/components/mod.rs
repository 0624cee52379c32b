//! Pieces of pages.

mod field;
mod flash;
pub mod icon;
mod notice;
mod shortcuts;
mod sign_in_dialog;
mod support_line;
mod top;

pub use field::Field;
pub use flash::Flash;
pub use notice::Notice;
pub use shortcuts::Shortcuts;
pub use sign_in_dialog::SignInDialog;
pub use support_line::SupportLine;
pub use top::Top;

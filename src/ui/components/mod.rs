//! Pieces that several pages share.

mod field;
pub mod icon;
mod notice;
mod shortcuts;
mod sign_in_dialog;
mod support_line;
mod undo;

pub use field::Field;
pub use notice::Notice;
pub use shortcuts::Shortcuts;
pub use sign_in_dialog::SignInDialog;
pub use support_line::SupportLine;
pub use undo::Undo;

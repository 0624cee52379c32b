//! Pieces that several pages share.

mod field;
pub mod icon;
mod notice;
mod shortcuts;
mod sign_in_dialog;
mod undo;

pub use field::Field;
pub use notice::Notice;
pub use shortcuts::Shortcuts;
pub use sign_in_dialog::SignInDialog;
pub use undo::Undo;

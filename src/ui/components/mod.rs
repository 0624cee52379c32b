//! Pieces that several pages share.

mod field;
pub mod icon;
mod notice;
mod support_line;
mod undo;

pub use field::Field;
pub use notice::Notice;
pub use support_line::SupportLine;
pub use undo::Undo;

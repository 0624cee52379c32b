//! Pieces that several pages share.

mod field;
pub mod icon;
mod notice;
mod undo;

pub use field::Field;
pub use notice::Notice;
pub use undo::Undo;

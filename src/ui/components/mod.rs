//! Pieces that several pages share.

mod field;
pub mod icon;
mod notice;

pub use field::Field;
pub use notice::Notice;

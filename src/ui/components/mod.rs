//! Pieces that several pages share.

mod field;
mod form_error;
pub mod icon;
mod notice;

pub use field::Field;
pub use form_error::form_error;
pub use notice::Notice;

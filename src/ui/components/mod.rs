//! Components shared by the pages.

mod at_once;
mod detect_time_zone;
mod field;
mod flash;
mod http_notice;
pub mod icon;
mod island_guard;
mod island_script;
mod mark;
mod notice;
mod shortcuts;
mod show_password;
mod sign_in_dialog;
mod support_line;
mod top;

pub use at_once::AtOnce;
pub use detect_time_zone::DetectTimeZone;
pub use field::Field;
pub use flash::{Flash, Offer};
pub use http_notice::HttpNotice;
pub use island_guard::{BrokenNotice, IslandGuard};
pub use island_script::IslandScript;
pub use mark::Mark;
pub use notice::Notice;
pub use shortcuts::Shortcuts;
pub use show_password::ShowPassword;
pub use sign_in_dialog::SignInDialog;
pub use support_line::SupportLine;
pub use top::Top;

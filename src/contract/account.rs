//! The account, for its page.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub email: String,
    pub time_zone: String,
    /// The names to choose from.
    pub time_zones: Vec<String>,
}

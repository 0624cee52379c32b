//! Who is signed in, as a page needs it.

use serde::{Deserialize, Serialize};

use crate::domain::UserId;

/// The account, and when its session ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// For the header [`CurrentUser::HEADER`].
    pub id: UserId,
    pub email: String,
    pub seconds_left: u32,
}

impl CurrentUser {
    /// A script sends the `id` of the account that its page was made for in this header: another tab may have signed in as
    /// somebody else meanwhile, and then the server function is not run. It chooses nothing: whose todos they are, the
    /// session alone says.
    pub const HEADER: &str = "holdfast-account";
}

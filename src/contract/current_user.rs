//! Who is signed in, as a page needs it.

use serde::{Deserialize, Serialize};

use crate::domain::UserId;

/// The account, and when its session ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// For the header [`CurrentUser::HEADER`].
    pub id: UserId,
    pub email: String,
    /// Unless the session is used.
    pub seconds_left: u32,
    /// However much it is used. A replica of the version before does not say it, and renews nothing.
    #[serde(default)]
    pub seconds_to_max: u32,
}

impl CurrentUser {
    /// A script sends the `id` of the account that its page was made for in this header: another tab may have signed in as
    /// somebody else meanwhile, and then the server function is not run. It chooses nothing: whose todos they are, the
    /// session alone says.
    pub const HEADER: &str = "holdfast-account";

    /// A script sends this header with what it sends once more by itself: that keeps no session from ending.
    pub const RETRY: &str = "holdfast-retry";
}

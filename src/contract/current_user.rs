//! The signed-in account and its session.

use serde::{Deserialize, Serialize};

use crate::domain::UserId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentUser {
    /// For the header [`CurrentUser::HEADER`].
    pub id: UserId,
    pub email: String,
    /// Until the session expires if it is not used.
    pub seconds_left: u32,
    /// Until the maximum age of the session. A replica of the previous version omits it and extends no session.
    #[serde(default)]
    pub seconds_to_max: u32,
}

impl CurrentUser {
    /// The island sends the account `id` of its page in this header, and the server rejects the request if another tab has signed
    /// in to another account. It is only a check: the session alone selects the account.
    pub const HEADER: &str = "holdfast-account";

    /// Marks an automatic retry, which does not extend the session.
    pub const RETRY: &str = "holdfast-retry";
}

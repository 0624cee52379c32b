//! The states of sending, and the next step.

use super::change::Change;
use crate::contract::AppError;

/// One request at a time, so that no change is sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    Idle,
    /// The front of the queue is in flight.
    UnderWay {
        is_retry: bool,
    },
    /// The list is being read after a rejection or a restore. The error is reported if the list does not include the change.
    Asking(AppError),
    /// Back-off: the server is unreachable or overloaded.
    Waiting(AppError),
    /// Paused until the same user has signed in again.
    SignedOut,
}

/// The next step; its result goes to the linked method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// [`Model::answered`](super::list::Model::answered)
    Send {
        change: Change,
        is_retry: bool,
    },
    /// [`Model::listed`](super::list::Model::listed)
    List,
    /// [`Model::end_pause`](super::list::Model::end_pause), after at least this many seconds.
    Pause(u32),
    /// [`Model::start`](super::list::Model::start), after the sign-in.
    SignIn,
    Rest,
}

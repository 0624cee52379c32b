//! How far the sending of the queue is, and what is to be done next.

use super::change::Change;
use crate::contract::AppError;

/// One change at a time, or one might go out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    Idle,
    /// The first of the queue is sent; after a pause it may be sent once more.
    UnderWay {
        is_retry: bool,
    },
    /// The server is asked what it has, for it has refused the first of the queue, or brought back what was deleted. If that is not in
    /// there, this is why.
    Asking(AppError),
    /// The server can't be reached or is too busy, and is tried again after a pause.
    Waiting(AppError),
    /// Nothing more goes out before the same person has signed in again.
    SignedOut,
}

/// What is to be done next; what came of it is told by the method that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// [`Model::answered`](super::list::Model::answered)
    Send {
        change: Change,
        is_retry: bool,
    },
    /// [`Model::listed`](super::list::Model::listed)
    List,
    /// [`Model::end_pause`](super::list::Model::end_pause), after so many seconds or more.
    Pause(u32),
    /// [`Model::start`](super::list::Model::start), once they have.
    SignIn,
    Rest,
}

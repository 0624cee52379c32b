//! The states of sending, and the next step.

use super::{change::Change, window::Read};
use crate::{contract::AppError, domain::TodoId};

/// One request at a time, so that no change is sent twice, and no list is older or newer than the changes that were answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    Idle,
    /// The front of the queue is in flight.
    UnderWay {
        is_retry: bool,
    },
    /// The list is being read after a rejection or a restore. The error is reported if the list does not include the change.
    Asking(AppError),
    /// The list, or the notes for the editor, are being read for their own sake.
    Reading,
    /// Back-off: the server is unreachable or overloaded.
    Waiting(AppError),
    /// Paused until the same user has signed in again.
    SignedOut,
}

/// Why to read the list when the queue is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// The tab came to the front.
    News,
    /// Something has changed that is not shown exactly, or another filter is shown.
    List,
    /// The next page.
    More,
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
    List(Read),
    /// [`Model::noted`](super::list::Model::noted)
    Notes(TodoId),
    /// [`Model::end_pause`](super::list::Model::end_pause), after at least this many seconds.
    Pause(u32),
    /// [`Model::start`](super::list::Model::start), after the sign-in.
    SignIn,
    Rest,
}

//! What may happen.

use proptest::{collection::vec, prelude::*};

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Answered,
    AnswerLost,
    RequestLost,
    Busy,
    RateLimited,
    /// By a fault of the server, before it did anything.
    Fault,
    /// The same, once it was done.
    LateFault,
    Intercepted,
    SignedOut,
}

#[derive(Clone, Debug)]
pub enum Event {
    Add,
    /// The number chooses among the todos that are shown.
    Toggle(usize),
    Delete(usize),
    CompleteAll,
    ReopenAll,
    ClearCompleted,
    Undo,
    BeginEditing(usize),
    /// Types over what is in the editor.
    Type,
    Enter,
    Blur,
    Escape,
    Retry,
    Dismiss,
    /// What is under way goes on.
    Exchange(Fate),
    /// A pause ends, or the person has signed in.
    Resume,
    News,
    /// In another browser.
    RenameElsewhere(usize),
    ToggleElsewhere(usize),
    DeleteElsewhere(usize),
    AddElsewhere,
}

/// A fault that the simulation has to find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Planted {
    None,
    LostAnswerIsRefusal,
    DoubledSend,
    OutOfOrder,
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        2 => Just(Fate::AnswerLost),
        1 => Just(Fate::RequestLost),
        1 => Just(Fate::Busy),
        1 => Just(Fate::RateLimited),
        1 => Just(Fate::Fault),
        1 => Just(Fate::LateFault),
        1 => Just(Fate::Intercepted),
        1 => Just(Fate::SignedOut),
    ]
}

pub fn events(with_others: bool) -> impl Strategy<Value = Vec<Event>> {
    let nth = || 0..8_usize;
    let own = prop_oneof![
        3 => Just(Event::Add),
        2 => nth().prop_map(Event::Toggle),
        2 => nth().prop_map(Event::Delete),
        1 => Just(Event::CompleteAll),
        1 => Just(Event::ReopenAll),
        1 => Just(Event::ClearCompleted),
        2 => Just(Event::Undo),
        3 => nth().prop_map(Event::BeginEditing),
        4 => Just(Event::Type),
        2 => Just(Event::Enter),
        1 => Just(Event::Blur),
        1 => Just(Event::Escape),
        1 => Just(Event::Retry),
        1 => Just(Event::Dismiss),
        8 => fates().prop_map(Event::Exchange),
        4 => Just(Event::Resume),
        1 => Just(Event::News),
    ];
    let others = prop_oneof![
        2 => nth().prop_map(Event::RenameElsewhere),
        1 => nth().prop_map(Event::ToggleElsewhere),
        1 => nth().prop_map(Event::DeleteElsewhere),
        1 => Just(Event::AddElsewhere),
    ];
    vec(prop_oneof![5 => own, u32::from(with_others) => others], 0..40)
}

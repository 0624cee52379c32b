//! The events of the simulation.

use proptest::{collection::vec, prelude::*};

use super::super::Kind;
use crate::contract::{Filter, Scope, View};

/// The outcome of a request.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Answered,
    AnswerLost,
    RequestLost,
    Busy,
    RateLimited,
    /// An internal error before the commit.
    Fault,
    /// An internal error after the commit.
    LateFault,
    Intercepted,
    SignedOut,
}

#[derive(Clone, Debug)]
pub enum Event {
    Add,
    /// Index into the shown todos, modulo their count.
    Toggle(usize),
    Star(usize),
    Delete(usize),
    /// Down, if true.
    Shift(usize, bool),
    /// The due date, in days from the first today.
    Date(usize, u16),
    /// Beside another row, below it if true.
    Drop(usize, usize, bool),
    All(Kind),
    Undo,
    Show(Scope),
    Midnight,
    More,
    BeginEditing(usize),
    /// Replaces the title in the editor.
    Type,
    /// Replaces the notes in the editor, if they are there.
    TypeNotes,
    Enter,
    Blur,
    Escape,
    Retry,
    Dismiss,
    /// The pending step gets this outcome.
    Exchange(Fate),
    /// A pause ends, or the user has signed in.
    Resume,
    News,
    /// By another client.
    RenameElsewhere(usize),
    NotesElsewhere(usize),
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

fn scopes() -> impl Strategy<Value = Scope> {
    let views = vec![View::Todos, View::Today, View::Scheduled, View::Important, View::Tag("a".to_owned())];
    let text = prop_oneof![6 => Just(""), 1 => Just("1")];
    let (views, filters) = (prop::sample::select(views), prop::sample::select(&Filter::EACH[..]));
    (prop_oneof![2 => Just(View::Todos), 2 => views], text, filters).prop_map(|(view, text, filter)| Scope {
        view,
        text: text.to_owned(),
        filter,
    })
}

pub fn events(with_others: bool) -> impl Strategy<Value = Vec<Event>> {
    let nth = || 0..8_usize;
    let own = prop_oneof![
        3 => Just(Event::Add),
        2 => nth().prop_map(Event::Toggle),
        1 => nth().prop_map(Event::Star),
        2 => nth().prop_map(Event::Delete),
        2 => (nth(), any::<bool>()).prop_map(|(nth, down)| Event::Shift(nth, down)),
        1 => (nth(), 0..4_u16).prop_map(|(nth, days)| Event::Date(nth, days)),
        1 => (nth(), nth(), any::<bool>()).prop_map(|(nth, beside, below)| Event::Drop(nth, beside, below)),
        1 => Just(Event::All(Kind::Complete)),
        1 => Just(Event::All(Kind::Reopen)),
        1 => Just(Event::All(Kind::ClearCompleted)),
        3 => Just(Event::Undo),
        3 => scopes().prop_map(Event::Show),
        1 => Just(Event::Midnight),
        1 => Just(Event::More),
        3 => nth().prop_map(Event::BeginEditing),
        4 => Just(Event::Type),
        3 => Just(Event::TypeNotes),
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
        1 => nth().prop_map(Event::NotesElsewhere),
        1 => nth().prop_map(Event::ToggleElsewhere),
        1 => nth().prop_map(Event::DeleteElsewhere),
        1 => Just(Event::AddElsewhere),
    ];
    vec(prop_oneof![5 => own, u32::from(with_others) => others], 0..40)
}

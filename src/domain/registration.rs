//! Who may make an account.

/// Whether anyone may sign up, or only the operator makes accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    #[default]
    Open,
    Closed,
}

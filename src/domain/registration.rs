//! The registration mode.

/// Whether the site accepts sign-ups. When closed, only the operator creates accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    #[default]
    Open,
    Closed,
}

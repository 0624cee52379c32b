//! Identifiers: UUIDs (RFC 9562), version 7 wherever Holdfast makes one, so that they sort by age.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is no UUID in its canonical form (lower case, with hyphens), or is the nil UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError;

/// Only the canonical form counts: one id must not have several spellings.
fn parse_canonical(text: &str) -> Result<Uuid, IdError> {
    let id = Uuid::try_parse(text).map_err(|_| IdError)?;
    let canonical = id.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
    if canonical && !id.is_nil() { Ok(id) } else { Err(IdError) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "Uuid")]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_canonical(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Who owns todos. Made by the server at sign-up and never changed.
    UserId
);
id!(
    /// Which session of a user: from the password to the sign-out, however often its token is renewed.
    SessionId
);
id!(
    /// Which todo, among those of one user: two users may well own the same id.
    TodoId
);

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a UUID in lower case with hyphens")
    }
}

#[cfg(test)]
mod tests {
    use super::{IdError, TodoId};

    const ID: &str = "018f3a52-7b1c-7def-8abc-0123456789ab";

    #[test]
    fn only_the_canonical_form_is_an_id() {
        assert_eq!(ID.parse::<TodoId>().unwrap().to_string(), ID);
        let braced = format!("{{{ID}}}");
        let others = ["", "x", &ID.to_uppercase(), &ID.replace('-', ""), &braced, &format!("urn:uuid:{ID}")];
        for other in others {
            assert_eq!(other.parse::<TodoId>(), Err(IdError), "{other:?}");
        }
        assert_eq!("00000000-0000-0000-0000-000000000000".parse::<TodoId>(), Err(IdError));
    }
}

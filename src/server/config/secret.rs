//! The secret that all replicas share.

/// At least 32 bytes (RFC 7518, section 3.2). It can be neither printed nor serialised.
pub struct Secret(Vec<u8>);

/// Rejections of a weak secret (ASVS 11.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    Missing,
    Short,
    Sample,
    /// Fewer than eight distinct bytes: not from a random source.
    Repetitive,
}

impl SecretError {
    /// The fault and the remedy.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "is not set: put at least 32 random bytes into .env, for example from `openssl rand -base64 32`",
            Self::Short => "is too short: use at least 32 random bytes, for example from `openssl rand -base64 32`",
            Self::Sample => "is the public sample from .env.example: generate your own with `openssl rand -base64 32`",
            Self::Repetitive => "is too regular to be random: generate one with `openssl rand -base64 32`",
        }
    }
}

impl Secret {
    const MIN_BYTES: usize = 32;
    const MIN_DISTINCT_BYTES: usize = 8;
    const SAMPLE: &str = "replace-me-with-32-random-bytes-or-more";

    /// Uses the bytes unchanged; surrounding white space does not count towards the strength.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let trimmed = text.trim();
        let distinct = trimmed.bytes().collect::<std::collections::BTreeSet<_>>().len();
        match trimmed.len() {
            0 => Err(SecretError::Missing),
            1..Self::MIN_BYTES => Err(SecretError::Short),
            _ if trimmed.to_ascii_lowercase().contains(Self::SAMPLE) => Err(SecretError::Sample),
            _ if distinct < Self::MIN_DISTINCT_BYTES => Err(SecretError::Repetitive),
            _ => Ok(Self(text.as_bytes().to_vec())),
        }
    }

    /// For key derivation only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

//! The secret that all replicas share.

/// At least 32 bytes (RFC 7518, section 3.2). Can't be printed or serialised.
pub struct Secret(Vec<u8>);

/// Why a text may not be the secret (ASVS 11.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    Missing,
    Short,
    Sample,
    /// Fewer than eight different bytes: no random source makes that.
    Repetitive,
}

impl SecretError {
    /// What is wrong, and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "is not set: put at least 32 random bytes into .env, for instance from `openssl rand -base64 32`",
            Self::Short => "is too short: it must have at least 32 random bytes, for instance from `openssl rand -base64 32`",
            Self::Sample => "is the sample of .env.example, which everybody knows: make your own with `openssl rand -base64 32`",
            Self::Repetitive => "is too regular to be random: make one with `openssl rand -base64 32`",
        }
    }
}

impl Secret {
    const MIN_BYTES: usize = 32;
    const MIN_DISTINCT_BYTES: usize = 8;
    const SAMPLE: &str = "replace-me-with-32-random-bytes-or-more";

    /// Takes the text's bytes as they are; white space around them makes none stronger.
    ///
    /// # Errors
    /// See [`SecretError`].
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

    /// The bytes, to make keys from.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

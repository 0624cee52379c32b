//! Password hashing: argon2id behind a gate, so that a flood of sign-ins can't exhaust memory.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::domain::{Email, Password, PasswordError};

/// How long a request may wait for its turn: some fifty hashes' time on one core.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Lowest zxcvbn score that is accepted: "safely unguessable" by its authors' words.
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// Too many passwords are being hashed; trying again later helps.
#[derive(Debug)]
pub struct Busy;

pub struct Passwords {
    /// Hashes at the same time: one for each core, 19 MiB each.
    gate: Arc<Semaphore>,
    /// What an unknown user's password is compared with, so that it takes as long as a known one's.
    dummy: String,
}

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, None).expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8]) -> String {
    argon2().hash_password(password).expect("the operating system gives random bytes for a salt").to_string()
}

impl Passwords {
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { gate: Arc::new(Semaphore::new(cores)), dummy: hash(uuid::Uuid::new_v4().as_bytes()) }
    }

    /// The PHC string of a fresh argon2id hash, unless the password is easy to guess. To tell that takes long for some
    /// passwords, so it is done behind the gate as well.
    pub async fn hash_new(&self, password: Password, email: Email) -> Result<Result<String, PasswordError>, Busy> {
        let work = move || check_strength(&password, &email).map(|()| hash(password.expose().as_bytes()));
        self.behind_gate(work).await
    }

    /// Whether `password` is the one behind `phc`. Without one it does the same work and says no.
    pub async fn verify(&self, password: Password, phc: Option<String>) -> Result<bool, Busy> {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.clone());
        let same = self.behind_gate(move || {
            let hash = PasswordHash::new(&phc);
            hash.is_ok_and(|hash| argon2().verify_password(password.expose().as_bytes(), &hash).is_ok())
        });
        Ok(same.await? && known)
    }

    /// Runs `work` off the async threads. The permit goes with the work, because a client that goes away cancels our
    /// waiting but not the hashing.
    async fn behind_gate<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let permit = timeout(LONGEST_WAIT, Arc::clone(&self.gate).acquire_owned()).await.map_err(|_| Busy)?;
        let permit = permit.expect("the gate is never closed");
        let request = tracing::Span::current();
        let work = spawn_blocking(move || {
            let done = request.in_scope(work);
            drop(permit);
            done
        });
        Ok(work.await.expect("hashing does not panic"))
    }
}

/// Refuses what is easy to guess, the e-mail address and our own name included (ASVS 6.2.4, 6.2.11).
fn check_strength(password: &Password, email: &Email) -> Result<(), PasswordError> {
    let email = email.as_str();
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let score = zxcvbn::zxcvbn(password.expose(), &[email, local, domain, "holdfast"]).score();
    if score >= MIN_SCORE { Ok(()) } else { Err(PasswordError::Guessable) }
}

#[cfg(test)]
mod tests {
    use super::{Passwords, check_strength};
    use crate::domain::{Email, Password};

    const GOOD: &str = "correct horse battery staple";

    fn email() -> Email {
        Email::parse("ann.smith@example.org").unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn hash_is_argon2id_with_owasp_parameters_and_a_fresh_salt() {
        let passwords = Passwords::new();
        let one = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        let two = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn only_the_very_password_verifies() {
        let passwords = Passwords::new();
        let phc = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        assert!(passwords.verify(password(GOOD), Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify(password(&format!("{GOOD} ")), Some(phc)).await.unwrap());
        assert!(!passwords.verify(password(GOOD), None).await.unwrap());
        assert!(!passwords.verify(password(GOOD), Some("not a hash".to_owned())).await.unwrap());
    }

    #[test]
    fn guessable_passwords_are_refused() {
        let email = email();
        for weak in
            ["password1234", "passwordpassword", "123456789012345", "holdfastholdfast", "ann.smith@example.org", "example.org"]
        {
            assert!(check_strength(&password(weak), &email).is_err(), "{weak}");
        }
        assert!(check_strength(&password(GOOD), &email).is_ok());
    }
}

//! Accounts: who somebody is, proven by a password or by a token. No HTTP; may import `domain` and `store`,
//! and what stands beside this folder as far as `tests/it/architecture.rs` lists it.

mod attempts;
mod hs256;
mod passwords;
mod tokens;

use std::{borrow::Cow, panic::resume_unwind, sync::Arc};

use icu_normalizer::ComposingNormalizerBorrowed;
use tracing::Instrument;
use uuid::Uuid;

use self::{attempts::Attempts, passwords::Passwords, tokens::Tokens};
pub use self::{
    passwords::Busy,
    tokens::{AccessToken, Grant, GrantedToken, TokenError},
};
use super::{
    clock::Clock,
    config::{Config, LONGEST_SESSION_MAX},
    http::client_address::ClientAddress,
    mail_address,
    observability::{
        audit::Event,
        metrics::{self, Metrics, Refusals},
    },
    rate_limit::{Refused, TooOften},
    store::{Account, CreateUser, NewUser, Owner, Store, StoreError},
};
use crate::domain::{Email, EmailError, PasswordError, Registration, UnixMillis, UserId};

/// Signs people up, in and out.
pub struct Identity {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    tokens: Tokens,
    registration: Registration,
    attempts: Attempts,
    refusals: Refusals,
}

/// Why nobody was signed up.
#[derive(Debug)]
pub enum SignUpError {
    /// Nobody may.
    Closed,
    Email(EmailError),
    Password(PasswordError),
    EmailTaken,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why nobody was signed in.
#[derive(Debug)]
pub enum SignInError {
    /// No such account, or not its password; deliberately one answer, after the same work (ASVS 6.3.8).
    WrongCredentials,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why somebody who is signed in could not confirm it by the password, or what was to follow was not done.
#[derive(Debug)]
pub enum ConfirmError {
    WrongPassword,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why a password was not changed.
#[derive(Debug)]
pub enum ChangePasswordError {
    Confirm(ConfirmError),
    /// The new one may not be chosen.
    New(PasswordError),
}

/// One keyboard types é as one code point and another as two: both are the same password (NFC, as RFC 8265, section 4.2, has
/// it). Done before anything counts or compares.
fn composed(typed: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(typed)
}

/// The PHC string of a password that the operator chooses for an account. It is made at once and here: a command makes one.
///
/// # Errors
/// Why it may not be chosen.
pub fn hash_new_password(typed: &str, email: &Email) -> Result<String, PasswordError> {
    passwords::hash_chosen(&passwords::parse(typed)?, email)
}

macro_rules! from_refused {
    ($($error:ident),*) => {
        $(impl From<Refused> for $error {
            fn from(refused: Refused) -> Self {
                match refused {
                    Refused::TooOften(too_often) => Self::TooOften(too_often),
                    Refused::Store(error) => Self::Store(error),
                }
            }
        })*
    };
}

from_refused!(SignUpError, SignInError, ConfirmError);

/// Looked up in place of what can be no address.
fn nobody() -> Email {
    Email::parse("nobody@invalid").expect("it is an address")
}

/// Does something in the store, and tells of it in the log; to its end, though the request is given up, as when its client hangs
/// up: what is written all the same must be in the log.
async fn recorded<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    event: impl FnOnce(&T) -> Option<Event> + Send + 'static,
) -> Result<T, StoreError> {
    let work = async move {
        work.await.inspect(|done| {
            if let Some(event) = event(done) {
                event.record();
            }
        })
    };
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// Not what the store could not count.
fn count(refused: &Refused, refusals: &metrics::Refused) {
    if let Refused::TooOften(_) = refused {
        refusals.count();
    }
}

impl Identity {
    #[must_use]
    pub fn new(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: &Metrics) -> Self {
        let attempts = Attempts::new(config, &clock, &store);
        let tokens = Tokens::new(config, Arc::clone(&clock));
        let passwords = Passwords::new(metrics.hashes.clone());
        let refusals = metrics.refusals.clone();
        Self { store, clock, passwords, tokens, registration: config.registration, attempts, refusals }
    }

    /// Makes an account and a first token for it.
    ///
    /// # Errors
    /// See [`SignUpError`].
    pub async fn sign_up(&self, email: &str, password: &str, from: ClientAddress) -> Result<GrantedToken, SignUpError> {
        if self.registration == Registration::Closed {
            Event::AccessRefused.record();
            return Err(SignUpError::Closed);
        }
        let email = mail_address::parse(email).map_err(SignUpError::Email)?;
        let password = passwords::parse(password).map_err(SignUpError::Password)?;
        // What was mistyped costs nothing and tells nothing; what follows does.
        self.attempts.sign_up(from).await.inspect_err(|refused| count(refused, &self.refusals.sign_up))?;
        // Hashed before the store tells whether the address is taken, so that both answers take as long.
        let hash = self.passwords.hash_new(password, email.clone()).await.map_err(|Busy| SignUpError::Busy)?;
        let password_hash = hash.map_err(SignUpError::Password)?;
        let id = UserId::from(Uuid::now_v7());
        let user = NewUser { id, email, password_hash, created_at: self.clock.now() };
        let store = Arc::clone(&self.store);
        let created = recorded(async move { store.create_user(user).await }, |created| match created {
            CreateUser::Created(owner) => Some(Event::UserCreated(owner.user)),
            CreateUser::EmailTaken => None,
        });
        match created.await.map_err(SignUpError::Store)? {
            CreateUser::Created(owner) => Ok(self.tokens.begin(owner)),
            CreateUser::EmailTaken => Err(SignUpError::EmailTaken),
        }
    }

    /// Makes a token for whoever knows the password. Takes the texts as typed: one that breaks a rule for new accounts
    /// is just a wrong one here.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in(&self, email: &str, password: &str, from: ClientAddress) -> Result<GrantedToken, SignInError> {
        let email = mail_address::parse(email).ok();
        let counted = self.attempts.sign_in(email.as_ref(), from).await;
        counted.inspect_err(|refused| count(refused, &self.refusals.sign_in))?;
        // The store is asked whatever was typed: also by what is no address, as by one that has no account.
        let found = self.store.find_account(email.as_ref().unwrap_or(&nobody())).await.map_err(SignInError::Store)?;
        let account = found.filter(|_| email.is_some());
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(password, hash).await.map_err(|Busy| SignInError::Busy)?;
        match account {
            Some(account) if right => {
                if passwords::is_outdated(&account.password_hash) {
                    self.hash_again(&account, password).await;
                }
                Event::SignedIn(account.owner.user).record();
                Ok(self.tokens.begin(account.owner))
            }
            account => {
                Event::WrongPassword(account.map(|account| account.owner.user)).record();
                Err(SignInError::WrongCredentials)
            }
        }
    }

    /// Puts a hash of today in place of one from when hashing was cheaper: only now is the password at hand. If that can't be
    /// done, it is for the next sign-in.
    async fn hash_again(&self, account: &Account, typed: &str) {
        let Ok(password) = passwords::parse(typed) else { return };
        if let Ok(hash) = self.passwords.hash_again(password).await {
            // The store has logged what failed.
            let _ = self.store.replace_hash(account.owner, &account.password_hash, hash).await;
        }
    }

    /// Gives the account another password, and ends every session of it (ASVS 7.4.3).
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        owner: Owner,
        current: &str,
        new: &str,
        from: ClientAddress,
    ) -> Result<(), ChangePasswordError> {
        use ChangePasswordError::{Confirm, New};

        let account = self.confirm(owner, current, from).await.map_err(Confirm)?;
        let new = passwords::parse(new).map_err(New)?;
        let hash = self.passwords.hash_new(new, account.email).await.map_err(|Busy| Confirm(ConfirmError::Busy))?;
        let (store, hash, now) = (Arc::clone(&self.store), hash.map_err(New)?, self.clock.now());
        let done = recorded(async move { store.set_password(owner, hash, now).await }, move |()| {
            Some(Event::PasswordChanged(owner.user))
        });
        done.await.map_err(|error| Confirm(ConfirmError::Store(error)))
    }

    /// A new session for who has just given the account a new password, which ended all others. Signing in would do as well, but
    /// that may be refused because of what strangers try.
    #[must_use]
    pub fn begin_after_new_password(&self, before: Owner) -> GrantedToken {
        // The store raises the epoch by one, and only from this one.
        self.tokens.begin(Owner { token_epoch: before.token_epoch + 1, ..before })
    }

    /// Deletes the account and all that belongs to it, for good.
    ///
    /// # Errors
    /// See [`ConfirmError`].
    pub async fn delete_account(&self, owner: Owner, password: &str, from: ClientAddress) -> Result<(), ConfirmError> {
        self.confirm(owner, password, from).await?;
        let store = Arc::clone(&self.store);
        let done = recorded(async move { store.delete_user(owner).await }, move |()| Some(Event::UserDeleted(owner.user)));
        done.await.map_err(ConfirmError::Store)
    }

    /// The account of somebody who knows its password, and does not only hold a token for it.
    async fn confirm(&self, owner: Owner, typed: &str, from: ClientAddress) -> Result<Account, ConfirmError> {
        let account = self.store.read_account(owner).await.map_err(ConfirmError::Store)?;
        let counted = self.attempts.confirm(owner.user, from).await;
        counted.inspect_err(|refused| count(refused, &self.refusals.confirmation))?;
        let hash = Some(account.password_hash.clone());
        if self.passwords.verify(typed, hash).await.map_err(|Busy| ConfirmError::Busy)? {
            Ok(account)
        } else {
            Event::WrongPassword(Some(owner.user)).record();
            Err(ConfirmError::WrongPassword)
        }
    }

    /// Ends this session on the server: all tokens of it are refused from now on, those too that are on their way (ASVS 7.4.1). A
    /// token of the version before names no session, and is ended with all others.
    ///
    /// # Errors
    /// [`StoreError::SessionEnded`] for a session that was over before; and when the store fails: then the session goes on.
    pub async fn sign_out(&self, owner: Owner) -> Result<(), StoreError> {
        let Some(session) = owner.session else { return self.sign_out_everywhere(owner).await };
        let store = Arc::clone(&self.store);
        // However long sessions may last by then.
        let ends_at = UnixMillis((session.auth_time + LONGEST_SESSION_MAX.as_secs().cast_signed()) * 1000);
        recorded(async move { store.end_session(owner, ends_at).await }, move |()| Some(Event::SignedOut(owner.user))).await
    }

    /// Ends every session of the user, and all tokens made so far (ASVS 7.4.3).
    ///
    /// # Errors
    /// [`StoreError::SessionEnded`] for a session that was over before, which can end no other; and when the store fails: then the
    /// sessions go on.
    pub async fn sign_out_everywhere(&self, owner: Owner) -> Result<(), StoreError> {
        let store = Arc::clone(&self.store);
        recorded(async move { store.end_sessions(owner).await }, move |()| Some(Event::SignedOut(owner.user))).await
    }

    /// Another token of the same session, if this one is due. Only for a request whose own statement has just accepted the owner:
    /// an ended session must not go on.
    #[must_use]
    pub fn renew(&self, grant: Grant) -> Option<GrantedToken> {
        self.tokens.renew(grant)
    }

    /// Checks a token without asking the store. Whether its session was ended since, the store tells in the very
    /// statement that then uses the [`Owner`].
    ///
    /// # Errors
    /// When the token is not one of ours, was tampered with or has expired.
    pub fn verify(&self, token: &str) -> Result<Grant, TokenError> {
        self.tokens.verify(token)
    }
}

//! Accounts: who somebody is, proven by a password or by a token. No HTTP; may import `domain` and `store`.

mod attempts;
mod passwords;
mod tokens;

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use self::{attempts::Attempts, passwords::Passwords, tokens::Tokens};
pub use self::{
    passwords::Busy,
    tokens::{AccessToken, Grant, TokenError},
};
use super::{
    client_address::ClientAddress,
    clock::Clock,
    config::Config,
    rate_limit::TooOften,
    store::{Account, CreateUser, NewUser, Owner, Store, StoreError},
};
use crate::domain::{Email, EmailError, Password, PasswordError, UserId};

/// Signs people up, in and out.
pub struct Identity {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    tokens: Tokens,
    attempts: Attempts,
}

/// Why nobody was signed up.
#[derive(Debug)]
pub enum SignUpError {
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

impl Identity {
    #[must_use]
    pub fn new(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        let attempts = Attempts::new(config.rate_limits, &clock);
        let tokens = Tokens::new(config, Arc::clone(&clock));
        Self { store, passwords: Passwords::new(), tokens, clock, attempts }
    }

    /// Makes an account and a first token for it.
    ///
    /// # Errors
    /// See [`SignUpError`].
    pub async fn sign_up(&self, email: &str, password: &str, from: ClientAddress) -> Result<AccessToken, SignUpError> {
        let email = Email::parse(email).map_err(SignUpError::Email)?;
        let password = Password::parse(password).map_err(SignUpError::Password)?;
        // What was mistyped costs nothing and tells nothing; what follows does.
        self.attempts.sign_up(from).map_err(SignUpError::TooOften)?;
        // Hashed before the store tells whether the address is taken, so that both answers take as long.
        let hash = self.passwords.hash_new(password, email.clone()).await.map_err(|Busy| SignUpError::Busy)?;
        let password_hash = hash.map_err(SignUpError::Password)?;
        let id = UserId::from(Uuid::now_v7());
        let user = NewUser { id, email, password_hash, created_at: self.clock.now() };
        match self.store.create_user(user).await.map_err(SignUpError::Store)? {
            CreateUser::Created(owner) => Ok(self.tokens.issue(owner)),
            CreateUser::EmailTaken => Err(SignUpError::EmailTaken),
        }
    }

    /// Makes a token for whoever knows the password. Takes the texts as typed: one that breaks a rule for new accounts
    /// is just a wrong one here.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in(&self, email: &str, password: &str, from: ClientAddress) -> Result<AccessToken, SignInError> {
        let email = Email::parse(email).ok();
        self.attempts.sign_in(email.as_ref(), from).map_err(SignInError::TooOften)?;
        let account = match email {
            Some(email) => self.store.find_account(&email).await.map_err(SignInError::Store)?,
            None => None,
        };
        let password = Password::parse(password).map_err(|_| SignInError::WrongCredentials)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(password, hash).await.map_err(|Busy| SignInError::Busy)?;
        match account {
            Some(account) if right => Ok(self.tokens.issue(account.owner)),
            _ => Err(SignInError::WrongCredentials),
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
        let new = Password::parse(new).map_err(New)?;
        let hash = self.passwords.hash_new(new, account.email).await.map_err(|Busy| Confirm(ConfirmError::Busy))?;
        let done = self.store.set_password(owner, hash.map_err(New)?, self.clock.now()).await;
        done.map_err(|error| Confirm(ConfirmError::Store(error)))
    }

    /// Deletes the account and all that belongs to it, for good.
    ///
    /// # Errors
    /// See [`ConfirmError`].
    pub async fn delete_account(&self, owner: Owner, password: &str, from: ClientAddress) -> Result<(), ConfirmError> {
        self.confirm(owner, password, from).await?;
        self.store.delete_user(owner).await.map_err(ConfirmError::Store)
    }

    /// The account of somebody who knows its password, and does not only hold a token for it.
    async fn confirm(&self, owner: Owner, typed: &str, from: ClientAddress) -> Result<Account, ConfirmError> {
        let account = self.store.read_account(owner).await.map_err(ConfirmError::Store)?;
        self.attempts.confirm(owner.user, from).map_err(ConfirmError::TooOften)?;
        let password = Password::parse(typed).map_err(|_| ConfirmError::WrongPassword)?;
        let right = self.passwords.verify(password, Some(account.password_hash.clone())).await;
        if right.map_err(|Busy| ConfirmError::Busy)? { Ok(account) } else { Err(ConfirmError::WrongPassword) }
    }

    /// Ends every session of the user, on the server: all tokens made so far are refused from now on (ASVS 7.4.1).
    /// A token that is no longer good has nothing left to end.
    ///
    /// # Errors
    /// When the store fails: then the sessions go on.
    pub async fn sign_out(&self, token: &AccessToken) -> Result<(), StoreError> {
        match self.verify(token.expose()) {
            Ok(grant) => self.store.end_sessions(grant.owner).await,
            Err(TokenError) => Ok(()),
        }
    }

    /// Checks a token without asking the store. Whether its session was ended since, the store tells in the very
    /// statement that then uses the [`Owner`].
    ///
    /// # Errors
    /// When the token is not one of ours, was tampered with or has expired.
    pub fn verify(&self, token: &str) -> Result<Grant, TokenError> {
        self.tokens.verify(token)
    }

    /// How long a token is good for; whole seconds.
    #[must_use]
    pub fn session_ttl(&self) -> Duration {
        self.tokens.ttl()
    }
}

//! Sign-up, sign-in, sign-out, changes and deletion of accounts.

use std::{panic::resume_unwind, sync::Arc};

use tracing::Instrument;
use uuid::Uuid;

use super::{
    attempts::Attempts,
    errors::IdentityError,
    passwords::{self, Passwords},
    tokens::{Grant, GrantedToken, TokenError, Tokens},
};
use crate::{
    domain::{Email, Registration, UnixMillis, UserId},
    server::{
        clock::Clock,
        config::{Config, LONGEST_SESSION_MAX},
        http::client_address::ClientAddress,
        mail_address,
        observability::{
            audit::Event,
            metrics::{self, Metrics, Refusals},
        },
        rate_limit::Refused,
        store::{Account, ChangeEmail, CreateUser, NewUser, Owner, Store, StoreError},
        time_zone::TimeZone,
    },
};

pub struct Identity {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    tokens: Tokens,
    registration: Registration,
    attempts: Attempts,
    refusals: Refusals,
}

/// Looked up in place of an invalid address.
fn unknown_email() -> Email {
    Email::parse("nobody@invalid").expect("it is an address")
}

/// Runs a write and records its audit event. A task of its own completes both even if the request is cancelled by a disconnect.
async fn audited<T: Send + 'static>(
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

/// Ignores store errors, which are no rate-limit refusals.
fn count_refusal(refused: &Refused, refusals: &metrics::Refused) {
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

    /// Creates an account and the first token of its session. `time_zone` is that of the browser.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn sign_up(
        &self,
        email: &str,
        password: &str,
        time_zone: Option<TimeZone>,
        from: ClientAddress,
    ) -> Result<GrantedToken, IdentityError> {
        if self.registration == Registration::Closed {
            Event::AccessRefused.record();
            return Err(IdentityError::Closed);
        }
        let email = mail_address::parse(email)?;
        let password = passwords::parse(password)?;
        // Invalid input is rejected before the rate limit: it costs no hash and reveals no account.
        self.attempts.sign_up(from).await.inspect_err(|refused| count_refusal(refused, &self.refusals.sign_up))?;
        // Hashes before the insert, so that the response time does not reveal whether the address is taken.
        let password_hash = self.passwords.hash_new(password, email.clone()).await??;
        let id = UserId::from(Uuid::now_v7());
        let user = NewUser { id, email, password_hash, created_at: self.clock.now() };
        let store = Arc::clone(&self.store);
        let created = audited(async move { store.create_user(user).await }, |created| match created {
            CreateUser::Created(owner) => Some(Event::UserCreated(owner.user)),
            CreateUser::EmailTaken => None,
        });
        match created.await? {
            CreateUser::Created(owner) => {
                self.detect_time_zone(owner, &TimeZone::default(), time_zone).await;
                Ok(self.tokens.begin(owner))
            }
            CreateUser::EmailTaken => Err(IdentityError::EmailTaken),
        }
    }

    /// Begins a session by password. Input that breaks a rule for new accounts counts as wrong credentials. `time_zone` is that of the
    /// browser.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        time_zone: Option<TimeZone>,
        from: ClientAddress,
    ) -> Result<GrantedToken, IdentityError> {
        let email = mail_address::parse(email).ok();
        let counted = self.attempts.sign_in(email.as_ref(), from).await;
        counted.inspect_err(|refused| count_refusal(refused, &self.refusals.sign_in))?;
        // An invalid address is looked up too, so that it takes as long as an unknown one.
        let found = self.store.find_account(email.as_ref().unwrap_or(&unknown_email())).await?;
        let account = found.filter(|_| email.is_some());
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if right => {
                if passwords::is_outdated(&account.password_hash) {
                    self.rehash(&account, password).await;
                }
                self.detect_time_zone(account.owner, &account.time_zone, time_zone).await;
                Event::SignedIn(account.owner.user).record();
                Ok(self.tokens.begin(account.owner))
            }
            account => {
                Event::WrongPassword(account.map(|account| account.owner.user)).record();
                Err(IdentityError::WrongCredentials)
            }
        }
    }

    /// Upgrades an outdated hash while the plain password is available. A failure is left to the next sign-in.
    async fn rehash(&self, account: &Account, input: &str) {
        let Ok(password) = passwords::parse(input) else { return };
        if let Ok(hash) = self.passwords.rehash(password).await {
            // The store has logged the error.
            let _ = self.store.replace_hash(account.owner, &account.password_hash, hash).await;
        }
    }

    /// Stores the time zone of the browser, if it is new. A failure is left to the next sign-in.
    async fn detect_time_zone(&self, owner: Owner, known: &TimeZone, detected: Option<TimeZone>) {
        let Some(detected) = detected.filter(|detected| detected != known) else { return };
        // The store has logged the error.
        let _ = self.store.detect_time_zone(owner, detected).await;
    }

    /// Changes the e-mail address. Sessions stay valid.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn change_email(
        &self,
        owner: Owner,
        email: &str,
        password: &str,
        from: ClientAddress,
    ) -> Result<(), IdentityError> {
        let account = self.confirm(owner, password, from).await?;
        let email = mail_address::parse(email)?;
        if email == account.email {
            return Ok(());
        }
        // The answer reveals whether the address is taken, as that of a sign-up.
        self.attempts.sign_up(from).await.inspect_err(|refused| count_refusal(refused, &self.refusals.sign_up))?;
        let store = Arc::clone(&self.store);
        let changed = audited(async move { store.set_email(owner, email).await }, move |changed| match changed {
            ChangeEmail::Changed => Some(Event::EmailChanged(owner.user)),
            ChangeEmail::EmailTaken => None,
        });
        match changed.await? {
            ChangeEmail::Changed => Ok(()),
            ChangeEmail::EmailTaken => Err(IdentityError::EmailTaken),
        }
    }

    /// Changes the password and revokes all sessions (ASVS 7.4.3). Returns a token of a new session, because a sign-in could be
    /// rejected by the rate limit of the account.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn change_password(
        &self,
        owner: Owner,
        current: &str,
        new: &str,
        from: ClientAddress,
    ) -> Result<GrantedToken, IdentityError> {
        let account = self.confirm(owner, current, from).await?;
        let new = passwords::parse(new)?;
        let hash = self.passwords.hash_new(new, account.email).await??;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        let done = audited(async move { store.set_password(owner, hash, now).await }, move |()| {
            Some(Event::PasswordChanged(owner.user))
        });
        done.await?;
        // The store increments the epoch by one, from exactly this value.
        Ok(self.tokens.begin(Owner { token_epoch: owner.token_epoch + 1, ..owner }))
    }

    /// Deletes the account and its data permanently.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn delete_account(&self, owner: Owner, password: &str, from: ClientAddress) -> Result<(), IdentityError> {
        self.confirm(owner, password, from).await?;
        let store = Arc::clone(&self.store);
        let done = audited(async move { store.delete_user(owner).await }, move |()| Some(Event::UserDeleted(owner.user)));
        Ok(done.await?)
    }

    /// Confirms a signed-in user by the password, since a stolen token must not suffice.
    async fn confirm(&self, owner: Owner, input: &str, from: ClientAddress) -> Result<Account, IdentityError> {
        let account = self.store.read_account(owner).await?;
        let counted = self.attempts.confirm(owner.user, from).await;
        counted.inspect_err(|refused| count_refusal(refused, &self.refusals.confirmation))?;
        let hash = Some(account.password_hash.clone());
        if self.passwords.verify(input, hash).await? {
            Ok(account)
        } else {
            Event::WrongPassword(Some(owner.user)).record();
            Err(IdentityError::WrongPassword)
        }
    }

    /// Revokes all tokens of this session (ASVS 7.4.1). A token of the previous version names no session, so all sessions are
    /// revoked.
    ///
    /// # Errors
    /// [`StoreError::SessionEnded`] for a session that was already over. If the store fails, the session stays valid.
    pub async fn sign_out(&self, owner: Owner) -> Result<(), StoreError> {
        let Some(session) = owner.session else { return self.sign_out_everywhere(owner).await };
        let store = Arc::clone(&self.store);
        // Holds for every later value of `SESSION_MAX`.
        let ends_at = UnixMillis((session.auth_time + LONGEST_SESSION_MAX.as_secs().cast_signed()) * 1000);
        audited(async move { store.end_session(owner, ends_at).await }, move |()| Some(Event::SignedOut(owner.user))).await
    }

    /// Revokes all sessions and tokens of the user (ASVS 7.4.3).
    ///
    /// # Errors
    /// [`StoreError::SessionEnded`] for a session that was already over, which can't revoke others. If the store fails, all
    /// sessions stay valid.
    pub async fn sign_out_everywhere(&self, owner: Owner) -> Result<(), StoreError> {
        let store = Arc::clone(&self.store);
        audited(async move { store.end_sessions(owner).await }, move |()| Some(Event::SignedOut(owner.user))).await
    }

    /// Returns another token of the same session if renewal is due. Call it only after a statement of the same request has
    /// accepted the owner, so that a revoked session is not renewed.
    #[must_use]
    pub fn renew(&self, grant: Grant) -> Option<GrantedToken> {
        self.tokens.renew(grant)
    }

    /// Verifies the token of a cookie without the store. Revocation is checked by the statement that then uses the [`Owner`].
    ///
    /// # Errors
    /// If the token is foreign, altered or expired.
    pub fn accept(&self, token: &str) -> Result<GrantedToken, TokenError> {
        self.tokens.accept(token)
    }

    /// As [`Self::accept`], for a token in a header. `accepted` spares a second verification in the same request; it must have come
    /// through this process, not from a client.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub fn owner(&self, token: &str, accepted: Option<&GrantedToken>) -> Result<Owner, TokenError> {
        self.tokens.owner(token, accepted)
    }
}

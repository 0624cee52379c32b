//! Accounts: making one, proving whose it is, changing and deleting it.

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
        store::{Account, CreateUser, NewUser, Owner, Store, StoreError},
    },
};

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
    /// See [`IdentityError`].
    pub async fn sign_up(&self, email: &str, password: &str, from: ClientAddress) -> Result<GrantedToken, IdentityError> {
        if self.registration == Registration::Closed {
            Event::AccessRefused.record();
            return Err(IdentityError::Closed);
        }
        let email = mail_address::parse(email)?;
        let password = passwords::parse(password)?;
        // What was mistyped costs nothing and tells nothing; what follows does.
        self.attempts.sign_up(from).await.inspect_err(|refused| count(refused, &self.refusals.sign_up))?;
        // Hashed before the store tells whether the address is taken, so that both answers take as long.
        let password_hash = self.passwords.hash_new(password, email.clone()).await??;
        let id = UserId::from(Uuid::now_v7());
        let user = NewUser { id, email, password_hash, created_at: self.clock.now() };
        let store = Arc::clone(&self.store);
        let created = recorded(async move { store.create_user(user).await }, |created| match created {
            CreateUser::Created(owner) => Some(Event::UserCreated(owner.user)),
            CreateUser::EmailTaken => None,
        });
        match created.await? {
            CreateUser::Created(owner) => Ok(self.tokens.begin(owner)),
            CreateUser::EmailTaken => Err(IdentityError::EmailTaken),
        }
    }

    /// Makes a token for whoever knows the password. Takes the texts as typed: one that breaks a rule for new accounts
    /// is just a wrong one here.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn sign_in(&self, email: &str, password: &str, from: ClientAddress) -> Result<GrantedToken, IdentityError> {
        let email = mail_address::parse(email).ok();
        let counted = self.attempts.sign_in(email.as_ref(), from).await;
        counted.inspect_err(|refused| count(refused, &self.refusals.sign_in))?;
        // The store is asked whatever was typed: also by what is no address, as by one that has no account.
        let found = self.store.find_account(email.as_ref().unwrap_or(&nobody())).await?;
        let account = found.filter(|_| email.is_some());
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if right => {
                if passwords::is_outdated(&account.password_hash) {
                    self.rehash(&account, password).await;
                }
                Event::SignedIn(account.owner.user).record();
                Ok(self.tokens.begin(account.owner))
            }
            account => {
                Event::WrongPassword(account.map(|account| account.owner.user)).record();
                Err(IdentityError::WrongCredentials)
            }
        }
    }

    /// Puts a hash of today in place of one from when hashing was cheaper: only now is the password at hand. If that can't be
    /// done, it is for the next sign-in.
    async fn rehash(&self, account: &Account, typed: &str) {
        let Ok(password) = passwords::parse(typed) else { return };
        if let Ok(hash) = self.passwords.rehash(password).await {
            // The store has logged what failed.
            let _ = self.store.replace_hash(account.owner, &account.password_hash, hash).await;
        }
    }

    /// Gives the account another password, and ends every session of it (ASVS 7.4.3). The token is of a new session: signing in would
    /// do as well, but that may be refused because of what strangers try.
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
        let done = recorded(async move { store.set_password(owner, hash, now).await }, move |()| {
            Some(Event::PasswordChanged(owner.user))
        });
        done.await?;
        // The store raises the epoch by one, and only from this one.
        Ok(self.tokens.begin(Owner { token_epoch: owner.token_epoch + 1, ..owner }))
    }

    /// Deletes the account and all that belongs to it, for good.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn delete_account(&self, owner: Owner, password: &str, from: ClientAddress) -> Result<(), IdentityError> {
        self.confirm(owner, password, from).await?;
        let store = Arc::clone(&self.store);
        let done = recorded(async move { store.delete_user(owner).await }, move |()| Some(Event::UserDeleted(owner.user)));
        Ok(done.await?)
    }

    /// The account of somebody who knows its password, and does not only hold a token for it.
    async fn confirm(&self, owner: Owner, typed: &str, from: ClientAddress) -> Result<Account, IdentityError> {
        let account = self.store.read_account(owner).await?;
        let counted = self.attempts.confirm(owner.user, from).await;
        counted.inspect_err(|refused| count(refused, &self.refusals.confirmation))?;
        let hash = Some(account.password_hash.clone());
        if self.passwords.verify(typed, hash).await? {
            Ok(account)
        } else {
            Event::WrongPassword(Some(owner.user)).record();
            Err(IdentityError::WrongPassword)
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

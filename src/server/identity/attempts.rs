//! Rate limits of password checks, and of sign-ups and changes of e-mail (ASVS 6.3.1).
//!
//! Each account has a low limit per client address, against guessing, and a higher one for all addresses, so that a single
//! client can't lock the owner out. Confirmations by signed-in users have a limit of their own, and servers on a shared database
//! share all limits.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{Email, UserId},
    server::{
        clock::Clock,
        config::Config,
        http::client_address::ClientAddress,
        observability::audit::Event,
        rate_limit::{RateLimit, Refused},
        store::Store,
    },
};

/// Burst size, and the period after which a permit is added.
type Rate = (u32, Duration);

/// Per account and client address.
const FROM_ADDRESS_FOR_ACCOUNT: Rate = (10, Duration::from_mins(1));
/// Per client address, which an office may share: enough for some 300 people who each sign in every half hour. Better Auth
/// allows more (3 in 10 s).
const FROM_ADDRESS: Rate = (30, Duration::from_secs(5));
/// Per account: a million attempts a year, of at least a hundred million needed to guess a password of zxcvbn's score 3.
const OF_ACCOUNT: Rate = (50, Duration::from_secs(30));
/// Per signed-in user.
const CONFIRMATIONS: Rate = (10, Duration::from_mins(1));
/// Per client address. Lower than for sign-ins, since each attempt reveals whether an address is taken, but enough for a class
/// of pupils.
const SIGN_UPS: Rate = (20, Duration::from_mins(3));
/// Per IPv6 site, since one customer may have tens of thousands of networks.
const SIGN_UPS_FROM_SITE: Rate = (100, Duration::from_secs(36));

/// Counts attempts. When a later limit rejects an attempt, the permits of the earlier ones are refunded.
pub struct Attempts {
    from_address_for_account: RateLimit,
    from_address: RateLimit,
    of_account: RateLimit,
    confirmations: RateLimit,
    sign_ups: RateLimit,
    sign_ups_from_site: RateLimit,
}

impl Attempts {
    pub fn new(config: &Config, clock: &Arc<dyn Clock>, store: &Arc<dyn Store>) -> Self {
        let limit = |name, (burst, period): Rate| {
            let clock = Arc::clone(clock);
            if !config.rate_limits {
                RateLimit::none(clock)
            } else if store.is_shared() {
                RateLimit::shared(name, burst, period, clock, Arc::clone(store), &config.secret)
            } else {
                RateLimit::new(burst, period, clock)
            }
        };
        Self {
            from_address_for_account: limit("from address for account", FROM_ADDRESS_FOR_ACCOUNT),
            from_address: limit("from address", FROM_ADDRESS),
            of_account: limit("of account", OF_ACCOUNT),
            confirmations: limit("confirmations", CONFIRMATIONS),
            sign_ups: limit("sign-ups", SIGN_UPS),
            sign_ups_from_site: limit("sign-ups from site", SIGN_UPS_FROM_SITE),
        }
    }

    /// Also counts unknown and invalid e-mail addresses, so that a refusal reveals nothing.
    pub async fn sign_in(&self, email: Option<&Email>, from: ClientAddress) -> Result<(), Refused> {
        let network = from.network();
        let Some(account) = email.map(Email::as_str) else { return self.from_address.check(&network).await };
        // The account's limit last, so that rejected attempts of one client don't use it up.
        self.from_address.check(&network).await?;
        let pair = (network, account);
        if let Err(refused) = self.from_address_for_account.check(&pair).await {
            self.from_address.refund(&network).await;
            record(None, refused);
            return Err(refused);
        }
        if let Err(refused) = self.of_account.check(&account).await {
            self.from_address.refund(&network).await;
            self.from_address_for_account.refund(&pair).await;
            record(None, refused);
            return Err(refused);
        }
        Ok(())
    }

    pub async fn confirm(&self, user: UserId, from: ClientAddress) -> Result<(), Refused> {
        self.from_address.check(&from.network()).await?;
        if let Err(refused) = self.confirmations.check(&user).await {
            self.from_address.refund(&from.network()).await;
            record(Some(user), refused);
            return Err(refused);
        }
        Ok(())
    }

    /// Also counts changes of e-mail.
    pub async fn sign_up(&self, from: ClientAddress) -> Result<(), Refused> {
        self.sign_ups.check(&from.network()).await?;
        let Some(site) = from.site() else { return Ok(()) };
        if let Err(refused) = self.sign_ups_from_site.check(&site).await {
            self.sign_ups.refund(&from.network()).await;
            return Err(refused);
        }
        Ok(())
    }
}

/// Ignores store errors, which are no rate-limit refusals.
fn record(user: Option<UserId>, refused: Refused) {
    if let Refused::TooOften(_) = refused {
        Event::TooManyPasswords(user).record();
    }
}

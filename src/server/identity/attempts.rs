//! How often a password may be tried, and an account be made (ASVS 6.3.1).
//!
//! For each account there are two limits, because one alone does harm: a low one lets anybody lock the owner out, and a high
//! one lets a single machine guess. So few attempts may come from one address, and more from all together, which only many
//! machines can use up. Who is signed in and confirms that by the password is counted apart from who signs in to the account.
//!
//! Servers that share a database count together.

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

/// So many at once, and one more after each of these times.
type Rate = (u32, Duration);

/// For one account from one address.
const FROM_ADDRESS_FOR_ACCOUNT: Rate = (10, Duration::from_mins(1));
/// From one address, for all accounts: a family or an office shares one. Even if each of them came back but once in half an hour,
/// and had to sign in again, this is enough for some 300 people. Better Auth allows more (3 in 10 s).
const FROM_ADDRESS: Rate = (30, Duration::from_secs(5));
/// For one account from all addresses: a million in a year, of the hundred million that guessing a password of zxcvbn's score
/// 3 takes at the least.
const OF_ACCOUNT: Rate = (50, Duration::from_secs(30));
/// By one user who is signed in.
const CONFIRMATIONS: Rate = (10, Duration::from_mins(1));
/// From one address. Each tells whether somebody has an account, so these are rarer than sign-ins; a class of children is let in.
const SIGN_UPS: Rate = (20, Duration::from_mins(3));
/// From all networks of one customer with IPv6, who has tens of thousands of them.
const SIGN_UPS_FROM_SITE: Rate = (100, Duration::from_secs(36));

/// Counts what is tried. Nothing is refused that was not tried too often: a check that fails counts nothing more.
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

    /// Also for an address of mail that has no account, or that is none: so a refusal tells nothing.
    pub async fn sign_in(&self, email: Option<&Email>, from: ClientAddress) -> Result<(), Refused> {
        let network = from.network();
        let Some(account) = email.map(Email::as_str) else { return self.from_address.check(&network).await };
        // The account last: who is refused for their own doing takes nothing from others.
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

/// Not what could not be counted.
fn record(user: Option<UserId>, refused: Refused) {
    if let Refused::TooOften(_) = refused {
        Event::TooManyPasswords(user).record();
    }
}

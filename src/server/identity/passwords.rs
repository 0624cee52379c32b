//! Password hashing: argon2id behind a gate, so that a flood of sign-ins can't exhaust memory.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self, CustomizedPasswordHasher, PasswordHasher, PasswordVerifier,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use icu_normalizer::ComposingNormalizerBorrowed;
use tokio::{sync::oneshot, time::timeout};

use super::strength;
use crate::{
    domain::{Email, Password, PasswordError},
    server::observability::metrics::HashMetrics,
};

/// How many requests may wait for each core; the last of them does so for about half a second.
const WAITING_PER_CORE: usize = 20;
/// How long a request waits at the most, on a slow machine.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Too many passwords are being hashed; trying again later helps.
#[derive(Debug)]
pub struct Busy;

type Job = Box<dyn FnOnce() + Send>;

pub struct Passwords {
    /// To the threads that hash, one for each core. Who finds no place to wait is sent away at once.
    gate: SyncSender<Job>,
    metrics: HashMetrics,
    /// What an unknown user's password is compared with, so that it takes as long as a known one's.
    dummy: String,
}

thread_local! {
    /// What the hashing of this thread works in. It is kept, since to ask for so much anew each time makes glibc hold twelve
    /// times as much.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// argon2 as its crate has it, but in [`MEMORY`].
struct Argon2InPlace;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn params() -> Params {
    Params::new(19_456, 2, 1, None).expect("the parameters are within argon2's limits")
}

impl CustomizedPasswordHasher<PasswordHash> for Argon2InPlace {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map_or(Ok(Algorithm::Argon2id), Algorithm::try_from)?;
        let version = version.map_or(Ok(Version::V0x13), Version::try_from)?;
        let salt = Salt::new(salt)?;
        let mut buffer = [0; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let output = buffer.get_mut(..length).ok_or(password_hash::Error::OutputSize)?;
        MEMORY.with_borrow_mut(|memory| {
            memory.resize(params.block_count(), Block::new());
            Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(password, &salt, output, memory)
        })?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

impl PasswordHasher<PasswordHash> for Argon2InPlace {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> password_hash::Result<PasswordHash> {
        self.hash_password_customized(password, salt, None, None, params())
    }
}

fn hash(password: &[u8]) -> String {
    Argon2InPlace.hash_password(password).expect("the operating system gives random bytes for a salt").to_string()
}

/// A password, however its letters were typed.
pub fn parse(typed: &str) -> Result<Password, PasswordError> {
    // One keyboard types é as one code point and another as two: both are the same password (NFC, as RFC 8265, section 4.2, has it).
    // Done before anything counts or compares.
    Password::parse(&ComposingNormalizerBorrowed::new_nfc().normalize(typed))
}

/// The PHC string of a password that the operator chooses for an account. It is made at once and here: a command makes one.
///
/// # Errors
/// Why it may not be chosen.
pub fn hash_new_password(typed: &str, email: &Email) -> Result<String, PasswordError> {
    hash_chosen(&parse(typed)?, email)
}

/// The PHC string of a fresh argon2id hash, unless the password is easy to guess.
fn hash_chosen(password: &Password, email: &Email) -> Result<String, PasswordError> {
    strength::check(password, email).map(|()| hash(password.expose().as_bytes()))
}

/// Whether a hash of today would cost a thief more than this one does.
pub fn is_outdated(phc: &str) -> bool {
    let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
    let weaker = |hash: &PasswordHash| {
        let current = hash.algorithm.as_str() == "argon2id" && hash.version == Some(Version::V0x13.into());
        !current || Params::try_from(hash).is_ok_and(|params| work(&params) < work(&self::params()))
    };
    PasswordHash::new(phc).is_ok_and(|hash| weaker(&hash))
}

impl Passwords {
    pub fn new(metrics: HashMetrics) -> Self {
        Self::for_cores(thread::available_parallelism().map_or(1, usize::from), metrics)
    }

    fn for_cores(cores: usize, metrics: HashMetrics) -> Self {
        let (gate, jobs) = sync_channel(cores * WAITING_PER_CORE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..cores {
            let (jobs, metrics) = (Arc::clone(&jobs), metrics.clone());
            thread::spawn(move || work_off(&jobs, &metrics));
        }
        Self { gate, metrics, dummy: hash(uuid::Uuid::new_v4().as_bytes()) }
    }

    /// As [`hash_chosen`]. To tell whether a password is easy to guess takes long for some, so it is done behind the gate as
    /// well.
    pub async fn hash_new(&self, password: Password, email: Email) -> Result<Result<String, PasswordError>, Busy> {
        self.behind_gate(move || hash_chosen(&password, &email)).await
    }

    /// A fresh PHC string for the password of an account, which has been chosen before.
    pub async fn rehash(&self, password: Password) -> Result<String, Busy> {
        self.behind_gate(move || hash(password.expose().as_bytes())).await
    }

    /// Whether what was typed is the password behind `phc`; what none can be is not. Without a `phc` it does the same work and
    /// says no.
    pub async fn verify(&self, typed: &str, phc: Option<String>) -> Result<bool, Busy> {
        let Ok(password) = parse(typed) else { return Ok(false) };
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.clone());
        let same = self.behind_gate(move || {
            let hash = PasswordHash::new(&phc);
            hash.is_ok_and(|hash| Argon2InPlace.verify_password(password.expose().as_bytes(), &hash).is_ok())
        });
        Ok(same.await? && known)
    }

    /// Runs `work` off the async threads. A client that goes away takes back what has not begun, but lets nobody else begin
    /// early.
    async fn behind_gate<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let (answer, done) = oneshot::channel();
        let request = tracing::Span::current();
        let job = move || {
            if !answer.is_closed() {
                let _ = answer.send(request.in_scope(work));
            }
        };
        self.metrics.waiting.inc();
        if self.gate.try_send(Box::new(job)).is_err() {
            self.metrics.waiting.dec();
            self.metrics.refused.count();
            return Err(Busy);
        }
        let done = timeout(LONGEST_WAIT, done).await.map_err(|_| Busy).inspect_err(|Busy| self.metrics.refused.count())?;
        Ok(done.expect("hashing does not panic"))
    }
}

/// What a thread does that hashes, until the program ends. These are threads of our own because each keeps its [`MEMORY`], and
/// of tokio's there may be hundreds.
fn work_off(jobs: &Mutex<Receiver<Job>>, metrics: &HashMetrics) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        metrics.waiting.dec();
        metrics.running.inc();
        // Whoever waits for it notices; the others shall not.
        let _ = catch_unwind(AssertUnwindSafe(job));
        metrics.running.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use tokio::task::{JoinHandle, yield_now};

    use super::{Busy, HashMetrics, Passwords, WAITING_PER_CORE, is_outdated, parse};
    use crate::domain::{Email, Password, PasswordError};

    const GOOD: &str = "correct horse battery staple";

    fn email() -> Email {
        Email::parse("ann.smith@example.org").unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    ///
    #[tokio::test]
    async fn hash_is_argon2id_with_owasp_parameters_and_a_fresh_salt() {
        let passwords = Passwords::new(HashMetrics::default());
        let one = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        let two = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
    }

    #[tokio::test]
    async fn only_the_very_password_verifies() {
        let passwords = Passwords::new(HashMetrics::default());
        let phc = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        assert!(passwords.verify(GOOD, Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify(&format!("{GOOD} "), Some(phc)).await.unwrap());
        assert!(!passwords.verify(GOOD, None).await.unwrap());
        assert!(!passwords.verify(GOOD, Some("not a hash".to_owned())).await.unwrap());
    }

    fn begin(passwords: &Arc<Passwords>, work: impl FnOnce() + Send + 'static) -> JoinHandle<Result<(), Busy>> {
        let passwords = Arc::clone(passwords);
        tokio::spawn(async move { passwords.behind_gate(work).await })
    }

    /// The one thread works until the sender is dropped.
    async fn busy() -> (Arc<Passwords>, JoinHandle<Result<(), Busy>>, mpsc::Sender<()>) {
        let passwords = Arc::new(Passwords::for_cores(1, HashMetrics::default()));
        let (finish, finished) = mpsc::channel();
        let (started, starts) = mpsc::channel();
        let working = begin(&passwords, move || {
            started.send(()).unwrap();
            assert!(finished.recv().is_err());
        });
        while starts.try_recv().is_err() {
            yield_now().await;
        }
        (passwords, working, finish)
    }

    ///
    #[tokio::test]
    async fn who_finds_no_place_to_wait_is_sent_away_at_once() {
        let (passwords, working, finish) = busy().await;
        let waiting: Vec<_> = (0..WAITING_PER_CORE).map(|_| begin(&passwords, || ())).collect();
        yield_now().await;
        let counted = |metrics: &HashMetrics| (metrics.running.get(), metrics.waiting.get(), metrics.refused.get());
        let all_waiting = WAITING_PER_CORE.try_into().unwrap();
        assert_eq!(counted(&passwords.metrics), (1, all_waiting, 0));
        assert!(matches!(passwords.behind_gate(|| ()).await, Err(Busy)));
        assert_eq!(counted(&passwords.metrics), (1, all_waiting, 1));
        drop(finish);
        working.await.unwrap().unwrap();
        for waited in waiting {
            waited.await.unwrap().unwrap();
        }
    }

    ///
    #[tokio::test]
    async fn client_that_goes_away_does_not_open_the_gate_early() {
        let (passwords, working, finish) = busy().await;
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        let (hashed, done) = mpsc::channel();
        for _ in 0..500 {
            let hashed = hashed.clone();
            let request = begin(&passwords, move || hashed.send(()).unwrap());
            yield_now().await;
            request.abort();
            let _ = request.await;
        }
        drop(finish);
        while matches!(passwords.behind_gate(|| ()).await, Err(Busy)) {
            yield_now().await;
        }
        assert!(done.try_recv().is_err(), "none of what was taken back is done");
    }

    ///
    #[tokio::test]
    async fn panic_ends_no_thread_that_hashes() {
        let passwords = Arc::new(Passwords::for_cores(1, HashMetrics::default()));
        let panicked = begin(&passwords, || panic!("as the test wants it to")).await;
        // On a busy machine it takes longer to print where that was than a request waits.
        assert!(!matches!(panicked, Ok(Ok(()))));
        let mut later = passwords.behind_gate(|| ()).await;
        for _ in 0..10 {
            if later.is_err() {
                later = passwords.behind_gate(|| ()).await;
            }
        }
        later.unwrap();
    }

    #[test]
    fn one_password_has_one_spelling_of_its_letters() {
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        assert_eq!(parse(decomposed).unwrap().expose(), composed);
        // Nothing else is folded: neither case nor width nor blanks.
        let kept = " \u{ff21}\u{2460} \u{fb01} Stra\u{df}e ";
        assert_eq!(parse(kept).unwrap().expose(), kept);
        assert_eq!(parse(&"e\u{301}".repeat(7)).unwrap_err(), PasswordError::TooShort, "seven letters, however typed");
    }

    #[test]
    fn hash_is_outdated_if_a_new_one_costs_more() {
        let phc = |algorithm, parameters| format!("${algorithm}${parameters}$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA");
        for (algorithm, parameters, outdated) in [
            ("argon2id", "v=19$m=12288,t=3,p=1", true),
            ("argon2id", "v=16$m=19456,t=2,p=1", true),
            ("argon2i", "v=19$m=19456,t=2,p=1", true),
            ("argon2id", "v=19$m=19456,t=2,p=1", false),
            // Of a newer version, which may run beside this one.
            ("argon2id", "v=19$m=47104,t=1,p=1", false),
        ] {
            assert_eq!(is_outdated(&phc(algorithm, parameters)), outdated, "{algorithm} {parameters}");
        }
        assert!(!is_outdated("not a hash"));
    }
}

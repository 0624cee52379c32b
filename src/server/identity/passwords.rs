//! Password hashing with argon2id, behind a bounded queue so that a flood of sign-ins can't exhaust memory.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
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
use uuid::Uuid;

use super::{
    job_queue::{Full, Job, JobQueue},
    strength,
};
use crate::{
    domain::{Email, Password, PasswordError},
    server::observability::metrics::HashMetrics,
};

/// Queue length per core; the last request waits about half a second.
const QUEUE_PER_CORE: usize = 20;
/// Maximum wait of a request, for slow machines.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(2);

/// The hashing queue is full or too slow; a retry may succeed.
#[derive(Debug)]
pub struct Busy;

pub struct Passwords {
    /// With one thread per core. A full queue rejects at once.
    queue: JobQueue,
    metrics: HashMetrics,
    /// Hash to verify against for unknown users, so that the response time is the same.
    dummy: String,
}

thread_local! {
    /// Working memory of this thread, 19 MiB. Each hash reuses it, and an idle thread frees it.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// The hasher of the `argon2` crate, with [`MEMORY`] as its working memory.
struct Argon2InPlace;

/// Recommended by OWASP for argon2id: 19 MiB, two passes, one lane.
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

/// A hash of no password, with the parameters of all others: it takes as long to verify.
fn dummy() -> String {
    let [salt, one, two] = [(); 3].map(|()| Uuid::new_v4().into_bytes());
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params()).expect("the parameters are legal in a hash"),
        salt: Some(Salt::new(&salt).expect("a salt may have 16 bytes")),
        hash: Some(Output::new(&[one, two].concat()).expect("a hash has 32 bytes")),
    };
    hash.to_string()
}

/// Parses a password after Unicode normalization.
pub fn parse(input: &str) -> Result<Password, PasswordError> {
    // NFC (RFC 8265, section 4.2) before length checks and comparison, since keyboards encode é as one or two code points.
    Password::parse(&ComposingNormalizerBorrowed::new_nfc().normalize(input))
}

/// The PHC string of a password set by the operator. Bypasses the queue, because a command hashes only one.
///
/// # Errors
/// The rule that the password breaks.
pub fn hash_new_password(input: &str, email: &Email) -> Result<String, PasswordError> {
    hash_chosen(&parse(input)?, email)
}

/// Hashes a password to a PHC string, unless it is easy to guess.
fn hash_chosen(password: &Password, email: &Email) -> Result<String, PasswordError> {
    strength::check(password, email).map(|()| hash(password.expose().as_bytes()))
}

/// Whether the current parameters cost an attacker more than those of this hash.
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
        let of_threads = metrics.clone();
        let queue = JobQueue::start(cores, cores * QUEUE_PER_CORE, move |job| run(job, &of_threads), free_memory);
        Self { queue, metrics, dummy: dummy() }
    }

    /// As [`hash_chosen`], in the queue, because the strength check is slow for some passwords.
    pub async fn hash_new(&self, password: Password, email: Email) -> Result<Result<String, PasswordError>, Busy> {
        self.enqueue(move || hash_chosen(&password, &email)).await
    }

    /// Hashes an existing password again, without a strength check.
    pub async fn rehash(&self, password: Password) -> Result<String, Busy> {
        self.enqueue(move || hash(password.expose().as_bytes())).await
    }

    /// Whether the input is the password of `phc`. Without a `phc` it does the same work and returns false.
    pub async fn verify(&self, input: &str, phc: Option<String>) -> Result<bool, Busy> {
        let Ok(password) = parse(input) else { return Ok(false) };
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.clone());
        let same = self.enqueue(move || {
            let hash = PasswordHash::new(&phc);
            hash.is_ok_and(|hash| Argon2InPlace.verify_password(password.expose().as_bytes(), &hash).is_ok())
        });
        Ok(same.await? && known)
    }

    /// Runs `work` on a hashing thread. A cancelled request skips queued work, but keeps its place in the queue until its turn.
    async fn enqueue<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let (sender, done) = oneshot::channel();
        let request = tracing::Span::current();
        let job = move || {
            if !sender.is_closed() {
                let _ = sender.send(request.in_scope(work));
            }
        };
        self.metrics.waiting.inc();
        if let Err(Full) = self.queue.push(Box::new(job)) {
            self.metrics.waiting.dec();
            self.metrics.refused.count();
            return Err(Busy);
        }
        let done = timeout(QUEUE_TIMEOUT, done).await.map_err(|_| Busy).inspect_err(|Busy| self.metrics.refused.count())?;
        Ok(done.expect("hashing does not panic"))
    }
}

fn free_memory() {
    drop(MEMORY.take());
    // mimalloc returns what was freed a second ago to the system when the next large block is freed.
    drop(Vec::<Block>::with_capacity(params().block_count()));
}

/// On a hashing thread. Those bound the number of [`MEMORY`] buffers; tokio's blocking pool may have hundreds of threads.
fn run(job: Job, metrics: &HashMetrics) {
    metrics.waiting.dec();
    metrics.running.inc();
    // A panic fails its own request only.
    let _ = catch_unwind(AssertUnwindSafe(job));
    metrics.running.dec();
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use tokio::task::{JoinHandle, yield_now};

    use argon2::password_hash::{self, PasswordVerifier, phc::PasswordHash};

    use super::{Argon2InPlace, Busy, HashMetrics, Passwords, QUEUE_PER_CORE, dummy, hash, is_outdated, parse};
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
    async fn only_the_exact_password_verifies() {
        let passwords = Passwords::new(HashMetrics::default());
        let phc = passwords.hash_new(password(GOOD), email()).await.unwrap().unwrap();
        assert!(passwords.verify(GOOD, Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify(&format!("{GOOD} "), Some(phc)).await.unwrap());
        assert!(!passwords.verify(GOOD, None).await.unwrap());
        assert!(!passwords.verify(GOOD, Some("not a hash".to_owned())).await.unwrap());
    }

    ///
    #[test]
    fn dummy_is_a_hash_like_any_other_and_of_no_password() {
        let (dummy, real) = (dummy(), hash(GOOD.as_bytes()));
        let start = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(dummy.starts_with(start) && real.starts_with(start) && dummy.len() == real.len(), "{dummy} {real}");
        let phc = PasswordHash::new(&dummy).unwrap();
        let verified = Argon2InPlace.verify_password(GOOD.as_bytes(), &phc);
        assert_eq!(verified, Err(password_hash::Error::PasswordInvalid), "it was computed and compared");
        assert_ne!(dummy, super::dummy());
    }

    fn begin(passwords: &Arc<Passwords>, work: impl FnOnce() + Send + 'static) -> JoinHandle<Result<(), Busy>> {
        let passwords = Arc::clone(passwords);
        tokio::spawn(async move { passwords.enqueue(work).await })
    }

    /// Returns with the only thread busy until the sender is dropped.
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
    async fn full_queue_rejects_at_once() {
        let (passwords, working, finish) = busy().await;
        let waiting: Vec<_> = (0..QUEUE_PER_CORE).map(|_| begin(&passwords, || ())).collect();
        yield_now().await;
        let counted = |metrics: &HashMetrics| (metrics.running.get(), metrics.waiting.get(), metrics.refused.get());
        let all_waiting = QUEUE_PER_CORE.try_into().unwrap();
        assert_eq!(counted(&passwords.metrics), (1, all_waiting, 0));
        assert!(matches!(passwords.enqueue(|| ()).await, Err(Busy)));
        assert_eq!(counted(&passwords.metrics), (1, all_waiting, 1));
        drop(finish);
        working.await.unwrap().unwrap();
        for waited in waiting {
            waited.await.unwrap().unwrap();
        }
    }

    ///
    #[tokio::test]
    async fn cancelled_request_keeps_its_place_in_the_queue() {
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
        while matches!(passwords.enqueue(|| ()).await, Err(Busy)) {
            yield_now().await;
        }
        assert!(done.try_recv().is_err(), "cancelled jobs do not run");
    }

    ///
    #[tokio::test]
    async fn hashing_thread_survives_a_panic() {
        let passwords = Arc::new(Passwords::for_cores(1, HashMetrics::default()));
        let panicked = begin(&passwords, || panic!("as the test wants it to")).await;
        // On a busy machine, printing the panic may take longer than the timeout.
        assert!(!matches!(panicked, Ok(Ok(()))));
        let mut later = passwords.enqueue(|| ()).await;
        for _ in 0..10 {
            if later.is_err() {
                later = passwords.enqueue(|| ()).await;
            }
        }
        later.unwrap();
    }

    #[test]
    fn passwords_are_normalized_to_nfc() {
        let (composed, decomposed) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
        assert_eq!(parse(decomposed).unwrap().expose(), composed);
        // Case, width and whitespace are kept.
        let kept = " \u{ff21}\u{2460} \u{fb01} Stra\u{df}e ";
        assert_eq!(parse(kept).unwrap().expose(), kept);
        assert_eq!(parse(&"e\u{301}".repeat(7)).unwrap_err(), PasswordError::TooShort, "seven letters, however typed");
    }

    #[test]
    fn hash_with_a_lower_cost_is_outdated() {
        let phc = |algorithm, parameters| format!("${algorithm}${parameters}$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA");
        for (algorithm, parameters, outdated) in [
            ("argon2id", "v=19$m=12288,t=3,p=1", true),
            ("argon2id", "v=16$m=19456,t=2,p=1", true),
            ("argon2i", "v=19$m=19456,t=2,p=1", true),
            ("argon2id", "v=19$m=19456,t=2,p=1", false),
            // From a newer release running in parallel.
            ("argon2id", "v=19$m=47104,t=1,p=1", false),
        ] {
            assert_eq!(is_outdated(&phc(algorithm, parameters)), outdated, "{algorithm} {parameters}");
        }
        assert!(!is_outdated("not a hash"));
    }
}

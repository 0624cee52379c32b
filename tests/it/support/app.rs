//! The program on a database of its own, with a clock that a test can set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderValue, Method, Request, Response},
};
use holdfast::{
    domain::{Email, UnixMillis, UserId},
    server::{
        clock::Clock,
        config::Config,
        observability::metrics::Metrics,
        shutdown::Draining,
        site,
        store::{CreateUser, NewUser, Store},
    },
};
use serde_json::Value;
use tower::ServiceExt;
use uuid::Uuid;

use super::{Document, Fault, Kind, TestDatabase};

pub const SECRET: &str = "T3st-only-0123456789-abcdefghijklmnop";

/// Of [`PASSWORD`](super::PASSWORD), at the parameters of every other.
const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$45w6NujsZIbnBRgDC8CwNQ$0FWCMPpN4uc62QBCAzJ0+LqamUqbbBJNJ31xn22Gi8k";

/// Headers that every answer carries.
pub const SECURITY_HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Noon of a day in 2026.
const NOON: i64 = 1_795_262_400_000;

/// Starts at noon, and stands still unless told to move on.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis((self.now().0 - NOON).try_into().unwrap())
    }
}

pub struct App {
    router: Router,
    store: Arc<dyn Store>,
    clock: Arc<TestClock>,
    /// Unless it is that of another, or none.
    database: Option<TestDatabase>,
    document: Arc<Document>,
}

impl App {
    /// Without limits on how often somebody may do something.
    pub async fn start() -> Self {
        Self::with(&[("RATE_LIMITS", "off")]).await
    }

    /// With the limits that an operator has.
    pub async fn with_limits() -> Self {
        Self::with(&[]).await
    }

    /// With these variables of its environment.
    pub async fn with(set: &[(&str, &str)]) -> Self {
        let config = test_config(set);
        let database = TestDatabase::new(Kind::from_env()).await.expect("scripts/with-postgres starts a Postgres for tests");
        Self::on(database.open_for(config.max_todos).await, Some(database), &config).await
    }

    /// On a database that others may have as well.
    pub async fn on_database(database: &TestDatabase, set: &[(&str, &str)]) -> Self {
        let config = test_config(set);
        Self::on(database.open_for(config.max_todos).await, None, &config).await
    }

    /// Another program, with tokens that are as good as this one's, and a store that fails.
    pub async fn with_fault(&self, fault: Fault, rate_limits: &str) -> Self {
        let app = Self::on(Arc::new(fault), None, &test_config(&[("RATE_LIMITS", rate_limits)])).await;
        app.clock.0.store(self.clock.0.load(Ordering::SeqCst), Ordering::SeqCst);
        app
    }

    /// On a store that is open already.
    pub async fn on_store(store: Arc<dyn Store>) -> Self {
        Self::on(store, None, &test_config(&[("RATE_LIMITS", "off")])).await
    }

    /// Another program on the same database.
    pub async fn again_with(&self, set: &[(&str, &str)]) -> Self {
        let config = test_config(&[set, &[("RATE_LIMITS", "off")]].concat());
        Self::on(Arc::clone(&self.store), None, &config).await
    }

    async fn on(store: Arc<dyn Store>, database: Option<TestDatabase>, config: &Config) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(NOON)));
        let router = site::router(config, Arc::clone(&store), clock.clone(), &Metrics::default(), Draining::default());
        let document = Arc::new(Document::of(&router).await);
        Self { router, store, clock, database, document }
    }

    /// Makes an account with the password of everybody. To sign up for it would hash that, and tests of nearly everything need somebody.
    pub async fn create_account(&self, email: &str) {
        let (id, email) = (UserId::from(Uuid::now_v7()), Email::parse(email).unwrap());
        let user = NewUser { id, email, password_hash: PASSWORD_HASH.to_owned(), created_at: self.clock.now() };
        assert!(matches!(self.store.create_user(user).await.unwrap(), CreateUser::Created(_)));
    }

    /// What it keeps its data in.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The `DATABASE_URL` of that, for another process.
    pub fn database_url(&self) -> &str {
        self.database.as_ref().unwrap().url()
    }

    /// Every answer of the API that any test gets is held to the OpenAPI document.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.begin(request).await;
        let Some(operation) = self.document.find(&method, &path) else { return response };
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        self.document.check(&operation, method == Method::HEAD, parts.status, &parts.headers, &body);
        Response::from_parts(parts, body.into())
    }

    /// Gives the answer as soon as it begins.
    pub async fn begin(&self, mut request: Request<Body>) -> Response<Body> {
        // As every client has one.
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("127.0.0.1:3000"));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    pub fn wait(&self, seconds: i64) {
        self.wait_millis(seconds * 1000);
    }

    pub fn wait_millis(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Seconds since the Unix epoch, as the program sees it.
    pub fn now(&self) -> i64 {
        self.clock.now().0 / 1000
    }

    /// Everything that the database holds, as text.
    pub async fn stored_bytes(&self) -> String {
        self.database.as_ref().unwrap().bytes().await
    }
}

fn test_config(set: &[(&str, &str)]) -> Config {
    let set = [set, &[("JWT_SECRET", SECRET)]].concat();
    Config::parse(|name| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())).ok().unwrap()
}

pub async fn body_text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

pub async fn body_json(response: Response<Body>) -> Value {
    serde_json::from_str(&body_text(response).await).unwrap()
}

/// The header's value, or nothing.
pub fn first_header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

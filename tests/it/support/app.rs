//! The application in process, with its own database and a settable clock.

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

/// The hash of [`PASSWORD`](super::PASSWORD) with the production parameters.
const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$45w6NujsZIbnBRgDC8CwNQ$0FWCMPpN4uc62QBCAzJ0+LqamUqbbBJNJ31xn22Gi8k";

pub const SECURITY_HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// 2026-11-21T12:00:00Z.
const NOON: i64 = 1_795_262_400_000;

/// Starts at [`NOON`] and advances only on request.
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
    /// `None` if the database belongs to the test or to another `App`.
    database: Option<TestDatabase>,
    document: Arc<Document>,
}

impl App {
    /// Without rate limits.
    pub async fn start() -> Self {
        Self::with(&[("RATE_LIMITS", "off")]).await
    }

    /// With the default rate limits.
    pub async fn with_limits() -> Self {
        Self::with(&[]).await
    }

    /// With these environment variables.
    pub async fn with(set: &[(&str, &str)]) -> Self {
        let config = test_config(set);
        let database = TestDatabase::new(Kind::from_env()).await.expect("scripts/with-postgres starts a Postgres for tests");
        Self::on(database.open_for(config.max_todos).await, Some(database), &config).await
    }

    /// On a database that the test may share.
    pub async fn on_database(database: &TestDatabase, set: &[(&str, &str)]) -> Self {
        let config = test_config(set);
        Self::on(database.open_for(config.max_todos).await, None, &config).await
    }

    /// An app with a failing store that accepts this app's tokens.
    pub async fn with_fault(&self, fault: Fault, rate_limits: &str) -> Self {
        let app = Self::on(Arc::new(fault), None, &test_config(&[("RATE_LIMITS", rate_limits)])).await;
        app.clock.0.store(self.clock.0.load(Ordering::SeqCst), Ordering::SeqCst);
        app
    }

    pub async fn on_store(store: Arc<dyn Store>) -> Self {
        Self::on(store, None, &test_config(&[("RATE_LIMITS", "off")])).await
    }

    /// Another app on the same database.
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

    /// Creates an account without hashing [`PASSWORD`](super::PASSWORD), which would slow most tests down.
    pub async fn create_account(&self, email: &str) {
        let (id, email) = (UserId::from(Uuid::now_v7()), Email::parse(email).unwrap());
        let user = NewUser { id, email, password_hash: PASSWORD_HASH.to_owned(), created_at: self.clock.now() };
        assert!(matches!(self.store.create_user(user).await.unwrap(), CreateUser::Created(_)));
    }

    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub fn database_url(&self) -> &str {
        self.database.as_ref().unwrap().url()
    }

    /// Checks every API response against the OpenAPI document.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.begin(request).await;
        let Some(operation) = self.document.find(&method, &path) else { return response };
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        self.document.check(&operation, method == Method::HEAD, parts.status, &parts.headers, &body);
        Response::from_parts(parts, body.into())
    }

    /// Returns the response as soon as its head is ready.
    pub async fn begin(&self, mut request: Request<Body>) -> Response<Body> {
        // HTTP/1.1 requires a Host header.
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

    /// Unix time in seconds on the app's clock.
    pub fn now(&self) -> i64 {
        self.clock.now().0 / 1000
    }

    /// The database content as text.
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

/// The header's value, or an empty string.
pub fn first_header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

//! The program on a database of its own, with a clock that a test can set.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response},
};
use holdfast::{
    domain::UnixMillis,
    server::{
        clock::Clock,
        config::Config,
        site,
        store::{self, DatabaseUrl},
    },
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

pub const SECRET: &str = "T3st-only-0123456789-abcdefghijklmnop";

/// Starts at noon of a day in 2026, and stands still unless told to move on.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

pub struct App {
    router: Router,
    clock: Arc<TestClock>,
    folder: TempDir,
}

impl App {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let store = store::connect(&DatabaseUrl::parse(&url).unwrap()).await.unwrap();
        let config = Config::parse(|name| match name {
            "JWT_SECRET" => Some(SECRET.to_owned()),
            "DATABASE_URL" => Some(url.clone()),
            _ => None,
        });
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_262_400_000)));
        let router = site::router(&config.ok().unwrap(), store, clock.clone());
        Self { router, clock, folder }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Seconds since the Unix epoch, as the program sees it.
    pub fn now(&self) -> i64 {
        self.clock.now().0 / 1000
    }

    /// Everything that the database's files hold, as text.
    pub fn stored_bytes(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned()).collect()
    }
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

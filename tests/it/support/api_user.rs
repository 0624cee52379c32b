//! A user of the REST API.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, request::Builder},
};
use serde_json::{Value, json};

use super::{App, app::body_json, browser::peer};

pub const ANN: &str = "ann@example.org";
pub const BOB: &str = "bob@example.org";
pub const PASSWORD: &str = "correct horse battery staple";

/// A client-generated id.
pub const ID: &str = "018f3a52-7b1c-7def-8abc-0123456789ab";

/// A todo's path relative to the API.
pub fn path(todo: &Value) -> String {
    format!("/todos/{}", todo["id"].as_str().unwrap())
}

pub async fn request_token(app: &App, email: &str, password: &str) -> Response<Body> {
    request_token_from("198.51.100.1", app, email, password).await
}

pub async fn request_token_from(ip: &str, app: &App, email: &str, password: &str) -> Response<Body> {
    let request = Request::post("/api/v1/token").header("content-type", "application/json").extension(ConnectInfo(peer(ip)));
    let credentials = json!({ "email": email, "password": password }).to_string();
    app.send(request.body(Body::from(credentials)).unwrap()).await
}

pub struct ApiUser<'a> {
    pub app: &'a App,
    pub token: String,
}

impl<'a> ApiUser<'a> {
    /// Creates an account and signs in.
    pub async fn signed_up(app: &'a App, email: &str) -> Self {
        app.create_account(email).await;
        Self::signed_in(app, email).await
    }

    pub async fn signed_in(app: &'a App, email: &str) -> Self {
        let response = request_token(app, email, PASSWORD).await;
        assert_eq!(response.status(), 200);
        let token = body_json(response).await["access_token"].as_str().unwrap().to_owned();
        Self { app, token }
    }

    pub fn request(&self, method: &str, path: &str) -> Builder {
        let authorization = format!("Bearer {}", self.token);
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).header("authorization", authorization);
        request.extension(ConnectInfo(peer("198.51.100.1")))
    }

    pub async fn call(&self, method: &str, path: &str) -> Response<Body> {
        self.app.send(self.request(method, path).body(Body::empty()).unwrap()).await
    }

    pub async fn call_with(&self, method: &str, path: &str, body: &Value) -> Response<Body> {
        let request = self.request(method, path).header("content-type", "application/json");
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn call_if(&self, method: &str, path: &str, (name, value): (&str, &str), body: &Value) -> Response<Body> {
        let request = self.request(method, path).header("content-type", "application/json").header(name, value);
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn add(&self, title: &str) -> Value {
        let response = self.call_with("POST", "/todos", &json!({ "title": title })).await;
        assert_eq!(response.status(), 201);
        body_json(response).await
    }

    pub async fn titles(&self) -> Vec<String> {
        let todos = body_json(self.call("GET", "/todos").await).await;
        todos.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect()
    }
}

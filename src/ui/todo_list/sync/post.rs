//! Requests of the island: posts a form to a server function, as a browser without scripting does, and reads the list.
//!
//! Leptos' own client for server functions has no timeout and can't send the account header.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response, UrlSearchParams};

use crate::{
    contract::{AppError, CurrentUser},
    domain::UserId,
    ui::todo_list::json::Json,
};

/// In milliseconds.
const RESPONSE_TIMEOUT: u32 = 20_000;

/// The request headers of the island.
#[derive(Clone, Copy)]
pub struct Sender {
    /// Account of this page: the server rejects the request if another tab has signed in to another account.
    pub account: UserId,
    /// Whether this is an automatic retry.
    pub is_retry: bool,
}

impl From<UserId> for Sender {
    fn from(account: UserId) -> Self {
        Self { account, is_retry: false }
    }
}

/// Returns the JSON response of the server function.
///
/// # Errors
/// The error of the server function, or one derived from the HTTP status; [`AppError::Unreachable`] without a response.
pub async fn post(path: &str, sender: Sender, fields: &[(&str, String)]) -> Result<String, AppError> {
    let form = UrlSearchParams::new().map_err(|_| AppError::Internal)?;
    for (name, value) in fields {
        form.append(name, value);
    }
    let response = exchange(path, sender, Some(&form), None).await;
    read(response)?.ok_or(AppError::Unreachable)
}

/// Returns the JSON response, or `None` if the entity tag is still current.
///
/// # Errors
/// See [`post`].
pub async fn get(path: &str, account: UserId, tag: Option<&str>) -> Result<Option<String>, AppError> {
    read(exchange(path, account.into(), None, tag).await)
}

fn read(response: Result<RawResponse, JsValue>) -> Result<Option<String>, AppError> {
    let response = response.map_err(|_| AppError::Unreachable)?;
    if response.status == 304 {
        return Ok(None);
    }
    if response.is_json && response.status == 200 {
        return Ok(Some(response.text));
    }
    Err(match (Json::parse(&response.text).and_then(|json| json.error()), response.status) {
        (Some(error), _) => error,
        // An authenticating proxy, which shows its sign-in page on a reload.
        (_, 401 | 403) => AppError::Intercepted,
        // A slow connection, a reverse proxy without a backend, or a captive portal.
        (_, 200..300 | 408 | 429 | 500..) => AppError::Unreachable,
        _ => AppError::Internal,
    })
}

struct RawResponse {
    is_json: bool,
    status: u16,
    text: String,
}

async fn exchange(path: &str, sender: Sender, form: Option<&UrlSearchParams>, tag: Option<&str>) -> Result<RawResponse, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    headers.set(CurrentUser::HEADER, &sender.account.to_text())?;
    if sender.is_retry {
        headers.set(CurrentUser::RETRY, "1")?;
    }
    if let Some(tag) = tag {
        headers.set("if-none-match", tag)?;
    }
    let init = RequestInit::new();
    if let Some(form) = form {
        init.set_method("POST");
        init.set_body(form);
    }
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(RESPONSE_TIMEOUT)));
    let response: Response = window().fetch_with_str_and_init(path, &init).await?.unchecked_into();
    let is_json = response.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("application/json"));
    let text = response.text()?.await?.as_string().unwrap_or_default();
    Ok(RawResponse { is_json, status: response.status(), text })
}

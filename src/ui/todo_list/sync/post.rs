//! Posts a form to a server function, as a browser without scripting does.
//!
//! Not by Leptos' client of server functions: that one waits for an answer for ever, and can't say for which account the
//! page was made.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response, UrlSearchParams};

use crate::{
    contract::{AppError, CurrentUser},
    domain::UserId,
};

/// How long an answer may take, in milliseconds. A server that is gone without a word is only found by waiting.
const PATIENCE: u32 = 20_000;

/// For whom something is sent.
#[derive(Clone, Copy)]
pub struct Sender {
    /// Whose page this is: in another tab somebody else may have signed in meanwhile, and what is done here must not happen to their
    /// todos.
    pub account: UserId,
    /// Whether it is sent once more by itself.
    pub is_retry: bool,
}

impl From<UserId> for Sender {
    fn from(account: UserId) -> Self {
        Self { account, is_retry: false }
    }
}

/// The answer to the form of a server function with these fields, in JSON.
///
/// # Errors
/// What the server function refused, or [`AppError::Unreachable`] if nobody said anything that it could have said.
pub async fn post(path: &str, sender: Sender, fields: &[(&str, &str)]) -> Result<String, AppError> {
    let answer = exchange(path, sender, fields).await.map_err(|_| AppError::Unreachable)?;
    if answer.is_json && answer.status == 200 {
        return Ok(answer.text);
    }
    Err(match (serde_json::from_str(&answer.text), answer.status) {
        (Ok(error), _) => error,
        // A proxy that lets nobody through until the page is loaded anew, by which it signs in or shows why.
        (_, 401 | 403) => AppError::Intercepted,
        // The way is too slow; or others speak where the server is gone: a proxy, or a hotel that wants to be paid first.
        (_, 200..300 | 408 | 429 | 500..) => AppError::Unreachable,
        _ => AppError::Internal,
    })
}

struct Answer {
    is_json: bool,
    status: u16,
    text: String,
}

async fn exchange(path: &str, sender: Sender, fields: &[(&str, &str)]) -> Result<Answer, JsValue> {
    let form = UrlSearchParams::new()?;
    for (name, value) in fields {
        form.append(name, value);
    }
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    headers.set(CurrentUser::HEADER, &sender.account.to_string())?;
    if sender.is_retry {
        headers.set(CurrentUser::RETRY, "1")?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&form);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let response: Response = window().fetch_with_str_and_init(path, &init).await?.unchecked_into();
    let is_json = response.headers().get("content-type")?.is_some_and(|kind| kind.starts_with("application/json"));
    let text = response.text()?.await?.as_string().unwrap_or_default();
    Ok(Answer { is_json, status: response.status(), text })
}

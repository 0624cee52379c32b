//! Generates todo ids in the browser, for optimistic updates and idempotent retries.

use leptos::prelude::window;

use crate::domain::TodoId;

/// A UUIDv7 (RFC 9562, section 5.7). `None` without `crypto`, which every current browser has.
pub fn new_id() -> Option<TodoId> {
    let mut random = [0; 10];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a date is a small positive number")]
    let now = js_sys::Date::now() as u64;
    Some(uuid::Builder::from_unix_timestamp_millis(now, &random).into_uuid().into())
}

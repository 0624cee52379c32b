//! Tokens and the account.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::{
    super::error::{ApiError, Code, FieldError},
    input::present,
    many::Counts,
    todo::{KeptTodoBody, Rfc3339},
};
use crate::server::{
    store::Account,
    time_zone::{TimeZone, TimeZoneError},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    pub email: String,
    #[schema(format = Password)]
    pub password: String,
}

/// A successful answer of the token endpoint (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody<'a> {
    /// For the header `Authorization: Bearer`.
    pub access_token: &'a str,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    #[schema(example = 1800)]
    pub expires_in: u32,
}

/// The caller's account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountBody {
    #[schema(value_type = String, example = "ann@example.org")]
    email: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Rfc3339,
    #[schema(value_type = String, format = DateTime)]
    password_changed_at: Rfc3339,
    /// An IANA name; UTC until it is known.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    todos: Counts,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            todos: (&account).into(),
            email: account.email.as_str().to_owned(),
            created_at: Rfc3339(account.created_at),
            password_changed_at: Rfc3339(account.password_changed_at),
            time_zone: account.time_zone.as_str().to_owned(),
        }
    }
}

/// What a client may change of its account.
///
/// Our own representation can be sent back as it came: what this operation does not change is accepted and ignored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({ "time_zone": "Europe/Berlin" }))]
pub struct AccountInput {
    /// Null: no longer chosen, and UTC until it is known.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<TimeZoneName>, required = false)]
    time_zone: Option<Option<String>>,
    #[serde(default, rename = "email")]
    #[schema(value_type = Value, required = false, read_only)]
    _email: IgnoredAny,
    #[serde(default, rename = "created_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "password_changed_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _password_changed_at: IgnoredAny,
    #[serde(default, rename = "todos")]
    #[schema(value_type = Value, required = false, read_only)]
    _todos: IgnoredAny,
}

/// For the OpenAPI document: the names of [`TimeZone`].
pub struct TimeZoneName;

impl ToSchema for TimeZoneName {
    fn name() -> Cow<'static, str> {
        "TimeZone".into()
    }
}

impl PartialSchema for TimeZoneName {
    fn schema() -> RefOr<Schema> {
        let description = "A name of the IANA time zone database. Case does not matter.";
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(TimeZone::names()));
        names.description(Some(description)).examples(["Europe/Berlin"]).into()
    }
}

impl AccountInput {
    /// `None` if it stays, `Some(None)` if it is no longer chosen.
    pub fn time_zone(self) -> Result<Option<Option<TimeZone>>, ApiError> {
        let parsed = self.time_zone.map(|name| name.as_deref().map(TimeZone::parse).transpose()).transpose();
        parsed.map_err(|TimeZoneError| {
            let detail = "time_zone must be a name of the IANA time zone database, or null";
            FieldError::of_member("/time_zone", Code::UnknownTimeZone, detail).into()
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// At most 254 bytes.
    #[schema(format = IdnEmail)]
    pub email: String,
    #[schema(format = Password)]
    pub password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(format = Password)]
    pub current: String,
    /// Hard to guess: not a common one, nor made from the e-mail address.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub new: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountDeletion {
    #[schema(format = Password)]
    pub password: String,
}

/// Everything that is kept of the caller, but for the hash of the password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only for the OpenAPI document; the body is streamed")]
pub struct Export {
    account: AccountBody,
    /// By id. Deleted ones as well, as long as they are kept.
    todos: Vec<KeptTodoBody<'static>>,
}

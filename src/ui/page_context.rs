//! Request data for rendering a page. It stays on the server.

use leptos::context::use_context;

use crate::{
    contract::{AppError, Field},
    domain::Registration,
};

#[derive(Clone, Default)]
pub struct PageContext {
    /// Public origin without a trailing slash, as in `https://todo.example.org`.
    pub origin: String,
    pub assets: Assets,
    pub registration: Registration,
    /// Whether the browser has a session cookie, valid or not.
    pub is_signed_in: bool,
    pub http_warning: Option<HttpWarning>,
    /// Request id, which links a support request to the server's log.
    pub support_id: Option<String>,
    pub form: Option<UnfinishedForm>,
}

/// The paths of the built files, with hashes of their content. Leptos' own components read those from a file for each page.
#[derive(Clone, Default)]
pub struct Assets {
    pub style: String,
    pub script: String,
    pub wasm: String,
}

/// The effect of plain HTTP on a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpWarning {
    /// The request's origin is not the public origin: the browser drops the session cookie and forms are rejected.
    Elsewhere,
    /// The public origin is plain HTTP: the browser drops the session cookie.
    HttpsNeeded,
    /// Plain HTTP that the operator has allowed: the connection can be read by others in the network.
    InTheOpen,
}

/// A failed form with its input and error, for rendering the page again. The input is kept, and never put in a URL.
#[derive(Clone)]
pub struct UnfinishedForm {
    /// Path of the server function.
    pub function: String,
    /// `None` if only the session had expired, and a new one has replaced it.
    pub error: Option<AppError>,
    fields: Vec<(String, String)>,
}

impl PageContext {
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }

    /// Without the failed form, if it belongs to another server function.
    #[must_use]
    pub fn for_form(self, function: &str) -> Self {
        Self { form: self.form.filter(|form| form.function == function), ..self }
    }

    pub fn error(&self) -> Option<AppError> {
        self.form.as_ref().and_then(|form| form.error)
    }

    /// The error that belongs to no field; shown above the form.
    pub fn error_of_form(&self) -> Option<AppError> {
        self.error().filter(|error| error.field().is_none())
    }

    /// The error that belongs to this field; shown beside it.
    pub fn error_for(&self, field: Field) -> Option<AppError> {
        self.error().filter(|error| error.field() == Some(field))
    }

    /// The submitted value of a field.
    pub fn typed(&self, name: &str) -> Option<String> {
        self.form.as_ref()?.field(name).map(str::to_owned)
    }
}

impl UnfinishedForm {
    /// Drops passwords: this is the only constructor, so no page can echo one.
    #[must_use]
    pub fn new(function: &str, fields: &[(String, String)]) -> Self {
        let kept = fields.iter().filter(|(name, _)| !name.contains("password")).cloned();
        Self { function: function.to_owned(), error: None, fields: kept.collect() }
    }

    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The unsaved title or titles: from this form, or carried over from the form before the sign-in.
    #[must_use]
    pub fn draft(&self) -> Option<&str> {
        ["draft", "title", "titles"].into_iter().find_map(|name| self.field(name))
    }
}

#[cfg(test)]
mod tests {
    use super::UnfinishedForm;

    #[test]
    fn passwords_are_not_kept() {
        let fields = ["email", "password", "current_password"].map(|name| (name.to_owned(), "typed".to_owned()));
        let form = UnfinishedForm::new("/bff/sign_in", &fields);
        assert_eq!(form.field("email"), Some("typed"));
        assert_eq!((form.field("password"), form.field("current_password")), (None, None));
    }
}

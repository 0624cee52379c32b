//! Everything that a page is told of the request that it answers. It stays on the server.

use leptos::context::use_context;

use crate::{
    contract::{AppError, Field},
    domain::Registration,
};

#[derive(Clone, Default)]
pub struct PageContext {
    /// Where the site is, as in `https://todo.example.org`, without a slash at the end.
    pub origin: String,
    pub registration: Registration,
    pub http_warning: Option<HttpWarning>,
    /// The id of the request, for people who ask for help: it ties the page to its line in the server's log.
    pub support_id: Option<String>,
    pub form: Option<UnfinishedForm>,
}

/// What plain http does to somebody who is about to sign in. There is nothing to say where a page is reached as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpWarning {
    /// The page was asked for at another address than the site's, where the browser drops the session and forms are refused.
    Elsewhere,
    /// The site is at plain http, where the browser drops the session.
    HttpsNeeded,
    /// The same, but whoever runs it wants it so: everybody in the network can read along.
    InTheOpen,
}

/// A form that did not do what it was sent for: what somebody typed and what came of it, for the page that answers it. So nothing is
/// typed twice, and nothing that was typed stands in an address.
#[derive(Clone)]
pub struct UnfinishedForm {
    /// Path of the server function.
    pub function: String,
    /// `None` if nothing went wrong but that the session had ended; by now there is a new one.
    pub error: Option<AppError>,
    fields: Vec<(String, String)>,
}

impl PageContext {
    /// Of the page that is being made.
    pub fn current() -> Self {
        use_context().unwrap_or_default()
    }

    /// What is wrong with the form that was sent.
    pub fn error(&self) -> Option<AppError> {
        self.form.as_ref().and_then(|form| form.error)
    }

    /// What is wrong with the form, if that is about no field: it stands above.
    pub fn error_of_form(&self) -> Option<AppError> {
        self.error().filter(|error| error.field().is_none())
    }

    /// What is wrong with this field: it stands beside it.
    pub fn error_for(&self, field: Field) -> Option<AppError> {
        self.error().filter(|error| error.field() == Some(field))
    }

    /// What was typed into the field of this name.
    pub fn typed(&self, name: &str) -> Option<String> {
        self.form.as_ref()?.field(name).map(str::to_owned)
    }
}

impl UnfinishedForm {
    /// Passwords are dropped here, where every such form comes into being, so that no page can repeat one.
    #[must_use]
    pub fn new(function: &str, fields: &[(String, String)]) -> Self {
        let kept = fields.iter().filter(|(name, _)| !name.contains("password")).cloned();
        Self { function: function.to_owned(), error: None, fields: kept.collect() }
    }

    /// What was typed into the field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// All that was typed, by the names of the fields.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The title that was typed and is not saved: by this form, or by the one before signing in.
    #[must_use]
    pub fn draft(&self) -> Option<&str> {
        self.field("draft").or_else(|| self.field("title"))
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

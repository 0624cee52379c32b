//! A form that did not do what it was sent for, to be shown again.

use super::AppError;

/// What somebody typed and what came of it, for the page that answers the form: so nothing is typed twice, and nothing
/// that was typed stands in an address. It stays on the server.
#[derive(Clone)]
pub struct UnfinishedForm {
    /// Path of the server function.
    pub function: String,
    /// `None` if nothing went wrong but that the session had ended; by now there is a new one.
    pub error: Option<AppError>,
    fields: Vec<(String, String)>,
}

impl UnfinishedForm {
    /// Passwords are dropped here, where every such form comes into being, so
    /// that no page can repeat one.
    #[must_use]
    pub fn new(function: &str, error: Option<AppError>, fields: &[(String, String)]) -> Self {
        let kept = fields.iter().filter(|(name, _)| !name.contains("password")).cloned();
        Self { function: function.to_owned(), error, fields: kept.collect() }
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
        let form = UnfinishedForm::new("/bff/sign_in", None, &fields);
        assert_eq!(form.field("email"), Some("typed"));
        assert_eq!((form.field("password"), form.field("current_password")), (None, None));
    }
}

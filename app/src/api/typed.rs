//! What was typed into a form that was refused, and why. It waits on the server for the page
//! that shows it again: addresses end in logs, and long keys do not fit into them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ApiError, FieldError, error_for};

/// A form as it was typed; empty where none was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Typed {
    /// By field; a field may stand there more than once.
    pub(crate) fields: Vec<(String, String)>,
    /// What is wrong with single fields.
    pub(crate) errors: Vec<FieldError>,
    /// Why it cannot be done at all; empty where fields are to blame.
    pub(crate) sentence: String,
}

impl Typed {
    /// Whether there is a refused form at all.
    pub(crate) fn is_refused(&self) -> bool {
        !self.errors.is_empty() || !self.sentence.is_empty()
    }

    /// What was typed into a field, else what stands there before anybody types.
    pub(crate) fn or(&self, name: &str, before: &str) -> String {
        let typed = self.fields.iter().find(|(field, _)| field == name);
        typed.map_or_else(|| before.to_owned(), |(_, text)| text.clone())
    }

    /// What was typed into a field; empty where nothing was.
    pub(crate) fn text(&self, name: &str) -> String {
        self.or(name, "")
    }

    /// Everything that was chosen of a field with several values.
    pub(crate) fn every(&self, name: &str) -> Vec<&str> {
        let chosen = self.fields.iter().filter(|(field, _)| field == name);
        chosen.map(|(_, text)| text.as_str()).collect()
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, name: &str) -> Option<String> {
        error_for(&self.errors, name)
    }
}

/// The refused form that an address names.
#[server(prefix = "/api/console", endpoint = "refused_form")]
pub(crate) async fn refused_form(ticket: String) -> Result<Typed, ApiError> {
    let (service, caller) = super::session::session()?;
    let Some(form) = service.refused_form(&caller, &ticket) else {
        // Kept in memory: the server was started anew, or others came after it.
        return Ok(Typed::default());
    };
    let named = |error: service::FieldError| FieldError {
        field: on_the_server::field_of_form(&error.field),
        message: error.message,
    };
    let errors = form.errors.into_iter().map(named).collect();
    Ok(Typed { fields: form.typed, errors, sentence: form.sentence })
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use service::{Caller, RefusedForm, Service, ServiceError};

    use crate::api::ApiError;
    use crate::routes::Link;

    /// Sends a form's answer: where it was done, on to what there is now; where it was refused,
    /// back to the page it came from, with what was typed.
    pub(in crate::api) fn answer(
        (service, caller): (&Service, &Caller),
        done: Result<Link, ServiceError>,
        back: Link,
        typed: Vec<(&str, String)>,
    ) -> Result<(), ApiError> {
        let form = match done {
            Ok(next) => {
                leptos_axum::redirect(&next.href());
                return Ok(());
            }
            Err(ServiceError::Invalid(errors)) => RefusedForm { errors, ..RefusedForm::default() },
            Err(
                ServiceError::Conflict(sentence)
                | ServiceError::Limit(sentence)
                | ServiceError::Forbidden(sentence)
                | ServiceError::Unavailable(sentence),
            ) => RefusedForm { sentence, ..RefusedForm::default() },
            Err(other) => return Err(other.into()),
        };
        let typed = typed.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
        let ticket = service.keep_refused(caller, RefusedForm { typed, ..form });
        leptos_axum::redirect(&back.with("form", ticket).href());
        Ok(())
    }

    /// How a form calls the field that a use case complains of: of `proof.claims.ref` it is
    /// `claims`, of `clientId` it is `client_id`.
    pub(super) fn field_of_form(name: &str) -> String {
        let name = name.strip_prefix("proof.").unwrap_or(name);
        let name = name.split('.').next().unwrap_or_default();
        let mut snake = String::with_capacity(name.len());
        for letter in name.chars() {
            if letter.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        }
        if snake == "expires_at" { "expires".to_owned() } else { snake }
    }

    /// Whether the name of what is to be deleted for good was typed.
    pub(in crate::api) fn is_confirmed(
        typed: &str,
        name: &str,
        noun: &str,
    ) -> Result<(), ServiceError> {
        if typed.trim() == name {
            return Ok(());
        }
        Err(wrong("confirm", &format!("This is not the {noun}'s name. Nothing was deleted.")))
    }

    /// A field that cannot be read as what it is to be.
    pub(in crate::api) fn wrong(field: &str, message: &str) -> ServiceError {
        ServiceError::Invalid(vec![service::FieldError::new(field, message)])
    }
}

#[cfg(feature = "ssr")]
pub(super) use on_the_server::{answer, is_confirmed, wrong};

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "ssr")]
    #[test]
    fn fields_are_called_as_the_form_calls_them() {
        let pairs = [
            ("proof.claims.ref", "claims"),
            ("proof.expires_at", "expires"),
            ("expiresAt", "expires"),
            ("clientId", "client_id"),
            ("name", "name"),
        ];
        for (name, wanted) in pairs {
            assert_eq!(on_the_server::field_of_form(name), wanted);
        }
    }

    #[test]
    fn what_was_typed_stands_before_what_was_there() {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let typed = Typed {
            fields: vec![field("name", ""), field("can", "a"), field("can", "b")],
            errors: Vec::new(),
            sentence: "No.".to_owned(),
        };
        assert_eq!(typed.or("name", "before"), "");
        assert_eq!(typed.or("other", "before"), "before");
        assert_eq!(typed.every("can"), ["a", "b"]);
        assert!(typed.is_refused() && !Typed::default().is_refused());
    }
}

//! The initial values of a form. The form sends them along, so that only fields that the user
//! edited are changed, even if somebody else has changed other fields in the meantime.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The initial values by field name, e.g. `initial[title]`. A field without one counts as edited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InitialValues(BTreeMap<String, String>);

#[cfg(feature = "ssr")]
impl InitialValues {
    /// The text of a field if it was edited, with LF line endings.
    pub fn changed(&self, field: &str, now: &str) -> Option<String> {
        let now = super::normalize_newlines(now);
        let same = self.0.get(field).is_some_and(|initial| super::normalize_newlines(initial) == now);
        (!same).then_some(now)
    }

    /// The value of a select field if another option was selected.
    pub fn selected<T: Copy>(&self, field: &str, now: T, text: fn(T) -> &'static str) -> Option<T> {
        let same = self.0.get(field).is_some_and(|initial| initial == text(now));
        (!same).then_some(now)
    }

    /// Whether the form sent its initial values.
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::testware::execution::State;

    fn initial(fields: &[(&str, &str)]) -> InitialValues {
        InitialValues(fields.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn an_untouched_field_is_unchanged() {
        let initial = initial(&[("title", "One"), ("text", "a\nb"), ("assignee", "")]);
        assert_eq!(initial.changed("title", "One"), None);
        assert_eq!(initial.changed("text", "a\r\nb"), None);
        assert_eq!(initial.changed("assignee", ""), None);
    }

    #[test]
    fn an_edited_or_cleared_field_is_changed() {
        let initial = initial(&[("title", "One"), ("assignee", "ada"), ("state", State::New.as_str())]);
        assert_eq!(initial.changed("title", "Two"), Some("Two".to_owned()));
        assert_eq!(initial.changed("assignee", ""), Some(String::new()));
        assert_eq!(initial.selected("state", State::New, State::as_str), None);
        assert_eq!(initial.selected("state", State::Done, State::as_str), Some(State::Done));
    }

    #[test]
    fn a_form_without_initial_values_changes_all() {
        assert!(!initial(&[]).is_known());
        assert_eq!(initial(&[]).changed("title", "One"), Some("One".to_owned()));
        assert_eq!(initial(&[]).selected("state", State::New, State::as_str), Some(State::New));
    }
}

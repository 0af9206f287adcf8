//! What a form was opened with. It travels with the form, so that what the person did not touch is
//! left as somebody else may have made it meanwhile; nothing on the server has to remember it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The first values by the names of the fields, as the fields send them (`was[title]`). A form that
/// says nothing of a field has changed it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Was(BTreeMap<String, String>);

#[cfg(feature = "ssr")]
impl Was {
    /// The text of a field if it is another one now, with lines ended as people's files end them.
    pub fn changed(&self, field: &str, now: &str) -> Option<String> {
        let now = super::plain(now);
        let same = self.0.get(field).is_some_and(|was| super::plain(was) == now);
        (!same).then_some(now)
    }

    /// A value of a field if it was chosen anew.
    pub fn chosen<T: Copy>(&self, field: &str, now: T, text: fn(T) -> &'static str) -> Option<T> {
        let same = self.0.get(field).is_some_and(|was| was == text(now));
        (!same).then_some(now)
    }

    /// Whether the form tells what it was opened with.
    pub fn is_told(&self) -> bool {
        !self.0.is_empty()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::model::testware::State;

    fn was(fields: &[(&str, &str)]) -> Was {
        Was(fields.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn what_was_not_touched_is_no_change_however_its_lines_end() {
        let was = was(&[("title", "One"), ("text", "a\nb"), ("assignee", "")]);
        assert_eq!(was.changed("title", "One"), None);
        assert_eq!(was.changed("text", "a\r\nb"), None);
        assert_eq!(was.changed("assignee", ""), None);
    }

    #[test]
    fn what_was_typed_or_cleared_is_a_change() {
        let was = was(&[("title", "One"), ("assignee", "ada"), ("state", State::New.as_str())]);
        assert_eq!(was.changed("title", "Two"), Some("Two".to_owned()));
        assert_eq!(was.changed("assignee", ""), Some(String::new()));
        assert_eq!(was.chosen("state", State::New, State::as_str), None);
        assert_eq!(was.chosen("state", State::Done, State::as_str), Some(State::Done));
    }

    #[test]
    fn a_form_that_does_not_tell_changes_everything() {
        assert!(!was(&[]).is_told());
        assert_eq!(was(&[]).changed("title", "One"), Some("One".to_owned()));
        assert_eq!(was(&[]).chosen("state", State::New, State::as_str), Some(State::New));
    }
}

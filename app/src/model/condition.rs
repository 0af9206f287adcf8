//! The conditions of an outbound webhook: what the envelope of an event has to contain, besides its type, to be
//! sent. The server compares them (`events::condition`).

use serde::{Deserialize, Serialize};

use super::catalog::{EventType, Subscription};
use super::string_enum;
use super::time::millis;
use super::webhook_scope::SelectScope;

/// The maximum number of conditions of a webhook.
pub const MAX_CONDITIONS: usize = 20;
/// The maximum length of a path in characters, all of which are ASCII.
pub const MAX_CONDITION_PATH_CHARS: usize = 200;
/// The maximum length of a value in characters.
pub const MAX_CONDITION_VALUE_CHARS: usize = 500;
/// The number of past events that conditions are tried on.
pub const MAX_TRIED_EVENTS: u32 = 100;

string_enum! {
    /// Which of the conditions must hold.
    ConditionMatch {
        /// All of them.
        All = "all", "All conditions";
        /// At least one.
        Any = "any", "Any condition";
    }
}

string_enum! {
    /// How a condition compares the values at its path. Text is compared without regard to case.
    ConditionOperator {
        /// A value equals the given one. For a list: one of its items.
        Equals = "equals", "is";
        /// No value equals the given one.
        NotEquals = "not_equals", "is not";
        /// A text contains the given one. For a list: one of its items equals it.
        Contains = "contains", "contains";
        /// The opposite of `contains`.
        NotContains = "not_contains", "doesn't contain";
        /// A text starts with the given one.
        StartsWith = "starts_with", "starts with";
        /// A number or time is greater than the given one.
        GreaterThan = "greater_than", ">";
        /// A number or time is not less than the given one.
        AtLeast = "at_least", "≥";
        /// A number or time is less than the given one.
        LessThan = "less_than", "<";
        /// A number or time is not greater than the given one.
        AtMost = "at_most", "≤";
        /// There is a value other than null and an empty text.
        Exists = "exists", "is set";
        /// There is no value, or only null, an empty text or an empty list.
        NotExists = "not_exists", "is not set";
    }
}

impl ConditionOperator {
    /// Whether it compares with a value.
    #[must_use]
    pub const fn has_value(self) -> bool {
        !matches!(self, Self::Exists | Self::NotExists)
    }

    /// Whether it compares the size of numbers or times.
    #[must_use]
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::GreaterThan | Self::AtLeast | Self::LessThan | Self::AtMost)
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// The path of a field in the envelope, with dots, e.g. `data.counts.failed`. It leads into all items of a
    /// list.
    pub path: String,
    /// The operator.
    pub operator: ConditionOperator,
    /// What the field is compared with: at most 500 characters. A number or a time is written as text. Empty for
    /// `exists` and `not_exists`.
    #[serde(default)]
    pub value: String,
}

impl Condition {
    /// The condition as a sentence, e.g. `data.counts.failed > 0`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.operator.has_value() {
            true => format!("{} {} {}", self.path, self.operator.label(), self.value),
            false => format!("{} {}", self.path, self.operator.label()),
        }
    }
}

/// The conditions of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", default)]
pub struct Conditions {
    /// Which of them must hold.
    #[serde(rename = "match")]
    pub mode: ConditionMatch,
    /// The conditions: at most 20. Without any, each event is sent.
    pub rules: Vec<Condition>,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { mode: ConditionMatch::All, rules: Vec::new() }
    }
}

/// Conditions to try, without saving them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TryConditions {
    /// The conditions.
    pub conditions: Conditions,
    /// The subscriptions whose events they are tried on.
    pub events: Vec<Subscription>,
    /// The projects whose past events they are tried on, of which the caller must be an admin; by default, the project
    /// of the path. Without `projectIds`, they are tried only on the samples.
    pub scope: Option<SelectScope>,
}

/// What conditions match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TriedConditions {
    /// The sample of each event that is subscribed to.
    pub samples: Vec<TriedSample>,
    /// How many of the latest events of the projects that are subscribed to were tried, at most 100.
    pub past_count: u32,
    /// How many of these would have matched.
    pub past_matched: u32,
    /// The latest of these events, newest first, at most 10.
    pub past: Vec<TriedEvent>,
}

/// Whether the sample of an event matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TriedSample {
    /// The event.
    pub event: EventType,
    /// Whether its sample matches.
    pub matches: bool,
}

/// Whether a past event matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TriedEvent {
    /// The event.
    pub event: EventType,
    /// What it is about.
    pub subject: Option<String>,
    /// When it happened.
    #[serde(serialize_with = "millis")]
    pub occurred_at: chrono::DateTime<chrono::Utc>,
    /// Whether it would have matched.
    pub matches: bool,
}

/// Conditions as the fields of a form: a list for each part of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionsForm {
    /// Whether the form has the fields. Without them, the conditions don't change.
    pub has_conditions: bool,
    /// See [`Conditions::mode`].
    pub mode: String,
    /// The paths.
    pub paths: Vec<String>,
    /// The operator of each path.
    pub operators: Vec<String>,
    /// The value of each path.
    pub values: Vec<String>,
}

impl ConditionsForm {
    /// The conditions; `None` if they don't change. Rows without any text are left out.
    ///
    /// # Errors
    /// A message for the user.
    pub fn into_conditions(self) -> Result<Option<Conditions>, String> {
        if !self.has_conditions {
            return Ok(None);
        }
        let mode = self.mode.parse().unwrap_or(ConditionMatch::All);
        let rows = self.paths.into_iter().zip(self.operators).zip(self.values);
        let rules = rows.filter(|((path, _), value)| !path.trim().is_empty() || !value.is_empty()).map(
            |((path, operator), value)| {
                let operator: ConditionOperator = operator.parse()?;
                let value = if operator.has_value() { value } else { String::new() };
                Ok(Condition { path: path.trim().to_owned(), operator, value })
            },
        );
        Ok(Some(Conditions { mode, rules: rules.collect::<Result<_, String>>()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rows_of_the_form_are_left_out() {
        let text = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let form = ConditionsForm {
            has_conditions: true,
            mode: "any".into(),
            paths: text(&[" data.total ", "", "data.key"]),
            operators: text(&["at_least", "equals", "exists"]),
            values: text(&["3", "", "left over"]),
        };
        let conditions = form.clone().into_conditions().unwrap().unwrap();
        let rules: Vec<_> = conditions.rules.iter().map(Condition::summary).collect();
        assert_eq!(
            (conditions.mode, rules),
            (ConditionMatch::Any, vec!["data.total ≥ 3".into(), "data.key is set".into()])
        );
        assert_eq!(ConditionsForm { has_conditions: false, ..form.clone() }.into_conditions(), Ok(None));
        let wrong = ConditionsForm { operators: text(&["like", "", ""]), ..form };
        assert!(wrong.into_conditions().is_err());
    }

    #[test]
    fn no_conditions_are_stored_as_an_empty_object() {
        assert_eq!(serde_json::from_str::<Conditions>("{}").unwrap(), Conditions::default());
    }
}

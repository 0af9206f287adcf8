//! Compares the envelope of an event with the conditions of a webhook. Pure.
//!
//! A path leads into all items of a list. A condition holds if one of the values at its path satisfies it; a
//! negative one, such as `not_equals`, holds if no value satisfies the positive one. So a missing field satisfies
//! only negative conditions.

use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use app::model::condition::{Condition, ConditionMatch, ConditionOperator, Conditions};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::Value;

use crate::entity::search_text::fold;

/// Whether an event with this envelope is sent to a webhook with these conditions.
#[must_use]
pub fn matches(conditions: &Conditions, envelope: &Value) -> bool {
    ComparedEvent::new(envelope).meets(conditions)
}

/// An event that is compared with the conditions of several webhooks. Each of its texts is folded once, because that
/// happens while the only writer of SQLite waits.
pub struct ComparedEvent<'a> {
    envelope: &'a Value,
    folded: RefCell<HashMap<&'a str, Rc<str>>>,
}

/// What numbers and times are compared with, if a text is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A time. A date stands for its beginning in UTC.
    Time(DateTime<Utc>),
}

impl Bound {
    /// Reads a number, a date or a time of RFC 3339.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Number);
        let date = || text.parse::<NaiveDate>().ok().map(|date| Self::Time(date.and_time(NaiveTime::MIN).and_utc()));
        number.or_else(|| time(text).map(Self::Time)).or_else(date)
    }

    /// The order of a value and this bound, if they can be compared.
    fn order_of(self, value: &Value) -> Option<Ordering> {
        match self {
            Self::Number(bound) => value.as_f64()?.partial_cmp(&bound),
            Self::Time(bound) => Some(time(value.as_str()?)?.cmp(&bound)),
        }
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// A value, and whether it is an item of a list.
type Found<'a> = (&'a Value, bool);

impl<'a> ComparedEvent<'a> {
    /// An event with this envelope.
    #[must_use]
    pub fn new(envelope: &'a Value) -> Self {
        Self { envelope, folded: RefCell::default() }
    }

    /// Whether it is sent to a webhook with these conditions.
    #[must_use]
    pub fn meets(&self, conditions: &Conditions) -> bool {
        let mut rules = conditions.rules.iter().map(|rule| self.holds(rule));
        match conditions.mode {
            _ if conditions.rules.is_empty() => true,
            ConditionMatch::All => rules.all(|holds| holds),
            ConditionMatch::Any => rules.any(|holds| holds),
        }
    }

    fn holds(&self, Condition { path, operator, value }: &Condition) -> bool {
        let mut found = Vec::new();
        let path: Vec<_> = path.split('.').collect();
        find(self.envelope, &path, false, &mut found);
        let expected = Expected { text: value, folded: OnceCell::new() };
        let any = |is: &dyn Fn(&Found<'a>) -> bool| found.iter().any(is);
        let ordered = |is: fn(Ordering) -> bool| {
            let bound = Bound::parse(value);
            any(&|(value, _)| bound.and_then(|bound| bound.order_of(value)).is_some_and(is))
        };
        match operator {
            ConditionOperator::Equals => any(&|(found, _)| self.equals(found, &expected)),
            ConditionOperator::NotEquals => !any(&|(found, _)| self.equals(found, &expected)),
            ConditionOperator::Contains => any(&|found| self.contains(*found, &expected)),
            ConditionOperator::NotContains => !any(&|found| self.contains(*found, &expected)),
            ConditionOperator::StartsWith => {
                any(&|(found, _)| found.as_str().is_some_and(|text| self.folded(text).starts_with(expected.folded())))
            }
            ConditionOperator::GreaterThan => ordered(Ordering::is_gt),
            ConditionOperator::AtLeast => ordered(Ordering::is_ge),
            ConditionOperator::LessThan => ordered(Ordering::is_lt),
            ConditionOperator::AtMost => ordered(Ordering::is_le),
            ConditionOperator::Exists => any(&|(found, _)| is_set(found)),
            ConditionOperator::NotExists => !any(&|(found, _)| is_set(found)),
        }
    }

    fn equals(&self, found: &'a Value, expected: &Expected<'_>) -> bool {
        match found {
            Value::String(text) => *self.folded(text) == *expected.folded(),
            Value::Number(number) => {
                let expected = expected.text.trim();
                number.to_string() == expected || number.as_f64() == expected.parse().ok()
            }
            Value::Bool(value) => value.to_string().eq_ignore_ascii_case(expected.text.trim()),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        }
    }

    fn contains(&self, (found, is_item): Found<'a>, expected: &Expected<'_>) -> bool {
        match found {
            Value::String(text) if !is_item => self.folded(text).contains(expected.folded()),
            found => self.equals(found, expected),
        }
    }

    fn folded(&self, text: &'a str) -> Rc<str> {
        self.folded.borrow_mut().entry(text).or_insert_with(|| fold(text).into()).clone()
    }
}

/// The value of a condition, folded at most once.
struct Expected<'a> {
    text: &'a str,
    folded: OnceCell<String>,
}

impl Expected<'_> {
    fn folded(&self) -> &str {
        self.folded.get_or_init(|| fold(self.text))
    }
}

/// Collects the values at a path.
fn find<'a>(value: &'a Value, path: &[&str], is_item: bool, found: &mut Vec<Found<'a>>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| find(item, path, true, found)),
        (_, []) => found.push((value, is_item)),
        (_, [name, rest @ ..]) => {
            if let Some(inner) = value.get(name) {
                find(inner, rest, false, found);
            }
        }
    }
}

fn is_set(found: &Value) -> bool {
    !found.is_null() && found.as_str() != Some("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope() -> Value {
        json!({
            "type": "test_run.completed",
            "timestamp": "2026-11-20T14:01:07.482Z",
            "actor": null,
            "data": {
                "counts": {"failed": 2},
                "passRate": 75.5,
                "total": 9_007_199_254_740_993_u64,
                "title": "Straße of Ada",
                "description": "",
                "test": true,
                "labels": ["Bug", "payments"],
                "none": [],
                "issues": [{"key": "acme/shop#1", "title": "Card fails"}, {"key": null, "title": "Login"}],
                "steps": {"from": [{"action": "Open"}], "to": [["nested"]]},
            },
        })
    }

    fn rule(path: &str, operator: &str, value: &str) -> Condition {
        Condition { path: path.into(), operator: operator.parse().unwrap(), value: value.into() }
    }

    fn all(rules: &[(&str, &str, &str)]) -> Conditions {
        let rules = rules.iter().map(|(path, operator, value)| rule(path, operator, value)).collect();
        Conditions { mode: ConditionMatch::All, rules }
    }

    #[track_caller]
    fn expect(expected: bool, rules: &[(&str, &str, &str)]) {
        for rule in rules {
            assert_eq!(matches(&all(&[*rule]), &envelope()), expected, "{rule:?}");
        }
    }

    #[test]
    fn values_of_each_type_are_compared() {
        expect(
            true,
            &[
                ("type", "equals", "TEST_RUN.completed"),
                ("data.title", "equals", "strasse of ada"),
                ("data.title", "contains", "OF"),
                ("data.title", "starts_with", "Stra"),
                ("data.counts.failed", "equals", "2"),
                ("data.counts.failed", "equals", " 2.0 "),
                ("data.counts.failed", "contains", "2"),
                ("data.passRate", "equals", "75.5"),
                ("data.total", "equals", "9007199254740993"),
                ("data.test", "equals", "True"),
                ("data.test", "not_equals", "false"),
            ],
        );
        expect(
            false,
            &[
                ("type", "equals", "test_run"),
                ("data.title", "starts_with", "of"),
                ("data.counts.failed", "equals", "two"),
                ("data.counts.failed", "not_equals", "2"),
                ("data.counts", "equals", "2"),
                ("data.test", "equals", "1"),
                ("actor", "equals", "null"),
            ],
        );
    }

    #[test]
    fn numbers_and_times_are_ordered() {
        expect(
            true,
            &[
                ("data.counts.failed", "greater_than", "0"),
                ("data.counts.failed", "at_least", "2"),
                ("data.counts.failed", "at_most", "2"),
                ("data.passRate", "less_than", "75.6"),
                ("timestamp", "greater_than", "2026-11-20"),
                ("timestamp", "less_than", "2026-11-20T16:01:08+02:00"),
            ],
        );
        expect(
            false,
            &[
                ("data.counts.failed", "greater_than", "2"),
                ("data.counts.failed", "less_than", "2"),
                ("data.counts.failed", "greater_than", "many"),
                ("data.counts.failed", "greater_than", "2020-01-01"),
                ("data.title", "greater_than", "0"),
                ("timestamp", "greater_than", "0"),
                ("data.missing", "less_than", "1"),
            ],
        );
    }

    #[test]
    fn a_list_stands_for_its_items() {
        expect(
            true,
            &[
                ("data.labels", "contains", "bug"),
                ("data.labels", "equals", "Payments"),
                ("data.labels", "not_contains", "pay"),
                ("data.labels", "starts_with", "pay"),
                ("data.issues.key", "equals", "acme/shop#1"),
                ("data.issues.title", "contains", "card"),
                ("data.steps.from.action", "equals", "open"),
                ("data.steps.to", "contains", "nested"),
            ],
        );
        expect(
            false,
            &[
                ("data.labels", "contains", "pay"),
                ("data.labels", "not_equals", "bug"),
                ("data.labels.0", "equals", "Bug"),
                ("data.issues", "contains", "acme/shop#1"),
            ],
        );
    }

    #[test]
    fn missing_fields_satisfy_only_negative_conditions() {
        let absent = ["data.missing", "data.missing.deeper", "data.title.deeper", "actor.name", "data.none", "missing"];
        for path in absent {
            expect(true, &[(path, "not_equals", "x"), (path, "not_contains", "x"), (path, "not_exists", "")]);
            expect(
                false,
                &[(path, "equals", ""), (path, "contains", ""), (path, "exists", ""), (path, "at_most", "9")],
            );
        }
        expect(
            true,
            &[("data.counts", "exists", ""), ("data.labels", "exists", ""), ("data.issues.key", "exists", "")],
        );
        expect(false, &[("actor", "exists", ""), ("data.description", "exists", ""), ("data.title", "not_exists", "")]);
    }

    #[test]
    fn all_or_any_of_the_conditions_must_hold() {
        let (yes, no) = (("data.counts.failed", "greater_than", "0"), ("data.labels", "contains", "docs"));
        let any = |rules: &[_]| Conditions { mode: ConditionMatch::Any, ..all(rules) };
        assert!(matches(&all(&[yes, yes]), &envelope()) && !matches(&all(&[yes, no]), &envelope()));
        assert!(matches(&any(&[no, yes]), &envelope()) && !matches(&any(&[no, no]), &envelope()));
        assert!(matches(&all(&[]), &envelope()) && matches(&any(&[]), &envelope()));
    }
}

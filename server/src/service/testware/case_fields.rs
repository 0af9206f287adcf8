//! The fields of a test case as people send them: checked, and set onto a row.

use app::error::{Checks, Result};
use app::model::test_case::{CreateCase, Step, UpdateCase};
use app::model::text::Title;

use crate::entity::json::{Steps, Strings};
use crate::entity::test_case;
use crate::service::issue_fields::labels_of;
use crate::service::text;

/// The most steps.
const STEPS_MAX: usize = 100;
/// The most characters of a step's action, and of what is expected.
const STEP_MAX: usize = 4_000;

/// A new case's fields as the change that makes them.
#[must_use]
pub fn of_new(new: CreateCase) -> UpdateCase {
    UpdateCase {
        title: Some(new.title),
        preconditions: Some(new.preconditions),
        steps: Some(new.steps),
        priority: new.priority,
        labels: Some(new.labels),
    }
}

/// Sets what `change` names onto `row`.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) naming every field that breaks a rule; `row`
/// is then of no use.
pub fn set(row: &mut test_case::Model, change: UpdateCase) -> Result<()> {
    let mut checks = Checks::default();
    if let Some(title) = change.title.and_then(|title| checks.take("title", title.parse::<Title>())) {
        row.title = title.into_string();
    }
    if let Some(text) = change.preconditions.and_then(|text| checks.take("preconditions", text::long(text))) {
        row.preconditions = text;
    }
    if let Some(steps) = change.steps.and_then(|steps| checks.take("steps", steps_of(steps))) {
        row.steps = Steps(steps);
    }
    if let Some(priority) = change.priority {
        row.priority = priority;
    }
    if let Some(labels) = change.labels.and_then(|labels| checks.take("labels", labels_of(&labels))) {
        row.labels = Strings(labels);
    }
    checks.finish()
}

/// The steps without the blank ones, which a form leaves behind.
fn steps_of(mut steps: Vec<Step>) -> Result<Vec<Step>, &'static str> {
    steps.retain(|step| !(step.action.trim().is_empty() && step.expected.trim().is_empty()));
    if steps.len() > STEPS_MAX {
        return Err("Use at most 100 steps.");
    }
    let long = |text: &str| text.chars().count() > STEP_MAX;
    if steps.iter().any(|step| long(&step.action) || long(&step.expected)) {
        return Err("Use at most 4,000 characters for what to do and for what is expected.");
    }
    steps.iter().try_for_each(|step| text::storable(&step.action).and(text::storable(&step.expected)))?;
    Ok(steps)
}

/// In which fields two states of a case differ, by their names on the wire.
#[must_use]
pub fn changed(before: &test_case::Model, after: &test_case::Model) -> Vec<&'static str> {
    let differs = [
        ("title", before.title != after.title),
        ("preconditions", before.preconditions != after.preconditions),
        ("steps", before.steps != after.steps),
        ("priority", before.priority != after.priority),
        ("labels", before.labels != after.labels),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

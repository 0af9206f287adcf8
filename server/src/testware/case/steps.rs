//! The steps of a case or a shared step: their checks, and how events contain them.

use app::testware::case::Step;
use serde_json::{Value, json};

use crate::events::cut_text;
use crate::service::text;

/// The maximum number of steps of a case, with those of shared steps.
pub const MAX_STEPS: usize = 100;
/// The number of steps that events contain.
const MAX_EVENT_STEPS: usize = 50;
/// The maximum length of a step's action and expected result in characters.
const MAX_STEP_CHARS: usize = 4_000;

/// The steps without empty ones, which a form may contain. `present` is how many there are now: a deleted shared step may
/// have left more than a case may have.
///
/// # Errors
/// A message for the user.
pub fn checked(mut steps: Vec<Step>, present: usize) -> Result<Vec<Step>, &'static str> {
    steps.retain(|step| !step.is_empty());
    if steps.len() > MAX_STEPS.max(present) {
        return Err("Use at most 100 steps.");
    }
    let long = |text: &str| text.chars().count() > MAX_STEP_CHARS;
    if steps.iter().any(|step| long(&step.action) || long(&step.expected)) {
        return Err("Use at most 4,000 characters for each action and each expected result.");
    }
    let has_text = |step: &Step| !(step.action.trim().is_empty() && step.expected.trim().is_empty());
    if steps.iter().any(|step| step.shared_step_id.is_some() && has_text(step)) {
        return Err("Leave the action and the expected result of a shared step empty.");
    }
    steps.iter().try_for_each(|step| text::storable(&step.action).and(text::storable(&step.expected)))?;
    Ok(steps)
}

/// The number of steps, and their texts.
pub fn event_data(steps: &[Step]) -> Value {
    let details = steps.iter().take(MAX_EVENT_STEPS).map(step_data).collect::<Vec<_>>();
    json!({"steps": steps.len(), "stepDetails": details})
}

fn step_data(step: &Step) -> Value {
    json!({"action": cut_text(&step.action), "expected": cut_text(&step.expected)})
}

//! The fields of runs and sessions as people send them: checked, and set onto a row.

use app::error::{Checks, Result};
use app::model::test_run::UpdateRun;
use app::model::test_session::UpdateSession;
use app::model::text::Name;

use crate::entity::{test_run, test_session};
use crate::service::text;

/// The longest time box, in minutes: a day.
const TIME_BOX_MAX: u32 = 24 * 60;

/// Sets what `change` names onto a run, but for its cases.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) naming every field that breaks a rule; `row`
/// is then of no use.
pub fn set_run(row: &mut test_run::Model, change: UpdateRun) -> Result<()> {
    let mut checks = Checks::default();
    if let Some(name) = change.name.and_then(|name| checks.take("name", name.parse::<Name>())) {
        row.name = name.into_string();
    }
    if let Some(text) = change.description.and_then(|text| checks.take("description", text::long(text))) {
        row.description = text;
    }
    if let Some(state) = change.state {
        row.state = state;
    }
    checks.finish()
}

/// Sets what `change` names onto a session; a time box of 0 takes it away.
///
/// # Errors
/// See [`set_run`].
pub fn set_session(row: &mut test_session::Model, change: UpdateSession) -> Result<()> {
    let mut checks = Checks::default();
    if let Some(name) = change.name.and_then(|name| checks.take("name", name.parse::<Name>())) {
        row.name = name.into_string();
    }
    if let Some(text) = change.charter.and_then(|text| checks.take("charter", text::long(text))) {
        row.charter = text;
    }
    if let Some(minutes) = change.time_box_minutes {
        checks.require(minutes <= TIME_BOX_MAX, "timeBoxMinutes", "Use 1 to 1,440 minutes.");
        row.time_box_minutes = i32::try_from(minutes).ok().filter(|&minutes| minutes > 0);
    }
    if let Some(state) = change.state {
        row.state = state;
    }
    checks.finish()
}

/// In which fields two states of a run differ, by their names on the wire; the state is no field.
#[must_use]
pub fn run_changed(before: &test_run::Model, after: &test_run::Model) -> Vec<&'static str> {
    let differs = [("name", before.name != after.name), ("description", before.description != after.description)];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

/// The same of a session.
#[must_use]
pub fn session_changed(before: &test_session::Model, after: &test_session::Model) -> Vec<&'static str> {
    let differs = [
        ("name", before.name != after.name),
        ("charter", before.charter != after.charter),
        ("timeBoxMinutes", before.time_box_minutes != after.time_box_minutes),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

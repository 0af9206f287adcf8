//! The dashboard: the first page of a project.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{EventId, WebhookId};
use super::time::millis;
use super::webhook::Health;
use crate::testware::item::TestwareItem;
use crate::testware::result::TestResult;
use crate::testware::run::assignment::AssignedCase;

/// The maximum number of runs, failures and webhooks.
pub const MAX_DASHBOARD_ITEMS: u32 = 6;
/// The maximum number of assigned cases.
pub const MAX_ASSIGNED_CASES: u32 = 10;
/// Up to this number, assigned cases are counted.
pub const MAX_ASSIGNED_COUNT: u32 = 1000;
/// The maximum number of latest events.
pub const MAX_ACTIVITY: u32 = 12;

/// What a team needs to know about a project now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Open test runs, newest first.
    pub runs: Vec<TestwareItem>,
    /// Cases of open test runs that the caller has not finished, newest run first.
    pub assigned: Vec<AssignedCase>,
    /// How many there are; at most [`MAX_ASSIGNED_COUNT`].
    pub assigned_count: u32,
    /// The latest failed results of test runs and sessions that are not deleted.
    pub failures: Vec<TestResult>,
    /// Webhooks that are degraded or disabled.
    pub webhooks: Vec<AttentionWebhook>,
    /// What happened last.
    pub activity: Vec<Activity>,
    /// What is still to be set up.
    pub setup: SetupSteps,
}

/// A webhook that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionWebhook {
    /// Its ID.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// Its health.
    pub health: Health,
    /// Why, as a sentence.
    pub reason: Option<String>,
}

/// An event in the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The event.
    pub id: EventId,
    /// What happened, e.g. "Test run completed".
    pub headline: String,
    /// The key and name of what it happened to, as it was then.
    pub subject: String,
    /// The path of its page.
    pub path: Option<String>,
    /// The name of the user.
    pub actor: Option<String>,
    /// When it happened.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
}

/// What a new project has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupSteps {
    /// A test case.
    pub cases: bool,
    /// A connection to an issue tracker; null if the caller is no admin.
    pub integration: Option<bool>,
    /// An outbound webhook; null if the caller is no admin.
    pub webhooks: Option<bool>,
}

impl SetupSteps {
    /// Whether nothing is left to do.
    #[must_use]
    pub const fn are_done(self) -> bool {
        self.cases && !matches!(self.integration, Some(false)) && !matches!(self.webhooks, Some(false))
    }
}

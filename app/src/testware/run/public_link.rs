//! Public links of test runs: anyone who has the link sees the progress of the run, without signing in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::page::Page;
use crate::model::time::millis;
use crate::testware::execution::{Counts, ResultStatus, State};

/// The path of public pages of test runs. The token of a link follows.
pub const PUBLIC_RUNS_PATH: &str = "/public/runs/";

/// The public link of a test run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublicLink {
    /// The page that anyone with this URL can see.
    pub url: String,
}

/// A test run as its public page shows it. It has no texts, members, results or issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicRun {
    /// The name of the project.
    pub project: String,
    /// The key of the run, e.g. `WEB-R3`.
    pub key: String,
    /// The name of the run.
    pub name: String,
    /// The state.
    pub state: State,
    /// When it was completed.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether it ended before it was completed.
    pub aborted: bool,
    /// Its cases, counted by the status of their latest result.
    pub counts: Counts,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
    /// When it was read.
    #[serde(serialize_with = "millis")]
    pub read_at: DateTime<Utc>,
    /// A page of its cases, in order.
    pub cases: Page<PublicCase>,
}

/// A case of a run on its public page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicCase {
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The status of its latest result in the run.
    pub status: ResultStatus,
}

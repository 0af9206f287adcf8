//! Exploratory test sessions: a charter, and what was found.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{ProjectId, SessionId};
use super::testware::{Counts, State};

/// An exploratory test session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestSession {
    /// Its id.
    pub id: SessionId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// What people call it, such as `WEB-S4`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What is explored and to what end; plain text.
    pub charter: String,
    /// For how many minutes it is planned.
    pub time_box_minutes: Option<u32>,
    /// Where the work on it stands.
    pub state: State,
    /// When it was completed; then it takes no more changes.
    pub completed_at: Option<DateTime<Utc>>,
    /// Its results by status.
    pub counts: Counts,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed; a result is a change.
    pub updated_at: DateTime<Utc>,
}

/// Makes a session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateSession {
    /// 1 to 100 characters.
    pub name: String,
    /// Plain text, at most 64 KiB.
    pub charter: String,
    /// 1 to 1,440.
    pub time_box_minutes: Option<u32>,
}

/// Changes a session that is not completed; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateSession {
    /// See [`CreateSession::name`].
    pub name: Option<String>,
    /// See [`CreateSession::charter`].
    pub charter: Option<String>,
    /// See [`CreateSession::time_box_minutes`]; 0 takes it away.
    pub time_box_minutes: Option<u32>,
    /// Moves it to another state; emits `session.state_changed`.
    pub state: Option<State>,
}

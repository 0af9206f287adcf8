//! Exploratory test sessions: a charter and results.

pub mod api;
pub mod notes;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::execution::{Counts, State};
#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, id};
use crate::model::time::millis;
use crate::testware::milestone::MilestoneId;

id!(/** An exploratory test session. */ SessionId, "ses");

impl CatalogSubject for TestSession {
    const SUBJECT: Subject = Subject::Session;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "session",
        headline: "Session",
        path: "sessions",
        id_prefix: SessionId::PREFIX,
        key_letter: 'S',
        icon: Icon::Session,
        param: "session",
        lead: "Explore within a time box, guided by a charter.",
        first_step: "Set a mission and a time box, and record results as you explore.",
        completion: Some("The session becomes read-only. This can't be undone."),
        abort: None,
        deletion: "Its results are deleted with it. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = SessionId;
}

/// An exploratory test session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestSession {
    /// Its ID.
    pub id: SessionId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-S4`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The mission of the session: Markdown.
    pub charter: String,
    /// The planned duration in minutes.
    pub time_box_minutes: Option<u32>,
    /// The milestone it belongs to.
    pub milestone_id: Option<MilestoneId>,
    /// The state.
    pub state: State,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The seconds on its timer when it was last stopped. While it runs, the time since `timerStartedAt` is added.
    pub elapsed_seconds: u32,
    /// When the timer was started; null while it is stopped.
    #[serde(serialize_with = "millis")]
    pub timer_started_at: Option<DateTime<Utc>>,
    /// Its results, counted by status.
    pub counts: Counts,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed; adding a result is a change.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A session with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionDetail {
    /// The session.
    #[serde(flatten)]
    pub session: TestSession,
    /// The charter as sanitized HTML.
    pub charter_html: String,
}

/// Creates a session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateSession {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub charter: String,
    /// 1 to 1,440.
    pub time_box_minutes: Option<u32>,
    /// An open milestone of the project.
    pub milestone_id: Option<MilestoneId>,
}

/// Changes a session that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateSession {
    /// See [`CreateSession::name`].
    pub name: Option<String>,
    /// See [`CreateSession::charter`].
    pub charter: Option<String>,
    /// See [`CreateSession::time_box_minutes`]; 0 removes it.
    pub time_box_minutes: Option<u32>,
    /// An open milestone of the project; an empty text removes it.
    pub milestone_id: Option<String>,
    /// The new state; emits `session.state_changed`.
    pub state: Option<State>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateSession, SessionDetail, TestSession, UpdateSession};
    use crate::model::page::Page;
    use crate::testware::execution::ExecutionQuery;
    use crate::testware::item::{Execution, ExecutionFields, TestwareItem, Timer};
    use crate::testware::subject::{ExecutionSubject, TestwareSubject};

    impl TestwareSubject for TestSession {
        type Create = CreateSession;
        type Update = UpdateSession;
        type Query = ExecutionQuery;
        type Detail = SessionDetail;
    }

    impl ExecutionSubject for TestSession {
        const HAS_CASES: bool = false;
    }

    impl From<ExecutionFields> for CreateSession {
        fn from(ExecutionFields { name, text, time_box_minutes, milestone, .. }: ExecutionFields) -> Self {
            Self {
                name: name.unwrap_or_default(),
                charter: text.unwrap_or_default(),
                time_box_minutes,
                milestone_id: milestone.and_then(|id| id.parse().ok()),
            }
        }
    }

    impl From<ExecutionFields> for UpdateSession {
        fn from(ExecutionFields { name, text, time_box_minutes, milestone, state, .. }: ExecutionFields) -> Self {
            Self { name, charter: text, time_box_minutes, milestone_id: milestone, state }
        }
    }

    impl From<CreateSession> for UpdateSession {
        fn from(CreateSession { name, charter, time_box_minutes, milestone_id }: CreateSession) -> Self {
            Self {
                name: Some(name),
                charter: Some(charter),
                time_box_minutes,
                milestone_id: milestone_id.map(|id| id.to_string()),
                state: None,
            }
        }
    }

    impl From<TestSession> for TestwareItem {
        fn from(session: TestSession) -> Self {
            Self {
                id: session.id.into(),
                project_id: session.project_id,
                key: session.key,
                title: session.name,
                parent: None,
                columns: Vec::new(),
                labels: Vec::new(),
                state: Some(session.state),
                completed_at: session.completed_at,
                aborted: false,
                counts: session.counts,
                updated_at: session.updated_at,
            }
        }
    }

    impl From<SessionDetail> for Execution {
        fn from(SessionDetail { session, charter_html }: SessionDetail) -> Self {
            Self {
                text: session.charter.clone(),
                text_html: charter_html,
                time_box_minutes: session.time_box_minutes,
                timer: Some(Timer { elapsed_seconds: session.elapsed_seconds, started_at: session.timer_started_at }),
                author: session.author.clone(),
                created_at: session.created_at,
                milestone_id: session.milestone_id,
                milestone: None,
                plan_id: None,
                plan: None,
                public_url: None,
                members: Vec::new(),
                cases: Page::default(),
                results: Page::default(),
                item: session.into(),
            }
        }
    }
}

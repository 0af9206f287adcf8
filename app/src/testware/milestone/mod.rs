//! Milestones: due dates, and the progress of runs and sessions.

pub mod api;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, id};
use crate::model::provider::Provider;
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::execution::Counts;
use crate::testware::item::TestwareItem;

id!(/** A milestone. */ MilestoneId, "mil");

impl CatalogSubject for Milestone {
    const SUBJECT: Subject = Subject::Milestone;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "milestone",
        headline: "Milestone",
        path: "milestones",
        id_prefix: MilestoneId::PREFIX,
        key_letter: 'M',
        icon: Icon::Flag,
        param: "milestone",
        lead: "Due dates, and the progress of their test runs and sessions.",
        first_step: "Name a release and set its due date. Then choose it in test runs and sessions.",
        completion: Some("The milestone becomes read-only. This can't be undone."),
        abort: None,
        deletion: "Its test runs and sessions stay, without a milestone. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = MilestoneId;
}

/// A milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Milestone {
    /// Its ID.
    pub id: MilestoneId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-M2`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// Its due date.
    pub due_on: Option<NaiveDate>,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The cases of its runs by the status of their latest result, and the results of its sessions.
    pub counts: Counts,
    /// Where it comes from; null if it was created here.
    pub source: Option<MilestoneSource>,
    /// The user who created it. Of one that comes from a tracker, the owner of the project.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

string_enum! {
    /// Whether a milestone follows its tracker.
    SourceState {
        /// It is kept in sync, and can't be changed here.
        Synced = "synced", "In sync";
        /// The sync of milestones is off, or the project has another integration.
        Off = "off", "Not in sync";
        /// It was deleted in the tracker.
        Deleted = "deleted", "Deleted in the tracker";
    }
}

/// The milestone or version of a tracker from which a milestone comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MilestoneSource {
    /// The tracker.
    pub provider: Provider,
    /// Its page in the tracker.
    pub url: Option<String>,
    /// Whether the milestone follows it.
    pub state: SourceState,
}

impl Milestone {
    /// Whether it can't be changed here because it is kept in sync with a tracker.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.state == SourceState::Synced)
    }

    /// Whether it is open after the day on which it is due.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.completed_at.is_none() && self.due_on.is_some_and(|due| due < today)
    }
}

/// A milestone with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MilestoneDetail {
    /// The milestone.
    #[serde(flatten)]
    pub milestone: Milestone,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// A milestone with the runs and sessions that belong to it, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneOverview {
    /// The milestone.
    pub detail: MilestoneDetail,
    /// Its runs, then its sessions, at most 200 of each, newest first.
    pub items: Vec<TestwareItem>,
}

/// Creates a milestone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateMilestone {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// A date such as `2026-12-24`; an empty text means none.
    #[serde(default)]
    pub due_on: String,
}

/// Changes a milestone that is neither completed nor kept in sync with a tracker. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateMilestone {
    /// See [`CreateMilestone::name`].
    pub name: Option<String>,
    /// See [`CreateMilestone::description`].
    pub description: Option<String>,
    /// See [`CreateMilestone::due_on`]; emits `milestone.due_date_changed`.
    pub due_on: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateMilestone, Milestone, MilestoneDetail, UpdateMilestone};
    use crate::testware::group::GroupQuery;
    use crate::testware::item::TestwareItem;
    use crate::testware::subject::TestwareSubject;
    use crate::time::date;

    impl TestwareSubject for Milestone {
        type Create = CreateMilestone;
        type Update = UpdateMilestone;
        type Query = GroupQuery;
        type Detail = MilestoneDetail;
    }

    impl From<CreateMilestone> for UpdateMilestone {
        fn from(CreateMilestone { name, description, due_on }: CreateMilestone) -> Self {
            Self { name: Some(name), description: Some(description), due_on: Some(due_on) }
        }
    }

    impl From<Milestone> for TestwareItem {
        fn from(milestone: Milestone) -> Self {
            Self {
                id: milestone.id.into(),
                project_id: milestone.project_id,
                key: milestone.key,
                title: milestone.name,
                parent: None,
                columns: vec![
                    milestone.due_on.map(date).unwrap_or_default(),
                    if milestone.completed_at.is_some() { "Completed" } else { "Open" }.to_owned(),
                ],
                labels: Vec::new(),
                state: None,
                completed_at: milestone.completed_at,
                aborted: false,
                counts: milestone.counts,
                updated_at: milestone.updated_at,
            }
        }
    }
}

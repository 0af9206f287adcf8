//! An issue, made here or mirrored from a tracker. A deleted one keeps its row, and what deleted
//! it says what may bring it back.

use app::model::id::{IssueId, ProjectId, UserId};
use app::model::integration::Provider;
use app::model::issue::StatusKind;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use super::json::Strings;
use super::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issues")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IssueId,
    pub project_id: ProjectId,
    pub provider: Option<Provider>,
    /// The tracker's own id, which outlives a change of the key. Unique within project and
    /// provider, deleted rows included.
    pub external_id: Option<String>,
    pub key: Option<String>,
    pub url: Option<String>,
    pub title: String,
    /// See [`SearchText`]: of the title and the key.
    pub search: SearchText,
    pub description: String,
    pub status: String,
    pub status_kind: StatusKind,
    pub priority: Option<String>,
    pub issue_type: Option<String>,
    pub labels: Strings,
    pub assignee: Option<String>,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// When it last changed in the tracker: what is older than this changes nothing.
    pub tracker_updated_at: Option<DateTimeUtc>,
    pub synced_at: Option<DateTimeUtc>,
    /// Since when it is not shown.
    pub deleted_at: Option<DateTimeUtc>,
    /// Why; null as long as it is shown.
    pub deletion: Option<Deletion>,
    /// When it is to be read from the tracker; null when it needn't. One column, so that many
    /// events come to one reading.
    pub sync_due_at: Option<DateTimeUtc>,
    /// Until when a reader holds it.
    pub sync_lease_until: Option<DateTimeUtc>,
    /// Readings that failed since the latest success.
    pub sync_attempts: i32,
    pub sync_error: Option<String>,
}

/// Why an issue is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Deletion {
    /// A person deleted it here: nothing brings it back.
    #[sea_orm(string_value = "here")]
    Here,
    /// Its tracker deleted it: only that can bring it back.
    #[sea_orm(string_value = "tracker")]
    Tracker,
    /// It went on under another id of the tracker.
    #[sea_orm(string_value = "moved")]
    Moved,
    /// It was never shown: only its id is known, until it is read from the tracker.
    #[sea_orm(string_value = "unread")]
    Unread,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// The whole row as it is inserted and updated, with what a search finds it by.
    #[must_use]
    pub fn written(&self) -> ActiveModel {
        let search = SearchText::of(&[&self.title, self.key.as_deref().unwrap_or_default()]);
        Self { search, ..self.clone() }.into_active_model().reset_all()
    }
}

impl ActiveModelBehavior for ActiveModel {}

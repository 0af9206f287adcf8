//! An issue, created in Testbell or synced from a tracker. A hidden issue keeps its row, with the
//! reason that decides what may show it again.

use app::model::id::{IssueId, ProjectId, UserId};
use app::model::issue::StatusKind;
use app::model::provider::Provider;
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
    /// The tracker's ID of the issue, which stays the same when the key changes. Unique within
    /// project and provider, including hidden rows.
    pub external_id: Option<String>,
    pub key: Option<String>,
    /// The repository or project that it belongs to in the tracker, in lower case; null when unknown.
    pub origin: Option<String>,
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
    /// When it last changed in the tracker. Older states are ignored.
    pub tracker_updated_at: Option<DateTimeUtc>,
    pub synced_at: Option<DateTimeUtc>,
    /// Since when it is hidden.
    pub deleted_at: Option<DateTimeUtc>,
    /// Why it is hidden; null while it is shown.
    #[sea_orm(column_name = "deletion")]
    pub hidden_reason: Option<HiddenReason>,
    /// When it is synced next; null if it is not in the sync queue. One column, so that many events
    /// lead to one request.
    pub sync_due_at: Option<DateTimeUtc>,
    /// Until when a sync worker holds it.
    pub sync_lease_until: Option<DateTimeUtc>,
    /// Syncs that failed since the last success.
    pub sync_attempts: i32,
    pub sync_error: Option<String>,
}

/// Why an issue is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum HiddenReason {
    /// A user deleted it in Testbell. Nothing shows it again.
    #[sea_orm(string_value = "here")]
    DeletedHere,
    /// Its tracker deleted it. Only the tracker can restore it.
    #[sea_orm(string_value = "tracker")]
    DeletedInTracker,
    /// It continues under another id of the tracker.
    #[sea_orm(string_value = "moved")]
    Moved,
    /// Only its ID is known. It is shown once it was fetched from the tracker.
    #[sea_orm(string_value = "unread")]
    AwaitingFetch,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// A new open issue without a tracker and title.
    #[must_use]
    pub fn new(id: IssueId, project_id: ProjectId, author_id: UserId, created_at: DateTimeUtc) -> Self {
        Self {
            id,
            project_id,
            provider: None,
            external_id: None,
            key: None,
            origin: None,
            url: None,
            title: String::new(),
            search: SearchText::default(),
            description: String::new(),
            status: StatusKind::Open.as_str().to_owned(),
            status_kind: StatusKind::Open,
            priority: None,
            issue_type: None,
            labels: Strings::default(),
            assignee: None,
            author_id,
            created_at,
            updated_at: created_at,
            tracker_updated_at: None,
            synced_at: None,
            deleted_at: None,
            hidden_reason: None,
            sync_due_at: None,
            sync_lease_until: None,
            sync_attempts: 0,
            sync_error: None,
        }
    }

    /// The complete row for an insert or update, with its search text.
    #[must_use]
    pub fn written(&self) -> ActiveModel {
        let search = SearchText::from_texts(&[&self.title, self.key.as_deref().unwrap_or_default()]);
        Self { search, ..self.clone() }.into_active_model().reset_all()
    }
}

impl ActiveModelBehavior for ActiveModel {}

//! Bringing the row of an issue in line with what its tracker says, by an event or by reading:
//! the newer state wins, whatever the order in which they come.
//!
//! An issue that was deleted, here or in the tracker, keeps its row, and the row keeps it from
//! coming back. That holds also for one that was never known: events come in any order, and
//! "opened" may be sent again long after "deleted".

use app::model::delivery::InboundOutcome;
use app::model::id::{IssueId, ProjectId};
use app::model::integration::Provider;
use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::apply::{Applied, inserted};
use crate::core::Core;
use crate::entity::json::Strings;
use crate::entity::{issue, project};
use crate::service::issue_view::changed_fields;
use crate::storage::Tx;
use crate::tracker::{State, TrackerIssue};

const DELETED: &str = "The issue was deleted; events of the tracker do not bring it back.";
const OLDER: &str = "Older than what is stored.";

impl Core {
    /// Applies the state of an issue, and imports it when it is unknown. `moved_from` is the id
    /// that it had at the place it was transferred from.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn mirror(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        said: &TrackerIssue,
        moved_from: Option<&str>,
    ) -> Result<Applied, DbErr> {
        let known = self.locked(tx, project.id, provider, &said.external_id).await?;
        let (known, moved) = match moved_from {
            Some(old_id) => self.follow(tx, project, provider, known, said, old_id).await?,
            None => (known, false),
        };
        if let Some(row) = known {
            return self.bring_in_line(tx, project, row, said, moved).await;
        }
        if let Some(row) = self.import(tx, project, provider, said, &said.external_id, None).await? {
            self.issue_created(tx, project, &row, None).await?;
            return Ok(Applied { outcome: InboundOutcome::Created, issue_id: Some(row.id), reason: None });
        }
        // Another event has imported it at the same time.
        match self.locked(tx, project.id, provider, &said.external_id).await? {
            Some(row) => self.bring_in_line(tx, project, row, said, false).await,
            None => Err(DbErr::RecordNotFound("an issue that was just imported".to_owned())),
        }
    }

    /// Applies the deletion of an issue in its tracker.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn mirror_deletion(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        said: &TrackerIssue,
    ) -> Result<Applied, DbErr> {
        let now = self.clock.now();
        if self.import(tx, project, provider, said, &said.external_id, Some(now)).await?.is_some() {
            return Ok(Applied::nothing(InboundOutcome::Ignored, "The deleted issue was not known here."));
        }
        match self.locked(tx, project.id, provider, &said.external_id).await? {
            Some(row) if row.deleted_at.is_none() => {
                let row = self.delete_row(tx, project, row, now).await?;
                Ok(Applied { outcome: InboundOutcome::Applied, issue_id: Some(row.id), reason: None })
            }
            _ => Ok(Applied::nothing(InboundOutcome::Unchanged, "The issue was deleted before.")),
        }
    }

    /// The row of a tracker's id, deleted or not, held until the change ends.
    pub(super) async fn locked(
        &self,
        tx: &Tx<'_>,
        project: ProjectId,
        provider: Provider,
        external_id: &str,
    ) -> Result<Option<issue::Model>, DbErr> {
        issue::Entity::find()
            .filter(issue::Column::ProjectId.eq(project))
            .filter(issue::Column::Provider.eq(provider))
            .filter(issue::Column::ExternalId.eq(external_id))
            .lock_exclusive()
            .one(tx.db())
            .await
    }

    /// Inserts a row under `external_id`; `None` when there is one.
    pub(super) async fn import(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        said: &TrackerIssue,
        external_id: &str,
        deleted_at: Option<DateTime<Utc>>,
    ) -> Result<Option<issue::Model>, DbErr> {
        let blank = blank(self.ids.next(), project, provider, external_id, self.clock.now());
        let row = issue::Model { deleted_at, ..merged(&blank, said, self.clock.now()) };
        let new = row.clone().into_active_model().reset_all();
        let insert = issue::Entity::insert(new).on_conflict(OnConflict::new().do_nothing().to_owned());
        Ok(inserted(insert.exec_without_returning(tx.db()).await)?.then_some(row))
    }

    /// Marks a row as deleted, and tells so.
    pub(super) async fn delete_row(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        row: issue::Model,
        now: DateTime<Utc>,
    ) -> Result<issue::Model, DbErr> {
        let mut change = row.into_active_model();
        change.deleted_at = Set(Some(now));
        change.updated_at = Set(now);
        change.sync_due_at = Set(None);
        change.sync_lease_until = Set(None);
        let row = change.update(tx.db()).await?;
        self.issue_deleted(tx, project, &row, None).await?;
        Ok(row)
    }

    async fn bring_in_line(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        row: issue::Model,
        said: &TrackerIssue,
        moved: bool,
    ) -> Result<Applied, DbErr> {
        if row.deleted_at.is_some() {
            return Ok(Applied::nothing(InboundOutcome::Ignored, DELETED));
        }
        let id = Some(row.id);
        if !moved && is_older(said.updated_at, row.tracker_updated_at) {
            return Ok(Applied { outcome: InboundOutcome::Unchanged, issue_id: id, reason: Some(OLDER) });
        }
        let after = merged(&row, said, self.clock.now());
        let changed = changed_fields(&row, &after);
        after.clone().into_active_model().reset_all().update(tx.db()).await?;
        if changed.is_empty() {
            return Ok(Applied { outcome: InboundOutcome::Unchanged, issue_id: id, reason: None });
        }
        self.issue_updated(tx, project, &after, &changed, None).await?;
        Ok(Applied { outcome: InboundOutcome::Applied, issue_id: id, reason: None })
    }
}

/// Whether a state is older than the stored one. Within the same second, which is what trackers
/// tell, the later one to come is taken.
fn is_older(said: Option<DateTime<Utc>>, stored: Option<DateTime<Utc>>) -> bool {
    matches!((said, stored), (Some(said), Some(stored)) if said < stored)
}

/// A row that nothing is known of yet.
fn blank(
    id: IssueId,
    project: &project::Model,
    provider: Provider,
    external_id: &str,
    now: DateTime<Utc>,
) -> issue::Model {
    issue::Model {
        id,
        project_id: project.id,
        provider: Some(provider),
        external_id: Some(external_id.to_owned()),
        key: None,
        url: None,
        title: String::new(),
        description: String::new(),
        status: StatusKind::Open.as_str().to_owned(),
        status_kind: StatusKind::Open,
        priority: None,
        issue_type: None,
        labels: Strings::default(),
        assignee: None,
        author_id: project.owner_id,
        created_at: now,
        updated_at: now,
        tracker_updated_at: None,
        synced_at: None,
        deleted_at: None,
        sync_due_at: None,
        sync_lease_until: None,
        sync_attempts: 0,
        sync_error: None,
    }
}

/// The row with what the tracker says; what it does not mention stays.
fn merged(row: &issue::Model, said: &TrackerIssue, now: DateTime<Utc>) -> issue::Model {
    let said = said.clone();
    let mut after = row.clone();
    after.key = Some(said.key);
    after.url = said.url.or(after.url);
    after.title = said.title;
    after.description = said.description.unwrap_or(after.description);
    if let Some(State { status, kind }) = said.state {
        (after.status, after.status_kind) = (status, kind);
    }
    after.priority = said.priority.unwrap_or(after.priority);
    after.issue_type = said.issue_type.unwrap_or(after.issue_type);
    after.labels = said.labels.map_or(after.labels, Strings);
    after.assignee = said.assignee.unwrap_or(after.assignee);
    after.tracker_updated_at = said.updated_at.or(after.tracker_updated_at);
    after.synced_at = Some(now);
    if !changed_fields(row, &after).is_empty() {
        after.updated_at = now;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn row() -> issue::Model {
        let project = project::Model {
            id: uuid::Uuid::nil().into(),
            key: "WEB".into(),
            name: "Web".into(),
            owner_id: uuid::Uuid::nil().into(),
            created_at: at(0),
            deleted_at: None,
        };
        let mut row = blank(uuid::Uuid::nil().into(), &project, Provider::Github, "7", at(1));
        row.key = Some("a/b#1".into());
        row.title = "T".into();
        row.status = "closed".into();
        row.status_kind = StatusKind::Closed;
        row.assignee = Some("ada".into());
        row
    }

    #[test]
    fn what_the_tracker_does_not_mention_stays_and_what_it_clears_goes() {
        let mut said = TrackerIssue::new("7".into(), "a/b#1", "T");
        let same = merged(&row(), &said, at(9));
        assert_eq!((same.status.as_str(), same.assignee.as_deref()), ("closed", Some("ada")));
        assert_eq!((same.updated_at, same.synced_at), (at(1), Some(at(9))));
        said.assignee = Some(None);
        let cleared = merged(&row(), &said, at(9));
        assert_eq!((cleared.assignee, cleared.updated_at), (None, at(9)));
    }

    #[test]
    fn a_state_of_the_same_second_is_not_older() {
        assert!(is_older(Some(at(1)), Some(at(2))));
        assert!(!is_older(Some(at(2)), Some(at(2))));
        assert!(!is_older(None, Some(at(2))));
        assert!(!is_older(Some(at(1)), None));
    }
}

//! Bringing the row of an issue in line with what its tracker says, by an event or by reading:
//! the newer state wins, whatever the order in which they come.
//!
//! An issue that was deleted, here or in the tracker, keeps its row, and the row keeps it from
//! coming back. That holds also for one that was never known: events come in any order, and
//! "opened" may be sent again long after "deleted". Only a tracker that deleted an issue can
//! restore it; what a person deleted here stays deleted.
//!
//! An event may say no more than which issue it is about. An unknown one then gets a row that is
//! not shown, and becomes an issue when it has been read from the tracker.

use app::model::delivery::InboundOutcome;
use app::model::id::ProjectId;
use app::model::integration::Provider;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::apply::{Applied, inserted};
use super::merge::{blank, is_older, merged};
use crate::core::Core;
use crate::entity::issue::Deletion;
use crate::entity::{issue, project};
use crate::service::issue_view::changed_fields;
use crate::storage::Tx;
use crate::tracker::TrackerIssue;

const DELETED: &str = "The issue was deleted; events of the tracker do not bring it back.";
const OLDER: &str = "Older than what is stored.";
const IS_READ: &str = "The event says only which issue it is about: the issue is read from the tracker.";
const ONLY_ID: &str = "The event says only which issue it is about, and there are no credentials to read it with. \
                       Enter them under Integration, or let the tracker send all details.";
const COMMENT: &str = "Testbell does not keep comments; the issue is read from the tracker where there are \
                       credentials.";

/// What a tracker says of an issue.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// The state.
    pub said: &'a TrackerIssue,
    /// The id that it had at the place it was transferred from.
    pub moved_from: Option<&'a str>,
    /// Whether the tracker has restored it.
    pub restored: bool,
    /// Whether it is read from the tracker next.
    pub reads: bool,
}

impl Core {
    /// Applies the state of an issue, and imports it when it is unknown.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn mirror(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        telling: Telling<'_>,
    ) -> Result<Applied, DbErr> {
        let said = telling.said;
        let known = self.locked(tx, project.id, provider, &said.external_id).await?;
        let (known, moved) = match telling.moved_from {
            Some(old_id) => self.follow(tx, project, provider, known, said, old_id).await?,
            None => (known, false),
        };
        if let Some(row) = known {
            return self.bring_in_line(tx, project, row, telling, moved).await;
        }
        let hidden = said.title.is_none().then_some(Deletion::Unread);
        if hidden.is_some() && !telling.reads {
            return Ok(Applied::nothing(InboundOutcome::Ignored, ONLY_ID));
        }
        match self.import(tx, project, provider, said, &said.external_id, hidden).await? {
            Some(row) if hidden.is_some() => Ok(Applied::unchanged(&row, IS_READ)),
            Some(row) => {
                self.issue_created(tx, project, &row, None).await?;
                Ok(Applied { outcome: InboundOutcome::Created, issue_id: Some(row.id), reason: None })
            }
            // Another event has imported it at the same time.
            None => match self.locked(tx, project.id, provider, &said.external_id).await? {
                Some(row) => self.bring_in_line(tx, project, row, telling, false).await,
                None => Err(DbErr::RecordNotFound("an issue that was just imported".to_owned())),
            },
        }
    }

    /// Applies what an event that is about something else, a comment, says of its issue: that may
    /// be a part of it and old, and so it only imports an unknown one.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn mirror_mention(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        telling: Telling<'_>,
    ) -> Result<Applied, DbErr> {
        match self.locked(tx, project.id, provider, &telling.said.external_id).await? {
            Some(row) if row.deleted_at.is_none() => {
                let outcome = if telling.reads { InboundOutcome::Unchanged } else { InboundOutcome::Ignored };
                Ok(Applied { outcome, issue_id: Some(row.id), reason: Some(COMMENT) })
            }
            _ => self.mirror(tx, project, provider, telling).await,
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
        const UNKNOWN: &str = "The deleted issue was not known here.";
        let by_tracker = Some(Deletion::Tracker);
        if self.import(tx, project, provider, said, &said.external_id, by_tracker).await?.is_some() {
            return Ok(Applied::nothing(InboundOutcome::Ignored, UNKNOWN));
        }
        match self.locked(tx, project.id, provider, &said.external_id).await? {
            Some(row) if row.deleted_at.is_none() => {
                let row = self.delete_row(tx, project, row, Deletion::Tracker).await?;
                Ok(Applied { outcome: InboundOutcome::Applied, issue_id: Some(row.id), reason: None })
            }
            Some(row) if row.deletion == Some(Deletion::Unread) => {
                let mut change = row.into_active_model();
                change.deletion = Set(by_tracker);
                change.sync_due_at = Set(None);
                change.sync_lease_until = Set(None);
                change.update(tx.db()).await?;
                Ok(Applied::nothing(InboundOutcome::Ignored, UNKNOWN))
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

    /// Inserts a row under `external_id`, shown unless there is a reason not to; `None` when
    /// there is one.
    pub(super) async fn import(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        said: &TrackerIssue,
        external_id: &str,
        deletion: Option<Deletion>,
    ) -> Result<Option<issue::Model>, DbErr> {
        let now = self.clock.now();
        let blank = blank(self.ids.next(), project, provider, external_id, now);
        let row = issue::Model { deleted_at: deletion.map(|_| now), deletion, ..merged(&blank, said, now) };
        let new = row.written();
        let insert = issue::Entity::insert(new).on_conflict(OnConflict::new().do_nothing().to_owned());
        Ok(inserted(insert.exec_without_returning(tx.db()).await)?.then_some(row))
    }

    /// Marks a row as deleted, and tells so.
    pub(super) async fn delete_row(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        row: issue::Model,
        deletion: Deletion,
    ) -> Result<issue::Model, DbErr> {
        let now: DateTime<Utc> = self.clock.now();
        let mut change = row.into_active_model();
        change.deleted_at = Set(Some(now));
        change.deletion = Set(Some(deletion));
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
        telling: Telling<'_>,
        moved: bool,
    ) -> Result<Applied, DbErr> {
        let said = telling.said;
        if row.deleted_at.is_some() {
            return self.show_again(tx, project, row, telling).await;
        }
        if said.is_bare() {
            let (outcome, reason) = match telling.reads {
                true => (InboundOutcome::Unchanged, IS_READ),
                false => (InboundOutcome::Ignored, ONLY_ID),
            };
            return Ok(Applied { outcome, issue_id: Some(row.id), reason: Some(reason) });
        }
        if !moved && is_older(said.updated_at, row.tracker_updated_at) {
            return Ok(Applied::unchanged(&row, OLDER));
        }
        let after = merged(&row, said, self.clock.now());
        let changed = changed_fields(&row, &after);
        after.written().update(tx.db()).await?;
        let outcome = if changed.is_empty() { InboundOutcome::Unchanged } else { InboundOutcome::Applied };
        if !changed.is_empty() {
            self.issue_updated(tx, project, &after, &changed, None).await?;
        }
        Ok(Applied { outcome, issue_id: Some(row.id), reason: None })
    }

    /// Shows a row that is not shown, if this telling is one that can.
    async fn show_again(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        row: issue::Model,
        Telling { said, restored, reads, .. }: Telling<'_>,
    ) -> Result<Applied, DbErr> {
        match row.deletion {
            Some(Deletion::Unread) if said.title.is_some() => {}
            Some(Deletion::Unread) if reads => return Ok(Applied::unchanged(&row, IS_READ)),
            Some(Deletion::Unread) => return Ok(Applied::nothing(InboundOutcome::Ignored, ONLY_ID)),
            Some(Deletion::Tracker) if restored => {}
            _ => return Ok(Applied::nothing(InboundOutcome::Ignored, DELETED)),
        }
        let now = self.clock.now();
        let is_old = is_older(said.updated_at, row.tracker_updated_at);
        let state = if is_old { row } else { merged(&row, said, now) };
        let row = issue::Model { deleted_at: None, deletion: None, updated_at: now, ..state };
        row.written().update(tx.db()).await?;
        // Whoever follows the events has seen it deleted, or never.
        self.issue_created(tx, project, &row, None).await?;
        Ok(Applied { outcome: InboundOutcome::Created, issue_id: Some(row.id), reason: None })
    }
}

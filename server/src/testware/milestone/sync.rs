//! Applies the milestones of trackers. The newer state wins, in whatever order states arrive. A milestone that is deleted
//! in the tracker stays here and can then be edited; one that a person deleted here stays deleted.

use app::model::delivery::InboundOutcome;
use app::model::people::Actor;
use app::model::provider::Provider;
use async_trait::async_trait;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::source::table as source;
use super::table::{Entity, Model};
use crate::app_state::AppState;
use crate::entity::project;
use crate::events::{FieldChange, subject};
use crate::inbound::{ApplyResult, MAX_CLOCK_SKEW, TrackerMilestones, is_older};
use crate::providers::TrackerMilestone;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::events::{self, TestwareEvent};
use crate::testware::items;
use crate::testware::row::TestwareRow;

const DELETED: &str = "The milestone was deleted in the tracker. Events don't bring it back.";
const DELETED_HERE: &str = "The milestone was deleted in Testbell. Events don't bring it back.";
const DELETED_BEFORE: &str = "The milestone was already deleted.";
const DELETED_UNKNOWN: &str = "The deleted milestone was not imported.";
const DETACHED: &str = "The milestone was deleted in the tracker. It stays here, and can now be edited.";
const OLDER: &str = "Older than the stored milestone.";
const SAME: &str = "The milestone has this state already.";
const CREATED: &str = "Milestone created.";
const UPDATED: &str = "Milestone updated.";

#[async_trait]
impl TrackerMilestones for AppState {
    async fn apply_milestone(
        &self,
        tx: &Tx<'_>,
        (project, provider): (&project::Model, Provider),
        milestone: &TrackerMilestone,
        is_deleted: bool,
    ) -> Result<ApplyResult, DbErr> {
        let sync = MilestoneSync { state: self, tx, project };
        sync.apply(provider, milestone, is_deleted).await.map_err(|error| match error {
            TxError::Database(error) => error,
            TxError::Refused(error) => DbErr::Custom(format!("failed to sync a milestone: {error}")),
        })
    }
}

struct MilestoneSync<'a> {
    state: &'a AppState,
    tx: &'a Tx<'a>,
    project: &'a project::Model,
}

impl MilestoneSync<'_> {
    async fn apply(
        &self,
        provider: Provider,
        milestone: &TrackerMilestone,
        is_deleted: bool,
    ) -> Result<ApplyResult, TxError> {
        let now = self.state.clock.now();
        let mut source = self.lock_source(provider, milestone).await?;
        if source.deleted_at.is_some() {
            return Ok(match is_deleted {
                true => ApplyResult::nothing(InboundOutcome::Unchanged, DELETED_BEFORE),
                false => ApplyResult::nothing(InboundOutcome::Ignored, DELETED),
            });
        }
        let known = match source.milestone_id {
            Some(id) => Entity::find_by_id(id).lock_exclusive().one(self.tx.db()).await?,
            None => None,
        };
        let active = known.clone().filter(|row| row.deleted_at.is_none());
        if is_deleted {
            source.deleted_at = Some(now);
            save(self.tx, source).await?;
            let Some(row) = active else {
                return Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED_UNKNOWN));
            };
            items::show(self.tx, self.project, &row);
            return Ok(self.result(InboundOutcome::Applied, DETACHED, &row));
        }
        let stored = source.tracker_updated_at.filter(|at| *at < source.synced_at + MAX_CLOCK_SKEW);
        if is_older(milestone.updated_at, stored) {
            let result = ApplyResult::nothing(InboundOutcome::Unchanged, OLDER);
            return Ok(ApplyResult { subject: active.and_then(|row| self.subject(&row)), ..result });
        }
        let result = match (known, active) {
            (Some(_), None) => return Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED_HERE)),
            (_, Some(row)) => self.update(row, milestone).await?,
            (None, None) => {
                let row = self.create(milestone).await?;
                source.milestone_id = Some(row.id);
                self.result(InboundOutcome::Created, CREATED, &row)
            }
        };
        source.url = milestone.url.clone().or(source.url);
        source.tracker_updated_at =
            milestone.updated_at.map(|at| at.min(now + MAX_CLOCK_SKEW)).or(source.tracker_updated_at);
        source.synced_at = now;
        save(self.tx, source).await?;
        Ok(result)
    }

    /// The row of the tracker's milestone, which is inserted if it is not known.
    async fn lock_source(&self, provider: Provider, milestone: &TrackerMilestone) -> Result<source::Model, DbErr> {
        let new = source::Model {
            project_id: self.project.id,
            provider,
            external_id: milestone.external_id.clone(),
            milestone_id: None,
            url: None,
            tracker_updated_at: None,
            synced_at: self.state.clock.now(),
            deleted_at: None,
        };
        let insert = source::Entity::insert(new.clone().into_active_model().reset_all())
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        match insert.exec_without_returning(self.tx.db()).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error),
        }
        let known = source::Entity::find()
            .filter(source::Column::ProjectId.eq(new.project_id))
            .filter(source::Column::Provider.eq(new.provider))
            .filter(source::Column::ExternalId.eq(&new.external_id))
            .lock_exclusive()
            .one(self.tx.db())
            .await?;
        Ok(known.unwrap_or(new))
    }

    /// Its author is the owner of the project, as there is no other user.
    async fn create(&self, milestone: &TrackerMilestone) -> Result<Model, TxError> {
        let mut row = Model::empty(self.state, self.project.id, self.project.owner_id);
        set_fields(&mut row, milestone);
        let mut row = items::insert(self.tx, row).await?;
        self.emit(&row, TestwareEvent::Created).await?;
        if milestone.completed == Some(true) {
            items::complete(self.state, self.tx, self.project, &mut row, None).await?;
        }
        Ok(row)
    }

    async fn update(&self, before: Model, milestone: &TrackerMilestone) -> Result<ApplyResult, TxError> {
        let mut after = before.clone();
        set_fields(&mut after, milestone);
        let is_open = after.completed_at.is_none();
        if milestone.completed == Some(false) {
            after.completed_at = None;
        }
        let completes = is_open && milestone.completed == Some(true);
        let mut changes = Model::changes(&before, &after);
        changes.extend(FieldChange::between("completedAt", &before.completed_at, &after.completed_at));
        let own_changes = Model::own_changes(&before, &after);
        if changes.is_empty() && own_changes.is_empty() && !completes {
            return Ok(self.result(InboundOutcome::Unchanged, SAME, &before));
        }
        items::save(self.state, self.tx, &mut after).await?;
        if !changes.is_empty() {
            self.emit(&after, TestwareEvent::Updated(&changes)).await?;
        }
        for (verb, change) in own_changes {
            self.emit(&after, TestwareEvent::FieldChanged(verb, change)).await?;
        }
        if completes {
            items::complete(self.state, self.tx, self.project, &mut after, None).await?;
        }
        Ok(self.result(InboundOutcome::Applied, UPDATED, &after))
    }

    async fn emit(&self, row: &Model, event: TestwareEvent<'_>) -> Result<(), DbErr> {
        events::emit(self.state, self.tx, self.project, row, event, None::<&Actor>).await
    }

    fn result(&self, outcome: InboundOutcome, reason: &'static str, row: &Model) -> ApplyResult {
        ApplyResult { subject: self.subject(row), ..ApplyResult::nothing(outcome, reason) }
    }

    /// What the list of deliveries shows.
    fn subject(&self, row: &Model) -> Option<String> {
        let [key, name] = events::key_and_title(self.project, row);
        subject::subject_line(key.as_str(), name.as_str())
    }
}

fn set_fields(row: &mut Model, milestone: &TrackerMilestone) {
    row.name.clone_from(&milestone.name);
    row.description.clone_from(&milestone.description);
    row.due_on = milestone.due_on;
}

async fn save(tx: &Tx<'_>, source: source::Model) -> Result<(), DbErr> {
    source::Entity::update(source.into_active_model().reset_all()).exec_without_returning(tx.db()).await.map(drop)
}

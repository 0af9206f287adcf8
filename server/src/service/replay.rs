//! Replaying deliveries: the same event, and so the same bytes and the same `webhook-id`, as a
//! new row that names the one it replays. The first of a chain of replays is the root of all its
//! rows, itself included, so that one indexed read finds the chain, and it holds together when a
//! link was purged.
//!
//! Admins of the project replay, as it sends to the outside. Inbound events are not replayed:
//! only their digest is kept.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::delivery::{ChainLink, Delivery, DeliveryQuery, REPLAY_MAX, Replayed};
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;
use app::model::webhook::Direction;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::audit::Deed;
use super::replay_queue::enqueue;
use super::{ChangeError, delivery_search};
use crate::core::Core;
use crate::entity::delivery::Column;
use crate::entity::{delivery, project, webhook};
use crate::storage::internal;

/// The links of a chain that are shown on each side of a delivery.
const CHAIN_SHOWN: u64 = 50;
/// Why an inbound event is not replayed.
const NO_BODY: &str =
    "Inbound events can't be replayed: only a digest of the body is kept. Send it again from the tracker.";

impl Core {
    /// The chain around a delivery, the oldest first.
    pub(super) async fn chain(&self, row: &delivery::Model) -> Result<Vec<ChainLink>> {
        let Some(root) = row.replay_root else { return Ok(Vec::new()) };
        let db = self.store.read();
        let of_chain = || delivery::Entity::find().filter(Column::ReplayRoot.eq(root)).limit(CHAIN_SHOWN);
        let before = of_chain().filter(Column::Id.lte(row.id)).order_by_desc(Column::Id).all(db).await;
        let after = of_chain().filter(Column::Id.gt(row.id)).order_by_asc(Column::Id).all(db).await;
        let (before, after) = (before.map_err(internal)?, after.map_err(internal)?);
        let link = |row: delivery::Model| ChainLink {
            id: row.id,
            replay_of: row.replay_of,
            status: row.status,
            created_at: row.created_at,
        };
        Ok(before.into_iter().rev().chain(after).map(link).collect())
    }

    /// Replays one delivery.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an inbound one, [`Error::Conflict`] when its webhook was deleted or
    /// its event is no longer stored.
    pub(super) async fn replay_one(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery> {
        let row = delivery::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.ok_or(Error::NotFound)?;
        self.admin(actor, row.project_id).await?;
        if row.direction == Direction::Inbound {
            return Err(Error::invalid(NO_BODY));
        }
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let (project, name) = (Some(row.project_id), row.event_type.clone());
                let replay = enqueue(&core, tx, vec![row]).await?.pop().ok_or(Error::NotFound)?;
                let detail = Some(format!("Sent again as {}.", replay.id));
                let (action, subject) = (AuditAction::DeliveriesReplayed, id.to_string());
                let deed = Deed { project, actor: Some(&actor), action, subject, name: &name, detail };
                core.audit(tx, deed).await?;
                Ok::<_, ChangeError>(replay)
            })
        });
        Ok(change.await?)
    }

    /// Replays a selection, or nothing of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for none, too many or those of several projects, [`Error::NotFound`]
    /// when one is not there for the caller, and as [`Core::replay_one`].
    pub(super) async fn replay_all(&self, actor: &Actor, mut ids: Vec<DeliveryId>) -> Result<Replayed> {
        if ids.is_empty() {
            return Err(Error::invalid("Select at least one delivery."));
        }
        if ids.len() > REPLAY_MAX {
            return Err(too_many(&format!("{} are selected", ids.len())));
        }
        ids.sort_unstable();
        ids.dedup();
        let found = delivery::Entity::find().filter(Column::Id.is_in(ids.iter().copied())).order_by_asc(Column::Id);
        let rows = found.all(self.store.read()).await.map_err(internal)?;
        let mut projects: Vec<ProjectId> = rows.iter().map(|row| row.project_id).collect();
        projects.sort_unstable();
        projects.dedup();
        for project in &projects {
            self.reader(actor, *project).await?;
        }
        match projects[..] {
            _ if rows.len() != ids.len() => Err(Error::NotFound),
            [project] => {
                let project = self.admin(actor, project).await?.project;
                let (inbound, outbound): (Vec<_>, Vec<_>) =
                    rows.into_iter().partition(|row| row.direction == Direction::Inbound);
                self.replay_rows(actor, project, outbound, u32::try_from(inbound.len()).unwrap_or(u32::MAX)).await
            }
            _ => Err(Error::invalid("Select deliveries of one project.")),
        }
    }

    /// Replays all that a filter finds, or nothing of it. What was for a webhook that was deleted is
    /// left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many, and as [`Core::replay_one`].
    pub(super) async fn replay_found(
        &self,
        actor: &Actor,
        project: ProjectId,
        filter: DeliveryQuery,
    ) -> Result<Replayed> {
        let access = self.admin(actor, project).await?;
        let filter = DeliveryQuery { limit: None, cursor: None, ..filter };
        let found = delivery_search::select(project, &filter)?;
        let db = self.store.read();
        let living = Query::select()
            .column(webhook::Column::Id)
            .from(webhook::Entity)
            .and_where(webhook::Column::ProjectId.eq(project))
            .and_where(webhook::Column::DeletedAt.is_null())
            .to_owned();
        let replayable =
            Condition::all().add(Column::Direction.eq(Direction::Outbound)).add(Column::WebhookId.in_subquery(living));
        let wanted = found.clone().filter(replayable.clone()).limit(REPLAY_MAX as u64 + 1);
        let mut rows = wanted.all(db).await.map_err(internal)?;
        if rows.len() > REPLAY_MAX {
            return Err(too_many("the filter finds more"));
        }
        rows.reverse();
        let left_out = found.filter(replayable.not()).count(db).await.map_err(internal)?;
        self.replay_rows(actor, access.project, rows, u32::try_from(left_out).unwrap_or(u32::MAX)).await
    }

    /// The oldest first, so that they arrive in the order in which they happened.
    async fn replay_rows(
        &self,
        actor: &Actor,
        project: project::Model,
        rows: Vec<delivery::Model>,
        left_out: u32,
    ) -> Result<Replayed> {
        if rows.is_empty() {
            return Ok(Replayed { enqueued: Vec::new(), left_out });
        }
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let enqueued = enqueue(&core, tx, rows).await?;
                let detail = Some(format!("{} sent again, {left_out} left out.", enqueued.len()));
                let (action, subject) = (AuditAction::DeliveriesReplayed, project.id.to_string());
                let (name, actor) = (&*project.name, Some(&actor));
                core.audit(tx, Deed { project: Some(project.id), actor, action, subject, name, detail }).await?;
                Ok::<_, ChangeError>(Replayed { enqueued, left_out })
            })
        });
        Ok(change.await?)
    }
}

fn too_many(how_many: &str) -> Error {
    Error::invalid(format!(
        "At most {REPLAY_MAX} deliveries are replayed at once, and {how_many}: nothing was sent. Narrow it down."
    ))
}

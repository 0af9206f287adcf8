//! Erases the payload of an event, or responses, for good. The rows stay and say who did it and when.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::history::{EraseContent, ErasedPart};
use app::model::id::{DeliveryId, EventId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::access::require_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::json::Headers;
use crate::entity::{attempt, delivery, event};
use crate::operations::retention_scan::UNFINISHED_STATUSES;
use crate::service::{TxError, TxResult};
use crate::storage::{Effect, Tx, internal};

const NOT_STORED: &str = "The body of an inbound event is not stored, so there is nothing to erase.";
const IS_TEST: &str = "The test event has no data of yours, and every test sends it again. It can't be erased.";

/// Erases a part of a delivery.
///
/// # Errors
/// [`Error::Conflict`] if there is nothing to erase, or if the event still has to be sent.
pub async fn erase(state: &AppState, actor: &Actor, id: DeliveryId, content: EraseContent) -> Result<()> {
    let row = delivery::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.ok_or(Error::NotFound)?;
    require_admin(state, actor, row.project_id).await?;
    if content.part == ErasedPart::Payload && content.attempt.is_some() {
        return Err(Error::field("attempt", "A payload is the same in all attempts. Leave this out."));
    }
    let (state_in_tx, actor, now) = (state.clone(), actor.clone(), state.clock.now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let detail = match content.part {
                ErasedPart::Payload => erase_payload(tx, &row, &actor, now).await?,
                ErasedPart::Response => erase_responses(tx, &row, content.attempt, &actor, now).await?,
            };
            let name = row.subject.as_deref().unwrap_or(&row.event_type);
            let entry = NewAuditEntry::for_project(&actor, row.project_id, AuditAction::ContentErased, row.id, name);
            audit_log::record(&state_in_tx, tx, NewAuditEntry { detail: Some(detail), ..entry }).await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

async fn erase_payload(tx: &Tx<'_>, row: &delivery::Model, actor: &Actor, now: DateTime<Utc>) -> TxResult<String> {
    let Some(event_id) = row.event_id else { return Err(Error::conflict(NOT_STORED).into()) };
    if row.test {
        return Err(Error::conflict(IS_TEST).into());
    }
    // A replay locks it as well, so that none is queued meanwhile.
    let stored = event::Entity::find_by_id(event_id).lock_exclusive().one(tx.db()).await?;
    let Some(stored) = stored.filter(|stored| stored.erased_at.is_none()) else {
        return Err(Error::conflict("The payload is no longer stored.").into());
    };
    let unfinished = of_event(event_id).filter(delivery::Column::Status.is_in(UNFINISHED_STATUSES));
    if unfinished.count(tx.db()).await? > 0 {
        return Err(Error::conflict("The event still has to be sent. Wait, or cancel its deliveries.").into());
    }
    let erased = event::ActiveModel {
        id: Set(stored.id),
        body: Set(String::new()),
        erased_at: Set(Some(now)),
        erased_by: Set(Some(actor.name.clone())),
        ..Default::default()
    };
    event::Entity::update(erased).exec_without_returning(tx.db()).await?;
    let deliveries = Query::select()
        .column(delivery::Column::Id)
        .from(delivery::Entity)
        .and_where(delivery::Column::EventId.eq(event_id))
        .to_owned();
    attempt::Entity::update_many()
        .col_expr(attempt::Column::RequestBody, Expr::value(None::<String>))
        .filter(attempt::Column::DeliveryId.in_subquery(deliveries))
        .exec(tx.db())
        .await?;
    for other in of_event(event_id).all(tx.db()).await? {
        notify(tx, &other);
    }
    Ok("Payload erased, in all deliveries of the event.".to_owned())
}

async fn erase_responses(
    tx: &Tx<'_>,
    row: &delivery::Model,
    number: Option<u32>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> TxResult<String> {
    let mut update = attempt::Entity::update_many()
        .col_expr(attempt::Column::ResponseBody, Expr::value(None::<String>))
        .col_expr(attempt::Column::ResponseHeaders, Expr::value(serde_json::json!(Headers::default())))
        .col_expr(attempt::Column::ResponseErasedAt, Expr::value(now))
        .col_expr(attempt::Column::ResponseErasedBy, Expr::value(actor.name.clone()))
        .filter(attempt::Column::DeliveryId.eq(row.id))
        .filter(attempt::Column::StatusCode.is_not_null())
        .filter(attempt::Column::ResponseErasedAt.is_null());
    if let Some(number) = number {
        update = update.filter(attempt::Column::Number.eq(i32::try_from(number).unwrap_or(i32::MAX)));
    }
    if update.exec(tx.db()).await?.rows_affected == 0 {
        return Err(Error::conflict("There is no response to erase.").into());
    }
    notify(tx, row);
    Ok(match number {
        Some(number) => format!("Response of attempt {number} erased."),
        None => "All responses erased.".to_owned(),
    })
}

fn of_event(event: EventId) -> sea_orm::Select<delivery::Entity> {
    delivery::Entity::find().filter(delivery::Column::EventId.eq(event))
}

fn notify(tx: &Tx<'_>, row: &delivery::Model) {
    let kind = ChangeKind::DeliveryChanged { delivery_id: row.id, webhook_id: row.webhook_id };
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
}

//! Records an inbound event: the delivery in the Deliveries tab, and the times and health on the
//! webhook's card. Only the SHA-256 of the body is stored.

use std::sync::Arc;

use app::model::delivery::InboundOutcome;
use app::model::id::{DeliveryId, IssueId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::webhook::Direction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio::time::Instant;

use super::context::InboundContext;
use super::error::{InboundError, InboundResponse, RecordError};
use crate::app_state::AppState;
use crate::dispatch::health::HealthState;
use crate::dispatch::{HealthCause, record_transition};
use crate::entity::delivery::StoredStatus;
use crate::entity::search_text::fold;
use crate::entity::{delivery, issue, webhook};
use crate::events::subject;
use crate::storage::{Effect, Tx};

/// SHA-256.
pub type BodySha256 = [u8; 32];

/// A verified event.
pub struct Receipt {
    /// The id of its delivery.
    pub id: DeliveryId,
    /// The webhook and what belongs to it.
    pub context: Arc<InboundContext>,
    /// Its name.
    pub event: String,
    /// The tracker's own id of it.
    pub tracker_id: Option<String>,
    /// SHA-256 of its body.
    pub body_sha256: BodySha256,
    /// Whether Testbell sent it as a test.
    pub test: bool,
    /// When the request arrived.
    pub started: Instant,
}

/// What an event led to.
pub struct InboundResult {
    /// `Err` if it was rejected.
    pub outcome: Result<InboundOutcome, InboundError>,
    /// The issue that it is about.
    pub issue_id: Option<IssueId>,
    /// What it is about, if that is no issue.
    pub subject: Option<String>,
    /// Why nothing changed, or what did.
    pub reason: Option<String>,
}

/// Records the rejection of a verified event, and returns it.
pub async fn record_rejection(state: &AppState, receipt: Receipt, error: InboundError) -> InboundResponse {
    let owned = state.clone();
    let recorded = state.store.write::<_, RecordError, _>(move |tx| {
        Box::pin(async move {
            let reason = Some(error.sentence().to_owned());
            record(&owned, tx, &receipt, InboundResult { outcome: Err(error), issue_id: None, subject: None, reason })
                .await
        })
    });
    match recorded.await {
        Ok(()) => Err(error),
        Err(error) => Err(error.into()),
    }
}

/// Stores the delivery and updates the webhook: an accepted event counts as a success, a rejected
/// verified event as a failure.
///
/// # Errors
/// [`RecordError::WebhookDeleted`]: the transaction must be rolled back.
pub async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    receipt: &Receipt,
    result: InboundResult,
) -> Result<(), RecordError> {
    let now = state.clock.now();
    let (webhook_id, project_id) = (receipt.context.webhook.id, receipt.context.project.id);
    let reason = result.reason.clone().unwrap_or_default();
    let (status, status_code, latest, refused) = match result.outcome {
        Ok(_) => (StoredStatus::Delivered, 200, webhook::Column::LastSuccessAt, None),
        Err(error) => {
            let code = i32::from(error.status().as_u16());
            (StoredStatus::Failed, code, webhook::Column::LastFailureAt, Some(reason.as_str()))
        }
    };
    let delivery_id = receipt.id;
    let subject = match result.issue_id {
        Some(issue) => subject_of(tx, issue).await?,
        None => result.subject,
    };
    delivery::Entity::insert(delivery::ActiveModel {
        id: Set(delivery_id),
        project_id: Set(project_id),
        webhook_id: Set(webhook_id),
        direction: Set(Direction::Inbound),
        event_type: Set(receipt.event.clone()),
        status: Set(status),
        outcome: Set(result.outcome.ok()),
        status_code: Set(Some(status_code)),
        error: Set(result.reason),
        attempts: Set(1),
        duration_ms: Set(Some(i32::try_from(receipt.started.elapsed().as_millis()).unwrap_or(i32::MAX))),
        test: Set(receipt.test),
        body_sha256: Set(Some(receipt.body_sha256.to_vec())),
        tracker_delivery_id: Set(receipt.tracker_id.clone()),
        issue_id: Set(result.issue_id),
        subject_search: Set(subject.as_deref().map(fold)),
        subject: Set(subject),
        created_at: Set(now),
        finished_at: Set(Some(now)),
        ..Default::default()
    })
    .exec_without_returning(tx.db())
    .await?;
    // Locked last, so that events of one webhook wait for each other only here.
    let row = webhook::Entity::find_by_id(webhook_id).lock_exclusive().one(tx.db()).await?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or(RecordError::WebhookDeleted)?;
    let update = HealthState::from_row(&row).after_event(refused, now);
    let cause = update.transition.as_ref().map(|transition| HealthCause {
        reason: transition.reason.clone(),
        at: now,
        attempt: Some((delivery_id, 1)),
    });
    webhook::Entity::update_many()
        .set(update.state.columns(cause))
        .col_expr(webhook::Column::LastDispatchedAt, Expr::value(now))
        .col_expr(latest, Expr::value(now))
        .filter(webhook::Column::Id.eq(webhook_id))
        .exec(tx.db())
        .await?;
    if let Some(transition) = &update.transition {
        record_transition(state, tx, &row, transition, update.state.failures, Some(delivery_id)).await?;
    }
    for kind in [ChangeKind::DeliveryChanged { delivery_id, webhook_id }, ChangeKind::WebhookChanged { webhook_id }] {
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
    }
    Ok(())
}

/// The issue's current key and title.
async fn subject_of(tx: &Tx<'_>, id: IssueId) -> Result<Option<String>, DbErr> {
    let select = issue::Entity::find_by_id(id).select_only().columns([issue::Column::Key, issue::Column::Title]);
    let issue = select.into_tuple::<(Option<String>, String)>().one(tx.db()).await?;
    Ok(issue.and_then(|(key, title)| subject::subject_line(key.as_deref(), Some(&title))))
}

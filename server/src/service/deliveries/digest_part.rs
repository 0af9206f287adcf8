//! The part of a delivery in a digest, and who may read a digest. A digest of several projects is listed in one of them,
//! but its content is for those who can see all of them.

use app::error::Result;
use app::model::delivery::{Attempt, DeliveryDetail};
use app::model::digest::{DIGEST_EVENT, DigestPart};
use app::model::people::Actor;
use app::model::webhook::Direction;
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::access::recheck_projects;
use crate::app_state::AppState;
use crate::digests::queue::{due_at, select_collected, select_covered};
use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, webhook};
use crate::events::digest_projects;
use crate::storage::internal;

/// What a digest covers, which digest covers a delivery, or when the one is sent that it waits for.
pub async fn digest_part(
    state: &AppState,
    actor: &Actor,
    row: &delivery::Model,
    (webhook, envelope): (Option<&webhook::Model>, Option<&str>),
) -> Result<Option<DigestPart>> {
    let db = state.store.read();
    if row.event_type == DIGEST_EVENT {
        // A replay covers what the first one covered.
        let covered = select_covered(row.replay_root.unwrap_or(row.id)).count(db).await.map_err(internal)?;
        let covered = Some(u32::try_from(covered).unwrap_or(u32::MAX));
        let hidden = !can_read(state, actor, envelope.unwrap_or_default()).await?;
        return Ok(Some(DigestPart { covered, hidden, ..DigestPart::default() }));
    }
    if let Some(digest) = row.digest_delivery_id {
        let digest = delivery::Entity::find_by_id(digest).one(db).await.map_err(internal)?;
        return Ok(digest.map(|digest| DigestPart { project_id: Some(digest.project_id), ..DigestPart::default() }));
    }
    let waits =
        row.direction == Direction::Outbound && row.status == StoredStatus::Pending && row.next_attempt_at.is_none();
    let Some((webhook, interval)) = webhook.filter(|_| waits).and_then(|row| Some((row, row.digest_interval()?)))
    else {
        return Ok(None);
    };
    let Some(oldest) = select_collected(webhook.id).one(db).await.map_err(internal)? else { return Ok(None) };
    let due = due_at(oldest.created_at, interval, webhook.next_digest_at, state.clock.now());
    Ok(Some(DigestPart { due_at: Some(due), ..DigestPart::default() }))
}

/// Whether the caller can see all projects of a stored digest.
pub async fn can_read(state: &AppState, actor: &Actor, envelope: &str) -> Result<bool> {
    let projects = digest_projects(envelope.as_bytes());
    Ok(recheck_projects(state, actor, &projects).await?.len() == projects.len())
}

/// The delivery without the content of a digest, if the caller may not read it.
pub fn hidden(detail: DeliveryDetail) -> DeliveryDetail {
    match detail.digest_part.as_ref().is_some_and(|part| part.hidden) {
        true => DeliveryDetail { body: None, attempts: without_bodies(detail.attempts), ..detail },
        false => detail,
    }
}

/// Attempts without what was sent.
pub fn without_bodies(attempts: Vec<Attempt>) -> Vec<Attempt> {
    attempts.into_iter().map(|attempt| Attempt { request_body: None, ..attempt }).collect()
}

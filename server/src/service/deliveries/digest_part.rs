//! The part of a delivery in a digest, and who may read a digest. A digest of several projects is listed in one of them,
//! but its content is for those who can see all of them.

use app::error::{Error, Result};
use app::model::delivery::{Attempt, DeliveryDetail, DeliveryQuery};
use app::model::digest::{DIGEST_EVENT, DigestPart};
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;
use app::model::webhook::Direction;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::access::readable_projects;
use crate::app_state::AppState;
use crate::digests::queue::{due_at, select_collected, select_covered, select_delivered_replays};
use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, member, project, webhook};
use crate::events::digest_projects;
use crate::service::deliveries::event_of;
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
        let envelope = envelope.unwrap_or_default();
        let hidden = !can_read(state, actor, envelope).await?;
        let project_count = u32::try_from(digest_projects(envelope.as_bytes()).len()).unwrap_or(u32::MAX);
        let project_count = (!hidden && project_count > 0).then_some(project_count);
        return Ok(Some(DigestPart { covered, hidden, project_count, ..DigestPart::default() }));
    }
    if let Some(digest) = row.covering_digest() {
        let stored = delivery::Entity::find_by_id(digest).one(db).await.map_err(internal)?;
        let is_delivered = |row: &delivery::Model| row.status == StoredStatus::Delivered;
        let replay = match is_delivered(row) && !stored.as_ref().is_some_and(is_delivered) {
            true => select_delivered_replays(digest).one(db).await.map_err(internal)?,
            false => None,
        };
        let delivered_by = replay.as_ref().map(|replay| replay.id);
        // The first one may have been purged.
        let project_id = stored.or(replay).map(|digest| digest.project_id);
        return Ok(project_id.map(|project| DigestPart {
            project_id: Some(project),
            delivered_by,
            ..DigestPart::default()
        }));
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

/// The digest that covers the deliveries of a filter: a replay covers what the first one covered.
///
/// # Errors
/// [`Error::NotFound`] if it is no digest, or one whose content is hidden from the caller. The caller would learn from
/// the filter which events of other projects it has.
pub async fn covering(state: &AppState, actor: &Actor, id: DeliveryId) -> Result<DeliveryId> {
    let db = state.store.read();
    let digest = delivery::Entity::find_by_id(id).filter(delivery::Column::EventType.eq(DIGEST_EVENT));
    let digest = digest.one(db).await.map_err(internal)?.ok_or(Error::NotFound)?;
    let event = event_of(state, digest.event_id).await?.filter(|event| event.erased_at.is_none());
    let envelope = event.map(|event| event.body).unwrap_or_default();
    match can_read(state, actor, &envelope).await? {
        true => Ok(digest.replay_root.unwrap_or(digest.id)),
        false => Err(Error::NotFound),
    }
}

/// The query with the digest that [covers](covering) the deliveries.
///
/// # Errors
/// Those of [`covering`].
pub async fn resolved(state: &AppState, actor: &Actor, query: DeliveryQuery) -> Result<DeliveryQuery> {
    match query.digest {
        Some(digest) => Ok(DeliveryQuery { digest: Some(covering(state, actor, digest).await?), ..query }),
        None => Ok(query),
    }
}

/// Whether the caller can see all projects of a stored digest. Of a deleted project, those can who were in it; system
/// admins can anyway. Without its list of projects, which is erased with the payload, nobody else can.
pub async fn can_read(state: &AppState, actor: &Actor, envelope: &str) -> Result<bool> {
    let Some(readable) = readable_projects(state, actor).await? else { return Ok(true) };
    let projects = digest_projects(envelope.as_bytes());
    if projects.is_empty() {
        return Ok(false);
    }
    let others: Vec<_> = projects.into_iter().filter(|project| !readable.contains(project)).collect();
    if others.is_empty() {
        return Ok(true);
    }
    // A token of one project can't see another one.
    if actor.credential.only_project().is_some() {
        return Ok(false);
    }
    let deleted = project::Entity::find().select_only().column(project::Column::Id);
    let deleted = deleted.filter(project::Column::DeletedAt.is_not_null());
    let were_in: Vec<ProjectId> = member::Entity::find()
        .select_only()
        .column(member::Column::ProjectId)
        .filter(member::Column::UserId.eq(actor.id))
        .filter(member::Column::ProjectId.is_in(others.iter().copied()))
        .filter(member::Column::ProjectId.in_subquery(deleted.into_query()))
        .into_tuple()
        .all(state.store.read())
        .await
        .map_err(internal)?;
    Ok(others.iter().all(|project| were_in.contains(project)))
}

/// The delivery without the content of a digest, if the caller may not read it.
pub fn hidden(detail: DeliveryDetail) -> DeliveryDetail {
    match detail.digest_part.as_ref().is_some_and(|part| part.hidden) {
        true => DeliveryDetail { body: None, attempts: without_content(detail.attempts), ..detail },
        false => detail,
    }
}

/// Attempts without what was sent, and without the responses: some chat tools repeat the message there.
pub fn without_content(attempts: Vec<Attempt>) -> Vec<Attempt> {
    let without = |attempt| Attempt {
        request_body: None,
        response_headers: Vec::new(),
        response_body: None,
        response_truncated: false,
        ..attempt
    };
    attempts.into_iter().map(without).collect()
}

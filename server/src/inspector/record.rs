//! Stores a received request, and drops the oldest ones of its URL.

use std::time::Duration;

use app::model::delivery::Header;
use app::model::id::{InspectorRequestId, InspectorUrlId};
use app::model::inspector::{MAX_KEPT_BYTES, MAX_KEPT_REQUESTS};
use app::model::live::{ChangeKind, ProjectChange};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::signature_check::CheckedSignature;
use crate::app_state::AppState;
use crate::entity::json::Headers;
use crate::entity::{inspector_request, inspector_url};
use crate::storage::{Effect, Tx};

/// A request that is not stored yet.
pub struct NewRequest {
    pub received_at: DateTime<Utc>,
    pub method: String,
    pub path: String,
    pub address: String,
    pub event: Option<String>,
    pub headers: Vec<Header>,
    pub headers_truncated: bool,
    pub body: Vec<u8>,
    pub truncated: bool,
    pub signature: CheckedSignature,
    pub status: u16,
    pub duration: Duration,
}

/// Stores a request. False if its URL was deleted meanwhile.
pub async fn record(state: &AppState, url: &inspector_url::Model, new: NewRequest) -> Result<bool, DbErr> {
    let mut row = inspector_request::Model {
        id: state.ids.next(),
        inspector_url_id: url.id,
        received_at: new.received_at,
        method: new.method,
        path: new.path,
        address: new.address,
        event: new.event,
        headers: Headers(new.headers),
        headers_truncated: new.headers_truncated,
        body_bytes: i64::try_from(new.body.len()).unwrap_or(i64::MAX),
        body: new.body,
        truncated: new.truncated,
        signature: new.signature.check,
        signature_detail: new.signature.detail,
        status: new.status.into(),
        duration_ms: i32::try_from(new.duration.as_millis()).unwrap_or(i32::MAX),
    };
    let url = url.id;
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // One after the other, so that the limits hold.
            let Some(owner) = inspector_url::Entity::find_by_id(url).lock_exclusive().one(tx.db()).await? else {
                return Ok(false);
            };
            // Clients ask for what came after the newest ID they know, also if a node's clock is behind.
            if let Some(newest) = newest(tx, url).await?.filter(|newest| *newest >= row.id) {
                row.id = InspectorRequestId(Uuid::from_u128(newest.0.as_u128().saturating_add(1)));
            }
            let row = row.into_active_model().reset_all();
            inspector_request::Entity::insert(row).exec_without_returning(tx.db()).await?;
            drop_oldest(tx, url).await?;
            notify(tx, &owner);
            Ok(true)
        })
    });
    change.await
}

/// Notifies the open browsers that a URL or its requests changed.
pub fn notify(tx: &Tx<'_>, url: &inspector_url::Model) {
    let kind = ChangeKind::InspectorChanged { inspector_url_id: url.id };
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: url.project_id, kind }));
}

async fn newest(tx: &Tx<'_>, url: InspectorUrlId) -> Result<Option<InspectorRequestId>, DbErr> {
    use inspector_request::Column;
    let newest = inspector_request::Entity::find().select_only().column(Column::Id);
    let newest = newest.filter(Column::InspectorUrlId.eq(url)).order_by_desc(Column::Id);
    newest.into_tuple().one(tx.db()).await
}

async fn drop_oldest(tx: &Tx<'_>, url: InspectorUrlId) -> Result<(), DbErr> {
    use inspector_request::Column;
    let kept: Vec<(InspectorRequestId, i64)> = inspector_request::Entity::find()
        .select_only()
        .columns([Column::Id, Column::BodyBytes])
        .filter(Column::InspectorUrlId.eq(url))
        .order_by_desc(Column::Id)
        .limit(MAX_KEPT_REQUESTS + 1)
        .into_tuple()
        .all(tx.db())
        .await?;
    if let Some(last) = first_dropped(&kept) {
        let dropped = Column::InspectorUrlId.eq(url).and(Column::Id.lte(last));
        inspector_request::Entity::delete_many().filter(dropped).exec(tx.db()).await?;
    }
    Ok(())
}

/// The newest request that is dropped, of requests with their sizes, newest first.
fn first_dropped(requests: &[(InspectorRequestId, i64)]) -> Option<InspectorRequestId> {
    let (mut count, mut bytes) = (0, 0);
    let beyond = |&&(_, size): &&(InspectorRequestId, i64)| {
        count += 1;
        bytes += size;
        count > MAX_KEPT_REQUESTS || bytes > MAX_KEPT_BYTES
    };
    requests.iter().find(beyond).map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_oldest_requests_are_dropped_by_number_and_size() {
        let of = |sizes: &[i64]| -> Vec<_> {
            sizes
                .iter()
                .zip((0..1000_u128).rev())
                .map(|(size, n)| (InspectorRequestId(Uuid::from_u128(n)), *size))
                .collect()
        };
        let dropped = |sizes: &[i64]| first_dropped(&of(sizes)).map(|id| id.0.as_u128());
        assert_eq!(dropped(&[10; 100]), None);
        assert_eq!(dropped(&[10; 101]), Some(899));
        assert_eq!(dropped(&[MAX_KEPT_BYTES]), None);
        assert_eq!(dropped(&[MAX_KEPT_BYTES / 2; 3]), Some(997));
    }
}

//! API tokens: `Authorization: Bearer tb_...`.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::account::Credential;
use app::model::id::TokenId;
use app::model::people::Actor;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};

use crate::access_cache::TokenOwner;
use crate::app_state::AppState;
use crate::crypto::sha256;
use crate::entity::{api_token, user};
use crate::service::people::users;
use crate::storage::{internal, report_outage};

/// The precision of a token's last use, so that not every request writes.
const LAST_USED_PRECISION: Duration = Duration::from_secs(60);

/// Finds the owner of a token.
///
/// # Errors
/// [`Error::Unauthenticated`] for an unknown or expired token.
pub async fn token_owner(state: &AppState, token: &str) -> Result<Actor> {
    let hash = sha256(token.as_bytes());
    let found = state.access.token_owners.get(state, hash, read_owner(state, hash)).await.map_err(internal)?;
    let TokenOwner { actor, expires_at, last_used_at } = found.ok_or(Error::Unauthenticated)?;
    let now = state.clock.now();
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Error::Unauthenticated);
    }
    if let Credential::Token { id, .. } = actor.credential
        && last_used_at.is_none_or(|last| last + LAST_USED_PRECISION <= now)
    {
        let state = state.clone();
        // In the background: the caller doesn't wait for it.
        tokio::spawn(async move {
            if let Err(error) = note_use(&state, id, now).await {
                report_outage(&error, "failed to record the use of a token");
            }
        });
    }
    Ok(actor)
}

async fn read_owner(state: &AppState, hash: [u8; 32]) -> Result<Option<TokenOwner>, DbErr> {
    let of_user =
        api_token::Entity::belongs_to(user::Entity).from(api_token::Column::UserId).to(user::Column::Id).into();
    let found = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(hash.to_vec()))
        .filter(user::Column::DeactivatedAt.is_null())
        .join(JoinType::InnerJoin, of_user)
        .select_also(user::Entity)
        .one(state.store.read())
        .await?;
    Ok(found.and_then(|(row, user)| {
        let credential = Credential::Token { id: row.id, scope: row.scope, project: row.project_id };
        let actor = Actor { credential, ..users::actor(user?) };
        Some(TokenOwner { actor, expires_at: row.expires_at, last_used_at: row.last_used_at })
    }))
}

async fn note_use(state: &AppState, id: TokenId, now: DateTime<Utc>) -> Result<(), DbErr> {
    let update = state.store.write(move |tx| {
        Box::pin(async move {
            let used = api_token::ActiveModel { last_used_at: Set(Some(now)), ..Default::default() };
            // Of many concurrent requests one writes.
            let stale = Condition::any()
                .add(api_token::Column::LastUsedAt.is_null())
                .add(api_token::Column::LastUsedAt.lte(now - LAST_USED_PRECISION));
            let only = api_token::Entity::update_many().set(used).filter(api_token::Column::Id.eq(id)).filter(stale);
            only.exec(tx.db()).await
        })
    });
    update.await.map(drop)
}

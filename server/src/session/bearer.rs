//! API tokens: `Authorization: Bearer tb_...`.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::id::TokenId;
use app::model::people::Actor;
use axum::http::HeaderValue;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};

use crate::core::Core;
use crate::crypto::sha256;
use crate::entity::{api_token, user};
use crate::service::users;
use crate::storage::internal;

/// How exactly it is known when a token was last used: not every request writes.
const PRECISION: Duration = Duration::from_secs(60);

/// The token of an `Authorization` header, if the header carries one.
pub fn text(header: Option<&HeaderValue>) -> Option<&str> {
    let (scheme, token) = header?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whose token it is.
///
/// # Errors
/// [`Error::Unauthenticated`] for one that is unknown or has run out.
pub async fn caller(core: &Core, token: &str) -> Result<Actor> {
    let of_user =
        api_token::Entity::belongs_to(user::Entity).from(api_token::Column::UserId).to(user::Column::Id).into();
    let found = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(sha256(token.as_bytes()).to_vec()))
        .join(JoinType::InnerJoin, of_user)
        .select_also(user::Entity)
        .one(core.store.read())
        .await
        .map_err(internal)?;
    let Some((row, Some(user))) = found else { return Err(Error::Unauthenticated) };
    let now = core.clock.now();
    if row.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::Unauthenticated);
    }
    if row.last_used_at.is_none_or(|last| last + PRECISION <= now) {
        let core = core.clone();
        // Off the hot path: the caller needn't wait for this.
        tokio::spawn(async move {
            if let Err(error) = note_use(&core, row.id, now).await {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
        });
    }
    Ok(users::actor(user))
}

async fn note_use(core: &Core, id: TokenId, now: DateTime<Utc>) -> Result<(), DbErr> {
    let update = core.store.write(move |tx| {
        Box::pin(async move {
            let used = api_token::ActiveModel { last_used_at: Set(Some(now)), ..Default::default() };
            // Of many requests at once one writes.
            let stale = Condition::any()
                .add(api_token::Column::LastUsedAt.is_null())
                .add(api_token::Column::LastUsedAt.lte(now - PRECISION));
            let only = api_token::Entity::update_many().set(used).filter(api_token::Column::Id.eq(id)).filter(stale);
            only.exec(tx.db()).await
        })
    });
    update.await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_known_in_any_case_and_another_one_is_left_alone() {
        for (header, expected) in [
            ("Bearer tb_x", Some("tb_x")),
            ("bearer  tb_x ", Some("tb_x")),
            ("Basic dTpw", None),
            ("Bearer", None),
            ("tb_x", None),
        ] {
            assert_eq!(text(Some(&HeaderValue::from_static(header))), expected, "{header}");
        }
        assert_eq!(text(None), None);
    }
}

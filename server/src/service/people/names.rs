//! The names of users by their IDs.

use std::collections::HashMap;

use app::error::Result;
use app::model::id::UserId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::app_state::AppState;
use crate::entity::user;
use crate::storage::internal;

/// The names of users; an ID may occur more than once.
pub async fn user_names<C: ConnectionTrait>(
    db: &C,
    ids: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, String>, DbErr> {
    let mut ids: Vec<UserId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let names = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.is_in(ids))
        .into_tuple::<(UserId, String)>()
        .all(db)
        .await?;
    Ok(names.into_iter().collect())
}

/// Calls [`user_names`] outside of a transaction.
pub(crate) async fn read_user_names(
    state: &AppState,
    ids: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, String>> {
    user_names(state.store.read(), ids).await.map_err(internal)
}

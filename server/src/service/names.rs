//! The names of people by their ids.

use std::collections::HashMap;

use app::error::Result;
use app::model::id::UserId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::core::Core;
use crate::entity::user;
use crate::storage::internal;

/// The names of users; an id may come more than once.
///
/// # Errors
/// The database's own.
pub async fn names<C: ConnectionTrait>(
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

impl Core {
    /// [`names`] as they are now.
    pub(super) async fn names(&self, ids: impl Iterator<Item = UserId>) -> Result<HashMap<UserId, String>> {
        names(self.store.read(), ids).await.map_err(internal)
    }
}

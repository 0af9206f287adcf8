//! The settings of the instance. A value in the database overrides the one of the deployment.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

use crate::app_state::AppState;
use crate::entity::instance_setting::{self, Entity};

/// The name of the retention period in days.
pub const RETENTION_DAYS: &str = "retention_days";

/// The name of the limit of active webhooks per project; 0 for none.
pub const MAX_ACTIVE_WEBHOOKS: &str = "max_active_webhooks";

/// After how many days history is deleted, if a system admin has set it.
///
/// # Errors
/// Errors of the database.
pub async fn stored_retention_days(state: &AppState) -> Result<Option<u32>, DbErr> {
    let row = Entity::find_by_id(RETENTION_DAYS).one(state.store.read()).await?;
    Ok(row.and_then(|row| row.value.parse().ok()))
}

/// After how many days history is deleted.
///
/// # Errors
/// Errors of the database.
pub async fn retention_days(state: &AppState) -> Result<u32, DbErr> {
    Ok(stored_retention_days(state).await?.unwrap_or(state.config.retention_days))
}

/// How many active outbound webhooks a project may have; `None` without a limit.
///
/// # Errors
/// Errors of the database.
pub async fn max_active_webhooks(db: &impl ConnectionTrait) -> Result<Option<u32>, DbErr> {
    let row = Entity::find_by_id(MAX_ACTIVE_WEBHOOKS).one(db).await?;
    Ok(row.as_ref().and_then(limit_of))
}

/// The stored limit; `None` for 0.
#[must_use]
pub fn limit_of(row: &instance_setting::Model) -> Option<u32> {
    row.value.parse().ok().filter(|limit| *limit > 0)
}

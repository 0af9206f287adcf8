//! The settings of the instance. A value in the database overrides the one of the deployment.

use sea_orm::{DbErr, EntityTrait};

use crate::app_state::AppState;
use crate::entity::instance_setting::Entity;

/// The name of the retention period in days.
pub const RETENTION_DAYS: &str = "retention_days";

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

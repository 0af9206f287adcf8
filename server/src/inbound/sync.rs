//! Reading issues from their trackers.

use app::model::id::IssueId;
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::storage::Tx;

/// Runs until `shutdown`.
pub async fn run(_core: Core, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}

impl Core {
    pub(super) async fn read_soon(&self, _tx: &Tx<'_>, _issue: IssueId) -> Result<(), DbErr> {
        Ok(())
    }
}

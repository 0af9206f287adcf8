//! Outbound dispatch.

pub mod outbox;
mod wake;

pub use wake::Wake;

use tokio_util::sync::CancellationToken;

use crate::core::Core;

/// Runs until `shutdown`.
pub async fn run(_core: Core, shutdown: CancellationToken) {
    shutdown.cancelled().await;
}

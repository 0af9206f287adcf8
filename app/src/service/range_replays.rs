//! The service of replays by time range.

use async_trait::async_trait;

use crate::error::Result;
use crate::model::id::{RangeReplayId, WebhookId};
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;
use crate::model::range_replay::{RangeReplay, ReplayCount, ReplayRange};

/// Replays of what an outbound webhook failed to send or missed in a range of time.
#[async_trait]
pub trait RangeReplays {
    /// How many deliveries a replay would send.
    async fn count_range_replay(&self, actor: &Actor, webhook: WebhookId, range: ReplayRange) -> Result<ReplayCount>;
    /// Starts a replay in the background; for project admins. A webhook has one at a time.
    async fn start_range_replay(&self, actor: &Actor, webhook: WebhookId, range: ReplayRange) -> Result<RangeReplay>;
    /// The replays of a webhook, newest first.
    async fn list_range_replays(&self, actor: &Actor, webhook: WebhookId, page: PageQuery)
    -> Result<Page<RangeReplay>>;
    /// One replay with its progress.
    async fn range_replay(&self, actor: &Actor, id: RangeReplayId) -> Result<RangeReplay>;
    /// Stops a replay, and cancels what it queued and is not sent yet; for project admins.
    async fn stop_range_replay(&self, actor: &Actor, id: RangeReplayId) -> Result<RangeReplay>;
}

//! Replays by time range.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::{RangeReplayId, WebhookId};
#[cfg(feature = "ssr")]
use crate::model::page::PageQuery;
#[cfg(feature = "ssr")]
use crate::model::range_replay::ReplayRange;
use crate::model::range_replay::{RangeReplay, ReplayCount, ReplaySource};

/// Counts what a replay would send.
#[server(prefix = "/ui", endpoint = "replays/count", protocol = PageCall<GetUrl>)]
pub async fn count_replay(
    id: WebhookId,
    source: ReplaySource,
    since: DateTime<Utc>,
    #[server(default)] until: Option<DateTime<Utc>>,
) -> Result<ReplayCount> {
    let (service, actor) = authenticated()?;
    with_status(service.count_range_replay(&actor, id, ReplayRange { source, since, until }).await)
}

/// Starts a replay.
#[server(prefix = "/ui", endpoint = "replays/start", protocol = PageCall<PostUrl>)]
pub async fn start_replay(
    id: WebhookId,
    source: ReplaySource,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<RangeReplay> {
    let (service, actor) = authenticated()?;
    let range = ReplayRange { source, since, until: Some(until) };
    with_status(service.start_range_replay(&actor, id, range).await)
}

/// The latest replays of a webhook.
#[server(prefix = "/ui", endpoint = "replays/list", protocol = PageCall<GetUrl>)]
pub async fn list_replays(id: WebhookId, limit: u32) -> Result<Vec<RangeReplay>> {
    let (service, actor) = authenticated()?;
    let page = PageQuery { limit: Some(limit), cursor: None };
    with_status(service.list_range_replays(&actor, id, page).await.map(|page| page.items))
}

/// Stops a replay.
#[server(prefix = "/ui", endpoint = "replays/stop", protocol = PageCall<PostUrl>)]
pub async fn stop_replay(id: RangeReplayId) -> Result<RangeReplay> {
    let (service, actor) = authenticated()?;
    with_status(service.stop_range_replay(&actor, id).await)
}

//! Raises the limit of file descriptors and divides it among connections, streams and deliveries. The
//! database and the deliveries keep their share however many browsers connect.

use crate::config::Config;

/// For the database, files, the listener, DNS and the runtime.
const RESERVED: usize = 96;
/// For deliveries and trackers: connections in use and idle ones.
const MAX_OUTBOUND: usize = 1024;
/// For requests other than live streams.
const MIN_REQUESTS: usize = 512;
/// Where the operating system has no limit.
const FALLBACK_LIMIT: usize = 1024;

/// How many descriptors each part may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescriptorPlan {
    /// Accepted connections, including live streams.
    pub connections: usize,
    /// Live streams.
    pub streams: usize,
    /// Concurrent requests to endpoints.
    pub deliveries: usize,
    /// Whether the limit is too low for the settings.
    pub is_short: bool,
}

/// Divides `limit` descriptors. A shortage reduces all parts except the database.
#[must_use]
pub fn plan(limit: usize, max_streams: usize) -> DescriptorPlan {
    let is_short = limit < wanted(max_streams);
    // Each part gets a few even if the limit is far too low.
    let free = limit.saturating_sub(RESERVED).max(limit / 4).max(8);
    let outbound = MAX_OUTBOUND.min(free / 4);
    let connections = free - outbound;
    let streams = if is_short { max_streams.min(connections / 2) } else { max_streams };
    // Each connection in use may have an idle one.
    DescriptorPlan { connections, streams, deliveries: outbound / 2, is_short }
}

/// The descriptors that the settings need.
fn wanted(max_streams: usize) -> usize {
    RESERVED + MAX_OUTBOUND + max_streams + MIN_REQUESTS
}

/// Raises the soft limit to the hard one.
pub fn raise_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "failed to raise the limit of open files");
    }
}

/// The plan for this process.
#[must_use]
pub fn for_process(config: &Config) -> DescriptorPlan {
    let limit = rlimit::Resource::NOFILE
        .get_soft()
        .map_or(FALLBACK_LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    plan(limit, config.max_streams)
}

/// Warns if the limit is too low for the settings.
pub fn warn_if_short(config: &Config) {
    let plan = for_process(config);
    if plan.is_short {
        tracing::warn!(
            needed = wanted(config.max_streams),
            connections = plan.connections,
            streams = plan.streams,
            deliveries = plan.deliveries,
            "the limit of open files (ulimit -n) is too low for the settings: concurrent connections, streams and \
             deliveries are reduced"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_limit_fits_the_default_settings() {
        let plan = plan(65_536, 1000);
        assert_eq!((plan.streams, plan.deliveries, plan.is_short), (1000, 512, false));
        assert!(plan.connections >= 1000 + MIN_REQUESTS);
    }

    #[test]
    fn the_parts_of_any_plan_fit_the_limit() {
        for limit in [64, 256, 1024, 2048, 2632, 4096, 65_536, 1_048_576] {
            for max_streams in [1, 100, 1000, 50_000] {
                let plan = plan(limit, max_streams);
                let outbound = 2 * plan.deliveries;
                assert!(plan.connections + outbound <= limit - (RESERVED.min(limit * 3 / 4)), "{limit}: {plan:?}");
                assert!(plan.streams < plan.connections, "{limit} {max_streams}: {plan:?}");
                assert!(plan.deliveries > 0 && plan.streams > 0, "{limit}: {plan:?}");
            }
        }
    }
}

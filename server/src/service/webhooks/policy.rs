//! Checks the policy of a webhook.

use app::error::Checks;
use app::model::delivery_policy::{
    DeliveryPolicy, MAX_FAILING_HOURS, MAX_FAILURES, MAX_RETRIES, MAX_RETRY_SECONDS, MAX_TIMEOUT_SECONDS,
};
use app::model::destination::DestinationKind;
use app::model::digest::MAX_DIGEST_MINUTES;

/// Checks every field.
pub fn check(policy: &DeliveryPolicy, checks: &mut Checks) {
    let total = policy.retry_delays.iter().fold(0_u32, |total, delay| total.saturating_add(*delay));
    checks.require(policy.retry_delays.len() <= MAX_RETRIES, "retryDelays", "Use at most 20 retries.");
    checks.require(total <= MAX_RETRY_SECONDS, "retryDelays", "Use at most 7 days in total.");
    let timeout = (1..=MAX_TIMEOUT_SECONDS).contains(&policy.timeout_seconds);
    checks.require(timeout, "timeoutSeconds", "Use 1 to 30 seconds.");
    let degraded = (1..=MAX_FAILURES).contains(&policy.degraded_after);
    checks.require(degraded, "degradedAfter", "Use 1 to 1,000 failures.");
    checks.require(policy.disabled_after <= MAX_FAILURES, "disabledAfter", "Use 1 to 1,000 failures, or 0 for never.");
    let max = policy.rate_period.max_limit();
    let rate =
        format!("Use at most {}, or 0 for no limit.", if max == 100 { "100 per second" } else { "1,000 per minute" });
    checks.require(policy.rate_limit <= max, "rateLimit", &rate);
    let hours = policy.disabled_after_hours <= MAX_FAILING_HOURS;
    checks.require(hours, "disabledAfterHours", "Use 1 to 720 hours, or 0 for never.");
    let digest = policy.digest_minutes <= MAX_DIGEST_MINUTES;
    checks.require(digest, "digestMinutes", "Use 1 to 1,440 minutes, or 0 for a message per event.");
}

/// Checks that only chat tools have digests.
pub fn check_digest(policy: &DeliveryPolicy, kind: DestinationKind, checks: &mut Checks) {
    let is_possible = policy.digest_minutes == 0 || kind.spec().has_digests;
    checks.require(is_possible, "digestMinutes", "Only chat tools have digests.");
}

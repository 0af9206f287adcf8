//! When a failed sync is tried again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::issue_sync::SyncClaim;
use crate::app_state::AppState;
use crate::crypto;
use crate::dispatch::local_trouble;
use crate::providers::{FetchError, rate_limit};

/// After the tracker has rejected the credentials.
pub const UNAUTHORIZED_PAUSE: Duration = Duration::from_secs(5 * 60);

/// What a failed sync leads to.
pub struct RetryPlan {
    /// When to try again; `None` waits for the next event.
    pub due: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub attempts: i32,
    /// Until when no issue of the project is synced.
    pub paused_until: Option<DateTime<Utc>>,
    /// Why it failed, for the people of the project.
    pub sentence: String,
}

/// Decides when a claimed issue is synced again.
pub fn plan_retry(state: &AppState, claim: &SyncClaim, error: FetchError) -> RetryPlan {
    let now = state.clock.schedule_now();
    let attempts = claim.issue.sync_attempts.saturating_add(1);
    let [jitter] = crypto::random_bytes();
    let later = (attempts < rate_limit::MAX_ATTEMPTS).then(|| now + rate_limit::backoff(attempts, jitter));
    match error {
        FetchError::Gone(sentence) => RetryPlan { due: None, attempts: 0, paused_until: None, sentence },
        FetchError::RateLimited { until, sentence } => {
            RetryPlan { due: Some(until), attempts: claim.issue.sync_attempts, paused_until: Some(until), sentence }
        }
        FetchError::Unauthorized(sentence) => {
            let paused_until = Some(now + UNAUTHORIZED_PAUSE);
            RetryPlan { due: Ord::max(later, later.and(paused_until)), attempts, paused_until, sentence }
        }
        // The tracker is not at fault, so this doesn't count as an attempt.
        FetchError::Local(trouble) => {
            let delay = local_trouble::retry_delay(f64::from(jitter) / f64::from(u8::MAX));
            let sentence = format!("{} It will try again soon.", trouble.reading_sentence());
            RetryPlan { due: Some(now + delay), attempts: claim.issue.sync_attempts, paused_until: None, sentence }
        }
        FetchError::Failed(sentence) if later.is_none() => {
            let sentence = format!("{sentence} Testbell tried {attempts} times and now waits for the next event.");
            RetryPlan { due: None, attempts: 0, paused_until: None, sentence }
        }
        FetchError::Failed(sentence) => RetryPlan { due: later, attempts, paused_until: None, sentence },
    }
}

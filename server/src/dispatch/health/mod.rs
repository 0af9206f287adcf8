//! Computes the health of a webhook from the results of its deliveries. Pure:
//! [`attempt_recorder`](super::attempt_recorder) and the inbound side store it.
//! `docs/health-and-retries.md` explains the rules to users.
//!
//! Failures are counted per streak. A streak begins with a success or when a user re-enables the
//! webhook, and each delivery counts once in it, however often it is retried. Results are ordered
//! by when they ended. A disabled webhook stays disabled until a user re-enables it.

mod row;

use std::time::Duration;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::policy::{DEGRADED_AFTER, DEGRADED_PAUSES, MAX_ENDPOINT_PAUSE};
use app::model::webhook::{Health, LAST_ERROR};
use chrono::{DateTime, TimeDelta, Utc};

use super::delivery_queue::LEASE_DURATION;

pub use row::{HealthCause, health_change};

/// The longest reason that is stored.
const MAX_REASON_CHARS: usize = 500;
/// The longest pause of a degraded webhook.
const MAX_DEGRADED_PAUSE: Duration = DEGRADED_PAUSES[DEGRADED_PAUSES.len() - 1];

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthSignal {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// The endpoint responded with 410. Standard Webhooks asks to disable it.
    Gone,
    /// Nothing: the endpoint asked to wait, or nothing could be sent.
    NotCounted,
}

/// An attempt, as far as it affects the health.
#[derive(Clone, Copy, Debug)]
pub struct AttemptReport<'a> {
    /// The signal.
    pub result: HealthSignal,
    /// For how long the endpoint asked to wait.
    pub pause: Option<Duration>,
    /// Whether it is a manual test.
    pub test: bool,
    /// The streak in which its delivery was last counted.
    pub counted_in: Option<i64>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Why it failed.
    pub error: Option<&'a str>,
}

/// The state of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthState {
    /// Its health.
    pub health: Health,
    /// Deliveries that failed in this streak.
    pub failures: u32,
    /// The number of the streak.
    pub streak: i64,
    /// When the streak began.
    pub streak_started_at: Option<DateTime<Utc>>,
    /// When the first failure of the streak ended.
    pub failing_since: Option<DateTime<Utc>>,
    /// The number of pauses since it became degraded.
    pub degraded_pauses: u32,
    /// The end of the latest pause.
    pub degraded_pause_until: Option<DateTime<Utc>>,
    /// The end of the pause that the endpoint asked for.
    pub paused_until: Option<DateTime<Utc>>,
    /// The total of the pauses that it asked for since the last success.
    pub total_pause: Duration,
}

/// A change of health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthTransition {
    /// The previous health.
    pub from: Health,
    /// The new health.
    pub to: Health,
    /// The reason.
    pub reason: String,
}

/// The effect of one more result on a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthUpdate {
    /// The new state.
    pub state: HealthState,
    /// Whether the delivery was counted as a failure.
    pub counted: bool,
    /// The change of health, if any.
    pub transition: Option<HealthTransition>,
}

impl HealthState {
    /// Applies the result of an attempt.
    #[must_use]
    pub fn after(self, attempt: &AttemptReport<'_>, policy: &DeliveryPolicy) -> HealthUpdate {
        let mut state = self;
        if self.health == Health::Disabled {
            return self.update_to(state, false, String::new);
        }
        if let Some(pause) = attempt.pause {
            state.pause(attempt.ended_at, pause);
        }
        match attempt.result {
            HealthSignal::Success => {
                // It ended before the streak, so later failures still count.
                if !is_just_before(attempt.ended_at, self.failing_since, LEASE_DURATION) {
                    state = state.reset(attempt.ended_at);
                    state.paused_until = state.paused_until.filter(|_| !attempt.test);
                }
                let what = if attempt.test { "A test succeeded." } else { "A delivery succeeded." };
                self.update_to(state, false, || what.to_owned())
            }
            HealthSignal::NotCounted => self.update_to(state, false, String::new),
            _ if attempt.test || is_just_before(attempt.ended_at, self.streak_started_at, LEASE_DURATION) => {
                self.update_to(state, false, String::new)
            }
            HealthSignal::Gone => {
                let counted = attempt.counted_in != Some(state.streak);
                state.failures += u32::from(counted);
                state.health = Health::Disabled;
                self.update_to(state, counted, || {
                    sentence(attempt.error.unwrap_or("The endpoint responded with 410 Gone."))
                })
            }
            HealthSignal::Failure => {
                let counted = state.fail(attempt, policy);
                let cause = state.failure_cause(policy);
                self.update_to(state, counted, || {
                    sentence(&format!("{cause}{LAST_ERROR}{}", attempt.error.unwrap_or("unknown.")))
                })
            }
        }
    }

    /// Applies a probe of a disabled webhook: a success enables it.
    #[must_use]
    pub fn after_probe(self, attempt: &AttemptReport<'_>) -> HealthUpdate {
        if self.health != Health::Disabled || attempt.result != HealthSignal::Success {
            return self.update_to(self, false, String::new);
        }
        let state = Self { paused_until: None, ..self.reset(attempt.ended_at) };
        self.update_to(state, false, || "A held delivery succeeded.".to_owned())
    }

    /// Applies an event of an inbound webhook; `refused` is the reason if it was refused. An
    /// inbound webhook is never disabled, because the tracker's events would be lost.
    #[must_use]
    pub fn after_event(self, refused: Option<&str>, now: DateTime<Utc>) -> HealthUpdate {
        let Some(refused) = refused else {
            return self.update_to(self.reset(now), false, || "An event was accepted.".to_owned());
        };
        let mut state = self;
        state.failures = state.failures.saturating_add(1);
        state.failing_since = state.failing_since.or(Some(now));
        if state.failures >= DEGRADED_AFTER {
            state.health = Health::Degraded;
        }
        let failures = state.failures;
        self.update_to(state, true, || {
            sentence(&format!("{failures} consecutive events were refused. The last reason: {refused}"))
        })
    }

    /// Starts a new streak without failures.
    #[must_use]
    pub fn reset(self, at: DateTime<Utc>) -> Self {
        let started_at =
            self.streak_started_at.filter(|started_at| is_just_before(at, Some(*started_at), LEASE_DURATION));
        Self {
            health: Health::Healthy,
            failures: 0,
            streak: if self.failures > 0 { self.streak + 1 } else { self.streak },
            streak_started_at: started_at.or(Some(at)),
            failing_since: None,
            degraded_pauses: 0,
            degraded_pause_until: None,
            paused_until: self.paused_until,
            total_pause: Duration::ZERO,
        }
    }

    /// Whether only tests may be sent now.
    #[must_use]
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        is_just_before(now, self.paused_until, MAX_ENDPOINT_PAUSE)
            || is_just_before(now, self.degraded_pause_until, MAX_DEGRADED_PAUSE)
    }

    /// Whether each delivery waits for the result of the previous one: while the webhook is
    /// degraded, and after a pause until a request succeeds.
    #[must_use]
    pub fn is_one_at_a_time(&self) -> bool {
        self.health == Health::Degraded || !self.total_pause.is_zero()
    }

    /// Counts a failure, unless its delivery was already counted in this streak. Returns whether it
    /// was counted.
    fn fail(&mut self, attempt: &AttemptReport<'_>, policy: &DeliveryPolicy) -> bool {
        // It was in flight with those that made the webhook degraded: one burst is one problem.
        let since = self.degraded_pause_until;
        if self.health == Health::Degraded
            && is_just_before(attempt.started_at, since, MAX_DEGRADED_PAUSE + LEASE_DURATION)
        {
            return false;
        }
        let counted = attempt.counted_in != Some(self.streak);
        if counted {
            self.failures += 1;
            self.failing_since = self.failing_since.or(Some(attempt.ended_at));
        }
        if self.is_to_be_disabled(attempt.ended_at, policy) {
            self.health = Health::Disabled;
        } else if self.health == Health::Degraded || self.failures >= policy.degraded_after {
            self.health = Health::Degraded;
            let index = usize::try_from(self.degraded_pauses).unwrap_or(usize::MAX);
            let pause = DEGRADED_PAUSES.get(index).copied().unwrap_or(MAX_DEGRADED_PAUSE);
            self.degraded_pause_until = Some(attempt.ended_at + pause);
            self.degraded_pauses = self.degraded_pauses.saturating_add(1);
        }
        counted
    }

    fn is_to_be_disabled(&self, at: DateTime<Utc>, policy: &DeliveryPolicy) -> bool {
        let hours = i64::from(policy.disabled_after_hours);
        let too_long = hours > 0 && self.failing_since.is_some_and(|since| at - since >= TimeDelta::hours(hours));
        self.has_too_many_failures(policy) || too_long
    }

    const fn has_too_many_failures(&self, policy: &DeliveryPolicy) -> bool {
        policy.disabled_after > 0 && self.failures >= policy.disabled_after
    }

    /// Why failures have changed the health.
    fn failure_cause(&self, policy: &DeliveryPolicy) -> String {
        if self.health == Health::Disabled && !self.has_too_many_failures(policy) {
            return format!("Nothing was delivered for {} hours.", policy.disabled_after_hours);
        }
        match self.failures {
            1 => "A delivery failed.".to_owned(),
            failures => format!("{failures} consecutive deliveries failed."),
        }
    }

    /// Overlapping pauses count as one: only the additional time is added.
    fn pause(&mut self, at: DateTime<Utc>, pause: Duration) {
        let current = self.paused_until.filter(|until| is_just_before(at, Some(*until), MAX_ENDPOINT_PAUSE));
        let (from, until) = (current.unwrap_or(at), at + pause);
        if let Ok(added) = (until - from).to_std() {
            self.total_pause += added;
            self.paused_until = Some(until);
        }
    }

    fn update_to(self, state: Self, counted: bool, reason: impl FnOnce() -> String) -> HealthUpdate {
        let changed = state.health != self.health;
        let transition = changed.then(|| HealthTransition { from: self.health, to: state.health, reason: reason() });
        HealthUpdate { state, counted, transition }
    }
}

impl HealthTransition {
    /// The change as a sentence for the audit log.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} → {}: {}", self.from.label(), self.to.label(), self.reason)
    }
}

/// Whether a time is plausibly before another one. If a clock was set back, all times stored
/// earlier seem to be in the future.
fn is_just_before(time: DateTime<Utc>, other: Option<DateTime<Utc>>, at_most: Duration) -> bool {
    other.is_some_and(|other| (other - time).to_std().is_ok_and(|gap| !gap.is_zero() && gap <= at_most))
}

fn sentence(text: &str) -> String {
    text.chars().take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests;

//! Computes the health of a webhook from the results of its deliveries. Pure: [`attempt_recorder`](super::attempt_recorder)
//! and the inbound side store it. `docs/health-and-retries.md` explains the rule to users.
//!
//! Failures are counted by streak: a streak begins with a success or when a person enables the
//! webhook, and in one streak each delivery counts once, however often it is retried. Results are
//! ordered by when they ended. A disabled webhook keeps its state until a person enables it.

mod row;

use std::time::Duration;

use app::model::policy::{DEGRADED_AFTER, DEGRADED_PAUSES, DISABLED_AFTER, MAX_ENDPOINT_PAUSE};
use app::model::webhook::Health;
use chrono::{DateTime, Utc};

use super::delivery_queue::LEASE;

pub use row::{HealthCause, health_change};

/// The longest reason that is stored.
const MAX_REASON_CHARS: usize = 500;
/// The longest pause of a degraded webhook.
const MAX_DEGRADED_PAUSE: Duration = DEGRADED_PAUSES[DEGRADED_PAUSES.len() - 1];

/// What an attempt says about its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthSignal {
    /// It arrived.
    Success,
    /// It did not.
    Failure,
    /// The endpoint answered 410: it wants nothing more. Standard Webhooks asks to disable it.
    Gone,
    /// Nothing: the endpoint asked to wait, or nothing could be sent.
    NotCounted,
}

/// An attempt, as far as the health depends on it.
#[derive(Clone, Copy, Debug)]
pub struct AttemptReport<'a> {
    /// How it ended.
    pub result: HealthSignal,
    /// For how long the endpoint asked to wait.
    pub pause: Option<Duration>,
    /// Whether it was sent by hand as a test.
    pub test: bool,
    /// The streak in which its delivery was counted last.
    pub counted_in: Option<i64>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// Why it failed.
    pub error: Option<&'a str>,
}

/// How a webhook stands.
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
    /// How many pauses were made since it is degraded.
    pub degraded_pauses: u32,
    /// The end of the latest of them.
    pub degraded_pause_until: Option<DateTime<Utc>>,
    /// Until when the endpoint asked to wait.
    pub paused_until: Option<DateTime<Utc>>,
    /// How long it was paused at its own request since the last success.
    pub total_pause: Duration,
}

/// A change of health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthTransition {
    /// What it was.
    pub from: Health,
    /// What it is.
    pub to: Health,
    /// Why, in words.
    pub reason: String,
}

/// What one more result makes of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthUpdate {
    /// How it stands now.
    pub state: HealthState,
    /// Whether the delivery was counted as a failure.
    pub counted: bool,
    /// The change of health, if there was one.
    pub transition: Option<HealthTransition>,
}

impl HealthState {
    /// What an attempt of an outbound webhook makes of it.
    #[must_use]
    pub fn after(self, attempt: &AttemptReport<'_>) -> HealthUpdate {
        let mut state = self;
        if self.health == Health::Disabled {
            return self.update_to(state, false, String::new);
        }
        if let Some(pause) = attempt.pause {
            state.pause(attempt.ended_at, pause);
        }
        match attempt.result {
            HealthSignal::Success => {
                // It ended before the streak: the failures since then stand.
                if !is_just_before(attempt.ended_at, self.failing_since, LEASE) {
                    state = state.reset(attempt.ended_at);
                    state.paused_until = state.paused_until.filter(|_| !attempt.test);
                }
                let what = if attempt.test { "A test succeeded." } else { "A delivery succeeded." };
                self.update_to(state, false, || what.to_owned())
            }
            HealthSignal::NotCounted => self.update_to(state, false, String::new),
            _ if attempt.test || is_just_before(attempt.ended_at, self.streak_started_at, LEASE) => {
                self.update_to(state, false, String::new)
            }
            HealthSignal::Gone => {
                let counted = attempt.counted_in != Some(state.streak);
                state.failures += u32::from(counted);
                state.health = Health::Disabled;
                self.update_to(state, counted, || sentence(attempt.error.unwrap_or("The endpoint answered 410 Gone.")))
            }
            HealthSignal::Failure => {
                let counted = state.fail(attempt);
                let failures = state.failures;
                self.update_to(state, counted, || {
                    sentence(&format!(
                        "{failures} consecutive deliveries failed. The last error: {}",
                        attempt.error.unwrap_or("unknown.")
                    ))
                })
            }
        }
    }

    /// What an event of an inbound webhook makes of it; `refused` says why it was not accepted. An
    /// inbound webhook is never disabled: what the tracker sends would be lost.
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

    /// A new streak: nothing has failed yet.
    #[must_use]
    pub fn reset(self, at: DateTime<Utc>) -> Self {
        let started_at = self.streak_started_at.filter(|started_at| is_just_before(at, Some(*started_at), LEASE));
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

    /// Whether nothing but tests may be sent now.
    #[must_use]
    pub fn is_paused(&self, now: DateTime<Utc>) -> bool {
        is_just_before(now, self.paused_until, MAX_ENDPOINT_PAUSE)
            || is_just_before(now, self.degraded_pause_until, MAX_DEGRADED_PAUSE)
    }

    /// Whether each delivery waits for the result of the one before: while the webhook is degraded,
    /// and after a pause until the endpoint accepts something.
    #[must_use]
    pub fn is_cautious(&self) -> bool {
        self.health == Health::Degraded || !self.total_pause.is_zero()
    }

    /// Counts a failure, unless its delivery was counted in this streak. Tells whether it was.
    fn fail(&mut self, attempt: &AttemptReport<'_>) -> bool {
        // It was in flight with those that made the webhook degraded: one burst is one trouble.
        let since = self.degraded_pause_until;
        if self.health == Health::Degraded && is_just_before(attempt.started_at, since, MAX_DEGRADED_PAUSE + LEASE) {
            return false;
        }
        let counted = attempt.counted_in != Some(self.streak);
        if counted {
            self.failures += 1;
            self.failing_since = self.failing_since.or(Some(attempt.ended_at));
        }
        if self.failures >= DISABLED_AFTER {
            self.health = Health::Disabled;
        } else if self.failures >= DEGRADED_AFTER {
            self.health = Health::Degraded;
            let index = usize::try_from(self.degraded_pauses).unwrap_or(usize::MAX);
            let pause = DEGRADED_PAUSES.get(index).copied().unwrap_or(MAX_DEGRADED_PAUSE);
            self.degraded_pause_until = Some(attempt.ended_at + pause);
            self.degraded_pauses = self.degraded_pauses.saturating_add(1);
        }
        counted
    }

    /// Pauses side by side are one pause: only what they add to it is added up.
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
    /// The change in words, for the audit log.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} -> {}: {}", self.from.label(), self.to.label(), self.reason)
    }
}

/// Whether a time lies before another one, but by no more than can be: a clock that was set back
/// makes everything stored before look as if it were still to come.
fn is_just_before(time: DateTime<Utc>, other: Option<DateTime<Utc>>, at_most: Duration) -> bool {
    other.is_some_and(|other| (other - time).to_std().is_ok_and(|gap| !gap.is_zero() && gap <= at_most))
}

fn sentence(text: &str) -> String {
    text.chars().take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests;

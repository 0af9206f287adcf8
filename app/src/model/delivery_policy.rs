//! The policy of one webhook: how long an endpoint may take, when a delivery is retried, and when the
//! webhook is disabled. The defaults are in [`policy`](super::policy).

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::error::{Checks, Error};

use super::policy::{ATTEMPT_TIMEOUT, DEGRADED_AFTER, DISABLED_AFTER, RETRY_SCHEDULE};
use super::rate_limit::RatePeriod;

/// The maximum number of retries of a delivery.
pub const MAX_RETRIES: usize = 20;
/// The maximum time from the first attempt to the last, in seconds: 7 days.
pub const MAX_RETRY_SECONDS: u32 = 7 * 24 * 60 * 60;
/// The maximum timeout of an attempt in seconds.
pub const MAX_TIMEOUT_SECONDS: u32 = 30;
/// The maximum number of consecutive failures.
pub const MAX_FAILURES: u32 = 1_000;
/// The maximum period of failures in hours: 30 days.
pub const MAX_FAILING_HOURS: u32 = 30 * 24;

/// The policy of an outbound webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPolicy {
    /// The delays between the attempts of a delivery in seconds, each earlier or later by up to a
    /// fifth. Empty: a delivery is attempted once. At most 20, and at most 7 days in total.
    pub retry_delays: Vec<u32>,
    /// Whether 4xx responses other than 408, 425 and 429 are retried, too. A 410 never is.
    pub retry_client_errors: bool,
    /// The time for the endpoint to respond, in seconds: 1 to 30.
    pub timeout_seconds: u32,
    /// The number of consecutive failed deliveries after which it is degraded: 1 to 1,000.
    pub degraded_after: u32,
    /// The number of consecutive failed deliveries after which it is disabled; 0 for never.
    pub disabled_after: u32,
    /// The hours of failures without a success after which it is disabled; 0 for never.
    pub disabled_after_hours: u32,
    /// Whether a disabled webhook is probed with its oldest held delivery, and enabled if that succeeds:
    /// after 5 minutes, 15 minutes, 1 hour and 6 hours. Never after a 410.
    pub auto_recovery: bool,
    /// Whether the events of each subject, such as a run, are sent one after the other, in the order in which they
    /// happened. Other subjects don't wait. It applies to new deliveries.
    pub ordered: bool,
    /// The maximum number of attempts in each period; 0 for no limit. At most 100 a second, or 1,000 a minute.
    pub rate_limit: u32,
    /// The period of the rate limit.
    pub rate_period: RatePeriod,
    /// Chat tools only: events are collected for this many minutes, at most 1,440, and sent as one message; 0 for a
    /// message per event.
    pub digest_minutes: u32,
}

/// Changes a policy. Absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyChange {
    /// The delays between the attempts in seconds: at most 20, and at most 7 days in total.
    pub retry_delays: Option<Vec<u32>>,
    /// Whether 4xx responses other than 408, 425 and 429 are retried, too. A 410 never is.
    pub retry_client_errors: Option<bool>,
    /// The time for the endpoint to respond, in seconds: 1 to 30.
    pub timeout_seconds: Option<u32>,
    /// The number of consecutive failed deliveries after which it is degraded: 1 to 1,000.
    pub degraded_after: Option<u32>,
    /// The number of consecutive failed deliveries after which it is disabled; 0 for never.
    pub disabled_after: Option<u32>,
    /// The hours of failures without a success after which it is disabled; 0 for never.
    pub disabled_after_hours: Option<u32>,
    /// Whether a disabled webhook is probed with its oldest held delivery, and enabled if that succeeds.
    pub auto_recovery: Option<bool>,
    /// Whether the events of each subject are sent one after the other.
    pub ordered: Option<bool>,
    /// The maximum number of attempts in each period; 0 for no limit.
    pub rate_limit: Option<u32>,
    /// The period of the rate limit.
    pub rate_period: Option<RatePeriod>,
    /// Chat tools only: events are collected for this many minutes and sent as one message; 0 for a message per
    /// event.
    pub digest_minutes: Option<u32>,
}

impl From<DeliveryPolicy> for PolicyChange {
    fn from(policy: DeliveryPolicy) -> Self {
        Self {
            retry_delays: Some(policy.retry_delays),
            retry_client_errors: Some(policy.retry_client_errors),
            timeout_seconds: Some(policy.timeout_seconds),
            degraded_after: Some(policy.degraded_after),
            disabled_after: Some(policy.disabled_after),
            disabled_after_hours: Some(policy.disabled_after_hours),
            auto_recovery: Some(policy.auto_recovery),
            ordered: Some(policy.ordered),
            rate_limit: Some(policy.rate_limit),
            rate_period: Some(policy.rate_period),
            digest_minutes: Some(policy.digest_minutes),
        }
    }
}

#[cfg(feature = "ssr")]
impl PolicyChange {
    /// The fields that differ from those of an earlier change.
    #[must_use]
    pub fn since(self, initial: Self) -> Self {
        Self {
            retry_delays: differing(self.retry_delays, initial.retry_delays),
            retry_client_errors: differing(self.retry_client_errors, initial.retry_client_errors),
            timeout_seconds: differing(self.timeout_seconds, initial.timeout_seconds),
            degraded_after: differing(self.degraded_after, initial.degraded_after),
            disabled_after: differing(self.disabled_after, initial.disabled_after),
            disabled_after_hours: differing(self.disabled_after_hours, initial.disabled_after_hours),
            auto_recovery: differing(self.auto_recovery, initial.auto_recovery),
            ordered: differing(self.ordered, initial.ordered),
            rate_limit: differing(self.rate_limit, initial.rate_limit),
            rate_period: differing(self.rate_period, initial.rate_period),
            digest_minutes: differing(self.digest_minutes, initial.digest_minutes),
        }
    }
}

/// The value of a field unless it is the initial one.
#[cfg(feature = "ssr")]
pub(super) fn differing<T: PartialEq>(now: Option<T>, initial: Option<T>) -> Option<T> {
    if now == initial { None } else { now }
}

/// A policy as the fields of a form, all of them text. An empty one changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    /// The value of a [`RetryPreset`], or [`CUSTOM`].
    pub retries: String,
    /// The delays of a custom schedule.
    pub custom_retries: String,
    /// See [`DeliveryPolicy::retry_client_errors`].
    pub retry_client_errors: bool,
    /// See [`DeliveryPolicy::timeout_seconds`].
    pub timeout: String,
    /// See [`DeliveryPolicy::degraded_after`].
    pub degraded_after: String,
    /// See [`DeliveryPolicy::disabled_after`].
    pub disabled_after: String,
    /// See [`DeliveryPolicy::disabled_after_hours`].
    pub disabled_after_hours: String,
    /// See [`DeliveryPolicy::auto_recovery`].
    pub auto_recovery: bool,
    /// See [`DeliveryPolicy::ordered`].
    pub ordered: bool,
    /// See [`DeliveryPolicy::rate_limit`].
    pub rate_limit: String,
    /// See [`DeliveryPolicy::rate_period`].
    pub rate_period: String,
    /// See [`DeliveryPolicy::digest_minutes`]; empty to keep it.
    pub digest: String,
}

#[cfg(feature = "ssr")]
impl PolicyForm {
    /// The change that the form asks for.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a message for each field that can't be read.
    pub fn change(self) -> Result<PolicyChange, Error> {
        if self == Self::default() {
            return Ok(PolicyChange::default());
        }
        let mut checks = Checks::default();
        let mut number =
            |field, text: &str| checks.take(field, text.trim().parse::<u32>().map_err(|_| "Enter a whole number."));
        let timeout_seconds = number("timeoutSeconds", &self.timeout);
        let degraded_after = number("degradedAfter", &self.degraded_after);
        let disabled_after = number("disabledAfter", &self.disabled_after);
        let disabled_after_hours = number("disabledAfterHours", &self.disabled_after_hours);
        let rate_limit = number("rateLimit", if self.rate_limit.trim().is_empty() { "0" } else { &self.rate_limit });
        let digest_minutes = if self.digest.is_empty() { None } else { number("digestMinutes", &self.digest) };
        let retry_delays = checks.take("retryDelays", delays_of(&self.retries, &self.custom_retries));
        checks.finish()?;
        Ok(PolicyChange {
            retry_delays,
            retry_client_errors: Some(self.retry_client_errors),
            timeout_seconds,
            degraded_after,
            disabled_after,
            disabled_after_hours,
            auto_recovery: Some(self.auto_recovery),
            ordered: Some(self.ordered),
            rate_limit,
            rate_period: self.rate_period.parse().ok(),
            digest_minutes,
        })
    }
}

/// A retry schedule with a name.
#[derive(Clone, Copy, Debug)]
pub struct RetryPreset {
    /// Its value in forms.
    pub value: &'static str,
    /// Its name.
    pub label: &'static str,
    /// The delays in seconds.
    pub delays: &'static [u32],
}

/// The retry schedules that can be selected. The first one is the default.
pub const RETRY_PRESETS: [RetryPreset; 5] = [
    RetryPreset {
        value: "default",
        label: "5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h (default)",
        delays: &[5, 300, 1_800, 7_200, 18_000, 36_000, 36_000],
    },
    RetryPreset { value: "hours", label: "1 min, 5 min, 30 min, 2 h, 8 h", delays: &[60, 300, 1_800, 7_200, 28_800] },
    RetryPreset { value: "minutes", label: "Immediately, 2 min, 10 min", delays: &[0, 120, 600] },
    RetryPreset { value: "seconds", label: "1 s, 10 s, 100 s", delays: &[1, 10, 100] },
    RetryPreset { value: "none", label: "None", delays: &[] },
];

/// The value of a schedule that is entered by hand.
pub const CUSTOM: &str = "custom";

/// The delays of a preset, or those of a text such as `10 s, 5 min, 2 h`.
///
/// # Errors
/// A message for the user.
pub fn delays_of(preset: &str, custom: &str) -> Result<Vec<u32>, String> {
    if let Some(preset) = RETRY_PRESETS.iter().find(|known| known.value == preset) {
        return Ok(preset.delays.to_vec());
    }
    let parts: Vec<_> = custom.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if preset != CUSTOM || parts.is_empty() {
        return Err("Enter at least one delay, or select None.".to_owned());
    }
    let read = |part| delay(part).ok_or_else(|| format!("Enter delays such as 10 s, 5 min, 2 h, not \"{part}\"."));
    parts.into_iter().map(read).collect()
}

fn delay(text: &str) -> Option<u32> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit.trim() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(seconds)
}

/// Delays as text, which [`delays_of`] reads.
#[must_use]
pub fn delays_text(delays: &[u32]) -> String {
    let text = |delay: &u32| match *delay {
        delay if delay > 0 && delay % 3_600 == 0 => format!("{} h", delay / 3_600),
        delay if delay > 0 && delay % 60 == 0 => format!("{} min", delay / 60),
        delay => format!("{delay} s"),
    };
    delays.iter().map(text).collect::<Vec<_>>().join(", ")
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        Self {
            retry_delays: RETRY_SCHEDULE.iter().map(|delay| seconds(*delay)).collect(),
            retry_client_errors: false,
            timeout_seconds: seconds(ATTEMPT_TIMEOUT),
            degraded_after: DEGRADED_AFTER,
            disabled_after: DISABLED_AFTER,
            disabled_after_hours: 0,
            auto_recovery: false,
            ordered: false,
            rate_limit: 0,
            rate_period: RatePeriod::Second,
            digest_minutes: 0,
        }
    }
}

impl DeliveryPolicy {
    /// The maximum number of attempts of a delivery, not counting those that were asked to wait.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        u32::try_from(self.retry_delays.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The time for the endpoint to respond.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.into())
    }

    /// The delay after the latest of `made` attempts; `None` if it was the last one.
    #[must_use]
    pub fn delay_after(&self, made: u32) -> Option<Duration> {
        let index = usize::try_from(made).ok()?.checked_sub(1)?;
        self.retry_delays.get(index).map(|delay| Duration::from_secs((*delay).into()))
    }

    /// The time between two attempts that the rate limit asks for.
    #[must_use]
    pub fn send_interval(&self) -> Option<Duration> {
        (self.rate_limit > 0).then(|| self.rate_period.duration() / self.rate_limit)
    }

    /// Whether deliveries may have to wait for their turn, so that the length of the queue is shown.
    #[must_use]
    pub const fn has_shown_queue(&self) -> bool {
        self.ordered || self.rate_limit > 0
    }

    /// `10 per second`; `None` without a limit.
    #[must_use]
    pub fn rate_text(&self) -> Option<String> {
        (self.rate_limit > 0).then(|| format!("{} {}", self.rate_limit, self.rate_period.label()))
    }

    /// The policy with a change.
    #[must_use]
    pub fn with(self, change: PolicyChange) -> Self {
        Self {
            retry_delays: change.retry_delays.unwrap_or(self.retry_delays),
            retry_client_errors: change.retry_client_errors.unwrap_or(self.retry_client_errors),
            timeout_seconds: change.timeout_seconds.unwrap_or(self.timeout_seconds),
            degraded_after: change.degraded_after.unwrap_or(self.degraded_after),
            disabled_after: change.disabled_after.unwrap_or(self.disabled_after),
            disabled_after_hours: change.disabled_after_hours.unwrap_or(self.disabled_after_hours),
            auto_recovery: change.auto_recovery.unwrap_or(self.auto_recovery),
            ordered: change.ordered.unwrap_or(self.ordered),
            rate_limit: change.rate_limit.unwrap_or(self.rate_limit),
            rate_period: change.rate_period.unwrap_or(self.rate_period),
            digest_minutes: change.digest_minutes.unwrap_or(self.digest_minutes),
        }
    }

    /// The name of its retry schedule; `None` for a custom one.
    #[must_use]
    pub fn preset(&self) -> Option<&'static RetryPreset> {
        RETRY_PRESETS.iter().find(|preset| preset.delays == self.retry_delays)
    }
}

const fn seconds(duration: Duration) -> u32 {
    // All are far below.
    #[allow(clippy::cast_possible_truncation, reason = "the policies are hours, not centuries")]
    {
        duration.as_secs() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_has_the_default_schedule() {
        let policy = DeliveryPolicy::default();
        assert_eq!(policy.preset().map(|preset| preset.value), Some("default"));
        assert_eq!((policy.max_attempts(), policy.timeout()), (8, ATTEMPT_TIMEOUT));
    }

    #[test]
    fn every_preset_is_valid() {
        for preset in RETRY_PRESETS {
            assert!(preset.delays.len() <= MAX_RETRIES && preset.delays.iter().sum::<u32>() <= MAX_RETRY_SECONDS);
        }
    }

    #[test]
    fn delays_are_written_as_they_are_read() {
        let delays = [0, 90, 120, 7_200, 86_400];
        assert_eq!(delays_of(CUSTOM, &delays_text(&delays)).as_deref(), Ok(&delays[..]));
        assert!(delays_of(CUSTOM, " , ").is_err() && delays_of("", "1 s").is_err());
        assert_eq!(delays_of(CUSTOM, "1,2s, 3 m,4 min ,5h, 1 d").as_deref(), Ok(&[1, 2, 180, 240, 18_000, 86_400][..]));
        for wrong in ["x", "5 weeks", "-1 s", "1.5 h", "99999999999 s", "4294967295 h"] {
            assert!(delays_of(CUSTOM, wrong).is_err_and(|error| error.contains(wrong)), "{wrong}");
        }
        assert_eq!(delays_of("seconds", "x").as_deref(), Ok(&[1, 10, 100][..]));
    }

    #[test]
    fn the_delay_depends_on_the_attempts_made() {
        let policy = DeliveryPolicy { retry_delays: vec![0, 120], ..DeliveryPolicy::default() };
        let delays: Vec<_> = (0..4).map(|made| policy.delay_after(made).map(|delay| delay.as_secs())).collect();
        assert_eq!(delays, [None, Some(0), Some(120), None]);
    }
}

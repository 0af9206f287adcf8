//! The statistics of an outbound webhook: results and durations of its attempts by time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::string_enum;
use super::time::millis;

string_enum! {
    /// The period of statistics. It ends now and begins with a full hour.
    StatsPeriod {
        /// 24 hours, by the hour.
        Day = "24h", "24 h";
        /// 7 days, by six hours.
        Week = "7d", "7 d";
        /// 30 days, by the day.
        Month = "30d", "30 d";
    }
}

impl StatsPeriod {
    /// The number of buckets, and the hours of each.
    #[must_use]
    pub const fn buckets(self) -> (u32, u32) {
        match self {
            Self::Day => (24, 1),
            Self::Week => (28, 6),
            Self::Month => (30, 24),
        }
    }
}

/// Selects the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct StatsQuery {
    /// 24 hours by default.
    pub period: StatsPeriod,
}

impl Default for StatsQuery {
    fn default() -> Self {
        Self { period: StatsPeriod::Day }
    }
}

/// What an outbound webhook has sent in a period, without tests. Counts are exact, from the first full
/// hour after an upgrade to a version that counts. Percentiles are exact to 10 %.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookStats {
    /// The period.
    pub period: StatsPeriod,
    /// When it begins.
    #[serde(serialize_with = "millis")]
    pub from: DateTime<Utc>,
    /// How many deliveries were delivered.
    pub delivered: u32,
    /// How many deliveries have used up their attempts.
    pub exhausted: u32,
    /// How many attempts were made. An attempt that was asked to wait is not counted.
    pub attempts: u32,
    /// How many of them failed.
    pub failed_attempts: u32,
    /// How many of 1,000 attempts succeeded; null without attempts.
    pub success_permille: Option<u32>,
    /// The durations of successful attempts.
    pub latency: LatencyPercentiles,
    /// The attempts by time, oldest first.
    pub buckets: Vec<StatsBucket>,
}

/// Percentiles of durations in milliseconds; null without a successful attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LatencyPercentiles {
    /// Half of the attempts took at most this long.
    pub p50: Option<u32>,
    /// 95 % took at most this long.
    pub p95: Option<u32>,
    /// 99 % took at most this long.
    pub p99: Option<u32>,
}

/// The attempts in a part of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatsBucket {
    /// When it begins.
    #[serde(serialize_with = "millis")]
    pub from: DateTime<Utc>,
    /// How many attempts were made.
    pub attempts: u32,
    /// How many of them failed.
    pub failed_attempts: u32,
}

//! Values stored in one JSON column, because no query needs a part of them.

use std::collections::BTreeMap;

use app::model::delivery::Header;
use app::model::delivery_policy::{DeliveryPolicy, PolicyChange};
use app::model::rate_limit::RatePeriod;
use app::testware::case::{CaseContent, Step};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Strings, such as labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Strings(pub Vec<String>);

/// The parameters of a CI job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Parameters(pub BTreeMap<String, String>);

/// How a webhook's policy differs from the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookPolicy {
    #[serde(rename = "retrySchedule", skip_serializing_if = "Option::is_none")]
    retry_delays: Option<Vec<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_client_errors: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    degraded_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_after_hours: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_recovery: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_period: Option<RatePeriod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest_minutes: Option<u32>,
}

impl From<&WebhookPolicy> for DeliveryPolicy {
    fn from(stored: &WebhookPolicy) -> Self {
        Self::default().with(PolicyChange {
            retry_delays: stored.retry_delays.clone(),
            retry_client_errors: stored.retry_client_errors,
            timeout_seconds: stored.timeout_seconds,
            degraded_after: stored.degraded_after,
            disabled_after: stored.disabled_after,
            disabled_after_hours: stored.disabled_after_hours,
            auto_recovery: stored.auto_recovery,
            ordered: stored.ordered,
            rate_limit: stored.rate_limit,
            rate_period: stored.rate_period,
            digest_minutes: stored.digest_minutes,
        })
    }
}

impl From<DeliveryPolicy> for WebhookPolicy {
    fn from(policy: DeliveryPolicy) -> Self {
        fn differing<T: PartialEq>(value: T, default: T) -> Option<T> {
            (value != default).then_some(value)
        }
        let default = DeliveryPolicy::default();
        Self {
            retry_delays: differing(policy.retry_delays, default.retry_delays),
            retry_client_errors: differing(policy.retry_client_errors, default.retry_client_errors),
            timeout_seconds: differing(policy.timeout_seconds, default.timeout_seconds),
            degraded_after: differing(policy.degraded_after, default.degraded_after),
            disabled_after: differing(policy.disabled_after, default.disabled_after),
            disabled_after_hours: differing(policy.disabled_after_hours, default.disabled_after_hours),
            auto_recovery: differing(policy.auto_recovery, default.auto_recovery),
            ordered: differing(policy.ordered, default.ordered),
            rate_limit: differing(policy.rate_limit, default.rate_limit),
            rate_period: differing(policy.rate_period, default.rate_period),
            digest_minutes: differing(policy.digest_minutes, default.digest_minutes),
        }
    }
}

/// The headers of a request or a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Headers(pub Vec<Header>);

/// The steps of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Steps(pub Vec<Step>);

/// The content of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Content(pub CaseContent);

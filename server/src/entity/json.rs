//! Values stored in one JSON column, because no query needs a part of them.

use app::model::delivery::Header;
use app::testware::case::Step;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Strings, such as labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Strings(pub Vec<String>);

/// How a webhook's policy differs from [`app::model::policy`]; absent values have the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookPolicy {
    /// The delays between the attempts of a delivery in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_schedule: Option<Vec<u32>>,
    /// The number of consecutive failed deliveries that disable the webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_after: Option<u32>,
    /// The timeout of an attempt in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// The headers of a request or a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Headers(pub Vec<Header>);

/// The steps of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Steps(pub Vec<Step>);

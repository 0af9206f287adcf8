//! Lists that live in one JSON column, because nothing ever asks for a part of them alone.

use app::model::catalog::EventType;
use app::model::delivery::Header;
use app::model::test_case::Step;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Words, such as labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Strings(pub Vec<String>);

/// What a webhook is subscribed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct EventTypes(pub Vec<EventType>);

/// The headers of a request or a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Headers(pub Vec<Header>);

/// The steps of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Steps(pub Vec<Step>);

//! Tests of webhooks, sent by hand.

use app::error::{Error, Result};
use app::model::delivery::Delivery;
use app::model::people::Actor;

use crate::core::Core;
use crate::entity::webhook;

impl Core {
    pub(super) async fn send_test(&self, _: &Actor, _: webhook::Model) -> Result<Delivery> {
        Err(Error::Internal)
    }
}

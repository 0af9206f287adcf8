//! Replaying deliveries.

use app::error::{Error, Result};
use app::model::delivery::{ChainLink, Delivery, DeliveryQuery, Replayed};
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;

use crate::core::Core;
use crate::entity::delivery;

impl Core {
    pub(super) async fn chain(&self, _row: &delivery::Model) -> Result<Vec<ChainLink>> {
        Ok(Vec::new())
    }

    pub(super) async fn replay_one(&self, _actor: &Actor, _id: DeliveryId) -> Result<Delivery> {
        Err(Error::Internal)
    }

    pub(super) async fn replay_all(&self, _actor: &Actor, _ids: Vec<DeliveryId>) -> Result<Replayed> {
        Err(Error::Internal)
    }

    pub(super) async fn replay_found(&self, _: &Actor, _: ProjectId, _: DeliveryQuery) -> Result<Replayed> {
        Err(Error::Internal)
    }
}

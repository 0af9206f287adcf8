//! Rotating the secrets of webhooks.

use app::error::{Error, Result};
use app::model::id::SecretId;
use app::model::people::Actor;
use app::model::webhook::Reveal;

use crate::core::Core;
use crate::entity::webhook;

impl Core {
    pub(super) async fn rotate(&self, _: &Actor, _: webhook::Model) -> Result<(webhook::Model, Reveal)> {
        Err(Error::Internal)
    }

    pub(super) async fn retire(&self, _: &Actor, _: webhook::Model, _: SecretId) -> Result<webhook::Model> {
        Err(Error::Internal)
    }

    pub(super) async fn extend(&self, _: &Actor, _: webhook::Model, _: SecretId) -> Result<webhook::Model> {
        Err(Error::Internal)
    }
}

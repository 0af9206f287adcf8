//! Enabling a disabled webhook again.

use app::error::{Error, Result};
use app::model::people::Actor;
use app::model::webhook::Held;

use crate::core::Core;
use crate::entity::webhook;

impl Core {
    pub(super) async fn enable(&self, _: &Actor, _: webhook::Model, _: Held) -> Result<webhook::Model> {
        Err(Error::Internal)
    }
}

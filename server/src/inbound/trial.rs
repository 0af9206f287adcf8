//! A test sent by hand: the request that the tracker would send, about an issue that it can't
//! have, judged by the same checks and recorded by the same change as every other.

use std::sync::Arc;

use app::model::id::DeliveryId;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::receive::verified;
use super::refusal::Refusal;
use crate::core::Core;
use crate::entity::webhook;

impl Core {
    /// Sends a webhook its own test; gives the row of what came of it.
    ///
    /// # Errors
    /// A sentence, when it came to no row.
    pub(crate) async fn receive_test(&self, webhook: webhook::Model) -> Result<DeliveryId, &'static str> {
        let started = Instant::now();
        let door = Arc::new(self.door_of(webhook).await.map_err(closed)?);
        let (headers, body) = door.reader.test_request(door.secret.expose_secret());
        if !door.reader.verify(&headers, &body, door.secret.expose_secret()) {
            return Err("The stored secret does not verify what it signed: rotate it, or make the webhook anew.");
        }
        let id = self.ids.next();
        match verified(self, door, &headers, &body, id, started).await {
            Err(refusal @ (Refusal::UnknownToken | Refusal::Internal)) => Err(closed(refusal)),
            Ok(_) | Err(_) => Ok(id),
        }
    }
}

fn closed(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownToken => {
            "Nothing can come in by this webhook: its project's integration is gone or another one."
        }
        refusal => refusal.sentence(),
    }
}

//! How the deliveries of an endpoint take turns: how many at a time, in which order, and how fast.

use std::time::Duration;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::WebhookId;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;

use super::concurrency::EndpointPermits;
use super::delivery_queue::ClaimOrder;
use super::delivery_queue::held::DispatchMode;
use super::delivery_queue::rate::{self, Turn};
use crate::app_state::AppState;

/// See the [module](self).
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// What may be sent.
    pub mode: DispatchMode,
    /// In which order.
    pub order: ClaimOrder,
    /// The minimum time between two attempts, if there is a rate limit.
    interval: Option<Duration>,
}

impl Turns {
    /// The turns of a webhook with this policy.
    #[must_use]
    pub fn new(mode: DispatchMode, policy: &DeliveryPolicy) -> Self {
        // Tests and probes are sent by hand or minutes apart.
        let has_limit = matches!(mode, DispatchMode::Parallel | DispatchMode::OneAtATime);
        Self { mode, order: ClaimOrder::of(policy), interval: policy.send_interval().filter(|_| has_limit) }
    }

    /// Whether there is a rate limit. Deliveries are then claimed one by one, without waiting for their responses.
    #[must_use]
    pub const fn is_limited(self) -> bool {
        self.interval.is_some()
    }

    /// Takes the turn of the next attempt. If it is too early, the endpoint rests until then, and there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(
        self,
        state: &AppState,
        webhook: WebhookId,
        permits: &EndpointPermits,
    ) -> Result<Option<TakenTurn>, DbErr> {
        let Some(interval) = self.interval else { return Ok(Some(TakenTurn(None))) };
        match rate::take_turn(state, webhook, interval).await? {
            Turn::Taken(next) => Ok(Some(TakenTurn(Some((next, interval))))),
            Turn::Early(wait) => {
                permits.rest(state.clock.instant() + wait);
                Ok(None)
            }
        }
    }
}

/// A turn, with the time of the next one and the interval if there is a rate limit.
#[must_use]
pub struct TakenTurn(Option<(DateTime<Utc>, Duration)>);

impl TakenTurn {
    /// Lets the endpoint rest until the next turn.
    pub fn used(self, state: &AppState, permits: &EndpointPermits) {
        if let Some((_, interval)) = self.0 {
            permits.rest(state.clock.instant() + interval);
        }
    }

    /// Returns it, because there was nothing to send.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unused(self, state: &AppState, webhook: WebhookId) -> Result<(), DbErr> {
        match self.0 {
            Some((next, _)) => rate::return_turn(state, webhook, next).await,
            None => Ok(()),
        }
    }
}

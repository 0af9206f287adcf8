//! The stored status of a delivery, and the status that is shown. Attempts and direction tell apart what
//! has the same stored status, so that a change of what is shown never rewrites rows.

use app::model::delivery::DeliveryStatus;
use app::model::id::DeliveryId;
use app::model::webhook::Direction;
use sea_orm::{ColumnTrait, Condition, DeriveActiveEnum, EnumIter};

use super::delivery::{Column, Model};

/// The stored status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum StoredStatus {
    /// An attempt is due, or will be.
    Pending,
    /// The endpoint responded with 2xx; the inbound event was accepted.
    Delivered,
    /// No attempt is left; the inbound event was refused.
    Failed,
    /// It is outside of the queue until its webhook sends again.
    Held,
    /// It was cancelled.
    Discarded,
}

impl StoredStatus {
    /// The status that is shown.
    #[must_use]
    pub const fn shown(self, direction: Direction, attempts: i32) -> DeliveryStatus {
        match (self, direction) {
            (Self::Pending, _) if attempts > 0 => DeliveryStatus::Failed,
            (Self::Pending, _) => DeliveryStatus::Pending,
            (Self::Delivered, _) => DeliveryStatus::Delivered,
            (Self::Failed, Direction::Outbound) => DeliveryStatus::Exhausted,
            (Self::Failed, Direction::Inbound) => DeliveryStatus::Refused,
            (Self::Held, _) => DeliveryStatus::Held,
            (Self::Discarded, _) => DeliveryStatus::Cancelled,
        }
    }
}

impl Model {
    /// The status that is shown.
    #[must_use]
    pub const fn shown_status(&self) -> DeliveryStatus {
        self.status.shown(self.direction, self.attempts)
    }

    /// The digest that covers it.
    #[must_use]
    pub fn covering_digest(&self) -> Option<DeliveryId> {
        self.digest_delivery_id.filter(|digest| *digest != self.id)
    }
}

/// Selects the deliveries that are shown with a status. One stored status comes first, because an index
/// begins with it.
#[must_use]
pub fn has_status(status: DeliveryStatus) -> Condition {
    let stored = |stored: StoredStatus| Condition::all().add(Column::Status.eq(stored));
    match status {
        DeliveryStatus::Pending => stored(StoredStatus::Pending).add(Column::Attempts.eq(0)),
        DeliveryStatus::Failed => stored(StoredStatus::Pending).add(Column::Attempts.gt(0)),
        DeliveryStatus::Delivered => stored(StoredStatus::Delivered),
        DeliveryStatus::Exhausted => stored(StoredStatus::Failed).add(Column::Direction.eq(Direction::Outbound)),
        DeliveryStatus::Refused => stored(StoredStatus::Failed).add(Column::Direction.eq(Direction::Inbound)),
        DeliveryStatus::Held => stored(StoredStatus::Held),
        DeliveryStatus::Cancelled => stored(StoredStatus::Discarded),
    }
}

//! Events and deliveries that changes leave to their group, which inserts them together before it commits: each statement
//! costs a round trip to the database.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait};

use crate::entity::{delivery, event};

/// The number of rows in one statement.
const BATCH_ROWS: usize = 256;

/// New events with their deliveries.
#[derive(Default)]
pub struct Appended {
    /// The events, inserted first because the deliveries refer to them.
    pub events: Vec<event::ActiveModel>,
    /// Their deliveries.
    pub deliveries: Vec<delivery::ActiveModel>,
}

impl Appended {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.deliveries.is_empty()
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.events.extend(other.events);
        self.deliveries.extend(other.deliveries);
    }

    pub(super) async fn insert(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        insert_all(db, self.events).await?;
        insert_all(db, self.deliveries).await
    }
}

/// The numbers of rows are powers of two, so that few different statements are prepared and they stay cached.
async fn insert_all<A: ActiveModelTrait + Send>(db: &impl ConnectionTrait, mut rows: Vec<A>) -> Result<(), DbErr> {
    while let Some(largest) = rows.len().checked_ilog2() {
        let rest = rows.split_off((1 << largest).min(BATCH_ROWS));
        <A::Entity as EntityTrait>::insert_many(rows).exec_without_returning(db).await?;
        rows = rest;
    }
    Ok(())
}

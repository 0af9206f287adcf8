//! Rows that changes leave to their group, which inserts them together before it commits: each statement
//! costs a round trip to the database.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait};

use crate::entity::{delivery, event, issue};

/// The number of rows in one statement.
const BATCH_ROWS: usize = 256;

/// New rows, inserted in the order of the fields.
#[derive(Default)]
pub struct Appended {
    /// Issues.
    pub issues: Vec<issue::ActiveModel>,
    /// Events.
    pub events: Vec<event::ActiveModel>,
    /// Deliveries of the events.
    pub deliveries: Vec<delivery::ActiveModel>,
}

impl Appended {
    pub(super) fn is_empty(&self) -> bool {
        self.issues.is_empty() && self.events.is_empty() && self.deliveries.is_empty()
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.issues.extend(other.issues);
        self.events.extend(other.events);
        self.deliveries.extend(other.deliveries);
    }

    pub(super) async fn insert(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        insert_all(db, self.issues).await?;
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

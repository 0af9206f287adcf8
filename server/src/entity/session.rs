//! A browser session.

use app::model::id::{BrowserSessionId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// SHA-256 of the cookie's value in hex, so that a reader of the database can't sign in with
    /// it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The ID for the user and for other nodes.
    pub public_id: BrowserSessionId,
    /// Also in `data`; a separate column so that one read finds the caller.
    pub user_id: UserId,
    /// The session library's own record, as JSON.
    pub data: String,
    /// The browser and operating system as text.
    pub device: String,
    pub created_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

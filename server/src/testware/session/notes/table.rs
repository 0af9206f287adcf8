//! A note of a session.

use app::model::id::UserId;
use app::testware::session::SessionId;
use app::testware::session::notes::SessionNoteId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_notes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionNoteId,
    pub session_id: SessionId,
    pub text: String,
    /// The time on the timer of the session when it was written.
    pub timer_ms: i64,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    /// `None` if it was not changed since.
    pub updated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A user, who can sign in.

use app::model::id::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// In lower case; unique.
    pub email: String,
    pub name: String,
    /// An argon2id hash in PHC format.
    pub password_hash: String,
    pub system_admin: bool,
    pub created_at: DateTimeUtc,
    /// Null while the account is active.
    pub deactivated_at: Option<DateTimeUtc>,
    /// Whether the user gets emails about webhooks.
    pub webhook_emails: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! A personal API token.

use app::model::account::TokenScope;
use app::model::id::{ProjectId, TokenId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    pub user_id: UserId,
    pub name: String,
    /// SHA-256 of the text. The text has full entropy, so a slow hash would add nothing.
    pub token_hash: Vec<u8>,
    /// The first characters of the token, which identify it.
    pub hint: String,
    pub scope: TokenScope,
    /// The only project it can access; null for all projects of its owner.
    pub project_id: Option<ProjectId>,
    pub created_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

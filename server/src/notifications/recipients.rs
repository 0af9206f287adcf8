//! Who is notified: the active admins of a project.

use app::model::id::ProjectId;
use app::model::people::Role;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::entity::{member, user};

/// At most this many, so that a change of health stays a small transaction.
const MAX_RECIPIENTS: u64 = 100;

/// The admins who joined the project first.
pub async fn admins(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<user::Model>, DbErr> {
    let ids = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::ProjectId.eq(project))
        .filter(member::Column::Role.eq(Role::Admin))
        .into_query();
    user::Entity::find()
        .filter(user::Column::Id.in_subquery(ids))
        .filter(user::Column::DeactivatedAt.is_null())
        .order_by_asc(user::Column::Id)
        .limit(MAX_RECIPIENTS)
        .all(db)
        .await
}

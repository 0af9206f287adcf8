//! Who is notified: the active admins of the projects of a webhook; if it has all projects, the system admins.

use std::collections::HashMap;

use app::model::id::{ProjectId, UserId};
use app::model::people::Role;
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{member, user, webhook, webhook_project};

/// At most this many, so that a change of health stays a small transaction.
const MAX_RECIPIENTS: u64 = 100;

/// A user, and a project of the webhook that the user may read.
pub struct Recipient {
    /// The user.
    pub user: user::Model,
    /// The project.
    pub project: ProjectId,
}

/// The admins who were created first.
pub async fn admins(db: &impl ConnectionTrait, webhook: &webhook::Model) -> Result<Vec<Recipient>, DbErr> {
    let active = user::Entity::find()
        .filter(user::Column::DeactivatedAt.is_null())
        .order_by_asc(user::Column::Id)
        .limit(MAX_RECIPIENTS);
    if webhook.scope == ScopeKind::All {
        let found = active.filter(user::Column::SystemAdmin.eq(true)).all(db).await?;
        return Ok(found.into_iter().map(|user| Recipient { user, project: webhook.project_id }).collect());
    }
    let projects = webhook_project::projects_of(db, webhook).await?;
    let members: HashMap<UserId, ProjectId> = member::Entity::find()
        .select_only()
        .columns([member::Column::UserId, member::Column::ProjectId])
        .filter(member::Column::ProjectId.is_in(projects))
        .filter(member::Column::Role.eq(Role::Admin))
        .order_by_desc(member::Column::ProjectId)
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let found = active.filter(user::Column::Id.is_in(members.keys().copied())).all(db).await?;
    let recipient = |user: user::Model| {
        let project = *members.get(&user.id)?;
        Some(Recipient { user, project })
    };
    Ok(found.into_iter().filter_map(recipient).collect())
}

//! Memberships that the claim of single sign-on gives. They follow the claim at each sign-in. What an admin has given
//! or changed by hand, and the ownership of a project, stays as it is.

use std::collections::BTreeMap;

use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::people::{Actor, Role};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{member, project};
use crate::oidc::ProjectReference;
use crate::service::TxError;
use crate::service::people::invites;
use crate::service::people::members;
use crate::storage::Tx;

/// Gives a user what the claim grants, and takes what it no longer grants.
pub(crate) async fn apply(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    granted: Vec<(ProjectReference, Role)>,
) -> Result<(), TxError> {
    let projects = lock_projects(tx, actor, &granted).await?;
    let mut roles: BTreeMap<ProjectId, Role> = BTreeMap::new();
    for (reference, role) in granted {
        match projects.iter().find(|row| refers_to(&reference, row)) {
            // A key and an ID may name the same project.
            Some(row) if roles.get(&row.id) != Some(&Role::Admin) => {
                roles.insert(row.id, role);
            }
            Some(_) => {}
            None => tracing::warn!(project = ?reference, "a rule of TESTBELL_OIDC_MEMBERSHIPS names no project"),
        }
    }
    for row in &projects {
        apply_to(state, tx, actor, row, roles.get(&row.id).copied()).await?;
    }
    Ok(())
}

fn refers_to(reference: &ProjectReference, row: &project::Model) -> bool {
    match reference {
        ProjectReference::Id(id) => *id == row.id,
        ProjectReference::Key(key) => *key == row.key,
    }
}

/// The projects that the claim names, and those that it gave before. Locked in the order of their IDs, so that two
/// sign-ins don't deadlock.
async fn lock_projects(
    tx: &Tx<'_>,
    actor: &Actor,
    granted: &[(ProjectReference, Role)],
) -> Result<Vec<project::Model>, TxError> {
    let before: Vec<ProjectId> = member::Entity::find()
        .select_only()
        .column(member::Column::ProjectId)
        .filter(member::Column::UserId.eq(actor.id))
        .filter(member::Column::ByClaim.eq(true))
        .into_tuple()
        .all(tx.db())
        .await?;
    let ids = granted.iter().filter_map(|(reference, _)| match reference {
        ProjectReference::Id(id) => Some(*id),
        ProjectReference::Key(_) => None,
    });
    let keys = granted.iter().filter_map(|(reference, _)| match reference {
        ProjectReference::Key(key) => Some(key.as_str()),
        ProjectReference::Id(_) => None,
    });
    let any = Condition::any()
        .add(project::Column::Id.is_in(before.into_iter().chain(ids)))
        .add(project::Column::Key.is_in(keys));
    let rows = project::Entity::find().filter(any).filter(project::Column::DeletedAt.is_null());
    Ok(rows.order_by_asc(project::Column::Id).lock_exclusive().all(tx.db()).await?)
}

async fn apply_to(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    project: &project::Model,
    granted: Option<Role>,
) -> Result<(), TxError> {
    let known = member::Entity::find_by_id((project.id, actor.id)).lock_exclusive().one(tx.db()).await?;
    match (known, granted) {
        (None, None) => Ok(()),
        (None, Some(role)) => {
            let row = member::ActiveModel {
                project_id: Set(project.id),
                user_id: Set(actor.id),
                role: Set(role),
                joined_at: Set(state.clock.now()),
                by_claim: Set(true),
            };
            let key = [member::Column::ProjectId, member::Column::UserId];
            let inserted = member::Entity::insert(row)
                .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
                .exec_without_returning(tx.db())
                .await?;
            if inserted == 0 {
                // An admin was faster.
                return Ok(());
            }
            record(state, tx, actor, project.id, AuditAction::MemberJoined, Some(role)).await
        }
        // Given or changed by hand, or the owner, who is always an admin.
        (Some(row), _) if !row.by_claim || project.owner_id == actor.id => Ok(()),
        (Some(row), Some(role)) if row.role == role => Ok(()),
        (Some(_), Some(role)) => {
            let row = member::ActiveModel {
                project_id: Set(project.id),
                user_id: Set(actor.id),
                role: Set(role),
                ..Default::default()
            };
            member::Entity::update(row).exec(tx.db()).await?;
            if role != Role::Admin && !actor.system_admin {
                invites::revoke_unauthorized(tx, actor.id).await?;
            }
            record(state, tx, actor, project.id, AuditAction::MemberUpdated, Some(role)).await
        }
        (Some(_), None) => {
            members::delete_row(tx, project.id, actor.id, actor.system_admin).await?;
            record(state, tx, actor, project.id, AuditAction::MemberRemoved, None).await
        }
    }
}

async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    project: ProjectId,
    action: AuditAction,
    role: Option<Role>,
) -> Result<(), TxError> {
    let detail = role.map_or_else(String::new, |role| format!("{}. ", role.label()));
    let entry = NewAuditEntry::for_project(actor, project, action, actor.id, &actor.name);
    let detail = Some(format!("{detail}By the claim of single sign-on."));
    Ok(audit_log::record(state, tx, NewAuditEntry { detail, ..entry }).await?)
}

//! The members of a project. The owner is always an admin, so every project has an admin.

use app::error::{Error, Result};
use app::model::account::RemoveMember;
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Member, Role};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QuerySelect, RelationDef,
};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{api_token, member, project, user};
use crate::service::TxError;
use crate::service::cursor;
use crate::service::people::invites;
use crate::service::people::transfer;
use crate::storage::{Effect, Revoked, Tx, internal};
use crate::testware::clear_assignments;

fn user_relation() -> RelationDef {
    member::Entity::belongs_to(user::Entity).from(member::Column::UserId).to(user::Column::Id).into()
}

fn view(project: &project::Model, member: member::Model, user: user::Model) -> Member {
    Member {
        user_id: user.id,
        name: user.name,
        email: user.email,
        role: member.role,
        owner: project.owner_id == user.id,
        active: user.deactivated_at.is_none(),
        joined_at: member.joined_at,
        by_claim: member.by_claim,
    }
}

pub(crate) async fn list(state: &AppState, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>> {
    let access = require_member(state, actor, project).await?;
    let members = member::Entity::find()
        .join(JoinType::InnerJoin, user_relation())
        .select_also(user::Entity)
        .filter(member::Column::ProjectId.eq(project));
    let by_name = cursor::select_by_name(members, (user::Column::Name, user::Column::Id), &page)?;
    let rows = by_name.all(state.store.read()).await.map_err(internal)?;
    let members = rows.into_iter().filter_map(|(member, user)| Some(view(&access.project, member, user?))).collect();
    Ok(Page::cut(members, page.limit(), |member: &Member| cursor::by_name(&member.name, member.user_id.0)))
}

pub(crate) async fn update(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    user: UserId,
    role: Role,
) -> Result<Member> {
    require_admin(state, actor, project).await?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let locked = lock_project(tx, project).await?;
            let found = member::Entity::find_by_id((project, user)).lock_exclusive().one(tx.db()).await?;
            let mut row = found.ok_or(Error::NotFound)?.into_active_model();
            if locked.owner_id == user && role != Role::Admin {
                return Err(Error::conflict("The project owner must be an admin.").into());
            }
            row.role = Set(role);
            // From now on it is the admin's, and no claim changes it.
            row.by_claim = Set(false);
            let row = member::Entity::update(row).exec(tx.db()).await?;
            let user = user::Entity::find_by_id(user).one(tx.db()).await?.ok_or(Error::NotFound)?;
            if role != Role::Admin && !user.system_admin {
                invites::revoke_unauthorized(tx, user.id).await?;
            }
            let entry = NewAuditEntry::for_project(&actor, project, AuditAction::MemberUpdated, user.id, &user.name);
            audit_log::record(&audit, tx, NewAuditEntry { detail: Some(role.label().to_owned()), ..entry }).await?;
            Ok::<_, TxError>((locked, row, user))
        })
    });
    let (project, row, user) = change.await?;
    Ok(view(&project, row, user))
}

pub(crate) async fn remove(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    user: UserId,
    how: RemoveMember,
) -> Result<()> {
    require_admin(state, actor, project).await?;
    let (state, actor) = (state.clone(), actor.clone());
    let store = state.store.clone();
    let change = store.write(move |tx| {
        Box::pin(async move {
            let locked = lock_project(tx, project).await?;
            if locked.owner_id == user {
                let new_owner = how.new_owner_id.filter(|new_owner| *new_owner != user).ok_or_else(|| {
                    Error::conflict("The project owner can't be removed. Transfer the project first.")
                })?;
                transfer::make_owner(&state, tx, &actor, &locked, new_owner).await?;
            }
            let user = user::Entity::find_by_id(user).one(tx.db()).await?.ok_or(Error::NotFound)?;
            delete_row(tx, project, user.id, user.system_admin).await?;
            let entry = NewAuditEntry::for_project(&actor, project, AuditAction::MemberRemoved, user.id, &user.name);
            Ok::<_, TxError>(audit_log::record(&state, tx, entry).await?)
        })
    });
    Ok(change.await?)
}

/// Ends a membership, with what only it allowed.
///
/// # Errors
/// [`Error::NotFound`] if there is none.
pub(crate) async fn delete_row(
    tx: &Tx<'_>,
    project: ProjectId,
    user: UserId,
    is_system_admin: bool,
) -> Result<(), TxError> {
    let removed = member::Entity::delete_by_id((project, user)).exec(tx.db()).await?;
    if removed.rows_affected == 0 {
        return Err(Error::NotFound.into());
    }
    clear_assignments(tx, project, user).await?;
    if !is_system_admin {
        invites::revoke_unauthorized(tx, user).await?;
        let tokens = api_token::Entity::delete_many().filter(api_token::Column::UserId.eq(user));
        tokens.filter(api_token::Column::ProjectId.eq(project)).exec(tx.db()).await?;
        tx.after_commit(Effect::Revoked(Revoked::Member { project_id: project, user_id: user }));
    }
    Ok(())
}

/// Locks the project's row, so that its owner doesn't change during the transaction.
pub(crate) async fn lock_project(tx: &Tx<'_>, id: ProjectId) -> Result<project::Model, TxError> {
    let row = project::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?)
}

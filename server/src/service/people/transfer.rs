//! Transfers a project: the owner to a member, a system admin to any user.

use app::error::{Error, Result};
use app::model::account::TransferProject;
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, UserId};
use app::model::people::{Actor, Role};
use app::model::project::Project;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::access::require_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{member, project, user};
use crate::service::TxError;
use crate::service::people::members::lock_project;
use crate::service::projects::view;
use crate::storage::Tx;

pub(crate) async fn transfer(state: &AppState, actor: &Actor, id: ProjectId, to: TransferProject) -> Result<Project> {
    let access = require_admin(state, actor, id).await?;
    let (state, actor) = (state.clone(), actor.clone());
    let store = state.store.clone();
    let change = store.write(move |tx| {
        Box::pin(async move {
            let project = lock_project(tx, id).await?;
            make_owner(&state, tx, &actor, &project, to.owner_id).await?;
            Ok::<_, TxError>(())
        })
    });
    change.await?;
    Ok(view(access.project, access.role))
}

/// Makes a user the owner and an admin of a locked project. The previous owner stays an admin.
pub(crate) async fn make_owner(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    project: &project::Model,
    owner: UserId,
) -> Result<(), TxError> {
    if project.owner_id != actor.id && !actor.system_admin {
        return Err(Error::forbidden("Only the owner or a system admin can transfer a project.").into());
    }
    let unknown = || Error::field("ownerId", "Choose an active member of the project.");
    // Locked, so that the user isn't deactivated meanwhile.
    let user = user::Entity::find_by_id(owner).filter(user::Column::DeactivatedAt.is_null());
    let user = user.lock_shared().one(tx.db()).await?;
    let member = member::Entity::find_by_id((project.id, owner)).lock_exclusive().one(tx.db()).await?;
    let user = user.filter(|_| actor.system_admin || member.is_some()).ok_or_else(unknown)?;
    let admin = member::ActiveModel {
        project_id: Set(project.id),
        user_id: Set(owner),
        role: Set(Role::Admin),
        joined_at: Set(state.clock.now()),
        by_claim: Set(false),
    };
    let known = OnConflict::columns([member::Column::ProjectId, member::Column::UserId])
        .update_columns([member::Column::Role, member::Column::ByClaim])
        .to_owned();
    member::Entity::insert(admin).on_conflict(known).exec_without_returning(tx.db()).await?;
    let changed = project::ActiveModel { id: Set(project.id), owner_id: Set(owner), ..Default::default() };
    project::Entity::update(changed).exec(tx.db()).await?;
    let entry =
        NewAuditEntry::for_project(actor, project.id, AuditAction::ProjectTransferred, project.id, &project.name);
    audit_log::record(state, tx, NewAuditEntry { detail: Some(format!("To {}.", user.name)), ..entry }).await?;
    Ok(())
}

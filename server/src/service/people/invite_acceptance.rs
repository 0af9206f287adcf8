//! Accepts an invite: with a new account, with the password of an existing one, or as the signed-in
//! user who was invited.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::people::{Actor, NewUser};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{invite, member, project, user};
use crate::service::TxError;
use crate::service::people::invites;
use crate::service::people::users;
use crate::storage::Tx;

/// The fields of the form.
pub struct Acceptance {
    /// The name of a new account; ignored for an existing one.
    pub name: String,
    /// The password of the new or existing account.
    pub password: String,
}

/// Makes the caller a member and uses up the invite, if the caller is the invited user in a browser
/// session. Returns the project; `None` if a password is needed.
///
/// # Errors
/// [`Error::NotFound`] if the link is no longer valid.
pub async fn accept_signed_in(state: &AppState, token: &str, caller: &Actor) -> Result<Option<ProjectId>> {
    let (invite, project) = invites::find(state, token).await?;
    if !caller.credential.is_session() || caller.email != invite.email {
        return Ok(None);
    }
    join(state, invite, caller.clone(), None).await?;
    Ok(Some(project.id))
}

/// Makes the invited user a member and uses up the invite. Returns the user to sign in, and the
/// project.
///
/// # Errors
/// [`Error::NotFound`] if the link is no longer valid, [`Error::Invalid`] for the fields of a new
/// account, [`Error::Unauthenticated`] for a wrong password of an existing one.
pub async fn accept(state: &AppState, token: &str, acceptance: Acceptance) -> Result<(user::Model, ProjectId)> {
    let (invite, project) = invites::find(state, token).await?;
    // The sender knows the link too. So the responses are the same with and without an existing
    // account, until a name and a valid password are sent.
    let known = users::find_by_password(state, &invite.email, &acceptance.password).await?;
    let (row, new) = match known {
        Some(row) => (row, None),
        None => {
            let new = NewUser { name: acceptance.name, email: invite.email.clone(), password: acceptance.password };
            let row = users::prepare(state, new, false).await?;
            if users::find_by_email(state, &invite.email).await?.is_some() {
                return Err(Error::Unauthenticated);
            }
            (row.clone(), Some(row))
        }
    };
    join(state, invite, users::actor(row.clone()), new).await?;
    Ok((row, project.id))
}

async fn join(state: &AppState, invite: invite::Model, actor: Actor, new: Option<user::Model>) -> Result<()> {
    let member = member::ActiveModel {
        project_id: Set(invite.project_id),
        user_id: Set(actor.id),
        role: Set(invite.role),
        joined_at: Set(state.clock.now()),
        by_claim: Set(false),
    };
    let audit = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let (project, role) = (invite.project_id, invite.role);
            // A right that was revoked since the link was looked up counts too.
            if !invites::may_invite(tx.db(), invite.invited_by, project).await? || !can_join(tx, project).await? {
                return Err(Error::NotFound.into());
            }
            use_up(tx, invite, member, new).await?;
            let entry = NewAuditEntry::for_project(&actor, project, AuditAction::MemberJoined, actor.id, &actor.name);
            audit_log::record(&audit, tx, NewAuditEntry { detail: Some(role.label().to_owned()), ..entry }).await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

/// Whether the project exists. It can't be deleted until the transaction ends.
async fn can_join(tx: &Tx<'_>, project: ProjectId) -> Result<bool, TxError> {
    let row = project::Entity::find_by_id(project).lock_shared().one(tx.db()).await?;
    Ok(row.is_some_and(|row| row.deleted_at.is_none()))
}

async fn use_up(
    tx: &Tx<'_>,
    invite: invite::Model,
    member: member::ActiveModel,
    new: Option<user::Model>,
) -> Result<(), TxError> {
    // Of two concurrent uses of the link, only one deletes the row.
    let used = invite::Entity::delete_by_id(invite.id).exec(tx.db()).await?;
    if used.rows_affected == 0 {
        return Err(Error::NotFound.into());
    }
    if let Some(row) = new {
        users::insert(tx, row).await?;
    }
    // A user who is a member already keeps the role. No claim takes the membership away any more.
    let known = OnConflict::columns([member::Column::ProjectId, member::Column::UserId])
        .update_column(member::Column::ByClaim)
        .to_owned();
    member::Entity::insert(member).on_conflict(known).exec_without_returning(tx.db()).await?;
    Ok(())
}

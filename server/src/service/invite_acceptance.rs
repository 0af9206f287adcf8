//! Accepting an invitation: by a new account, by the password of an existing one, or by being
//! signed in as the person it is for.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::people::{Actor, NewUser};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::audit::{Deed, of_project};
use super::{ChangeError, invites, users};
use crate::core::Core;
use crate::entity::{invite, member, user};
use crate::storage::Tx;

/// What the form says.
pub struct Acceptance {
    /// The name of a new account; ignored for an existing one.
    pub name: String,
    /// The password of the new or the existing account.
    pub password: String,
}

/// Makes whoever the invitation is for a member, and uses it up. Gives the person to sign in,
/// and the project. `caller` is whoever is signed in, `acceptance` what the form says.
///
/// # Errors
/// [`Error::NotFound`] when the link doesn't work (any more), [`Error::Invalid`] naming the
/// fields of a new account, [`Error::Unauthenticated`] for a wrong password.
pub async fn accept(
    core: &Core,
    token: &str,
    caller: Option<&Actor>,
    acceptance: Acceptance,
) -> Result<(Actor, ProjectId)> {
    let (invite, project) = invites::find(core, token).await?;
    if let Some(caller) = caller.filter(|caller| caller.email == invite.email) {
        join(core, invite, caller.clone(), None).await.map(|actor| (actor, project.id))
    } else if users::by_email(core, &invite.email).await?.is_some() {
        let known = users::authenticate(core, &invite.email, &acceptance.password).await?;
        let actor = known.ok_or(Error::Unauthenticated)?;
        join(core, invite, actor, None).await.map(|actor| (actor, project.id))
    } else {
        let new = NewUser { name: acceptance.name, email: invite.email.clone(), password: acceptance.password };
        let row = users::prepare(core, new, false).await?;
        join(core, invite, users::actor(row.clone()), Some(row)).await.map(|actor| (actor, project.id))
    }
}

async fn join(core: &Core, invite: invite::Model, actor: Actor, new: Option<user::Model>) -> Result<Actor> {
    let member = member::ActiveModel {
        project_id: Set(invite.project_id),
        user_id: Set(actor.id),
        role: Set(invite.role),
        joined_at: Set(core.clock.now()),
    };
    let audit = core.clone();
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            let (project, role) = (invite.project_id, invite.role);
            use_up(tx, invite, member, new).await?;
            let deed = of_project(&actor, project, AuditAction::MemberJoined, actor.id, &actor.name);
            audit.audit(tx, Deed { detail: Some(role.label().to_owned()), ..deed }).await?;
            Ok::<_, ChangeError>(actor)
        })
    });
    Ok(change.await?)
}

async fn use_up(
    tx: &Tx<'_>,
    invite: invite::Model,
    member: member::ActiveModel,
    new: Option<user::Model>,
) -> Result<(), ChangeError> {
    // Of two that use the link at once, only one removes the row.
    let used = invite::Entity::delete_by_id(invite.id).exec(tx.db()).await?;
    if used.rows_affected == 0 {
        return Err(Error::NotFound.into());
    }
    if let Some(row) = new {
        users::insert(tx, row).await?;
    }
    // Who has become a member meanwhile keeps the role.
    member::Entity::insert(member)
        .on_conflict(OnConflict::columns([member::Column::ProjectId, member::Column::UserId]).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

//! Invitations: a link that makes whoever it is for a member of a project, once and for seven
//! days. Only the hash of its token is kept.

use std::time::Duration;

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{InviteId, ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, CreateInvite, CreatedInvite, Invite, InviteOffer};
use app::model::text::Email;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::audit::{Deed, of_project};
use super::{ChangeError, cursor, users};
use crate::core::Core;
use crate::crypto::{sha256, token};
use crate::entity::{invite, member, project};
use crate::storage::internal;

/// For how long a link works.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

fn view(row: invite::Model) -> Invite {
    Invite { id: row.id, email: row.email, role: row.role, expires_at: row.expires_at }
}

pub(super) async fn list(core: &Core, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Invite>> {
    core.admin(actor, project).await?;
    let mut query = invite::Entity::find()
        .filter(invite::Column::ProjectId.eq(project))
        .filter(invite::Column::ExpiresAt.gt(core.clock.now()))
        .order_by_desc(invite::Column::Id)
        .limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<InviteId>(page.cursor.as_deref())? {
        query = query.filter(invite::Column::Id.lt(before));
    }
    let rows = query.all(core.store.read()).await.map_err(internal)?;
    Ok(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(view))
}

/// Invites a person. An earlier invitation of the same person ends: one link at a time.
pub(super) async fn create(core: &Core, actor: &Actor, project: ProjectId, new: CreateInvite) -> Result<CreatedInvite> {
    core.admin(actor, project).await?;
    let email = new.email.parse::<Email>().map_err(|message| Error::field("email", message))?;
    let user = users::by_email(core, email.as_str()).await?;
    if let Some(user) = user
        && is_member(core, project, user.id).await?
    {
        return Err(Error::conflict(format!("{} is a member already.", user.name)));
    }
    let secret = token("tbi_");
    let now = core.clock.now();
    let row = invite::Model {
        id: core.ids.next(),
        project_id: project,
        email: email.into_string(),
        role: new.role,
        token_hash: sha256(secret.as_bytes()).to_vec(),
        invited_by: actor.id,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    let (written, audit, actor) = (row.clone(), core.clone(), actor.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            invite::Entity::delete_many()
                .filter(invite::Column::ProjectId.eq(project))
                .filter(invite::Column::Email.eq(&written.email))
                .exec(tx.db())
                .await?;
            let deed = of_project(&actor, project, AuditAction::MemberInvited, written.id, &written.email);
            audit.audit(tx, Deed { detail: Some(written.role.label().to_owned()), ..deed }).await?;
            let row = written.into_active_model().reset_all();
            invite::Entity::insert(row).exec_without_returning(tx.db()).await.map_err(ChangeError::from)
        })
    });
    change.await?;
    Ok(CreatedInvite { invite: view(row), url: core.config.link(&format!("/invites/{secret}")) })
}

async fn is_member(core: &Core, project: ProjectId, user: UserId) -> Result<bool> {
    let found = member::Entity::find_by_id((project, user)).one(core.store.read()).await.map_err(internal)?;
    Ok(found.is_some())
}

pub(super) async fn delete(core: &Core, actor: &Actor, project: ProjectId, id: InviteId) -> Result<()> {
    core.admin(actor, project).await?;
    let (audit, actor) = (core.clone(), actor.clone());
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            let own = invite::Entity::find_by_id(id).filter(invite::Column::ProjectId.eq(project));
            let row = own.lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
            invite::Entity::delete_by_id(id).exec(tx.db()).await?;
            audit.audit(tx, of_project(&actor, project, AuditAction::InviteRevoked, id, &row.email)).await?;
            Ok::<_, ChangeError>(())
        })
    });
    Ok(change.await?)
}

pub(super) async fn offer(core: &Core, token: &str) -> Result<InviteOffer> {
    let (invite, project) = find(core, token).await?;
    let has_account = users::by_email(core, &invite.email).await?.is_some();
    Ok(InviteOffer { email: invite.email, project_name: project.name, role: invite.role, has_account })
}

/// The invitation of a link that works, and its project.
///
/// # Errors
/// [`Error::NotFound`] for a link that was used, taken back or has run out.
pub(super) async fn find(core: &Core, token: &str) -> Result<(invite::Model, project::Model)> {
    let db = core.store.read();
    let invite = invite::Entity::find()
        .filter(invite::Column::TokenHash.eq(sha256(token.as_bytes()).to_vec()))
        .filter(invite::Column::ExpiresAt.gt(core.clock.now()))
        .one(db)
        .await
        .map_err(internal)?
        .ok_or(Error::NotFound)?;
    let project = project::Entity::find_by_id(invite.project_id).one(db).await.map_err(internal)?;
    let project = project.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
    Ok((invite, project))
}

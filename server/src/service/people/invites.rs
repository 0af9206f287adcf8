//! Invites: a link that adds one user to a project, once, within seven days. Only the hash of its
//! token is stored.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{InviteId, ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, CreateInvite, CreatedInvite, INVITE_DAYS, Invite, InviteOffer, Role};
use app::model::text::Email;
use chrono::TimeDelta;
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QuerySelect,
};

use crate::access::require_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto::{sha256, token};
use crate::entity::{invite, member, project, user};
use crate::service::TxError;
use crate::service::cursor;
use crate::storage::{Tx, internal};

/// The lifetime of a link.
const INVITE_LIFETIME: TimeDelta = TimeDelta::days(INVITE_DAYS);

fn view(row: invite::Model) -> Invite {
    Invite { id: row.id, email: row.email, role: row.role, expires_at: row.expires_at }
}

pub(crate) async fn list(state: &AppState, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Invite>> {
    require_admin(state, actor, project).await?;
    let pending = invite::Entity::find()
        .filter(invite::Column::ProjectId.eq(project))
        .filter(invite::Column::ExpiresAt.gt(state.clock.now()));
    let by_id = (invite::Column::Id, |row: &invite::Model| row.id);
    Ok(cursor::newest_first(state.store.read(), pending, by_id, &page).await?.map(view))
}

/// Creates an invite. It replaces an earlier invite of the same user.
pub(crate) async fn create(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    new: CreateInvite,
) -> Result<CreatedInvite> {
    require_admin(state, actor, project).await?;
    let email = new.email.parse::<Email>().map_err(|message| Error::field("email", message))?;
    // For non-members, the response doesn't reveal whether they have an account.
    if let Some(member) = member_name(state, project, &email).await? {
        return Err(Error::conflict(format!("{member} is already a member.")));
    }
    let secret = token("tbi_");
    let now = state.clock.now();
    let row = invite::Model {
        id: state.ids.next(),
        project_id: project,
        email: email.into_string(),
        role: new.role,
        token_hash: sha256(secret.as_bytes()).to_vec(),
        invited_by: actor.id,
        created_at: now,
        expires_at: now + INVITE_LIFETIME,
    };
    let (written, audit, actor) = (row.clone(), state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            invite::Entity::delete_many()
                .filter(invite::Column::ProjectId.eq(project))
                .filter(invite::Column::Email.eq(&written.email))
                .exec(tx.db())
                .await?;
            let entry =
                NewAuditEntry::for_project(&actor, project, AuditAction::MemberInvited, written.id, &written.email);
            audit_log::record(&audit, tx, NewAuditEntry { detail: Some(written.role.label().to_owned()), ..entry })
                .await?;
            let row = written.into_active_model().reset_all();
            invite::Entity::insert(row).exec_without_returning(tx.db()).await.map_err(TxError::from)
        })
    });
    change.await?;
    Ok(CreatedInvite { invite: view(row), url: state.config.link(&format!("/invites/{secret}")) })
}

/// The name of the member with this address; always a single read, so that its time reveals
/// nothing.
async fn member_name(state: &AppState, project: ProjectId, email: &Email) -> Result<Option<String>> {
    let of_user = member::Entity::belongs_to(user::Entity).from(member::Column::UserId).to(user::Column::Id).into();
    let query = member::Entity::find()
        .select_only()
        .column(user::Column::Name)
        .join(JoinType::InnerJoin, of_user)
        .filter(member::Column::ProjectId.eq(project))
        .filter(user::Column::Email.eq(email.as_str()));
    query.into_tuple().one(state.store.read()).await.map_err(internal)
}

pub(crate) async fn delete(state: &AppState, actor: &Actor, project: ProjectId, id: InviteId) -> Result<()> {
    require_admin(state, actor, project).await?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let own = invite::Entity::find_by_id(id).filter(invite::Column::ProjectId.eq(project));
            let row = own.lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
            invite::Entity::delete_by_id(id).exec(tx.db()).await?;
            audit_log::record(
                &audit,
                tx,
                NewAuditEntry::for_project(&actor, project, AuditAction::InviteRevoked, id, &row.email),
            )
            .await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

/// Revokes all invites of a sender who was deactivated.
pub(crate) async fn revoke_all(tx: &Tx<'_>, inviter: UserId) -> Result<(), DbErr> {
    let by = invite::Entity::delete_many().filter(invite::Column::InvitedBy.eq(inviter));
    by.exec(tx.db()).await.map(drop)
}

/// Revokes the invites of a user to projects of which the user is no admin. Not for system admins.
pub(crate) async fn revoke_unauthorized(tx: &Tx<'_>, inviter: UserId) -> Result<(), DbErr> {
    let administered = Query::select()
        .column(member::Column::ProjectId)
        .from(member::Entity)
        .and_where(member::Column::UserId.eq(inviter))
        .and_where(member::Column::Role.eq(Role::Admin))
        .to_owned();
    let by = invite::Entity::delete_many()
        .filter(invite::Column::InvitedBy.eq(inviter))
        .filter(invite::Column::ProjectId.not_in_subquery(administered));
    by.exec(tx.db()).await.map(drop)
}

/// Whether the sender may still invite to the project. Otherwise the invite is void.
pub(crate) async fn may_invite(db: &impl ConnectionTrait, inviter: UserId, project: ProjectId) -> Result<bool, DbErr> {
    let inviter = user::Entity::find_by_id(inviter).filter(user::Column::DeactivatedAt.is_null()).one(db).await?;
    let Some(inviter) = inviter else { return Ok(false) };
    if inviter.system_admin {
        return Ok(true);
    }
    let member = member::Entity::find_by_id((project, inviter.id)).one(db).await?;
    Ok(member.is_some_and(|member| member.role == Role::Admin))
}

pub(crate) async fn offer(state: &AppState, token: &str) -> Result<InviteOffer> {
    let (invite, project) = find(state, token).await?;
    Ok(InviteOffer { email: invite.email, project_name: project.name, role: invite.role })
}

/// The invite of a valid link, and its project.
///
/// # Errors
/// [`Error::NotFound`] for a link that was used or revoked or has expired, or whose sender may no
/// longer invite.
pub(crate) async fn find(state: &AppState, token: &str) -> Result<(invite::Model, project::Model)> {
    let db = state.store.read();
    let invite = invite::Entity::find()
        .filter(invite::Column::TokenHash.eq(sha256(token.as_bytes()).to_vec()))
        .filter(invite::Column::ExpiresAt.gt(state.clock.now()))
        .one(db)
        .await
        .map_err(internal)?
        .ok_or(Error::NotFound)?;
    let project = project::Entity::find_by_id(invite.project_id).one(db).await.map_err(internal)?;
    let project = project.filter(|project| project.deleted_at.is_none()).ok_or(Error::NotFound)?;
    if !may_invite(db, invite.invited_by, project.id).await.map_err(internal)? {
        return Err(Error::NotFound);
    }
    Ok((invite, project))
}

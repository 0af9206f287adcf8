//! All users, for system admins. At least one active system admin always remains.

use app::error::{Error, Result};
use app::model::account::{Credential, UpdateUser, User};
use app::model::audit::AuditAction;
use app::model::id::UserId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::require_system_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{api_token, user};
use crate::service::TxError;
use crate::service::cursor;
use crate::service::people::browser_sessions;
use crate::service::people::identities;
use crate::service::people::invites;
use crate::service::people::password_resets;
use crate::storage::{Effect, Revoked, Tx, internal};

fn view(row: user::Model, linked: &[UserId]) -> User {
    User {
        id: row.id,
        name: row.name,
        email: row.email,
        system_admin: row.system_admin,
        active: row.deactivated_at.is_none(),
        single_sign_on: linked.contains(&row.id),
        created_at: row.created_at,
    }
}

pub(crate) async fn list(state: &AppState, actor: &Actor, page: PageQuery) -> Result<Page<User>> {
    require_system_admin(actor)?;
    let by_name = (user::Column::Name, user::Column::Id);
    let users = cursor::select_by_name(user::Entity::find(), by_name, &page)?;
    let rows = users.all(state.store.read()).await.map_err(internal)?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let linked = identities::linked_users(state, &ids).await?;
    Ok(Page::cut(rows, page.limit(), |row| cursor::by_name(&row.name, row.id.0)).map(|row| view(row, &linked)))
}

pub(crate) async fn get(state: &AppState, actor: &Actor, id: UserId) -> Result<User> {
    require_system_admin(actor)?;
    let row = user::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.ok_or(Error::NotFound)?;
    Ok(view(row, &identities::linked_users(state, &[id]).await?))
}

pub(crate) async fn update(state: &AppState, actor: &Actor, id: UserId, change: UpdateUser) -> Result<User> {
    require_system_admin(actor)?;
    if id == actor.id && change.active == Some(false) {
        return Err(Error::conflict("You can't deactivate your own account. Ask another system admin."));
    }
    let (audit, actor, now) = (state.clone(), actor.clone(), state.clock.now());
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            let others = lock_admins(tx, id).await?;
            let found = user::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
            let mut row = found.ok_or(Error::NotFound)?;
            let is_admin = row.system_admin && row.deactivated_at.is_none();
            for change in changes(&row, &change) {
                apply(tx, &mut row, change, now).await?;
                let entry = NewAuditEntry::for_user(Some(&actor), change.audit_action(), row.id, &row.name, None);
                audit_log::record(&audit, tx, entry).await?;
            }
            if is_admin && !others && (!row.system_admin || row.deactivated_at.is_some()) {
                let detail = "This is the last active system admin. Make another user a system admin first.";
                return Err(Error::conflict(detail).into());
            }
            Ok::<_, TxError>(row)
        })
    });
    let row = write.await?;
    Ok(view(row, &identities::linked_users(state, &[id]).await?))
}

/// Locks all active system admins, so that of two concurrent changes the second one sees the first.
/// Returns whether there is one besides `id`.
async fn lock_admins(tx: &Tx<'_>, id: UserId) -> Result<bool, DbErr> {
    let admins = user::Entity::find()
        .filter(user::Column::SystemAdmin.eq(true))
        .filter(user::Column::DeactivatedAt.is_null())
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    Ok(admins.iter().any(|admin| admin.id != id))
}

/// A change of a user's account.
#[derive(Clone, Copy)]
enum UserChange {
    Deactivate,
    Reactivate,
    Promote,
    Demote,
}

impl UserChange {
    const fn audit_action(self) -> AuditAction {
        match self {
            Self::Deactivate => AuditAction::UserDeactivated,
            Self::Reactivate => AuditAction::UserReactivated,
            Self::Promote => AuditAction::UserPromoted,
            Self::Demote => AuditAction::UserDemoted,
        }
    }
}

/// The changes in a request.
fn changes(row: &user::Model, request: &UpdateUser) -> Vec<UserChange> {
    let active = request.active.filter(|active| *active == row.deactivated_at.is_some());
    let admin = request.system_admin.filter(|admin| *admin != row.system_admin);
    let active = active.map(|active| if active { UserChange::Reactivate } else { UserChange::Deactivate });
    let admin = admin.map(|admin| if admin { UserChange::Promote } else { UserChange::Demote });
    active.into_iter().chain(admin).collect()
}

async fn apply(tx: &Tx<'_>, row: &mut user::Model, change: UserChange, now: DateTime<Utc>) -> Result<(), TxError> {
    match change {
        UserChange::Deactivate => row.deactivated_at = Some(now),
        UserChange::Reactivate => row.deactivated_at = None,
        UserChange::Promote => row.system_admin = true,
        UserChange::Demote => row.system_admin = false,
    }
    let changed = user::ActiveModel {
        id: Set(row.id),
        system_admin: Set(row.system_admin),
        deactivated_at: Set(row.deactivated_at),
        ..Default::default()
    };
    user::Entity::update(changed).exec(tx.db()).await?;
    match change {
        UserChange::Deactivate => {
            browser_sessions::end_all_but(tx, row.id, Credential::Internal).await?;
            let tokens = api_token::Entity::delete_many().filter(api_token::Column::UserId.eq(row.id));
            tokens.exec(tx.db()).await?;
            invites::revoke_all(tx, row.id).await?;
            password_resets::delete_link(tx, row.id).await?;
        }
        UserChange::Demote => invites::revoke_unauthorized(tx, row.id).await?,
        UserChange::Reactivate | UserChange::Promote => return Ok(()),
    }
    tx.after_commit(Effect::Revoked(Revoked::User { user_id: row.id }));
    Ok(())
}

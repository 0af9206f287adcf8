//! Links to set a new password: created by a system admin or on the command line, valid once within
//! a day. Only the hash of the token is stored.

use app::error::{Error, Result};
use app::model::account::{Credential, PASSWORD_RESET_HOURS, PasswordResetLink, PasswordResetOffer};
use app::model::audit::AuditAction;
use app::model::id::UserId;
use app::model::people::Actor;
use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::access::require_system_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto::{check_new_password, hash_password, sha256, token};
use crate::entity::{password_reset, user};
use crate::service::TxError;
use crate::service::people::browser_sessions;
use crate::service::people::users;
use crate::storage::{Tx, internal};

/// The lifetime of a link.
const PASSWORD_RESET_LIFETIME: TimeDelta = TimeDelta::hours(PASSWORD_RESET_HOURS);

/// Creates a link for a user. It replaces an earlier link.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but system admins, [`Error::NotFound`] for an unknown user,
/// [`Error::Conflict`] for a deactivated account, and for the caller's own, because a link needs no
/// current password.
pub async fn create(state: &AppState, actor: &Actor, user: UserId) -> Result<PasswordResetLink> {
    require_system_admin(actor)?;
    if user == actor.id {
        return Err(Error::conflict(
            "You can't reset your own password. Change it on the account page, or use `testbell user reset`.",
        ));
    }
    create_for(state, Some(actor), user).await
}

/// [`create`] without an admin, for the command line.
///
/// # Errors
/// Those of [`create`].
pub async fn create_for(state: &AppState, actor: Option<&Actor>, user: UserId) -> Result<PasswordResetLink> {
    let secret = token("tbr_");
    let now = state.clock.now();
    let row = password_reset::Model {
        user_id: user,
        token_hash: sha256(secret.as_bytes()).to_vec(),
        created_by: actor.map(|actor| actor.id),
        created_at: now,
        expires_at: now + PASSWORD_RESET_LIFETIME,
    };
    let expires_at = row.expires_at;
    let (audit, actor) = (state.clone(), actor.cloned());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let user = user::Entity::find_by_id(user).one(tx.db()).await?.ok_or(Error::NotFound)?;
            if user.deactivated_at.is_some() {
                return Err(Error::conflict("This account is deactivated. Reactivate it first.").into());
            }
            delete_link(tx, user.id).await?;
            password_reset::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
            let entry =
                NewAuditEntry::for_user(actor.as_ref(), AuditAction::PasswordResetCreated, user.id, &user.name, None);
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    change.await?;
    Ok(PasswordResetLink { url: state.config.link(&format!("/password-reset/{secret}")), expires_at })
}

/// Deletes a user's link, if there is one.
pub(crate) async fn delete_link(tx: &Tx<'_>, user: UserId) -> Result<(), DbErr> {
    password_reset::Entity::delete_by_id(user).exec(tx.db()).await.map(drop)
}

pub(crate) async fn offer(state: &AppState, token: &str) -> Result<PasswordResetOffer> {
    let (_, user) = find(state, token).await?;
    Ok(PasswordResetOffer { email: user.email })
}

/// Sets a new password with a link, uses it up, and ends all sessions of the user.
///
/// # Errors
/// [`Error::NotFound`] if the link is no longer valid, [`Error::Invalid`] for an invalid password.
pub async fn redeem(state: &AppState, token: &str, password: String) -> Result<user::Model> {
    let (reset, user) = find(state, token).await?;
    check_new_password(&password, &user.name, &user.email).map_err(|message| Error::field("password", message))?;
    let hash = hash_password(password).await.ok_or(Error::Internal)?;
    let user = user::Model { password_hash: hash.clone(), ..user };
    let (audit, written) = (state.clone(), users::actor(user.clone()));
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // Of two concurrent uses of the link, only one deletes the row.
            let used = password_reset::Entity::delete_many()
                .filter(password_reset::Column::TokenHash.eq(reset.token_hash))
                .exec(tx.db())
                .await?;
            if used.rows_affected == 0 {
                return Err(TxError::Refused(Error::NotFound));
            }
            let row = user::ActiveModel { id: Set(written.id), password_hash: Set(hash), ..Default::default() };
            user::Entity::update(row).exec(tx.db()).await?;
            browser_sessions::end_all_but(tx, written.id, Credential::Internal).await?;
            let entry =
                NewAuditEntry::for_user(Some(&written), AuditAction::PasswordReset, written.id, &written.name, None);
            Ok(audit_log::record(&audit, tx, entry).await?)
        })
    });
    change.await?;
    Ok(user)
}

/// The reset of a valid link, and its user.
async fn find(state: &AppState, token: &str) -> Result<(password_reset::Model, user::Model)> {
    let db = state.store.read();
    let reset = password_reset::Entity::find()
        .filter(password_reset::Column::TokenHash.eq(sha256(token.as_bytes()).to_vec()))
        .filter(password_reset::Column::ExpiresAt.gt(state.clock.now()))
        .one(db)
        .await
        .map_err(internal)?
        .ok_or(Error::NotFound)?;
    let user = user::Entity::find_by_id(reset.user_id).filter(user::Column::DeactivatedAt.is_null());
    let user = user.one(db).await.map_err(internal)?.ok_or(Error::NotFound)?;
    Ok((reset, user))
}

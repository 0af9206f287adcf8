//! A user's own account: name, email address and password. Changing the address or the password
//! requires the current password, and wrong ones are throttled.

use app::error::{Checks, Error, Result};
use app::model::account::{ChangePassword, UpdateProfile};
use app::model::audit::AuditAction;
use app::model::people::Actor;
use app::model::text::{Email, Name};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use crate::access::require_whole_account;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto::{check_new_password, hash_password};
use crate::entity::user;
use crate::service::TxError;
use crate::service::people::browser_sessions;
use crate::service::people::password_resets;
use crate::service::people::sign_ins;
use crate::service::people::users;
use crate::storage::internal;

/// The caller as stored now.
pub(crate) async fn read(state: &AppState, actor: &Actor) -> Result<Actor> {
    let row = user::Entity::find_by_id(actor.id).one(state.store.read()).await.map_err(internal)?;
    row.map(|row| Actor { credential: actor.credential, ..users::actor(row) }).ok_or(Error::Unauthenticated)
}

pub(crate) async fn update(state: &AppState, actor: &Actor, change: UpdateProfile) -> Result<Actor> {
    require_whole_account(actor)?;
    let mut checks = Checks::default();
    let name = change.name.and_then(|name| checks.take("name", name.parse::<Name>()));
    let email = change.email.and_then(|email| checks.take("email", email.parse::<Email>()));
    checks.finish()?;
    let name = name.map(Name::into_string).filter(|name| *name != actor.name);
    let email = email.map(Email::into_string).filter(|email| *email != actor.email);
    let webhook_emails = change.webhook_emails.filter(|wanted| *wanted != actor.webhook_emails);
    let fields = [
        name.is_some().then_some("Name"),
        email.is_some().then_some("Email"),
        webhook_emails.is_some().then_some("Emails about webhooks"),
    ];
    let changed = fields.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if changed.is_empty() {
        return Ok(actor.clone());
    }
    if email.is_some() {
        verify(state, actor, change.current_password.unwrap_or_default()).await?;
        // The response reveals whether the address is taken.
        state.throttle.begin_address_change(state.clock.instant(), actor.id)?;
    }
    let updated = Actor {
        name: name.unwrap_or_else(|| actor.name.clone()),
        email: email.unwrap_or_else(|| actor.email.clone()),
        webhook_emails: webhook_emails.unwrap_or(actor.webhook_emails),
        ..actor.clone()
    };
    let (audit, written) = (state.clone(), updated.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = user::ActiveModel {
                id: Set(written.id),
                name: Set(written.name.clone()),
                email: Set(written.email.clone()),
                webhook_emails: Set(written.webhook_emails),
                ..Default::default()
            };
            match user::Entity::update(row).exec(tx.db()).await {
                Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                    return Err(Error::conflict("Another account uses this email address.").into());
                }
                result => result?,
            };
            let entry = NewAuditEntry::for_user(
                Some(&written),
                AuditAction::UserUpdated,
                written.id,
                &written.name,
                Some(changed),
            );
            Ok::<_, TxError>(audit_log::record(&audit, tx, entry).await?)
        })
    });
    change.await?;
    Ok(updated)
}

/// Ends other sessions, and a password reset link stops working.
pub(crate) async fn change_password(state: &AppState, actor: &Actor, change: ChangePassword) -> Result<()> {
    require_whole_account(actor)?;
    check_new_password(&change.new_password, &actor.name, &actor.email)
        .map_err(|message| Error::field("newPassword", message))?;
    let verified = verify(state, actor, change.current_password).await?;
    let hash = hash_password(change.new_password).await.ok_or(Error::Internal)?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let changed = user::Entity::update_many()
                .set(user::ActiveModel { password_hash: Set(hash), ..Default::default() })
                .filter(user::Column::Id.eq(actor.id))
                // Of two concurrent changes, the later one has checked a password that is no longer
                // current.
                .filter(user::Column::PasswordHash.eq(verified))
                .exec(tx.db())
                .await?;
            if changed.rows_affected == 0 {
                return Err(TxError::Refused(wrong_password()));
            }
            browser_sessions::end_all_but(tx, actor.id, actor.credential).await?;
            password_resets::delete_link(tx, actor.id).await?;
            let entry =
                NewAuditEntry::for_user(Some(&actor), AuditAction::PasswordChanged, actor.id, &actor.name, None);
            Ok(audit_log::record(&audit, tx, entry).await?)
        })
    });
    Ok(change.await?)
}

/// Checks the current password and returns its hash. Attempts are counted per account, from any
/// address.
async fn verify(state: &AppState, actor: &Actor, password: String) -> Result<String> {
    if let Err(throttled) = state.throttle.begin_current_password(state.clock.instant(), actor.id) {
        if throttled.first {
            sign_ins::current_password_refused(state, actor, true).await;
        }
        return Err(throttled.into());
    }
    let Some(row) = users::find_by_password(state, &actor.email, &password).await? else {
        sign_ins::current_password_refused(state, actor, false).await;
        return Err(wrong_password());
    };
    state.throttle.current_password_succeeded(actor.id);
    Ok(row.password_hash)
}

fn wrong_password() -> Error {
    Error::field("currentPassword", "This is not your current password.")
}

//! Single sign-on: which account an identity of the provider signs in to, and who may have one.
//!
//! An identity is linked to an account by its issuer and subject. The first time, the account is found by the email
//! address, which the provider must have verified, or created. The address only matters then: a user whose address
//! changes at the provider keeps the account, and another user who gets the old address doesn't get the account.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::UserId;
use app::model::people::Actor;
use app::model::text::{Email, Name};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, SqlErr};

use crate::access::require_system_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{user, user_identity};
use crate::oidc::{Identity, OidcArgs};
use crate::service::TxError;
use crate::service::people::browser_sessions;
use crate::service::people::claim_memberships;
use crate::service::people::users;
use crate::storage::{Tx, internal};

/// Why an identity doesn't sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityRefusal {
    /// The provider has not verified its email address, or sends none.
    Unverified,
    /// Nobody has the address, and no account is created.
    NoAccount,
    /// The account is deactivated.
    Deactivated(UserId),
    /// The account with the address is linked to another identity of the provider.
    OtherIdentity(UserId),
}

enum SignInError {
    Refused(IdentityRefusal),
    Failed(TxError),
}

impl From<IdentityRefusal> for SignInError {
    fn from(refusal: IdentityRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<TxError>> From<E> for SignInError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The account of an identity, which is linked or created if necessary. Its memberships follow the claim.
///
/// # Errors
/// Errors of the server. A refusal is no error.
pub async fn sign_in(
    state: &AppState,
    identity: Identity,
    settings: &OidcArgs,
) -> Result<std::result::Result<user::Model, IdentityRefusal>> {
    let granted = identity.values.as_ref().map(|values| settings.memberships(values));
    let may_create = settings.oidc_create_accounts || granted.as_ref().is_some_and(|granted| !granted.is_empty());
    let new = match find(state, &identity).await? {
        Found::Account => None,
        Found::Nobody(_) if !may_create => return Ok(Err(IdentityRefusal::NoAccount)),
        // Hashing is too slow for a transaction.
        Found::Nobody(email) => Some(users::without_password(state, name(&identity, &email), email).await?),
        Found::Unverified => return Ok(Err(IdentityRefusal::Unverified)),
    };
    let state_in_tx = state.clone();
    let signed_in = state.store.write(move |tx| {
        Box::pin(async move {
            let row = link(&state_in_tx, tx, &identity, new).await?;
            if let Some(granted) = granted {
                claim_memberships::apply(&state_in_tx, tx, &users::actor(row.clone()), granted).await?;
            }
            Ok::<_, SignInError>(row)
        })
    });
    match signed_in.await {
        Ok(row) => Ok(Ok(row)),
        Err(SignInError::Refused(refusal)) => Ok(Err(refusal)),
        Err(SignInError::Failed(error)) => Err(error.into()),
    }
}

/// What is known of an identity.
enum Found {
    /// It is linked, or somebody has its verified address.
    Account,
    Nobody(Email),
    /// It is not linked, and has no verified address.
    Unverified,
}

async fn find(state: &AppState, identity: &Identity) -> Result<Found> {
    let key = (identity.issuer.clone(), identity.subject.clone());
    if user_identity::Entity::find_by_id(key).one(state.store.read()).await.map_err(internal)?.is_some() {
        return Ok(Found::Account);
    }
    let Some(email) = verified_email(identity) else { return Ok(Found::Unverified) };
    let user = users::find_by_email(state, email.as_str()).await?;
    Ok(if user.is_some() { Found::Account } else { Found::Nobody(email) })
}

fn verified_email(identity: &Identity) -> Option<Email> {
    identity.email.as_ref().filter(|_| identity.email_verified)?.parse().ok()
}

/// The name of a new account.
fn name(identity: &Identity, email: &Email) -> String {
    let told = identity.name.as_ref().and_then(|name| name.parse::<Name>().ok()).map(Name::into_string);
    told.unwrap_or_else(|| email.as_str().split('@').next().unwrap_or_default().to_owned())
}

/// The account of the identity, linked to it.
async fn link(
    state: &AppState,
    tx: &Tx<'_>,
    identity: &Identity,
    new: Option<user::Model>,
) -> std::result::Result<user::Model, SignInError> {
    let now = state.clock.now();
    let key = (identity.issuer.clone(), identity.subject.clone());
    if let Some(known) = user_identity::Entity::find_by_id(key).lock_exclusive().one(tx.db()).await? {
        let row = active(user::Entity::find_by_id(known.user_id).lock_shared().one(tx.db()).await?)?;
        let seen = user_identity::ActiveModel {
            issuer: Set(known.issuer),
            subject: Set(known.subject),
            email: Set(identity.email.clone()),
            last_sign_in_at: Set(now),
            ..Default::default()
        };
        user_identity::Entity::update(seen).exec(tx.db()).await?;
        return Ok(row);
    }
    let email = verified_email(identity).ok_or(IdentityRefusal::Unverified)?;
    let by_email = user::Entity::find().filter(user::Column::Email.eq(email.as_str()));
    let row = match by_email.lock_shared().one(tx.db()).await? {
        Some(row) => active(Some(row))?,
        None => {
            let row = new.ok_or(IdentityRefusal::NoAccount)?;
            users::insert(tx, row.clone()).await?;
            record(state, tx, &row, AuditAction::UserCreated, identity).await?;
            row
        }
    };
    let linked = user_identity::ActiveModel {
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        user_id: Set(row.id),
        email: Set(identity.email.clone()),
        linked_at: Set(now),
        last_sign_in_at: Set(now),
    };
    // The index allows one identity of each issuer. The check comes first, because a violation ends the transaction
    // on PostgreSQL; a concurrent sign-in of the same user may still cause one.
    let other = user_identity::Entity::find()
        .filter(user_identity::Column::UserId.eq(row.id))
        .filter(user_identity::Column::Issuer.eq(&identity.issuer));
    if other.one(tx.db()).await?.is_some() {
        return Err(IdentityRefusal::OtherIdentity(row.id).into());
    }
    match user_identity::Entity::insert(linked).exec_without_returning(tx.db()).await {
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            return Err(Error::conflict("You are signing in in two places at once. Try again.").into());
        }
        result => result?,
    };
    record(state, tx, &row, AuditAction::IdentityLinked, identity).await?;
    Ok(row)
}

fn active(row: Option<user::Model>) -> std::result::Result<user::Model, SignInError> {
    let row = row.ok_or_else(|| TxError::from(Error::NotFound))?;
    if row.deactivated_at.is_some() { Err(IdentityRefusal::Deactivated(row.id).into()) } else { Ok(row) }
}

async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    row: &user::Model,
    action: AuditAction,
    identity: &Identity,
) -> std::result::Result<(), DbErr> {
    let actor = users::actor(row.clone());
    let detail = Some(format!("By single sign-on with {}.", identity.issuer));
    audit_log::record(state, tx, NewAuditEntry::for_user(Some(&actor), action, row.id, &row.name, detail)).await
}

/// Which of the users have an identity.
pub(crate) async fn linked_users(state: &AppState, users: &[UserId]) -> Result<Vec<UserId>> {
    let query = user_identity::Entity::find()
        .select_only()
        .column(user_identity::Column::UserId)
        .filter(user_identity::Column::UserId.is_in(users.iter().copied()));
    query.into_tuple().all(state.store.read()).await.map_err(internal)
}

/// Unlinks the identities of a user and ends the user's sessions. The next single sign-on with the user's verified
/// address links an identity again.
pub(crate) async fn unlink(state: &AppState, actor: &Actor, id: UserId) -> Result<()> {
    require_system_admin(actor)?;
    let (audit, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let found = user::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
            let row = found.ok_or(Error::NotFound)?;
            let own = user_identity::Entity::delete_many().filter(user_identity::Column::UserId.eq(id));
            if own.exec(tx.db()).await?.rows_affected == 0 {
                return Err(TxError::Refused(Error::NotFound));
            }
            browser_sessions::end_all_but(tx, id, actor.credential).await?;
            let entry = NewAuditEntry::for_user(Some(&actor), AuditAction::IdentityUnlinked, id, &row.name, None);
            Ok(audit_log::record(&audit, tx, entry).await?)
        })
    });
    Ok(change.await?)
}

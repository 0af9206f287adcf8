//! Creates users, and verifies a user by email address and password.

use app::error::{Checks, Error, Result};
use app::model::account::Credential;
use app::model::people::{Actor, NewUser};
use app::model::text::{Email, MAX_PASSWORD_CHARS, Name};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use crate::app_state::AppState;
use crate::crypto::{check_new_password, hash_password, random_bytes, verify_password};
use crate::entity::user;
use crate::service::TxError;
use crate::storage::{Tx, internal};

/// The caller for a user's row.
#[must_use]
pub fn actor(row: user::Model) -> Actor {
    Actor {
        id: row.id,
        name: row.name,
        email: row.email,
        system_admin: row.system_admin,
        webhook_emails: row.webhook_emails,
        credential: Credential::Internal,
    }
}

/// Whether no user exists.
pub async fn no_user_exists(state: &AppState) -> Result<bool> {
    any_user_exists(state.store.read()).await.map(|found| !found).map_err(internal)
}

async fn any_user_exists(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = user::Entity::find().select_only().column(user::Column::Id).limit(1).into_tuple::<uuid::Uuid>();
    Ok(first.one(db).await?.is_some())
}

/// Finds a user by email address, case-insensitive.
pub async fn find_by_email(state: &AppState, email: &str) -> Result<Option<user::Model>> {
    let Ok(email) = email.parse::<Email>() else { return Ok(None) };
    let query = user::Entity::find().filter(user::Column::Email.eq(email.as_str()));
    query.one(state.store.read()).await.map_err(internal)
}

/// The user with the email address, for the command line.
///
/// # Errors
/// [`Error::Invalid`] if no user has it, or the account is deactivated.
pub async fn find_active(state: &AppState, email: &str) -> Result<user::Model> {
    let user = find_by_email(state, email).await?;
    let user = user.ok_or_else(|| Error::invalid(format!("No user has the email address {email}.")))?;
    if user.deactivated_at.is_some() {
        return Err(Error::invalid(format!(
            "The account of {email} is deactivated. A system admin can reactivate it."
        )));
    }
    Ok(user)
}

/// The user with this address and password, if the account is active. An unknown address takes as
/// long as a wrong password.
pub async fn find_by_password(state: &AppState, email: &str, password: &str) -> Result<Option<user::Model>> {
    // No password is longer, and hashing must be bounded.
    let password = if password.chars().count() > MAX_PASSWORD_CHARS { "" } else { password };
    let row = find_by_email(state, email).await?;
    let hash = row.as_ref().map(|row| row.password_hash.clone());
    let right = verify_password(password.to_owned(), hash).await;
    Ok(row.filter(|row| right && row.deactivated_at.is_none()))
}

/// Checks a new user's fields and hashes the password, which is too slow inside a transaction.
/// Nothing is stored yet.
///
/// # Errors
/// [`Error::Invalid`] with the invalid fields.
pub async fn prepare(state: &AppState, new: NewUser, system_admin: bool) -> Result<user::Model> {
    let mut checks = Checks::default();
    let name = checks.take("name", new.name.parse::<Name>());
    let email = checks.take("email", new.email.parse::<Email>());
    let password = checks.take("password", check_new_password(&new.password, &new.name, &new.email));
    let (Some(name), Some(email), Some(())) = (name, email, password) else { return Err(checks.into_error()) };
    let password_hash = hash_password(new.password).await.ok_or(Error::Internal)?;
    Ok(user::Model {
        id: state.ids.next(),
        email: email.into_string(),
        name: name.into_string(),
        password_hash,
        system_admin,
        created_at: state.clock.now(),
        deactivated_at: None,
        webhook_emails: true,
    })
}

/// A new user without a password: nobody knows the random one. A reset link can set another.
///
/// # Errors
/// [`Error::Internal`] if hashing fails.
pub async fn without_password(state: &AppState, name: String, email: Email) -> Result<user::Model> {
    let password_hash = hash_password(hex::encode(random_bytes::<32>())).await.ok_or(Error::Internal)?;
    Ok(user::Model {
        id: state.ids.next(),
        email: email.into_string(),
        name,
        password_hash,
        system_admin: false,
        created_at: state.clock.now(),
        deactivated_at: None,
        webhook_emails: true,
    })
}

/// Stores a prepared user.
///
/// # Errors
/// [`Error::Conflict`] if the email address is taken.
pub async fn insert(tx: &Tx<'_>, row: user::Model) -> Result<(), TxError> {
    let inserted = user::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(user::Column::Email).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    if inserted == 0 {
        return Err(Error::conflict("An account with this email address already exists.").into());
    }
    Ok(())
}

/// Creates a user.
///
/// # Errors
/// [`Error::Invalid`] with the invalid fields, [`Error::Conflict`] if the email address is taken.
pub async fn create(state: &AppState, new: NewUser, system_admin: bool) -> Result<Actor> {
    let row = prepare(state, new, system_admin).await?;
    let written = row.clone();
    state.store.write(move |tx| Box::pin(async move { insert(tx, written).await })).await?;
    Ok(actor(row))
}

/// Creates the first admin of a new instance. Of several concurrent calls one succeeds.
///
/// # Errors
/// [`Error::Invalid`] with the invalid fields, [`Error::Conflict`] if a user exists.
pub async fn create_first_admin(state: &AppState, new: NewUser) -> Result<user::Model> {
    let set_up = || Error::conflict("Testbell is already set up. Sign in.");
    // Checked before the slow hash, because this endpoint is open to anyone after setup.
    if !no_user_exists(state).await? {
        return Err(set_up());
    }
    let row = prepare(state, new, true).await?;
    let written = row.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // SQLite has one writer. PostgreSQL needs a lock.
            if tx.db().get_database_backend() == DbBackend::Postgres {
                tx.db().execute_unprepared("LOCK TABLE users IN EXCLUSIVE MODE").await?;
            }
            if any_user_exists(tx.db()).await? {
                return Err(TxError::Refused(set_up()));
            }
            insert(tx, written).await
        })
    });
    change.await?;
    Ok(row)
}

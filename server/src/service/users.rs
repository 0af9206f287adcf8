//! Users: how they come to be, and how a password shows who somebody is.

use app::error::{Checks, Error, Result};
use app::model::people::{Actor, NewUser};
use app::model::text::{Email, Name, PASSWORD_MAX, check_password};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::ChangeError;
use crate::core::Core;
use crate::crypto::{hash_password, verify_password};
use crate::entity::user;
use crate::storage::{Tx, internal};

/// Who `row` is when calling.
#[must_use]
pub fn actor(row: user::Model) -> Actor {
    Actor { id: row.id, name: row.name, email: row.email, system_admin: row.system_admin }
}

/// Whether there is no user at all.
///
/// # Errors
/// The server's own.
pub async fn nobody_exists(core: &Core) -> Result<bool> {
    anybody(core.store.read()).await.map(|found| !found).map_err(internal)
}

async fn anybody(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = user::Entity::find().select_only().column(user::Column::Id).limit(1).into_tuple::<uuid::Uuid>();
    Ok(first.one(db).await?.is_some())
}

/// Finds a user by the address, in any case.
///
/// # Errors
/// The server's own.
pub async fn by_email(core: &Core, email: &str) -> Result<Option<user::Model>> {
    let Ok(email) = email.parse::<Email>() else { return Ok(None) };
    let query = user::Entity::find().filter(user::Column::Email.eq(email.as_str()));
    query.one(core.store.read()).await.map_err(internal)
}

/// Who the address and the password belong to, if they belong together. An unknown address
/// takes as long as a wrong password.
///
/// # Errors
/// The server's own.
pub async fn authenticate(core: &Core, email: &str, password: &str) -> Result<Option<Actor>> {
    // No password is longer, and hashing is bounded.
    let password = if password.chars().count() > PASSWORD_MAX { "" } else { password };
    let row = by_email(core, email).await?;
    let hash = row.as_ref().map(|row| row.password_hash.clone());
    let right = verify_password(password.to_owned(), hash).await;
    Ok(row.filter(|_| right).map(actor))
}

/// Checks a new user's fields and hashes the password, which is too slow to be done inside a
/// change. The row is not stored yet.
///
/// # Errors
/// [`Error::Invalid`] naming the fields.
pub async fn prepare(core: &Core, new: NewUser, system_admin: bool) -> Result<user::Model> {
    let mut checks = Checks::default();
    let name = checks.take("name", new.name.parse::<Name>());
    let email = checks.take("email", new.email.parse::<Email>());
    let password = checks.take("password", check_password(&new.password));
    let (Some(name), Some(email), Some(())) = (name, email, password) else { return Err(checks.into_error()) };
    let password_hash = hash_password(new.password).await.ok_or(Error::Internal)?;
    Ok(user::Model {
        id: core.ids.next(),
        email: email.into_string(),
        name: name.into_string(),
        password_hash,
        system_admin,
        created_at: core.clock.now(),
    })
}

/// Stores a prepared user.
///
/// # Errors
/// [`Error::Conflict`] when the address belongs to somebody.
pub async fn insert(tx: &Tx<'_>, row: user::Model) -> Result<(), ChangeError> {
    let inserted = user::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(user::Column::Email).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    if inserted == 0 {
        return Err(Error::conflict("Somebody has an account with this address already.").into());
    }
    Ok(())
}

/// Makes a user.
///
/// # Errors
/// [`Error::Invalid`] naming the fields, [`Error::Conflict`] when the address belongs to somebody.
pub async fn create(core: &Core, new: NewUser, system_admin: bool) -> Result<Actor> {
    let row = prepare(core, new, system_admin).await?;
    let written = row.clone();
    core.store.write(move |tx| Box::pin(async move { insert(tx, written).await })).await?;
    Ok(actor(row))
}

/// Makes the first admin of an instance that nobody has set up yet. Of several at once one
/// succeeds.
///
/// # Errors
/// [`Error::Invalid`] naming the fields, [`Error::Conflict`] when somebody exists.
pub async fn create_first_admin(core: &Core, new: NewUser) -> Result<Actor> {
    let set_up = || Error::conflict("Testbell has been set up already. Sign in.");
    // Before the slow hash: a door that is open to anybody must be cheap once it has served.
    if !nobody_exists(core).await? {
        return Err(set_up());
    }
    let row = prepare(core, new, true).await?;
    let written = row.clone();
    let change = core.store.write(move |tx| {
        Box::pin(async move {
            // SQLite has one writer; PostgreSQL must be told that this is one.
            if tx.db().get_database_backend() == DbBackend::Postgres {
                tx.db().execute_unprepared("LOCK TABLE users IN EXCLUSIVE MODE").await?;
            }
            if anybody(tx.db()).await? {
                return Err(ChangeError::Refused(set_up()));
            }
            insert(tx, written).await
        })
    });
    change.await?;
    Ok(actor(row))
}

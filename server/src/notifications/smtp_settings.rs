//! The stored settings of the mail server. The password is encrypted.

use app::error::Result;
use app::model::email_settings::EmailSettings;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait};
use secrecy::{ExposeSecret, SecretString};

use crate::app_state::AppState;
use crate::entity::instance_setting::{self, secret_aad};
use crate::storage::{Tx, internal};

const NAME: &str = "smtp";

/// The settings with the password.
pub struct SmtpSettings {
    /// Everything else.
    pub shown: EmailSettings,
    /// The password.
    pub password: Option<SecretString>,
    /// Whether there is a password that can't be decrypted. It has to be entered again.
    pub is_undecryptable: bool,
}

/// Whether emails can be sent.
///
/// # Errors
/// Those of the database.
pub async fn are_set(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(instance_setting::Entity::find_by_id(NAME).count(db).await? > 0)
}

/// The settings; `None` if there are none.
///
/// # Errors
/// Those of the database.
pub async fn load(state: &AppState) -> Result<Option<SmtpSettings>> {
    let row = instance_setting::Entity::find_by_id(NAME).one(state.store.read()).await.map_err(internal)?;
    let Some(row) = row else { return Ok(None) };
    let shown = serde_json::from_str(&row.value).map_err(|error| internal(DbErr::Json(error.to_string())))?;
    let opened = row.secret.map(|sealed| state.keys.open_text(&secret_aad(NAME), &sealed)).transpose();
    let is_undecryptable = opened.is_err();
    let password = opened.unwrap_or_else(|error| {
        tracing::error!(%error, "failed to decrypt the password of the mail server");
        None
    });
    Ok(Some(SmtpSettings { shown, password: password.map(SecretString::from), is_undecryptable }))
}

/// Replaces the settings.
///
/// # Errors
/// Those of the database, as [`DbErr`].
pub async fn store(state: &AppState, tx: &Tx<'_>, settings: &SmtpSettings) -> Result<(), DbErr> {
    let password = settings.password.as_ref().map(|password| password.expose_secret());
    let sealed = password.map(|password| state.keys.seal(&secret_aad(NAME), password.as_bytes())).transpose();
    let row = instance_setting::ActiveModel {
        name: Set(NAME.to_owned()),
        value: Set(serde_json::to_string(&settings.shown).map_err(|error| DbErr::Json(error.to_string()))?),
        secret: Set(sealed.map_err(|error| DbErr::Custom(error.to_string()))?),
        updated_at: Set(state.clock.now()),
    };
    use instance_setting::Column;
    let replace =
        OnConflict::column(Column::Name).update_columns([Column::Value, Column::Secret, Column::UpdatedAt]).to_owned();
    instance_setting::Entity::insert(row).on_conflict(replace).exec_without_returning(tx.db()).await.map(drop)
}

/// Removes the settings.
///
/// # Errors
/// Those of the database.
pub async fn remove(tx: &Tx<'_>) -> Result<(), DbErr> {
    instance_setting::Entity::delete_by_id(NAME).exec(tx.db()).await.map(drop)
}

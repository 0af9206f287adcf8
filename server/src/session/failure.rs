//! Carries an error of the database through the session library, whose errors contain only text.

use app::error::Error;
use sea_orm::DbErr;
use tower_sessions::session;
use tower_sessions::session_store::Error as StoreError;

use crate::storage::{Unavailable, report_outage};

/// An error of the database.
pub fn database_error(error: &DbErr) -> StoreError {
    report_outage(error, "failed to read or store a session");
    StoreError::Backend(
        Unavailable::from_db_error(error).map_or_else(|| error.to_string(), |reason| reason.sentence().to_owned()),
    )
}

/// The error for the caller; `what` says what failed.
pub fn failed_to(what: &'static str, error: &session::Error) -> Error {
    if let session::Error::Store(StoreError::Backend(text)) = error
        && let Some(reason) = Unavailable::by_sentence(text)
    {
        return reason.into();
    }
    tracing::error!(%error, "{what}");
    Error::Internal
}

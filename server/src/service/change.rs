//! Why a change was not made: a rule refused it, or the database failed.

use app::error::Error;
use sea_orm::DbErr;

use crate::storage::internal;

/// The error of a change inside [`Store::write`](crate::storage::Store::write); it becomes an
/// [`Error`] on the way out.
#[derive(Debug)]
pub enum ChangeError {
    /// A rule refused it; the caller is told.
    Refused(Error),
    /// The database failed; the log is told.
    Database(DbErr),
}

impl From<DbErr> for ChangeError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for ChangeError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(error) => error,
            ChangeError::Database(error) => internal(error),
        }
    }
}

//! The error of a transaction: a service refused the change, or the database failed.

use app::error::Error;
use sea_orm::DbErr;

use crate::storage::internal;

/// The error of a change inside [`Store::write`](crate::storage::Store::write); it becomes an
/// [`Error`] for the caller.
#[derive(Debug)]
pub enum TxError {
    /// A service refused it. The caller gets the error.
    Refused(Error),
    /// The database failed. The error is logged.
    Database(DbErr),
}

/// The result of a part of a change.
pub type TxResult<T> = std::result::Result<T, TxError>;

impl From<DbErr> for TxError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for TxError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<TxError> for Error {
    fn from(error: TxError) -> Self {
        match error {
            TxError::Refused(error) => error,
            TxError::Database(error) => internal(error),
        }
    }
}

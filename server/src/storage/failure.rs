//! Tells an outage of the database, which is temporary and responded with 503, from a bug (500).

use app::error::Error;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Sent to clients during an outage.
pub const RETRY_AFTER_SECONDS: u32 = 5;

/// Why the database can't be used at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Another process or transaction holds a lock for too long.
    Locked,
    /// There is no space left.
    DiskFull,
    /// It can't be written.
    ReadOnly,
    /// It can't be reached or opened, or does not respond.
    Unreachable,
}

impl Unavailable {
    /// The reason in an error, if it is temporary.
    #[must_use]
    pub fn from_db_error(error: &DbErr) -> Option<Self> {
        match error {
            DbErr::ConnectionAcquire(_) => Some(Self::Unreachable),
            DbErr::Conn(RuntimeErr::Internal(_)) => Some(Self::Unreachable),
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => sqlx_reason(error),
            _ => None,
        }
    }

    /// The reason with this message, where only a text is available.
    #[must_use]
    pub fn by_sentence(text: &str) -> Option<Self> {
        [Self::Locked, Self::DiskFull, Self::ReadOnly, Self::Unreachable].into_iter().find(|it| it.sentence() == text)
    }

    /// The message for clients and the log.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Locked => "The database is locked by another process.",
            Self::DiskFull => "The disk of the database is full.",
            Self::ReadOnly => "The database is read-only.",
            Self::Unreachable => "The database is unavailable.",
        }
    }
}

impl From<Unavailable> for Error {
    fn from(reason: Unavailable) -> Self {
        Self::Unavailable { detail: reason.sentence().to_owned(), retry_after: RETRY_AFTER_SECONDS }
    }
}

fn sqlx_reason(error: &sqlx::Error) -> Option<Unavailable> {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code()?;
            if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                sqlite_reason(code.parse().ok()?)
            } else {
                postgres_reason(&code)
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Some(Unavailable::Unreachable),
        _ => None,
    }
}

/// The low byte is the kind, the others say more (<https://sqlite.org/rescode.html>).
fn sqlite_reason(code: i32) -> Option<Unavailable> {
    match code & 0xff {
        5 | 6 => Some(Unavailable::Locked),
        8 => Some(Unavailable::ReadOnly),
        13 => Some(Unavailable::DiskFull),
        // Input and output, can't open, locking protocol.
        10 | 14 | 15 => Some(Unavailable::Unreachable),
        _ => None,
    }
}

/// By class (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn postgres_reason(code: &str) -> Option<Unavailable> {
    match code {
        // lock_not_available
        "55P03" => Some(Unavailable::Locked),
        "53100" => Some(Unavailable::DiskFull),
        "25006" => Some(Unavailable::ReadOnly),
        // Not what an operator does to a single statement.
        "57014" => None,
        _ => ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)).then_some(Unavailable::Unreachable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_distinguished_from_bugs() {
        for (code, expected) in [
            (5, Some(Unavailable::Locked)),
            (517, Some(Unavailable::Locked)),
            (1032, Some(Unavailable::ReadOnly)),
            (13, Some(Unavailable::DiskFull)),
            (778, Some(Unavailable::Unreachable)),
            (2067, None),
            (1, None),
        ] {
            assert_eq!(sqlite_reason(code), expected, "{code}");
        }
        for (code, expected) in [
            ("53100", Some(Unavailable::DiskFull)),
            ("25006", Some(Unavailable::ReadOnly)),
            ("55P03", Some(Unavailable::Locked)),
            ("57P01", Some(Unavailable::Unreachable)),
            ("08006", Some(Unavailable::Unreachable)),
            ("57014", None),
            ("23505", None),
        ] {
            assert_eq!(postgres_reason(code), expected, "{code}");
        }
        assert_eq!(Unavailable::from_db_error(&DbErr::Custom("a change panicked".into())), None);
    }
}

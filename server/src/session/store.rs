//! Sessions in the database. Their ids are kept as hashes: who reads the database, or a copy of
//! it, can't sign in with what is found there.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use app::model::id::UserId;
use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::DAYS;
use crate::clock::Clock;
use crate::core::Core;
use crate::crypto::{fill, sha256};
use crate::entity::session;
use crate::storage::Store;

/// The user's id in the session's data.
pub const USER: &str = "user";

/// The `sessions` table for the session library. Expiry follows the server's clock, not the
/// library's.
#[derive(Clone)]
pub struct DatabaseSessions {
    store: Store,
    clock: Clock,
}

impl DatabaseSessions {
    pub fn new(core: &Core) -> Self {
        Self { store: core.store.clone(), clock: core.clock.clone() }
    }

    fn expires_at(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now() + Duration::from_secs(u64::from(DAYS) * 24 * 60 * 60)
    }
}

impl fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

/// What the database knows a session by.
pub fn row_id(id: &Id) -> String {
    hex::encode(sha256(id.to_string().as_bytes()))
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    /// The id is always minted here: one that came with a request, and so may be known to
    /// somebody else, never names a session that is signed in (session fixation).
    async fn create(&self, record: &mut Record) -> Result<()> {
        record.id = Id(i128::from_le_bytes(fill::<16>()));
        let user = record.data.get(USER).cloned().unwrap_or_default();
        let user: UserId = serde_json::from_value(user).map_err(|error| Error::Encode(error.to_string()))?;
        let row = session::ActiveModel {
            id: Set(row_id(&record.id)),
            user_id: Set(user),
            data: Set(encode(&record.data)?),
            expires_at: Set(self.expires_at()),
        };
        let insert = self.store.write(move |tx| {
            Box::pin(async move { session::Entity::insert(row).exec_without_returning(tx.db()).await })
        });
        insert.await.map(drop).map_err(failed)
    }

    /// Only what is there is saved: a session that was ended meanwhile does not come back.
    async fn save(&self, record: &Record) -> Result<()> {
        let row = session::ActiveModel {
            id: Set(row_id(&record.id)),
            data: Set(encode(&record.data)?),
            expires_at: Set(self.expires_at()),
            ..Default::default()
        };
        let id = row_id(&record.id);
        let update = self.store.write(move |tx| {
            Box::pin(async move {
                let only = session::Column::Id.eq(id);
                session::Entity::update_many().set(row).filter(only).exec(tx.db()).await
            })
        });
        update.await.map(drop).map_err(failed)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let query = session::Entity::find_by_id(row_id(id)).filter(session::Column::ExpiresAt.gt(self.clock.now()));
        let Some(row) = query.one(self.store.read()).await.map_err(failed)? else { return Ok(None) };
        let data = serde_json::from_str(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(row.expires_at.timestamp())
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let id = row_id(id);
        let delete =
            self.store.write(move |tx| Box::pin(async move { session::Entity::delete_by_id(id).exec(tx.db()).await }));
        delete.await.map(drop).map_err(failed)
    }
}

fn encode(data: &HashMap<String, serde_json::Value>) -> Result<String> {
    serde_json::to_string(data).map_err(|error| Error::Encode(error.to_string()))
}

fn failed(error: DbErr) -> Error {
    Error::Backend(error.to_string())
}

//! Sessions in the database. Only hashes of their IDs are stored, so that a copy of the database lets nobody
//! sign in.

use std::collections::HashMap;
use std::fmt;

use app::model::id::{BrowserSessionId, UserId};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::{MAX_IDLE_DAYS, failure};
use crate::app_state::AppState;
use crate::clock::Clock;
use crate::crypto::{random_bytes, sha256};
use crate::entity::{session, user};
use crate::ids::Ids;
use crate::storage::{Effect, Revoked, Store};

/// The key of the user's ID in the session's data.
pub const USER: &str = "user";
/// The key of the browser in the session's data.
pub const DEVICE: &str = "device";
/// The key of the password hash at sign-in, which is removed when the session is stored.
pub const PASSWORD_HASH: &str = "password_hash";

/// The `sessions` table for the session library. Expiry follows the server's clock, not the
/// library's.
#[derive(Clone)]
pub struct DatabaseSessions {
    store: Store,
    clock: Clock,
    ids: Ids,
    max_age: TimeDelta,
}

impl DatabaseSessions {
    pub fn new(state: &AppState) -> Self {
        Self {
            store: state.store.clone(),
            clock: state.clock.clone(),
            ids: state.ids.clone(),
            max_age: state.config.max_session_age(),
        }
    }
}

/// When a session that is used now ends: after some days without use, or at its maximum age.
pub fn expires_at(now: DateTime<Utc>, created_at: DateTime<Utc>, max_age: TimeDelta) -> DateTime<Utc> {
    (now + TimeDelta::days(i64::from(MAX_IDLE_DAYS))).min(created_at + max_age)
}

impl fmt::Debug for DatabaseSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseSessions")
    }
}

/// The ID of a session's row.
pub fn row_id(id: &Id) -> String {
    hex::encode(sha256(id.to_string().as_bytes()))
}

#[async_trait]
impl SessionStore for DatabaseSessions {
    /// The ID is always generated here. An ID from a request may be known to somebody else, and
    /// never becomes that of a signed-in session (session fixation).
    async fn create(&self, record: &mut Record) -> Result<()> {
        record.id = Id(i128::from_le_bytes(random_bytes::<16>()));
        let password_hash = record.data.remove(PASSWORD_HASH);
        let password_hash = password_hash.as_ref().and_then(|hash| hash.as_str()).unwrap_or_default().to_owned();
        let field = |name| record.data.get(name).cloned().unwrap_or_default();
        let user: UserId = serde_json::from_value(field(USER)).map_err(|error| Error::Encode(error.to_string()))?;
        let now = self.clock.now();
        let row = session::ActiveModel {
            id: Set(row_id(&record.id)),
            public_id: Set(self.ids.next::<BrowserSessionId>()),
            user_id: Set(user),
            data: Set(encode(&record.data)?),
            device: Set(field(DEVICE).as_str().unwrap_or_default().to_owned()),
            created_at: Set(now),
            last_seen_at: Set(now),
            expires_at: Set(expires_at(now, now, self.max_age)),
        };
        let insert = self.store.write(move |tx| {
            Box::pin(async move {
                // An account that was deactivated during sign-in gets no session, nor does one with
                // a new password, because the change has ended all sessions with the old one.
                let user = user::Entity::find_by_id(user)
                    .filter(user::Column::DeactivatedAt.is_null())
                    .filter(user::Column::PasswordHash.eq(password_hash));
                if user.lock_shared().one(tx.db()).await?.is_none() {
                    return Err(DbErr::Custom("the account was deactivated or its password changed".to_owned()));
                }
                session::Entity::insert(row).exec_without_returning(tx.db()).await
            })
        });
        insert.await.map(drop).map_err(failed)
    }

    /// Only an existing row is saved, so that a session that was ended meanwhile doesn't come back.
    async fn save(&self, record: &Record) -> Result<()> {
        let (id, data) = (row_id(&record.id), encode(&record.data)?);
        let (now, max_age) = (self.clock.now(), self.max_age);
        let update = self.store.write(move |tx| {
            Box::pin(async move {
                let Some(row) = session::Entity::find_by_id(&id).one(tx.db()).await? else { return Ok(()) };
                let renewed = session::ActiveModel {
                    data: Set(data),
                    last_seen_at: Set(now),
                    expires_at: Set(expires_at(now, row.created_at, max_age)),
                    ..Default::default()
                };
                let only = session::Entity::update_many().set(renewed).filter(session::Column::Id.eq(id));
                only.exec(tx.db()).await.map(drop)
            })
        });
        update.await.map_err(failed)
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
        let delete = self.store.write(move |tx| {
            Box::pin(async move {
                let Some(row) = session::Entity::find_by_id(&id).one(tx.db()).await? else { return Ok(()) };
                tx.after_commit(Effect::Revoked(Revoked::Session { session_id: row.public_id }));
                session::Entity::delete_by_id(id).exec(tx.db()).await.map(drop)
            })
        });
        delete.await.map_err(failed)
    }
}

fn encode(data: &HashMap<String, serde_json::Value>) -> Result<String> {
    serde_json::to_string(data).map_err(|error| Error::Encode(error.to_string()))
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: DbErr) -> Error {
    failure::database_error(&error)
}

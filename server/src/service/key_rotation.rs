//! Re-encrypts all secrets with the newest master key while the server runs. It works in small
//! batches and replaces a value only if it has not changed since it was read. Changed values are
//! read again in the next round.

use std::collections::BTreeMap;

use app::model::audit::AuditAction;
use app::model::id::{InspectorUrlId, IntegrationId, SecretId, WebhookId};
use app::testware::run::RunId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use uuid::Uuid;

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto::KeyId;
use crate::entity::{idempotency_key, inspector_url, instance_setting, integration, webhook, webhook_secret};
use crate::testware::run::table as test_run;

/// The number of values per batch: the writer is busy for as many updates by primary key.
const MAX_BATCH_ROWS: u32 = 100;

/// A column of encrypted values in a table with UUIDs.
struct Column {
    name: &'static str,
    table: &'static str,
    column: &'static str,
    /// The associated data of a value.
    aad: fn(Uuid) -> String,
}

/// All of them. The settings of the instance have names instead of UUIDs, see [`rotate_settings`].
const COLUMNS: [Column; 8] = [
    Column {
        name: "webhook secrets",
        table: "webhook_secrets",
        column: "secret",
        aad: |id| webhook_secret::secret_aad(SecretId(id)),
    },
    Column {
        name: "responses of requests with an idempotency key",
        table: "idempotency_keys",
        column: "response",
        aad: idempotency_key::response_aad,
    },
    Column { name: "webhook addresses", table: "webhooks", column: "url", aad: |id| webhook::url_aad(WebhookId(id)) },
    Column {
        name: "webhook headers",
        table: "webhooks",
        column: "header_values",
        aad: |id| webhook::header_values_aad(WebhookId(id)),
    },
    Column {
        name: "integration credentials",
        table: "integrations",
        column: "credentials",
        aad: |id| integration::credentials_aad(IntegrationId(id)),
    },
    Column {
        name: "inspector URLs",
        table: "inspector_urls",
        column: "token",
        aad: |id| inspector_url::token_aad(InspectorUrlId(id)),
    },
    Column {
        name: "signing secrets of inspector URLs",
        table: "inspector_urls",
        column: "signing_secret",
        aad: |id| inspector_url::secret_aad(InspectorUrlId(id)),
    },
    Column {
        name: "public links",
        table: "test_runs",
        column: "public_token",
        aad: |id| test_run::public_token_aad(RunId(id)),
    },
];

/// The result of a rotation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RotationReport {
    /// The number of values of each kind.
    pub counts: BTreeMap<&'static str, u64>,
    /// The number of values that could not be decrypted.
    pub left: u64,
}

impl RotationReport {
    /// The total number of values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

#[derive(FromQueryResult)]
struct EncryptedValue {
    id: Uuid,
    sealed: Vec<u8>,
}

/// The number of values encrypted with each key.
pub async fn usage(state: &AppState) -> Result<BTreeMap<KeyId, u64>, DbErr> {
    let mut usage = BTreeMap::new();
    let columns = COLUMNS.iter().map(|Column { table, column, .. }| (*table, *column));
    for (table, column) in columns.chain([("instance_settings", "secret")]) {
        let prefix = format!("substr({column}, 1, {})", KeyId::PREFIX);
        let sql = format!(
            "SELECT {prefix} AS prefix, COUNT(*) AS count FROM {table} WHERE {column} IS NOT NULL GROUP BY {prefix}"
        );
        let db = state.store.read();
        for row in db.query_all_raw(statement(db, &sql, [])).await? {
            let prefix: Vec<u8> = row.try_get("", "prefix")?;
            let count: i64 = row.try_get("", "count")?;
            // Anything but an encrypted value is damaged, whatever the key.
            if let Some(id) = KeyId::from_sealed(&prefix) {
                *usage.entry(id).or_default() += count.unsigned_abs();
            }
        }
    }
    Ok(usage)
}

/// Re-encrypts all values that are encrypted with an older key.
///
/// # Errors
/// Errors of the database. Finished batches are kept, and another call continues.
pub async fn rotate(state: &AppState) -> Result<RotationReport, DbErr> {
    let Some(&newest) = state.keys.ids().first() else { return Ok(RotationReport::default()) };
    let mut rotated = RotationReport::default();
    loop {
        let before = rotated.total();
        rotated.left = 0;
        let mut changed_meanwhile = 0;
        for column in &COLUMNS {
            changed_meanwhile += rotate_column(state, column, newest, &mut rotated).await?;
        }
        changed_meanwhile += rotate_settings(state, newest, &mut rotated).await?;
        if rotated.total() == before && changed_meanwhile == 0 {
            break;
        }
    }
    if rotated.total() > 0 {
        record(state, newest, rotated.total()).await?;
    }
    Ok(rotated)
}

/// One pass over a column. Returns how many values changed meanwhile.
async fn rotate_column(
    state: &AppState,
    column: &Column,
    newest: KeyId,
    rotated: &mut RotationReport,
) -> Result<u64, DbErr> {
    let (mut after, mut changed_meanwhile) = (Uuid::nil(), 0);
    loop {
        let batch = values_of_older_keys(state, column, newest, after).await?;
        let Some(last) = batch.last() else { return Ok(changed_meanwhile) };
        after = last.id;
        let resealed: Vec<_> = batch.into_iter().map(|row| reseal(state, column, row)).collect();
        rotated.left += resealed.iter().filter(|(_, new)| new.is_none()).count() as u64;
        let changes: Vec<_> = resealed.into_iter().filter_map(|(row, new)| Some((row, new?))).collect();
        let expected = changes.len() as u64;
        let done = replace(state, column, changes).await?;
        changed_meanwhile += expected - done;
        *rotated.counts.entry(column.name).or_default() += done;
    }
}

/// One pass over the settings of the instance, which are few. Returns how many values changed meanwhile.
async fn rotate_settings(state: &AppState, newest: KeyId, rotated: &mut RotationReport) -> Result<u64, DbErr> {
    use instance_setting::Column;
    let mut changed_meanwhile = 0;
    for row in instance_setting::Entity::find().all(state.store.read()).await? {
        let Some(sealed) = row.secret.filter(|sealed| KeyId::from_sealed(sealed) != Some(newest)) else { continue };
        let Some(new) = resealed(state, &instance_setting::secret_aad(&row.name), &sealed) else {
            rotated.left += 1;
            continue;
        };
        let update = instance_setting::Entity::update_many()
            .col_expr(Column::Secret, new.into())
            .filter(Column::Name.eq(row.name))
            .filter(Column::Secret.eq(sealed));
        let change = state.store.write(move |tx| Box::pin(async move { update.exec(tx.db()).await }));
        let done: Result<_, DbErr> = change.await;
        let done = done?.rows_affected;
        changed_meanwhile += 1 - done.min(1);
        *rotated.counts.entry("instance settings").or_default() += done;
    }
    Ok(changed_meanwhile)
}

async fn values_of_older_keys(
    state: &AppState,
    column: &Column,
    newest: KeyId,
    after: Uuid,
) -> Result<Vec<EncryptedValue>, DbErr> {
    let Column { table, column, .. } = column;
    let sql = format!(
        "SELECT id, {column} AS sealed FROM {table} WHERE id > $1 AND {column} IS NOT NULL
         AND substr({column}, 1, {}) <> $2 ORDER BY id LIMIT $3",
        KeyId::PREFIX
    );
    let db = state.store.read();
    let values = [after.into(), newest.prefix().to_vec().into(), i64::from(MAX_BATCH_ROWS).into()];
    EncryptedValue::find_by_statement(statement(db, &sql, values)).all(db).await
}

/// The row with its re-encrypted value, or `None` if it can't be decrypted.
fn reseal(state: &AppState, column: &Column, row: EncryptedValue) -> (EncryptedValue, Option<Vec<u8>>) {
    let new = resealed(state, &(column.aad)(row.id), &row.sealed);
    (row, new)
}

/// The value encrypted with the newest key, or `None` if it can't be decrypted.
fn resealed(state: &AppState, aad: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let new = state.keys.open(aad, sealed).and_then(|plain| state.keys.seal(aad, &plain));
    if let Err(error) = &new {
        tracing::error!(%error, aad, "failed to re-encrypt a secret");
    }
    new.ok()
}

/// Returns how many had not changed since they were read.
async fn replace(state: &AppState, column: &Column, changes: Vec<(EncryptedValue, Vec<u8>)>) -> Result<u64, DbErr> {
    let Column { table, column, .. } = column;
    let sql = format!("UPDATE {table} SET {column} = $1 WHERE id = $2 AND {column} = $3");
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut done = 0;
                for (row, new) in changes {
                    let update = statement(tx.db(), &sql, [new.into(), row.id.into(), row.sealed.into()]);
                    done += tx.db().execute_raw(update).await?.rows_affected();
                }
                Ok(done)
            })
        })
        .await
}

async fn record(state: &AppState, key: KeyId, total: u64) -> Result<(), DbErr> {
    let log = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let detail = Some(format!("{total} secrets were re-encrypted."));
                let action = AuditAction::KeysRotated;
                let subject = key.to_string();
                audit_log::record(
                    &log,
                    tx,
                    NewAuditEntry { project: None, actor: None, action, subject, name: "Master key", detail },
                )
                .await
            })
        })
        .await
}

fn statement<const N: usize>(db: &impl ConnectionTrait, sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

//! What project admins do with inspector URLs. Members don't see them, because a request may contain
//! credentials of its sender.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use app::model::inspector::{
    ClearedRequests, INSPECTOR_DAYS, InspectorRequest, InspectorRequestDetail, InspectorRequestQuery,
    InspectorResponse, InspectorUrl, MAX_INSPECTOR_DAYS, MAX_INSPECTOR_URLS, MAX_RESPONSE_BODY_BYTES,
    MAX_RESPONSE_DELAY_MS, MAX_SECRET_CHARS, UpdateInspectorUrl,
};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Inspector;
use async_trait::async_trait;
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::record::notify;
use super::view::{self, LISTED, ListedRequest};
use crate::access::require_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto;
use crate::destinations::INSPECTOR_TOKEN_PREFIX;
use crate::entity::{inspector_request, inspector_url};
use crate::service::{TxError, TxResult, cursor, text};
use crate::storage::{Tx, internal};

/// The length of the part of a token that is shown.
const HINT_CHARS: usize = 8;

#[async_trait]
impl Inspector for AppState {
    async fn list_inspector_urls(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<InspectorUrl>> {
        require_admin(self, actor, project).await?;
        let rows = inspector_url::Entity::find().filter(inspector_url::Column::ProjectId.eq(project));
        let by_id = (inspector_url::Column::Id, |row: &inspector_url::Model| row.id);
        let page = cursor::newest_first(self.store.read(), rows, by_id, &page).await?;
        Ok(Page { items: view::urls(self, page.items).await?, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<InspectorUrl> {
        let row = managed(self, actor, id).await?;
        view_of(self, row).await
    }

    async fn create_inspector_url(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: UpdateInspectorUrl,
    ) -> Result<InspectorUrl> {
        require_admin(self, actor, project).await?;
        check(&new)?;
        let (id, now) = (self.ids.next(), self.clock.now());
        let token = crypto::token(INSPECTOR_TOKEN_PREFIX);
        let response = InspectorResponse::default();
        let mut row = inspector_url::Model {
            id,
            project_id: project,
            token_hash: crypto::sha256(token.as_bytes()).to_vec(),
            token: seal(self, &inspector_url::token_aad(id), &token)?,
            token_hint: token.chars().take(HINT_CHARS).collect(),
            signing_secret: None,
            status: response.status.into(),
            delay_ms: 0,
            content_type: response.content_type,
            body: response.body,
            created_at: now,
            expires_at: now + TimeDelta::days(INSPECTOR_DAYS),
        };
        apply(self, &mut row, new)?;
        let (state, actor, stored) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                check_count(tx, project).await?;
                record(&state, tx, &actor, (AuditAction::InspectorUrlCreated, &stored), None).await?;
                inspector_url::Entity::insert(stored.into_active_model().reset_all())
                    .exec_without_returning(tx.db())
                    .await?;
                Ok::<_, TxError>(())
            })
        });
        change.await?;
        view::url(self, &row, 0)
    }

    async fn update_inspector_url(
        &self,
        actor: &Actor,
        id: InspectorUrlId,
        change: UpdateInspectorUrl,
    ) -> Result<InspectorUrl> {
        managed(self, actor, id).await?;
        check(&change)?;
        let sealing = self.clone();
        let row = change_url(self, actor, id, move |row| {
            let before = row.clone();
            apply(&sealing, row, change)?;
            Ok(changed_parts(&before, row))
        });
        view_of(self, row.await?).await
    }

    async fn extend_inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<InspectorUrl> {
        managed(self, actor, id).await?;
        let now = self.clock.now();
        let row = change_url(self, actor, id, move |row| {
            let end = row.expires_at.max(now) + TimeDelta::days(INSPECTOR_DAYS);
            if end > now + TimeDelta::days(MAX_INSPECTOR_DAYS) {
                let message = format!("An inspector URL can be extended to at most {MAX_INSPECTOR_DAYS} days ahead.");
                return Err(Error::conflict(message));
            }
            row.expires_at = end;
            Ok(Some(format!("Extended by {INSPECTOR_DAYS} days.")))
        });
        view_of(self, row.await?).await
    }

    async fn delete_inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<()> {
        managed(self, actor, id).await?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock(tx, id).await?;
                // Its requests go with it: at most a hundred.
                inspector_url::Entity::delete_by_id(id).exec(tx.db()).await?;
                record(&state, tx, &actor, (AuditAction::InspectorUrlDeleted, &row), None).await?;
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }

    async fn list_inspector_requests(
        &self,
        actor: &Actor,
        id: InspectorUrlId,
        query: InspectorRequestQuery,
    ) -> Result<Page<InspectorRequest>> {
        use inspector_request::Column;
        managed(self, actor, id).await?;
        let page = PageQuery { limit: query.limit, cursor: query.cursor };
        let of_url = inspector_request::Entity::find().select_only().columns(LISTED);
        let of_url = of_url.filter(Column::InspectorUrlId.eq(id)).limit(page.limit() + 1);
        let last: Option<InspectorRequestId> = cursor::parse_id(page.cursor.as_deref())?;
        let select = match query.after {
            // The cursor continues after the last one.
            Some(after) => of_url.filter(Column::Id.gt(last.unwrap_or(after))).order_by_asc(Column::Id),
            None => match last {
                Some(before) => of_url.filter(Column::Id.lt(before)).order_by_desc(Column::Id),
                None => of_url.order_by_desc(Column::Id),
            },
        };
        let rows: Vec<ListedRequest> = select.into_model().all(self.store.read()).await.map_err(internal)?;
        Ok(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(InspectorRequest::from))
    }

    async fn clear_inspector_requests(&self, actor: &Actor, id: InspectorUrlId) -> Result<ClearedRequests> {
        managed(self, actor, id).await?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock(tx, id).await?;
                let of_url = inspector_request::Column::InspectorUrlId.eq(id);
                let deleted = inspector_request::Entity::delete_many().filter(of_url).exec(tx.db()).await?;
                let count = u32::try_from(deleted.rows_affected).unwrap_or(u32::MAX);
                if count > 0 {
                    let detail = Some(format!("Requests deleted: {count}."));
                    record(&state, tx, &actor, (AuditAction::InspectorUrlCleared, &row), detail).await?;
                }
                Ok::<_, TxError>(ClearedRequests { count })
            })
        });
        Ok(change.await?)
    }

    async fn inspector_request(&self, actor: &Actor, id: InspectorRequestId) -> Result<InspectorRequestDetail> {
        let row = inspector_request::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.ok_or(Error::NotFound)?;
        managed(self, actor, row.inspector_url_id).await?;
        Ok(view::request(row))
    }
}

/// Changes a URL. `apply` returns what to write to the audit log, or `None` if nothing changed.
async fn change_url(
    state: &AppState,
    actor: &Actor,
    id: InspectorUrlId,
    apply: impl FnOnce(&mut inspector_url::Model) -> Result<Option<String>> + Send + 'static,
) -> Result<inspector_url::Model> {
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = lock(tx, id).await?;
            if let Some(detail) = apply(&mut row)? {
                let columns = row.clone().into_active_model().reset_all();
                inspector_url::Entity::update(columns).exec_without_returning(tx.db()).await?;
                record(&state_in_tx, tx, &actor, (AuditAction::InspectorUrlUpdated, &row), Some(detail)).await?;
            }
            Ok::<_, TxError>(row)
        })
    });
    Ok(change.await?)
}

/// A URL that the caller may manage.
async fn managed(state: &AppState, actor: &Actor, id: InspectorUrlId) -> Result<inspector_url::Model> {
    let row = inspector_url::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.ok_or(Error::NotFound)?;
    require_admin(state, actor, row.project_id).await?;
    Ok(row)
}

async fn lock(tx: &Tx<'_>, id: InspectorUrlId) -> TxResult<inspector_url::Model> {
    let row = inspector_url::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.ok_or(TxError::Refused(Error::NotFound))
}

async fn view_of(state: &AppState, row: inspector_url::Model) -> Result<InspectorUrl> {
    view::urls(state, vec![row]).await?.pop().ok_or(Error::NotFound)
}

fn check(change: &UpdateInspectorUrl) -> Result<()> {
    let mut checks = Checks::default();
    let status = change.status.is_none_or(|status| (200..=599).contains(&status));
    checks.require(status, "status", "Enter a status from 200 to 599.");
    let delay = change.delay_ms.is_none_or(|delay| delay <= MAX_RESPONSE_DELAY_MS);
    checks.require(delay, "delayMs", "Enter a delay from 0 to 10000 milliseconds.");
    let body = change.body.as_deref().unwrap_or_default();
    checks.require(body.len() <= MAX_RESPONSE_BODY_BYTES, "body", "Use at most 16 KiB.");
    checks.take("body", text::storable(body));
    let secret = change.signing_secret.as_deref().unwrap_or_default();
    checks.require(secret.chars().count() <= MAX_SECRET_CHARS, "signingSecret", "Use at most 500 characters.");
    checks.finish()
}

/// Sets the fields that are present. They are checked.
fn apply(state: &AppState, row: &mut inspector_url::Model, change: UpdateInspectorUrl) -> Result<()> {
    if let Some(status) = change.status {
        row.status = i32::try_from(status).unwrap_or(row.status);
    }
    if let Some(delay) = change.delay_ms {
        row.delay_ms = i32::try_from(delay).unwrap_or(row.delay_ms);
    }
    row.content_type = change.content_type.unwrap_or(row.content_type);
    if let Some(body) = change.body {
        row.body = body;
    }
    if let Some(secret) = change.signing_secret {
        let secret = secret.trim();
        let sealed = (!secret.is_empty()).then(|| seal(state, &inspector_url::secret_aad(row.id), secret));
        row.signing_secret = sealed.transpose()?;
    }
    Ok(())
}

/// What changed, for the audit log. A secret is encrypted differently each time, so setting it is a change.
fn changed_parts(before: &inspector_url::Model, after: &inspector_url::Model) -> Option<String> {
    let response = |row: &inspector_url::Model| (row.status, row.delay_ms, row.content_type, row.body.clone());
    let mut parts = Vec::new();
    if response(before) != response(after) {
        parts.push("Response changed.");
    }
    if before.signing_secret != after.signing_secret {
        parts.push(if after.signing_secret.is_some() { "Signing secret set." } else { "Signing secret removed." });
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn seal(state: &AppState, aad: &str, plain: &str) -> Result<Vec<u8>> {
    state.keys.seal(aad, plain.as_bytes()).map_err(|error| {
        tracing::error!(%error, "failed to encrypt a value of an inspector URL");
        Error::Internal
    })
}

async fn check_count(tx: &Tx<'_>, project: ProjectId) -> TxResult<()> {
    let existing = inspector_url::Entity::find().filter(inspector_url::Column::ProjectId.eq(project));
    if existing.count(tx.db()).await? < MAX_INSPECTOR_URLS {
        return Ok(());
    }
    let message = format!("A project can have {MAX_INSPECTOR_URLS} inspector URLs. Delete one that is not needed.");
    Err(Error::conflict(message).into())
}

/// Writes the audit log and notifies the open browsers.
async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    (action, row): (AuditAction, &inspector_url::Model),
    detail: Option<String>,
) -> TxResult<()> {
    let name = format!("{}…", row.token_hint);
    let entry = NewAuditEntry::for_project(actor, row.project_id, action, row.id, &name);
    audit_log::record(state, tx, NewAuditEntry { detail, ..entry }).await?;
    notify(tx, row);
    Ok(())
}

//! Pauses all outbound webhooks, and resumes them one by one or all at once. Each keeps its own activity and
//! health, so what was active before is active afterwards. Nothing is lost: events are held, as if each webhook had
//! been deactivated, whatever it does with events while it is inactive. What waited is held by the endpoint workers.
//!
//! A change locks the setting, and the creation of a webhook shares it. So no webhook that is
//! created at the same moment is missed.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange, WORKSPACE};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::webhook::{Direction, Webhook};
use app::model::webhook_pause::{PausedWebhook, SetWebhookPause, WebhookPause};
use app::service::WebhookPauses;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};

use super::held_count::held_counts;
use super::scope::ScopeAccess;
use super::{rows, view_of};
use crate::access::require_system_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{instance_setting, project, webhook};
use crate::service::{TxError, TxResult, cursor};
use crate::storage::{Effect, Tx, internal};

/// The name of the setting.
const WEBHOOK_PAUSE: &str = "webhook_pause";

/// The value of the setting; null without a pause.
#[derive(Clone, Serialize, Deserialize)]
struct StoredPause {
    since: DateTime<Utc>,
    by: String,
}

#[async_trait]
impl WebhookPauses for AppState {
    async fn webhook_pause(&self, _: &Actor) -> Result<WebhookPause> {
        let db = self.store.read();
        let row = instance_setting::Entity::find_by_id(WEBHOOK_PAUSE).one(db).await.map_err(internal)?;
        let Some(StoredPause { since, by }) = row.and_then(|row| stored(&row)) else {
            return Ok(WebhookPause::default());
        };
        let count = paused_and_active().count(db).await.map_err(internal)?;
        let webhook_count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(WebhookPause { paused: true, since: Some(since), by: Some(by), webhook_count })
    }

    async fn set_webhook_pause(&self, actor: &Actor, set: SetWebhookPause) -> Result<WebhookPause> {
        require_system_admin(actor)?;
        let (state, by) = (self.clone(), actor.clone());
        let change = self
            .store
            .write::<_, TxError, _>(move |tx| Box::pin(async move { set_pause(&state, tx, &by, set.paused).await }));
        change.await?;
        self.webhook_pause(actor).await
    }

    async fn list_paused_webhooks(&self, actor: &Actor, page: PageQuery) -> Result<Page<PausedWebhook>> {
        require_system_admin(actor)?;
        let db = self.store.read();
        let mut select = paused_and_active().order_by_asc(webhook::Column::Id).limit(page.limit() + 1);
        if let Some(after) = cursor::parse_id::<WebhookId>(page.cursor.as_deref())? {
            select = select.filter(webhook::Column::Id.gt(after));
        }
        let rows = select.all(db).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| row.id.to_string());
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        let mut held = held_counts(db, &ids).await?;
        let projects = page.items.iter().map(|row| row.project_id);
        let projects = project::Entity::find().filter(project::Column::Id.is_in(projects)).all(db).await;
        let names: HashMap<_, _> = projects.map_err(internal)?.into_iter().map(|row| (row.id, row.name)).collect();
        let access = ScopeAccess::load(self, actor, &page.items).await?;
        Ok(page.map(|row| PausedWebhook {
            scope: access.view(&row),
            id: row.id,
            name: row.name,
            kind: row.kind,
            url: row.display_url,
            project_id: row.project_id,
            project_name: names.get(&row.project_id).cloned().unwrap_or_default(),
            held_count: held.remove(&row.id).unwrap_or_default(),
        }))
    }

    async fn resume_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        require_system_admin(actor)?;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = rows::lock(tx, id).await?;
                if !row.instance_paused {
                    return Err(Error::conflict("The webhook is not paused.").into());
                }
                let change = webhook::ActiveModel { id: Set(id), instance_paused: Set(false), ..Default::default() };
                let row = webhook::Entity::update(change).exec(tx.db()).await?;
                let entry = NewAuditEntry::for_webhook(&by, AuditAction::WebhookResumed, &row, None);
                audit_log::record(&state, tx, entry).await?;
                rows::notify(tx, &row).await?;
                // The page of the pause lists what is paused. The banner of the others says only that something is.
                let kind = ChangeKind::WebhookPauseChanged;
                tx.after_commit(Effect::Live(ProjectChange { project_id: WORKSPACE, kind }));
                tx.after_commit(Effect::Dispatch(id));
                Ok::<_, TxError>(row)
            })
        });
        view_of(self, actor, change.await?).await
    }
}

/// Whether all webhooks are paused. The pause neither begins nor ends before the transaction does.
pub(super) async fn is_on(tx: &Tx<'_>) -> std::result::Result<bool, DbErr> {
    let row = instance_setting::Entity::find_by_id(WEBHOOK_PAUSE).lock_shared().one(tx.db()).await?;
    Ok(row.is_some_and(|row| stored(&row).is_some()))
}

fn stored(row: &instance_setting::Model) -> Option<StoredPause> {
    serde_json::from_str(&row.value).ok()
}

fn paused_and_active() -> Select<webhook::Entity> {
    webhook::Entity::find()
        // Literal text in the statement, so that the partial index applies.
        .filter(Expr::cust("instance_paused AND deleted_at IS NULL"))
        .filter(webhook::Column::Active.eq(true))
}

async fn set_pause(state: &AppState, tx: &Tx<'_>, actor: &Actor, paused: bool) -> TxResult<()> {
    use webhook::Column;
    let row = instance_setting::Entity::find_by_id(WEBHOOK_PAUSE).lock_exclusive().one(tx.db()).await?;
    let before = stored(&row.ok_or(Error::Internal)?);
    // In the order of their IDs, as in every other transaction, so that no two deadlock on PostgreSQL.
    let changed = webhook::Entity::find()
        .filter(Column::Direction.eq(Direction::Outbound))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::InstancePaused.eq(!paused))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    if changed.is_empty() && before.is_some() == paused {
        return Ok(());
    }
    webhook::Entity::update_many()
        .set(webhook::ActiveModel { instance_paused: Set(paused), ..Default::default() })
        .filter(Column::Direction.eq(Direction::Outbound))
        .filter(Column::DeletedAt.is_null())
        .filter(Column::InstancePaused.eq(!paused))
        .exec(tx.db())
        .await?;
    let now = state.clock.now();
    let begun = || before.unwrap_or_else(|| StoredPause { since: now, by: actor.name.clone() });
    let value = serde_json::to_string(&paused.then(begun)).map_err(|error| DbErr::Json(error.to_string()))?;
    let setting = instance_setting::ActiveModel {
        name: Set(WEBHOOK_PAUSE.to_owned()),
        value: Set(value),
        updated_at: Set(now),
        ..Default::default()
    };
    instance_setting::Entity::update(setting).exec_without_returning(tx.db()).await?;
    let active = changed.iter().filter(|row| row.active).count();
    let entry = NewAuditEntry {
        project: None,
        actor: Some(actor),
        action: if paused { AuditAction::WebhooksPaused } else { AuditAction::WebhooksResumed },
        subject: WEBHOOK_PAUSE.to_owned(),
        name: "All webhooks",
        detail: Some(format!("Active webhooks: {active}.")),
    };
    audit_log::record(state, tx, entry).await?;
    for row in changed {
        rows::notify(tx, &row).await?;
        // Its worker holds what waits, or sends what is held.
        tx.after_commit(Effect::Dispatch(row.id));
    }
    notify_projects(tx).await
}

/// Notifies the open pages of all projects and outside of them, because each shows whether webhooks are paused.
async fn notify_projects(tx: &Tx<'_>) -> TxResult<()> {
    let projects: Vec<ProjectId> = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::DeletedAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await?;
    // Without a project, pages outside of projects learn of it, too.
    for project_id in projects.into_iter().chain([WORKSPACE]) {
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind: ChangeKind::WebhookPauseChanged }));
    }
    Ok(())
}

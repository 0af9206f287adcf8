//! Webhooks of both directions. Outbound webhooks are created and changed here; the inbound one is created
//! in [`inbound_webhook`](crate::service::inbound_webhook).

pub(crate) mod endpoint_url;
mod health;
mod held_count;
mod rotation;
pub(crate) mod subscriptions;
mod test_delivery;
pub(crate) mod view;

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::catalog::Subscription;
use app::model::catalog::subscription::normalized;
use app::model::delivery::Delivery;
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::text::Name;
use app::model::webhook::{
    CreateInbound, CreateWebhook, CreatedWebhook, Direction, Health, HeldDeliveriesAction, Reveal, SecretInfo,
    UpdateWebhook, Webhook, WebhookKind,
};
use app::service::Webhooks;
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use url::Url;

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations::{self, signature};
use crate::dispatch::delivery_queue::{self, MAX_BATCH, WEBHOOK_DELETED};
use crate::entity::json::WebhookPolicy;
use crate::entity::{webhook, webhook_project, webhook_secret};
use crate::service::TxError;
use crate::service::cursor;
use crate::service::webhooks::subscriptions::SubscriptionChange;
use crate::storage::{Effect, Tx, internal};

/// The URL of this destination can't be edited.
const URL_IS_CREDENTIAL: &str = "The URL is the credential. To change it, delete this webhook and add it again.";
/// A webhook keeps its kind of destination, and with it its secret or the lack of one.
const OTHER_DESTINATION: &str = "This URL belongs to another type of destination. Add a new webhook for it.";

#[async_trait]
impl Webhooks for AppState {
    async fn list_webhooks(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Webhook>> {
        use webhook::Column;
        require_member(self, actor, project).await?;
        let mut select = webhook::Entity::find()
            .filter(Column::ProjectId.eq(project))
            .filter(Column::DeletedAt.is_null())
            // "inbound" comes before "outbound".
            .order_by_asc(Column::Direction)
            .order_by_asc(Column::Id)
            .limit(page.limit() + 1);
        if let Some((direction, id)) = cursor::parse_by_name(page.cursor.as_deref())? {
            let same = Condition::all().add(Column::Direction.eq(&direction)).add(Column::Id.gt(WebhookId(id)));
            select = select.filter(Condition::any().add(Column::Direction.gt(&direction)).add(same));
        }
        let rows = select.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| cursor::by_name(row.direction.as_str(), row.id.0));
        Ok(Page {
            items: view::webhook_views(self, page.items).await?,
            next_cursor: page.next_cursor,
            previous_cursor: None,
        })
    }

    async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        let row = active_webhook(self, id).await?;
        require_member(self, actor, row.project_id).await?;
        view_of(self, row).await
    }

    async fn create_inbound(&self, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook> {
        require_admin(self, actor, project).await?;
        self.create_inbound_webhook(actor, project, new).await
    }

    async fn create_webhook(&self, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook> {
        require_admin(self, actor, project).await?;
        let mut checks = Checks::default();
        checks.require(!new.events.is_empty(), "events", "Select at least one event.");
        let name = checks.take("name", new.name.parse::<Name>());
        let url = match endpoint_url::check(self, &new.url).await {
            Ok(url) => Some(url),
            Err(error) => match error.of_field("url") {
                Some(why) => checks.take("url", Err(why.to_owned())),
                None => return Err(error),
            },
        };
        let (Some(name), Some(url)) = (name, url) else { return Err(checks.into_error()) };
        checks.finish()?;
        let (id, now) = (self.ids.next(), self.clock.now());
        let destination = destinations::at_url(&url);
        let row = webhook::Model {
            id,
            project_id: project,
            direction: Direction::Outbound,
            kind: WebhookKind::Destination(destination.kind()),
            name: name.into_string(),
            url: Some(encrypt(self, &webhook::url_aad(id), url.as_str())?),
            display_url: destination.redact(&url),
            token_hash: None,
            token_hint: None,
            scope: webhook::Scope::Project,
            policy: WebhookPolicy::default(),
            health: Health::Healthy,
            consecutive_failures: 0,
            health_reason: None,
            health_changed_at: None,
            health_delivery_id: None,
            health_attempt: None,
            failure_streak: 0,
            streak_started_at: None,
            failing_since: None,
            degraded_pauses: 0,
            degraded_pause_until: None,
            paused_until: None,
            total_pause_ms: 0,
            last_dispatched_at: None,
            last_success_at: None,
            last_failure_at: None,
            created_at: now,
            deleted_at: None,
        };
        let secret = destination.kind().is_signed().then(signature::generate);
        let (secret_row, info) = match &secret {
            Some(secret) => secret_row(self, id, secret).map(|(row, info)| (Some(row), Some(info)))?,
            None => (None, None),
        };
        let events = normalized(new.events);
        let (state, who, written, list) = (self.clone(), actor.clone(), row.clone(), events.clone());
        let change = self
            .store
            .write(move |tx| Box::pin(async move { insert(&state, tx, &who, written, &list, secret_row).await }));
        change.await?;
        let reveal = secret.map(|secret| Reveal { url: None, secret: Some(secret) });
        Ok(CreatedWebhook { webhook: view::webhook_view(self, row, events, info.into_iter().collect()), reveal })
    }

    async fn update_webhook(&self, actor: &Actor, id: WebhookId, change: UpdateWebhook) -> Result<Webhook> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        if row.direction == Direction::Inbound {
            return Err(Error::invalid("An inbound webhook can't be changed. Delete it and create another one."));
        }
        let name = change.name.map(|name| name.parse::<Name>()).transpose();
        let name = name.map_err(|why| Error::field("name", why))?;
        // The redacted URL means that it stays.
        let url = match change.url.filter(|url| url.trim() != row.display_url) {
            Some(_) if row.kind.destination().is_some_and(|kind| kind.spec().url_is_credential) => {
                return Err(Error::field("url", URL_IS_CREDENTIAL));
            }
            Some(url) => Some(endpoint_url::check(self, &url).await?),
            None => None,
        };
        if url.as_ref().is_some_and(|url| Some(destinations::at_url(url).kind()) != row.kind.destination()) {
            return Err(Error::field("url", OTHER_DESTINATION));
        }
        let subscriptions = SubscriptionChange::from_request(change.events, change.add_events, change.remove_events)?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let before = lock(tx, id).await?;
                let mut after = before.clone();
                if let Some(name) = name {
                    after.name = name.into_string();
                }
                if let Some(url) = url {
                    set_url(&state, &mut after, &url)?;
                }
                let events_before = subscriptions::load(tx.db(), &[id]).await?.remove(&id).unwrap_or_default();
                let events = subscriptions.apply(&events_before);
                if after == before && events == events_before {
                    return Ok::<_, TxError>(before);
                }
                let mut row = webhook::ActiveModel { id: Set(id), ..Default::default() };
                row.name = Set(after.name.clone());
                row.url = Set(after.url.clone());
                row.display_url = Set(after.display_url.clone());
                row.paused_until = Set(after.paused_until);
                row.total_pause_ms = Set(after.total_pause_ms);
                row.degraded_pause_until = Set(after.degraded_pause_until);
                webhook::Entity::update(row).exec_without_returning(tx.db()).await?;
                subscriptions::store(tx, id, &events_before, &events).await?;
                let detail = changed_fields(&before, &after, events != events_before);
                let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookUpdated, &after, Some(detail));
                audit_log::record(&state, tx, entry).await?;
                notify(tx, &after);
                Ok(after)
            })
        });
        let row = change.await?;
        view_of(self, row).await
    }

    async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<()> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        let (state, actor) = (self.clone(), actor.clone());
        let (now, due) = (self.clock.now(), self.clock.schedule_now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock(tx, id).await?;
                let gone = webhook::ActiveModel { id: Set(id), deleted_at: Set(Some(now)), ..Default::default() };
                webhook::Entity::update(gone).exec_without_returning(tx.db()).await?;
                // The endpoint worker gives up the rest.
                delivery_queue::give_up(tx, id, WEBHOOK_DELETED, (now, due), MAX_BATCH).await?;
                tx.after_commit(Effect::Dispatch(id));
                audit_log::record(
                    &state,
                    tx,
                    NewAuditEntry::for_webhook(&actor, AuditAction::WebhookDeleted, &row, None),
                )
                .await?;
                notify(tx, &row);
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }

    async fn test_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Delivery> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        test_delivery::send_test(self, actor, row).await
    }

    async fn enable_webhook(&self, actor: &Actor, id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        let row = health::enable(self, actor, row, held).await?;
        view_of(self, row).await
    }

    async fn rotate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<CreatedWebhook> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        let (row, reveal) = rotation::rotate(self, actor, row).await?;
        Ok(CreatedWebhook { webhook: view_of(self, row).await?, reveal: Some(reveal) })
    }

    async fn retire_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        let row = rotation::retire(self, actor, row, secret).await?;
        view_of(self, row).await
    }

    async fn extend_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = active_webhook(self, id).await?;
        require_admin(self, actor, row.project_id).await?;
        let row = rotation::extend(self, actor, row, secret).await?;
        view_of(self, row).await
    }
}

async fn active_webhook(state: &AppState, id: WebhookId) -> Result<webhook::Model> {
    let row = webhook::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)
}

async fn view_of(state: &AppState, row: webhook::Model) -> Result<Webhook> {
    view::webhook_views(state, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// Sets another URL. The same one is not encrypted again, so that the row stays equal.
fn set_url(state: &AppState, row: &mut webhook::Model, url: &Url) -> Result<()> {
    let aad = webhook::url_aad(row.id);
    let current = row.url.as_deref().and_then(|sealed| state.keys.open_text(&aad, sealed).ok());
    if current.as_deref() != Some(url.as_str()) {
        row.url = Some(encrypt(state, &aad, url.as_str())?);
        row.display_url = destinations::at_url(url).redact(url);
        // Another endpoint failed or asked to wait.
        row.paused_until = None;
        row.total_pause_ms = 0;
        row.degraded_pause_until = None;
    }
    Ok(())
}

/// The row of a new secret, and its view.
pub(crate) fn secret_row(
    state: &AppState,
    webhook: WebhookId,
    secret: &str,
) -> Result<(webhook_secret::ActiveModel, SecretInfo)> {
    let (id, now): (SecretId, _) = (state.ids.next(), state.clock.now());
    let row = webhook_secret::ActiveModel {
        id: Set(id),
        webhook_id: Set(webhook),
        secret: Set(encrypt(state, &webhook_secret::secret_aad(id), secret)?),
        extended: Set(false),
        created_at: Set(now),
        retires_at: Set(None),
    };
    Ok((row, SecretInfo { id, created_at: now, retires_at: None, extended: false }))
}

pub(crate) fn encrypt(state: &AppState, aad: &str, plain: &str) -> Result<Vec<u8>> {
    state.keys.seal(aad, plain.as_bytes()).map_err(|error| {
        tracing::error!(%error, "failed to encrypt a secret");
        Error::Internal
    })
}

/// Inserts a new webhook with its subscriptions and its secret, if it has one, and notifies the live streams.
pub(crate) async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    webhook: webhook::Model,
    events: &[Subscription],
    secret: Option<webhook_secret::ActiveModel>,
) -> std::result::Result<(), TxError> {
    notify(tx, &webhook);
    audit_log::record(state, tx, NewAuditEntry::for_webhook(actor, AuditAction::WebhookCreated, &webhook, None))
        .await?;
    let (id, project_id, direction) = (webhook.id, webhook.project_id, webhook.direction);
    let row = webhook.into_active_model().reset_all();
    webhook::Entity::insert(row).exec_without_returning(tx.db()).await?;
    if direction == Direction::Outbound {
        let project = webhook_project::ActiveModel { project_id: Set(project_id), webhook_id: Set(id) };
        webhook_project::Entity::insert(project).exec_without_returning(tx.db()).await?;
    }
    subscriptions::store(tx, id, &[], events).await?;
    if let Some(secret) = secret {
        webhook_secret::Entity::insert(secret).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// Locks the row, so that two changes of one webhook are made one after the other.
pub(crate) async fn lock(tx: &Tx<'_>, id: WebhookId) -> std::result::Result<webhook::Model, TxError> {
    let row = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(TxError::Refused(Error::NotFound))
}

pub(crate) fn notify(tx: &Tx<'_>, row: &webhook::Model) {
    let kind = ChangeKind::WebhookChanged { webhook_id: row.id };
    tx.after_commit(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
}

/// The changed fields, for the audit log. It has no values, since a URL may be a credential.
fn changed_fields(before: &webhook::Model, after: &webhook::Model, events: bool) -> String {
    let fields = [("Name", before.name != after.name), ("URL", before.url != after.url), ("Events", events)];
    let changed: Vec<_> = fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
    changed.join(", ")
}

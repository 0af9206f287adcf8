//! Webhooks of both directions: an outbound one is made and changed here, the inbound one in
//! [`inbound_webhook`](super::inbound_webhook).

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::delivery::Delivery;
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::live::{Change, What};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::text::Name;
use app::model::webhook::{
    CreateInbound, CreateWebhook, CreatedWebhook, Direction, Health, Held, Reveal, SecretInfo, UpdateWebhook, Webhook,
    WebhookKind,
};
use app::service::Webhooks;
use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use url::Url;

use super::audit::of_webhook;
use super::subscriptions::{self, Resubscribe};
use super::{ChangeError, cursor, webhook_url};
use crate::core::Core;
use crate::dispatch::{queue, signature};
use crate::entity::{webhook, webhook_secret};
use crate::storage::{Effect, Tx, internal};

/// Why the address of a Slack webhook is not changed.
const SLACK_STAYS: &str = "The address of a Slack webhook is its credential: delete this webhook and add another one.";

#[async_trait]
impl Webhooks for Core {
    async fn list_webhooks(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Webhook>> {
        use webhook::Column;
        self.reader(actor, project).await?;
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
        Ok(Page { items: self.show_webhooks(page.items).await?, next_cursor: page.next_cursor })
    }

    async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        let row = self.living_webhook(id).await?;
        self.reader(actor, row.project_id).await?;
        self.show_one(row).await
    }

    async fn create_inbound(&self, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook> {
        self.admin(actor, project).await?;
        self.make_inbound(actor, project, new).await
    }

    async fn create_webhook(&self, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook> {
        self.admin(actor, project).await?;
        let mut checks = Checks::default();
        let name = checks.take("name", new.name.parse::<Name>());
        let (name, url) = match (name, webhook_url::check(self, &new.url).await) {
            (Some(name), Ok(url)) => (name, url),
            (None, Ok(_)) => return Err(checks.into_error()),
            (Some(_), Err(error)) => return Err(error),
            (None, Err(error)) => {
                checks.require(false, "url", error.of_field("url").unwrap_or_default());
                return Err(checks.into_error());
            }
        };
        let (id, now) = (self.ids.next(), self.clock.now());
        let kind = webhook_url::kind(&url);
        let row = webhook::Model {
            id,
            project_id: project,
            direction: Direction::Outbound,
            kind,
            name: name.into_string(),
            url: Some(self.seal(&webhook::url_place(id), url.as_str())?),
            shown_url: webhook_url::shown(&url),
            token_hash: None,
            token_hint: None,
            events: subscriptions::sorted(new.events),
            health: Health::Healthy,
            consecutive_failures: 0,
            last_dispatched_at: None,
            last_success_at: None,
            last_failure_at: None,
            created_at: now,
            deleted_at: None,
        };
        // Slack verifies no signature: its address is the credential.
        let secret = (kind == WebhookKind::Generic).then(signature::mint);
        let (secret_row, info) = match &secret {
            Some(secret) => self.secret_row(id, secret).map(|(row, info)| (Some(row), Some(info)))?,
            None => (None, None),
        };
        let (core, who, written) = (self.clone(), actor.clone(), row.clone());
        let change =
            self.store.write(move |tx| Box::pin(async move { insert(&core, tx, &who, written, secret_row).await }));
        change.await?;
        let reveal = secret.map(|secret| Reveal { url: None, secret: Some(secret) });
        Ok(CreatedWebhook { webhook: self.show_webhook(row, info.into_iter().collect()), reveal })
    }

    async fn update_webhook(&self, actor: &Actor, id: WebhookId, change: UpdateWebhook) -> Result<Webhook> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        if row.direction == Direction::Inbound {
            return Err(Error::invalid("An inbound webhook has nothing to change: delete it and make another one."));
        }
        let name = change.name.map(|name| name.parse::<Name>()).transpose();
        let name = name.map_err(|why| Error::field("name", why))?;
        // As it was shown, it is the one it has, of which some may be covered.
        let url = match change.url.filter(|url| url.trim() != row.shown_url) {
            Some(_) if row.kind == WebhookKind::Slack => return Err(Error::field("url", SLACK_STAYS)),
            Some(url) => Some(webhook_url::check(self, &url).await?),
            None => None,
        };
        if url.as_ref().is_some_and(|url| webhook_url::kind(url) != row.kind) {
            return Err(Error::field("url", "A Slack webhook has no secret: add another webhook for this address."));
        }
        let resubscribe = Resubscribe::asked(change.events, change.add_events, change.remove_events)?;
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, id).await?;
                let mut after = before.clone();
                if let Some(name) = name {
                    after.name = name.into_string();
                }
                after.events = resubscribe.apply(after.events);
                if let Some(url) = url {
                    core.readdress(&mut after, &url)?;
                }
                if after == before {
                    return Ok::<_, ChangeError>(before);
                }
                let mut row = webhook::ActiveModel { id: Set(id), ..Default::default() };
                row.name = Set(after.name.clone());
                row.events = Set(after.events.clone());
                row.url = Set(after.url.clone());
                row.shown_url = Set(after.shown_url.clone());
                webhook::Entity::update(row).exec_without_returning(tx.db()).await?;
                let deed = of_webhook(&actor, AuditAction::WebhookUpdated, &after, Some(difference(&before, &after)));
                core.audit(tx, deed).await?;
                tell(tx, &after);
                Ok(after)
            })
        });
        let row = change.await?;
        self.show_one(row).await
    }

    async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<()> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        let (core, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = locked(tx, id).await?;
                let gone = webhook::ActiveModel { id: Set(id), deleted_at: Set(Some(now)), ..Default::default() };
                webhook::Entity::update(gone).exec_without_returning(tx.db()).await?;
                queue::give_up(tx, id, "The webhook was deleted before this was sent.", now).await?;
                core.audit(tx, of_webhook(&actor, AuditAction::WebhookDeleted, &row, None)).await?;
                tell(tx, &row);
                Ok::<_, ChangeError>(())
            })
        });
        Ok(change.await?)
    }

    async fn test_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Delivery> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        self.send_test(actor, row).await
    }

    async fn enable_webhook(&self, actor: &Actor, id: WebhookId, held: Held) -> Result<Webhook> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        let row = self.enable(actor, row, held).await?;
        self.show_one(row).await
    }

    async fn rotate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<CreatedWebhook> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        let (row, reveal) = self.rotate(actor, row).await?;
        Ok(CreatedWebhook { webhook: self.show_one(row).await?, reveal: Some(reveal) })
    }

    async fn retire_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        let row = self.retire(actor, row, secret).await?;
        self.show_one(row).await
    }

    async fn extend_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = self.living_webhook(id).await?;
        self.admin(actor, row.project_id).await?;
        let row = self.extend(actor, row, secret).await?;
        self.show_one(row).await
    }
}

impl Core {
    async fn living_webhook(&self, id: WebhookId) -> Result<webhook::Model> {
        let row = webhook::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)
    }

    async fn show_one(&self, row: webhook::Model) -> Result<Webhook> {
        self.show_webhooks(vec![row]).await?.pop().ok_or(Error::NotFound)
    }

    /// Takes over another address; the same one is not sealed again, so that it is no change.
    fn readdress(&self, row: &mut webhook::Model, url: &Url) -> Result<()> {
        let place = webhook::url_place(row.id);
        let current = row.url.as_deref().and_then(|sealed| self.keys.open_text(&place, sealed).ok());
        if current.as_deref() != Some(url.as_str()) {
            row.url = Some(self.seal(&place, url.as_str())?);
            row.shown_url = webhook_url::shown(url);
        }
        Ok(())
    }

    /// The row of a new secret, and what is shown of it.
    pub(super) fn secret_row(
        &self,
        webhook: WebhookId,
        secret: &str,
    ) -> Result<(webhook_secret::ActiveModel, SecretInfo)> {
        let (id, now): (SecretId, _) = (self.ids.next(), self.clock.now());
        let row = webhook_secret::ActiveModel {
            id: Set(id),
            webhook_id: Set(webhook),
            secret: Set(self.seal(&webhook_secret::place(id), secret)?),
            extended: Set(false),
            created_at: Set(now),
            retires_at: Set(None),
        };
        Ok((row, SecretInfo { id, created_at: now, retires_at: None, extended: false }))
    }

    pub(super) fn seal(&self, place: &str, plain: &str) -> Result<Vec<u8>> {
        self.keys.seal(place, plain.as_bytes()).map_err(|error| {
            tracing::error!(%error, "a secret could not be encrypted");
            Error::Internal
        })
    }
}

/// Stores a new webhook with its secret, if it has one, and tells the browsers.
pub(super) async fn insert(
    core: &Core,
    tx: &Tx<'_>,
    actor: &Actor,
    webhook: webhook::Model,
    secret: Option<webhook_secret::ActiveModel>,
) -> std::result::Result<(), ChangeError> {
    tell(tx, &webhook);
    core.audit(tx, of_webhook(actor, AuditAction::WebhookCreated, &webhook, None)).await?;
    let row = webhook.into_active_model().reset_all();
    webhook::Entity::insert(row).exec_without_returning(tx.db()).await?;
    if let Some(secret) = secret {
        webhook_secret::Entity::insert(secret).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// The row within a change, so that two changes of one webhook come one after the other.
pub(super) async fn locked(tx: &Tx<'_>, id: WebhookId) -> std::result::Result<webhook::Model, ChangeError> {
    let row = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(ChangeError::Refused(Error::NotFound))
}

pub(super) fn tell(tx: &Tx<'_>, row: &webhook::Model) {
    let what = What::WebhookChanged { webhook_id: row.id };
    tx.after_commit(Effect::Live(Change { project_id: row.project_id, what }));
}

/// Which fields of a webhook differ, for the audit log: its values are not told, as an address may
/// be a credential.
fn difference(before: &webhook::Model, after: &webhook::Model) -> String {
    let fields = [
        ("Name", before.name != after.name),
        ("Address", before.url != after.url),
        ("Events", before.events != after.events),
    ];
    let changed: Vec<_> = fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
    changed.join(", ")
}

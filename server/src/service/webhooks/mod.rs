//! Webhooks of both directions, one file per action.

mod active_limit;
mod activity;
mod body_template;
mod conditions;
mod create;
mod custom_headers;
mod delete;
mod destination;
mod duplicate;
pub(crate) mod endpoint_url;
mod health;
mod held_count;
mod inbound;
mod inbound_address;
mod instance_pause;
mod policy;
mod policy_changes;
mod project_deletion;
mod rotation;
mod routes;
pub(crate) mod rows;
pub(crate) mod scope;
mod scope_change;
mod shared;
mod signing;
mod stats;
pub(crate) mod subscriptions;
mod test_delivery;
mod update;
pub(crate) mod view;

use app::error::{Error, Result};
use app::model::body_template::{PreviewTemplate, TemplatePreview};
use app::model::condition::{TriedConditions, TryConditions};
use app::model::delivery::Delivery;
use app::model::history::WebhookHistory;
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::signing::ChangeSigning;
use app::model::webhook::{
    ChangeDestination, CreateInbound, CreateWebhook, CreatedWebhook, Direction, HeldDeliveriesAction, RotateWebhook,
    SendTest, UpdateWebhook, Webhook,
};
use app::model::webhook_stats::{StatsPeriod, WebhookStats};
use app::service::Webhooks;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::entity::webhook;
use crate::events::in_scope;
use crate::service::cursor;
use crate::storage::internal;
pub(crate) use project_deletion::{adopt, detach, end_deliveries};
pub(crate) use scope::{managed, visible};

#[async_trait]
impl Webhooks for AppState {
    async fn list_webhooks(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Webhook>> {
        use webhook::Column;
        require_member(self, actor, project).await?;
        let mut select = webhook::Entity::find()
            .filter(of_project(project))
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
            items: view::webhook_views(self, actor, page.items).await?,
            next_cursor: page.next_cursor,
            previous_cursor: None,
        })
    }

    async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        let row = scope::visible(self, actor, id).await?;
        view_of(self, actor, row).await
    }

    async fn create_inbound(&self, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook> {
        require_admin(self, actor, project).await?;
        inbound::create(self, actor, project, new).await
    }

    async fn create_webhook(&self, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook> {
        require_admin(self, actor, project).await?;
        create::create(self, actor, project, new).await
    }

    async fn try_conditions(&self, actor: &Actor, project: ProjectId, tried: TryConditions) -> Result<TriedConditions> {
        require_admin(self, actor, project).await?;
        let projects = conditions::tried_projects(self, actor, project, tried.scope.as_ref()).await?;
        conditions::try_out(self, &projects, tried).await
    }

    async fn preview_template(
        &self,
        actor: &Actor,
        project: ProjectId,
        preview: PreviewTemplate,
    ) -> Result<TemplatePreview> {
        require_admin(self, actor, project).await?;
        body_template::preview(&preview)
    }

    async fn duplicate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<CreatedWebhook> {
        let row = managed(self, actor, id).await?;
        duplicate::duplicate(self, actor, row).await
    }

    async fn update_webhook(&self, actor: &Actor, id: WebhookId, change: UpdateWebhook) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, update::update(self, actor, row, change).await?).await
    }

    async fn change_destination(
        &self,
        actor: &Actor,
        id: WebhookId,
        change: ChangeDestination,
    ) -> Result<CreatedWebhook> {
        let row = managed(self, actor, id).await?;
        let (row, reveal) = destination::change(self, actor, row, change).await?;
        Ok(CreatedWebhook { webhook: view_of(self, actor, row).await?, reveal })
    }

    async fn change_signing(&self, actor: &Actor, id: WebhookId, change: ChangeSigning) -> Result<CreatedWebhook> {
        let row = managed(self, actor, id).await?;
        let (row, reveal) = signing::change(self, actor, row, change).await?;
        Ok(CreatedWebhook { webhook: view_of(self, actor, row).await?, reveal })
    }

    async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<()> {
        let row = managed(self, actor, id).await?;
        delete::delete(self, actor, row, WebhookHistory::Keep).await
    }

    async fn delete_webhook_and_history(&self, actor: &Actor, id: WebhookId) -> Result<()> {
        let row = managed(self, actor, id).await?;
        delete::delete(self, actor, row, WebhookHistory::Delete).await
    }

    async fn test_webhook(&self, actor: &Actor, id: WebhookId, test: SendTest) -> Result<Delivery> {
        let row = managed(self, actor, id).await?;
        test_delivery::send_test(self, actor, row, test).await
    }

    async fn enable_webhook(&self, actor: &Actor, id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, health::enable(self, actor, row, held).await?).await
    }

    async fn deactivate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, activity::deactivate(self, actor, row).await?).await
    }

    async fn activate_webhook(&self, actor: &Actor, id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, activity::activate(self, actor, row, held).await?).await
    }

    async fn webhook_stats(&self, actor: &Actor, id: WebhookId, period: StatsPeriod) -> Result<WebhookStats> {
        let row = scope::visible(self, actor, id).await?;
        stats::read(self, &row, period).await
    }

    async fn rotate_webhook(&self, actor: &Actor, id: WebhookId, rotate: RotateWebhook) -> Result<CreatedWebhook> {
        let row = managed(self, actor, id).await?;
        let (row, reveal) = rotation::rotate(self, actor, row, rotate).await?;
        Ok(CreatedWebhook { webhook: view_of(self, actor, row).await?, reveal })
    }

    async fn retire_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, rotation::retire(self, actor, row, secret).await?).await
    }

    async fn extend_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook> {
        let row = managed(self, actor, id).await?;
        view_of(self, actor, rotation::extend(self, actor, row, secret).await?).await
    }
}

/// The webhooks that a project's page lists: its inbound one, and the outbound ones with its events.
pub(crate) fn of_project(project: ProjectId) -> Condition {
    use webhook::Column;
    let inbound = Condition::all().add(Column::ProjectId.eq(project)).add(Column::Direction.eq(Direction::Inbound));
    Condition::any().add(inbound).add(Column::Id.in_subquery(in_scope(project)))
}

async fn view_of(state: &AppState, actor: &Actor, row: webhook::Model) -> Result<Webhook> {
    view::webhook_views(state, actor, vec![row]).await?.pop().ok_or(Error::NotFound)
}

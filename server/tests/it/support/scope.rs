//! Projects with different admins, and webhooks with several projects.

use std::collections::BTreeSet;

use app::model::delivery::{Delivery, DeliveryQuery};
use app::model::history::UpdateInstanceSettings;
use app::model::id::{ProjectId, WebhookId};
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::model::webhook::{CreateWebhook, UpdateWebhook, Webhook};
use app::model::webhook_scope::{ScopeKind, SelectScope, WebhookQuery};
use app::service::{Deliveries, History, Issues, SharedWebhooks, Webhooks};

use super::TestServer;
use super::receiver::Receiver;

/// Two projects with their admins, one that both administer, and a system admin.
pub struct ScopeFixture {
    pub server: TestServer,
    pub ada: Actor,
    pub bob: Actor,
    pub root: Actor,
    pub web: ProjectId,
    pub app: ProjectId,
    pub receiver: Receiver,
}

impl ScopeFixture {
    /// Ada administers both projects, Bob only the second one.
    pub async fn start() -> Self {
        let server = TestServer::start().await;
        let [ada, bob] = [server.user("Ada", false).await, server.user("Bob", false).await];
        let root = server.user("Root", true).await;
        let web = server.project(&ada, "WEB").await;
        let app = server.project(&bob, "APP").await;
        server.join(app, &ada, Role::Admin).await;
        Self { server, ada, bob, root, web, app, receiver: Receiver::start().await }
    }

    pub fn several(&self) -> SelectScope {
        SelectScope { kind: ScopeKind::Projects, project_ids: vec![self.web, self.app] }
    }

    pub fn new_webhook(&self, scope: Option<SelectScope>) -> CreateWebhook {
        CreateWebhook {
            name: "Everywhere".into(),
            url: self.receiver.url("/"),
            events: vec!["issue.created".parse().unwrap()],
            scope,
            ..CreateWebhook::default()
        }
    }

    pub async fn create(
        &self,
        actor: &Actor,
        project: ProjectId,
        scope: Option<SelectScope>,
    ) -> app::error::Result<Webhook> {
        let new = self.new_webhook(scope);
        Ok(self.server.state.create_webhook(actor, project, new).await?.webhook)
    }

    /// A webhook with both projects.
    pub async fn shared(&self) -> Webhook {
        self.create(&self.ada, self.web, Some(self.several())).await.unwrap()
    }

    pub async fn for_all(&self) -> Webhook {
        let all = SelectScope { kind: ScopeKind::All, project_ids: Vec::new() };
        self.create(&self.root, self.web, Some(all)).await.unwrap()
    }

    pub async fn set_scope(&self, actor: &Actor, id: WebhookId, projects: &[ProjectId]) -> app::error::Result<Webhook> {
        let scope = Some(SelectScope { kind: ScopeKind::Projects, project_ids: projects.to_vec() });
        self.server.state.update_webhook(actor, id, UpdateWebhook { scope, ..UpdateWebhook::default() }).await
    }

    pub async fn issue(&self, actor: &Actor, project: ProjectId, title: &str) {
        let new = CreateIssue { title: title.into(), ..CreateIssue::default() };
        self.server.state.create_issue(actor, project, new).await.unwrap();
    }

    pub async fn deliveries(&self, actor: &Actor, project: ProjectId) -> Vec<Delivery> {
        self.server.state.list_deliveries(actor, project, DeliveryQuery::default()).await.unwrap().items
    }

    pub async fn listed(&self, actor: &Actor, query: WebhookQuery) -> Vec<WebhookId> {
        let page = self.server.state.list_shared_webhooks(actor, query).await.unwrap();
        page.items.into_iter().map(|webhook| webhook.id).collect()
    }

    pub async fn limit(&self, limit: u32) {
        let change = UpdateInstanceSettings { max_active_webhooks: Some(limit), ..UpdateInstanceSettings::default() };
        self.server.state.update_instance_settings(&self.root, change).await.unwrap();
    }

    pub fn sent(&self) -> BTreeSet<String> {
        let requests = self.receiver.requests_so_far().into_iter();
        requests.map(|request| request.json()["data"]["title"].as_str().unwrap_or("test").to_owned()).collect()
    }
}

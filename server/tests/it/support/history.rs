//! A project with delivered events, for tests of the delivery history.

use app::model::audit::AuditEntry;
use app::model::id::{DeliveryId, WebhookId};
use app::model::page::PageQuery;
use app::model::people::Actor;
use app::service::Audit;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::{attempt, delivery, event};

use super::api::{Api, Reply};
use super::eventually;
use super::outbound::OutboundFixture;
use super::receiver::Receiver;

pub struct HistoryFixture {
    pub outbound: OutboundFixture,
    pub receiver: Receiver,
    pub root: Actor,
    pub api: Api,
    pub admin: Api,
}

impl HistoryFixture {
    pub async fn start() -> Self {
        let outbound = OutboundFixture::start().await;
        let receiver = Receiver::start().await;
        let root = outbound.server.user("Root", true).await;
        let (api, admin) = (outbound.server.api(&outbound.ada).await, outbound.server.api(&root).await);
        Self { outbound, receiver, root, api, admin }
    }

    pub async fn webhook(&self) -> WebhookId {
        self.outbound.webhook(&self.receiver.url("/")).await.webhook.id
    }

    /// Creates issues, and waits until their deliveries are finished.
    pub async fn deliver(&self, titles: &[&str]) {
        for title in titles {
            self.outbound.issue(title).await;
        }
        self.outbound.dispatch_idle().await;
    }

    pub async fn deliveries(&self) -> Vec<delivery::Model> {
        delivery::Entity::find().all(self.outbound.state().store.read()).await.unwrap()
    }

    pub async fn counts(&self) -> (u64, u64, u64) {
        let db = self.outbound.state().store.read();
        (
            delivery::Entity::find().count(db).await.unwrap(),
            attempt::Entity::find().count(db).await.unwrap(),
            event::Entity::find().count(db).await.unwrap(),
        )
    }

    pub async fn clear(&self, body: Value) -> Reply {
        self.api.post(&format!("/projects/{}/deliveries/clear", self.outbound.project), &body).await
    }

    pub async fn wait_for_counts(&self, expected: (u64, u64, u64)) {
        eventually("what is left", async || (self.counts().await == expected).then_some(())).await;
    }

    pub async fn erase(&self, id: DeliveryId, body: Value) -> Reply {
        self.api.post(&format!("/deliveries/{id}/erase"), &body).await
    }

    pub async fn detail(&self, id: DeliveryId) -> Value {
        self.api.get(&format!("/deliveries/{id}")).await.json
    }

    /// The entries outside of projects, newest first.
    pub async fn instance_log(&self) -> Vec<AuditEntry> {
        self.outbound.state().list_audit(&self.root, None, PageQuery::default()).await.unwrap().items
    }

    /// An export as it is downloaded.
    pub async fn export(&self, query: &str) -> Reply {
        let path = format!("/projects/{}/deliveries/export{query}", self.outbound.project);
        self.api.raw("GET", &path, &[], "").await
    }

    pub async fn token(&self) -> String {
        let made = self.api.post("/tokens", &json!({"name": "export"})).await.json;
        made["secret"].as_str().unwrap().to_owned()
    }
}

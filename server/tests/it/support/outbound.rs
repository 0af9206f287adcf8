//! A project with an admin, to send from.

use std::time::Duration;

use app::model::audit::{AuditAction, AuditEntry};
use app::model::catalog::EventType;
use app::model::delivery::{DeliveryDetail, DeliveryQuery};
use app::model::id::{ProjectId, WebhookId};
use app::model::issue::{CreateIssue, Issue};
use app::model::page::PageQuery;
use app::model::people::Actor;
use app::model::webhook::{CreateWebhook, CreatedWebhook, Health, Webhook};
use app::service::{Audit, Deliveries, Issues, Webhooks};
use server::core::Core;

use super::{TestServer, eventually};

pub struct Sender {
    pub server: TestServer,
    pub ada: Actor,
    pub project: ProjectId,
}

impl Sender {
    pub async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    pub async fn on(server: TestServer) -> Self {
        let ada = server.user("Ada", false).await;
        let project = server.project(&ada, "WEB").await;
        Self { server, ada, project }
    }

    pub fn core(&self) -> &Core {
        &self.server.core
    }

    /// An outbound webhook for the events of issues.
    pub async fn webhook(&self, url: &str) -> CreatedWebhook {
        self.try_webhook(url).await.unwrap()
    }

    pub async fn try_webhook(&self, url: &str) -> app::error::Result<CreatedWebhook> {
        let new = CreateWebhook {
            name: "Receiver".into(),
            url: url.into(),
            events: vec![EventType::IssueCreated, EventType::IssueUpdated],
        };
        self.core().create_webhook(&self.ada, self.project, new).await
    }

    /// Something happens: an issue is made, here and in the queue.
    pub async fn issue(&self, title: &str) -> Issue {
        let new = CreateIssue { title: title.into(), ..CreateIssue::default() };
        self.core().create_issue(&self.ada, self.project, new).await.unwrap()
    }

    /// The deliveries of a webhook, the newest first, with their attempts.
    pub async fn deliveries(&self, webhook: WebhookId) -> Vec<DeliveryDetail> {
        let query = DeliveryQuery { webhook_id: Some(webhook), ..DeliveryQuery::default() };
        let page = self.core().list_deliveries(&self.ada, self.project, query).await.unwrap();
        let mut details = Vec::new();
        for delivery in page.items {
            details.push(self.core().delivery(&self.ada, delivery.id).await.unwrap());
        }
        details
    }

    /// Waits until the only delivery of a webhook is as told.
    pub async fn delivery(
        &self,
        webhook: WebhookId,
        what: &str,
        is: impl Fn(&DeliveryDetail) -> bool,
    ) -> DeliveryDetail {
        eventually(what, async || {
            let mut deliveries = self.deliveries(webhook).await;
            assert!(deliveries.len() <= 1, "one delivery");
            deliveries.pop().filter(&is)
        })
        .await
    }

    /// Waits until the only delivery of a webhook has been attempted `attempts` times.
    pub async fn attempted(&self, webhook: WebhookId, attempts: u32) -> DeliveryDetail {
        let what = format!("attempt {attempts}");
        self.delivery(webhook, &what, |detail| detail.delivery.attempts == attempts).await
    }

    /// Waits until the newest delivery of a webhook has been attempted.
    pub async fn newest_attempted(&self, webhook: WebhookId) -> DeliveryDetail {
        eventually("an attempt of the newest delivery", async || {
            let newest = self.deliveries(webhook).await.into_iter().next();
            newest.filter(|detail| detail.delivery.attempts > 0)
        })
        .await
    }

    /// What the card of a webhook shows.
    pub async fn card(&self, webhook: WebhookId) -> Webhook {
        self.core().webhook(&self.ada, webhook).await.unwrap()
    }

    /// Waits until the card of a webhook is as told.
    pub async fn card_when(&self, webhook: WebhookId, what: &str, is: impl Fn(&Webhook) -> bool) -> Webhook {
        eventually(what, async || Some(self.card(webhook).await).filter(&is)).await
    }

    /// Waits until so many attempts in a row have failed.
    pub async fn failed(&self, webhook: WebhookId, times: u32) -> Webhook {
        self.card_when(webhook, &format!("{times} failures"), |card| card.consecutive_failures == times).await
    }

    /// Sends tests to an endpoint that fails until its webhook is disabled.
    pub async fn disable(&self, webhook: WebhookId) {
        for times in 1..=10 {
            self.core().test_webhook(&self.ada, webhook).await.unwrap();
            self.failed(webhook, times).await;
        }
        assert_eq!(self.card(webhook).await.health, Health::Disabled);
    }

    /// The audit log of the project, the oldest entry first.
    pub async fn audit_log(&self) -> Vec<AuditEntry> {
        let page = PageQuery { limit: Some(200), cursor: None };
        let mut entries = self.core().list_audit(&self.ada, Some(self.project), page).await.unwrap().items;
        entries.reverse();
        entries
    }

    /// What the audit log tells of an action, the oldest entry first.
    pub async fn audited(&self, action: AuditAction) -> Vec<String> {
        let entries = self.audit_log().await.into_iter().filter(|entry| entry.action == action);
        entries.map(|entry| entry.detail.unwrap_or_default()).collect()
    }

    pub fn advance(&self, by: Duration) {
        self.core().clock.advance(by);
    }

    /// Lets everything run that can: on the one thread of a test whatever is not waiting for time
    /// has its turn.
    pub async fn settle(&self) {
        for _ in 0..2000 {
            tokio::task::yield_now().await;
        }
    }
}

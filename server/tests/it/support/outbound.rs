//! A project with an admin and outbound webhooks.

use std::time::Duration;

use app::model::audit::{AuditAction, AuditEntry};
use app::model::catalog::EventType;
use app::model::delivery::{DeliveryDetail, DeliveryQuery, DeliveryStatus};
use app::model::id::{ProjectId, WebhookId};
use app::model::issue::{CreateIssue, Issue};
use app::model::page::PageQuery;
use app::model::people::Actor;
use app::model::policy::DEGRADED_PAUSES;
use app::model::webhook::{CreateWebhook, CreatedWebhook, Health, UpdateWebhook, Webhook};
use app::service::{Audit, Deliveries, Issues, Webhooks};
use server::app_state::AppState;
use server::dispatch::concurrency::INITIAL_IN_FLIGHT;

use super::{TestServer, eventually};

/// The maximum number of steps of [`OutboundFixture::advance_until`].
const MAX_STEPS: usize = 200;

/// The issue of [`OutboundFixture::disable`].
pub const GONE_ISSUE: &str = "Gone";

pub struct OutboundFixture {
    pub server: TestServer,
    pub ada: Actor,
    pub project: ProjectId,
}

impl OutboundFixture {
    pub async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    pub async fn on(server: TestServer) -> Self {
        let ada = server.user("Ada", false).await;
        let project = server.project(&ada, "WEB").await;
        Self { server, ada, project }
    }

    pub fn state(&self) -> &AppState {
        &self.server.state
    }

    /// An outbound webhook for the events of issues.
    pub async fn webhook(&self, url: &str) -> CreatedWebhook {
        self.try_webhook(url).await.unwrap()
    }

    pub async fn try_webhook(&self, url: &str) -> app::error::Result<CreatedWebhook> {
        self.try_webhook_with(url, CreateWebhook::default()).await
    }

    /// The same with the settings of `new`.
    pub async fn try_webhook_with(&self, url: &str, new: CreateWebhook) -> app::error::Result<CreatedWebhook> {
        let new = CreateWebhook {
            name: "Receiver".into(),
            url: url.into(),
            events: vec![EventType::IssueCreated.into(), EventType::IssueUpdated.into()],
            ..new
        };
        self.state().create_webhook(&self.ada, self.project, new).await
    }

    /// Creates an issue, which queues a delivery.
    pub async fn issue(&self, title: &str) -> Issue {
        let new = CreateIssue { title: title.into(), ..CreateIssue::default() };
        self.state().create_issue(&self.ada, self.project, new).await.unwrap()
    }

    /// The deliveries of a webhook with their attempts, newest first.
    pub async fn deliveries(&self, webhook: WebhookId) -> Vec<DeliveryDetail> {
        let query = DeliveryQuery { webhook_id: Some(webhook), ..DeliveryQuery::default() };
        let page = self.state().list_deliveries(&self.ada, self.project, query).await.unwrap();
        let mut details = Vec::new();
        for delivery in page.items {
            details.push(self.state().delivery(&self.ada, delivery.id).await.unwrap());
        }
        details
    }

    /// Waits until the only delivery of a webhook matches.
    pub async fn wait_for_delivery(
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
    pub async fn wait_for_attempts(&self, webhook: WebhookId, attempts: u32) -> DeliveryDetail {
        let what = format!("attempt {attempts}");
        self.wait_for_delivery(webhook, &what, |detail| detail.delivery.attempt_count == attempts).await
    }

    /// Waits until the newest delivery of a webhook has been attempted.
    pub async fn wait_for_newest_attempt(&self, webhook: WebhookId) -> DeliveryDetail {
        eventually("an attempt of the newest delivery", async || {
            let newest = self.deliveries(webhook).await.into_iter().next();
            newest.filter(|detail| detail.delivery.attempt_count > 0)
        })
        .await
    }

    /// The webhook as its card shows it.
    pub async fn card(&self, webhook: WebhookId) -> Webhook {
        self.state().webhook(&self.ada, webhook).await.unwrap()
    }

    /// Waits until the card of a webhook matches.
    pub async fn wait_for_card(&self, webhook: WebhookId, what: &str, is: impl Fn(&Webhook) -> bool) -> Webhook {
        eventually(what, async || Some(self.card(webhook).await).filter(&is)).await
    }

    /// Waits until so many consecutive deliveries have failed.
    pub async fn wait_for_failures(&self, webhook: WebhookId, times: u32) -> Webhook {
        self.wait_for_card(webhook, &format!("{times} failures"), |card| card.consecutive_failures == times).await
    }

    /// Lets an endpoint succeed until it may have `in_flight` concurrent requests.
    pub async fn raise_concurrency(&self, webhook: WebhookId, in_flight: usize) {
        let successes = in_flight - INITIAL_IN_FLIGHT;
        for n in 0..successes {
            self.issue(&format!("Success {n}")).await;
        }
        eventually("all are delivered", async || {
            let deliveries = self.deliveries(webhook).await;
            let delivered = deliveries.iter().filter(|detail| detail.delivery.status == DeliveryStatus::Delivered);
            (delivered.count() == successes).then_some(())
        })
        .await;
    }

    /// Changes the URL of a webhook.
    pub async fn set_url(&self, webhook: WebhookId, url: String) {
        let change = UpdateWebhook { url: Some(url), ..UpdateWebhook::default() };
        self.state().update_webhook(&self.ada, webhook, change).await.unwrap();
    }

    /// Disables a webhook whose endpoint responds 410 to the next delivery.
    pub async fn disable(&self, webhook: WebhookId) {
        self.issue(GONE_ISSUE).await;
        self.wait_for_card(webhook, "disabled", |card| card.health == Health::Disabled).await;
    }

    /// Lets ten deliveries fail, at the pace of a degraded webhook.
    pub async fn fail_until_disabled(&self, webhook: WebhookId) {
        for n in 0..10 {
            self.issue(&format!("Issue {n}")).await;
            if n < 5 {
                self.wait_for_failures(webhook, n + 1).await;
            }
        }
        self.fail_while_degraded(webhook).await;
    }

    /// Lets a degraded webhook fail until it is disabled.
    pub async fn fail_while_degraded(&self, webhook: WebhookId) {
        for (pause, failures) in DEGRADED_PAUSES.into_iter().zip(6..) {
            self.advance(pause);
            self.wait_for_failures(webhook, failures).await;
        }
        assert_eq!(self.card(webhook).await.health, Health::Disabled);
    }

    /// The audit log of the project, oldest entry first.
    pub async fn audit_log(&self) -> Vec<AuditEntry> {
        let page = PageQuery { limit: Some(200), cursor: None };
        let mut entries = self.state().list_audit(&self.ada, Some(self.project), page).await.unwrap().items;
        entries.reverse();
        entries
    }

    /// The details of the audit entries of an action, oldest first.
    pub async fn audit_details(&self, action: AuditAction) -> Vec<String> {
        let entries = self.audit_log().await.into_iter().filter(|entry| entry.action == action);
        entries.map(|entry| entry.detail.unwrap_or_default()).collect()
    }

    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// [`TestServer::dispatch_idle`] with nothing in flight.
    pub async fn dispatch_idle(&self) {
        self.server.dispatch_idle(0).await;
    }

    /// Advances the clock step by step until `is_reached`. No step passes while a request is in flight, which
    /// would time out.
    pub async fn advance_until(&self, step: Duration, what: &str, mut is_reached: impl AsyncFnMut() -> bool) {
        for _ in 0..MAX_STEPS {
            self.dispatch_idle().await;
            if is_reached().await {
                return;
            }
            self.advance(step);
        }
        panic!("not reached after {MAX_STEPS} steps of {step:?}: {what}");
    }
}

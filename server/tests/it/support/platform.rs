//! Chat tools and CI servers, with a receiver in their place.

use app::model::catalog::{EventType, Subscription};
use app::model::destination::DestinationKind;
use app::model::webhook::{CreateWebhook, CreatedWebhook};
use app::service::Webhooks;
use axum::response::IntoResponse;
use sea_orm::{DbErr, EntityTrait};
use serde_json::Value;
use server::entity::project;
use server::events::{NewEvent, outbox};

use super::TestServer;
use super::outbound::OutboundFixture;
use super::receiver::Receiver;

/// The credential in the URL of each platform.
pub const TOKEN: &str = "xoxSecretOfTheUrl";

/// A receiver at the address of a platform.
pub struct Platform {
    pub fixture: OutboundFixture,
    pub receiver: Receiver,
    kind: DestinationKind,
}

impl Platform {
    /// A platform that answers like the real one.
    pub async fn start(kind: DestinationKind) -> Self {
        Self::answering(kind, |_| "ok").await
    }

    /// A platform whose answer depends on the number of the request.
    pub async fn answering<R: IntoResponse>(
        kind: DestinationKind,
        answer: impl Fn(usize) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let overrides = format!("{}=127.0.0.1", host(kind));
        let server = TestServer::start_with(&["--host-overrides", &overrides]).await;
        let fixture = OutboundFixture::on(server).await;
        Self { fixture, receiver: Receiver::answering(answer).await, kind }
    }

    /// The URL of a webhook, with its credential.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin(), path(self.kind))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.receiver.url("").replace("127.0.0.1", host(self.kind))
    }

    /// A webhook for all events.
    pub async fn webhook(&self) -> CreatedWebhook {
        let new = CreateWebhook {
            name: "#qa".into(),
            url: self.url(),
            events: vec![Subscription::All],
            ..CreateWebhook::default()
        };
        self.fixture.state().create_webhook(&self.fixture.ada, self.fixture.project, new).await.unwrap()
    }

    /// The same after a restart of the server.
    pub async fn restarted(self) -> Self {
        let OutboundFixture { server, ada, project } = self.fixture;
        let server = server.restart(async |_| {}).await;
        Self { fixture: OutboundFixture { server, ada, project }, ..self }
    }

    /// The same event many times, in one transaction.
    pub async fn emit_many(&self, event: EventType, data: &Value, times: usize) {
        let (state, project_id, ada) = (self.fixture.state().clone(), self.fixture.project, self.fixture.ada.clone());
        let data = data.clone();
        let write = self.fixture.state().store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let project = project::Entity::find_by_id(project_id).one(tx.db()).await?.unwrap();
                for _ in 0..times {
                    let new = NewEvent { project: &project, event, actor: Some(&ada), data: data.clone() };
                    outbox::publish(&state, tx, new).await?;
                }
                Ok(())
            })
        });
        write.await.unwrap();
    }

    /// An event as a service would emit it.
    pub async fn emit(&self, event: EventType, data: Value) {
        let (state, project_id, ada) = (self.fixture.state().clone(), self.fixture.project, self.fixture.ada.clone());
        let write = self.fixture.state().store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let project = project::Entity::find_by_id(project_id).one(tx.db()).await?.unwrap();
                outbox::publish(&state, tx, NewEvent { project: &project, event, actor: Some(&ada), data }).await
            })
        });
        write.await.unwrap();
    }
}

fn host(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Generic => "endpoint.example.org",
        DestinationKind::Slack => "hooks.slack.com",
        DestinationKind::Teams => "acme.1.environment.api.powerplatform.com",
        DestinationKind::Discord => "discord.com",
        DestinationKind::GoogleChat => "chat.googleapis.com",
        DestinationKind::Jenkins => "ci.example.org",
    }
}

fn path(kind: DestinationKind) -> String {
    match kind {
        DestinationKind::Generic => format!("/hook?key={TOKEN}"),
        DestinationKind::Slack => format!("/services/T0AB12/B0CD34/{TOKEN}"),
        DestinationKind::Teams => format!(
            "/powerautomate/automations/direct/workflows/a1/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sig={TOKEN}"
        ),
        DestinationKind::Discord => format!("/api/webhooks/1234567890/{TOKEN}"),
        DestinationKind::GoogleChat => format!("/v1/spaces/AAAA/messages?key=k&token={TOKEN}"),
        DestinationKind::Jenkins => format!("/jenkins/generic-webhook-trigger/invoke?token={TOKEN}"),
    }
}

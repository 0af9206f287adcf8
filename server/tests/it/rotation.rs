//! Rotation: two active secrets for a day at an endpoint, an immediate switch at a tracker.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::destination::DestinationKind;
use app::model::id::{SecretId, WebhookId};
use app::model::people::Role;
use app::model::provider::Provider;
use app::model::webhook::{RotateWebhook, WebhookKind};
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::{webhook, webhook_secret};
use standardwebhooks::Webhook;

use crate::support::TestServer;
use crate::support::inbound::{answer, event, sign};
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::{ReceivedRequest, Receiver};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A webhook with its first secret, `before` earlier than the system clock, which the published
/// verifier uses.
struct RotationFixture {
    fixture: OutboundFixture,
    receiver: Receiver,
    webhook: WebhookId,
    first: String,
}

impl RotationFixture {
    #[allow(clippy::disallowed_methods, reason = "the verifier goes by the machine's clock")]
    async fn new(before: Duration) -> Self {
        let fixture = OutboundFixture::start().await;
        let machine = chrono::Utc::now() - fixture.state().clock.now();
        let whole = Duration::from_secs(machine.num_seconds().unsigned_abs());
        fixture.advance(whole.checked_sub(before).unwrap());
        let receiver = Receiver::start().await;
        let created = fixture.webhook(&receiver.url("/")).await;
        Self { fixture, receiver, webhook: created.webhook.id, first: created.reveal.unwrap().secret.unwrap() }
    }

    async fn rotate(&self) -> String {
        let rotated = self
            .fixture
            .state()
            .rotate_webhook(&self.fixture.ada, self.webhook, RotateWebhook::default())
            .await
            .unwrap();
        let reveal = rotated.reveal.unwrap();
        assert_eq!(reveal.url, None);
        reveal.secret.unwrap()
    }

    /// The next event at the receiver, once its response is recorded.
    async fn next(&self) -> ReceivedRequest {
        let count = self.receiver.requests_so_far().len() + 1;
        self.fixture.issue("It breaks").await;
        let next = self.receiver.requests(count).await.pop().unwrap();
        self.fixture.dispatch_idle().await;
        next
    }

    async fn retiring(&self) -> SecretId {
        let [_, retiring] = <[_; 2]>::try_from(self.fixture.card(self.webhook).await.secrets).unwrap();
        retiring.id
    }
}

fn verifies(secret: &str, request: &ReceivedRequest) -> bool {
    Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

/// Stores a request for `cargo xtask test interop`, with the expected result.
fn leave(name: &str, request: &ReceivedRequest, secrets: &[(&str, bool)]) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("signatures");
    std::fs::create_dir_all(&folder).unwrap();
    let headers: serde_json::Map<_, _> = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.to_owned(), request.header(name).into()))
        .into_iter()
        .collect();
    let secrets: Vec<_> =
        secrets.iter().map(|(secret, accepted)| json!({"secret": secret, "accepted": accepted})).collect();
    let body = std::str::from_utf8(&request.body).unwrap();
    let left = json!({"body": body, "headers": headers, "secrets": secrets});
    std::fs::write(folder.join(name).with_extension("json"), left.to_string()).unwrap();
}

/// The signature with one secret only.
fn signature(secret: &str, request: &ReceivedRequest) -> String {
    Webhook::new(secret).unwrap().sign(request.header("webhook-id"), request.timestamp(), &request.body).unwrap()
}

#[tokio::test]
async fn both_secrets_sign_until_the_old_one_retires() {
    let stage = RotationFixture::new(DAY).await;
    let second = stage.rotate().await;
    assert_ne!(stage.first, second);
    let at_once = stage.next().await;
    let both = format!("{} {}", signature(&second, &at_once), signature(&stage.first, &at_once));
    assert_eq!(at_once.header("webhook-signature"), both);

    stage.fixture.advance(DAY.checked_sub(SECOND).unwrap());
    let last = stage.next().await;
    assert!(verifies(&second, &last) && verifies(&stage.first, &last));
    leave("in-the-window", &last, &[(&second, true), (&stage.first, true)]);
    assert_eq!(stage.fixture.card(stage.webhook).await.secrets.len(), 2);

    stage.fixture.advance(SECOND);
    let after = stage.next().await;
    assert!(verifies(&second, &after) && !verifies(&stage.first, &after));
    leave("after-it", &after, &[(&second, true), (&stage.first, false)]);
    assert_eq!(after.header("webhook-signature"), signature(&second, &after));
    assert_eq!(stage.fixture.card(stage.webhook).await.secrets.len(), 1);
}

#[tokio::test]
async fn a_rotation_shows_the_deadline_and_reveals_once() {
    let stage = RotationFixture::new(Duration::ZERO).await;
    let second = stage.rotate().await;
    let now = stage.fixture.state().clock.now();
    let [newest, before] = <[_; 2]>::try_from(stage.fixture.card(stage.webhook).await.secrets).unwrap();
    assert_eq!((newest.retires_at, before.retires_at), (None, Some(now + DAY)));
    assert!(newest.id > before.id && !before.extended);
    let shown = serde_json::to_string(&stage.fixture.card(stage.webhook).await).unwrap();
    assert!(!shown.contains(second.trim_start_matches("whsec_")));
    let entry = stage.fixture.audit_log().await.pop().unwrap();
    assert_eq!(entry.action, AuditAction::WebhookRotated);
    assert!(!format!("{entry:?}").contains(second.trim_start_matches("whsec_")));
}

#[tokio::test]
async fn a_retired_secret_stops_at_once() {
    let stage = RotationFixture::new(Duration::ZERO).await;
    let second = stage.rotate().await;
    let retiring = stage.retiring().await;
    let state = stage.fixture.state();
    let card = state.retire_secret(&stage.fixture.ada, stage.webhook, retiring).await.unwrap();
    assert_eq!(card.secrets.len(), 1);
    let request = stage.next().await;
    assert!(verifies(&second, &request) && !verifies(&stage.first, &request));
    let again = state.retire_secret(&stage.fixture.ada, stage.webhook, retiring).await.unwrap_err();
    assert_eq!(again.status(), 404);
    let newest = state.retire_secret(&stage.fixture.ada, stage.webhook, card.secrets[0].id).await.unwrap_err();
    assert_eq!(newest.status(), 409);
    assert_eq!(stage.fixture.audit_details(AuditAction::SecretRetired).await, [retiring.to_string()]);
    let stored = webhook_secret::Entity::find().count(state.store.read()).await.unwrap();
    assert_eq!(stored, 1, "its text is gone, too");
}

#[tokio::test]
async fn a_retiring_secret_is_extended_once() {
    let stage = RotationFixture::new(2 * DAY).await;
    let second = stage.rotate().await;
    let (state, ada, retiring) = (stage.fixture.state(), &stage.fixture.ada, stage.retiring().await);
    let extended = state.extend_secret(ada, stage.webhook, retiring).await.unwrap();
    assert_eq!(extended.secrets[1].retires_at, Some(state.clock.now() + 2 * DAY));
    assert!(extended.secrets[1].extended);
    assert_eq!(state.extend_secret(ada, stage.webhook, retiring).await.unwrap_err().status(), 409);

    stage.fixture.advance((2 * DAY).checked_sub(SECOND).unwrap());
    let last = stage.next().await;
    assert!(verifies(&second, &last) && verifies(&stage.first, &last));
    stage.fixture.advance(SECOND);
    let after = stage.next().await;
    assert!(verifies(&second, &after) && !verifies(&stage.first, &after));
    assert_eq!(state.extend_secret(ada, stage.webhook, retiring).await.unwrap_err().status(), 404);
    let until = app::time::exact(extended.secrets[1].retires_at.unwrap());
    assert_eq!(
        stage.fixture.audit_details(AuditAction::SecretExtended).await,
        [format!("{retiring} signs until {until}.")]
    );
}

#[tokio::test]
async fn a_second_rotation_needs_the_old_secret_retired() {
    let stage = RotationFixture::new(Duration::ZERO).await;
    let second = stage.rotate().await;
    let (state, ada) = (stage.fixture.state(), &stage.fixture.ada);
    let refused = state.rotate_webhook(ada, stage.webhook, RotateWebhook::default()).await.map(drop).unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("Retire it first"), "{refused}");
    state.retire_secret(ada, stage.webhook, stage.retiring().await).await.unwrap();
    let third = stage.rotate().await;
    let request = stage.next().await;
    assert!(verifies(&third, &request) && verifies(&second, &request) && !verifies(&stage.first, &request));
}

#[tokio::test]
async fn a_later_rotation_removes_retired_secrets() {
    let stage = RotationFixture::new(DAY).await;
    stage.rotate().await;
    stage.fixture.advance(DAY);
    stage.rotate().await;
    let of_webhook = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(stage.webhook));
    assert_eq!(of_webhook.count(stage.fixture.state().store.read()).await.unwrap(), 2);
}

#[tokio::test]
async fn of_two_concurrent_rotations_one_succeeds() {
    let stage = RotationFixture::new(Duration::ZERO).await;
    let rotate = || stage.fixture.state().rotate_webhook(&stage.fixture.ada, stage.webhook, RotateWebhook::default());
    let rotated = futures::future::join_all((0..3).map(|_| rotate())).await;
    assert_eq!(rotated.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(stage.fixture.card(stage.webhook).await.secrets.len(), 2);
}

#[tokio::test]
async fn only_admins_rotate_secrets_of_the_webhook() {
    let stage = RotationFixture::new(Duration::ZERO).await;
    stage.rotate().await;
    let (fixture, secret) = (&stage.fixture, stage.retiring().await);
    let other = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (fixture.server.user("Bob", false).await, fixture.server.user("Eve", false).await);
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    let state = fixture.state();
    for (actor, webhook, status) in [(&bob, stage.webhook, 403), (&eve, stage.webhook, 404), (&fixture.ada, other, 404)]
    {
        assert_eq!(state.retire_secret(actor, webhook, secret).await.unwrap_err().status(), status);
        assert_eq!(state.extend_secret(actor, webhook, secret).await.unwrap_err().status(), status);
    }
    for (actor, status) in [(&bob, 403), (&eve, 404)] {
        assert_eq!(
            state.rotate_webhook(actor, stage.webhook, RotateWebhook::default()).await.map(drop).unwrap_err().status(),
            status
        );
    }
}

#[tokio::test]
async fn an_inbound_rotation_replaces_url_and_secret() {
    let server = TestServer::start().await;
    let mut github = server.github().await;
    let rotated = server.state.rotate_webhook(&github.owner, github.webhook, RotateWebhook::default()).await.unwrap();
    let reveal = rotated.reveal.unwrap();
    let (url, secret) = (reveal.url.unwrap(), reveal.secret.unwrap());
    let token = url.strip_prefix(&server.url("/api/webhooks/")).unwrap().to_owned();
    assert!(!rotated.webhook.url.contains(&token) && rotated.webhook.url.contains("••••"));

    let body = event("opened", "It breaks", 1);
    assert_eq!(server.deliver(&github, "issues", body.clone()).await.0, 404, "the old address");
    let with_old_secret = server
        .inbound(&token)
        .header("content-type", "application/json")
        .header("x-github-event", "issues")
        .header("x-hub-signature-256", sign(&github.secret, body.as_bytes()));
    assert_eq!(answer(with_old_secret.body(body.clone())).await.0, 401, "the old secret");
    assert!(server.received(github.project).await.is_empty());

    (github.token, github.secret) = (token, secret);
    assert_eq!(server.outcome(&github, "issues", body).await, "created");
    let secrets = webhook_secret::Entity::find().count(server.state.store.read()).await.unwrap();
    assert_eq!(secrets, 1);
}

#[tokio::test]
async fn a_webhook_without_secret_says_what_to_do() {
    let server = TestServer::start().await;
    let github = server.github().await;
    for (kind, word) in [
        (WebhookKind::Tracker(Provider::AzureDevops), "delete this webhook"),
        (WebhookKind::Destination(DestinationKind::Slack), "change the destination"),
    ] {
        let row = webhook::ActiveModel { id: Set(github.webhook), kind: Set(kind), ..Default::default() };
        server
            .insert(move |db| {
                Box::pin(async move { webhook::Entity::update(row).exec_without_returning(db).await.map(drop) })
            })
            .await;
        let refused = server
            .state
            .rotate_webhook(&github.owner, github.webhook, RotateWebhook::default())
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(refused.status(), 422);
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[tokio::test]
async fn the_old_secret_signs_as_long_as_selected() {
    let fixture = OutboundFixture::start().await;
    let id = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (state, ada) = (fixture.state(), &fixture.ada);
    for invalid in [0, 25, 721] {
        let refused =
            state.rotate_webhook(ada, id, RotateWebhook { overlap_hours: Some(invalid), secret: None }).await.map(drop);
        assert!(refused.unwrap_err().of_field("overlapHours").is_some(), "{invalid}");
    }
    let rotated =
        state.rotate_webhook(ada, id, RotateWebhook { overlap_hours: Some(168), secret: None }).await.unwrap();
    let retires_at = rotated.webhook.secrets[1].retires_at.unwrap();
    assert_eq!((retires_at - state.clock.now()).num_hours(), 168);
    fixture.advance(Duration::from_secs(168 * 3_600 - 1));
    assert_eq!(fixture.card(id).await.secrets.len(), 2);
    fixture.advance(Duration::from_secs(1));
    assert_eq!(fixture.card(id).await.secrets.len(), 1);
}

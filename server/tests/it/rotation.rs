//! Rotation: two secrets in force for a day at an endpoint, a hard cutover at a tracker.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::id::{SecretId, WebhookId};
use app::model::people::Role;
use app::model::webhook::WebhookKind;
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::{webhook, webhook_secret};
use standardwebhooks::Webhook;

use crate::support::TestServer;
use crate::support::inbound::{answer, event, sign};
use crate::support::outbound::Sender;
use crate::support::receiver::{Received, Receiver};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A webhook with its first secret, `before` earlier than the machine's time: the published
/// verifier goes by that.
struct Stage {
    sender: Sender,
    receiver: Receiver,
    webhook: WebhookId,
    first: String,
}

impl Stage {
    #[allow(clippy::disallowed_methods, reason = "the verifier goes by the machine's clock")]
    async fn set(before: Duration) -> Self {
        let sender = Sender::start().await;
        let machine = chrono::Utc::now() - sender.core().clock.now();
        let whole = Duration::from_secs(machine.num_seconds().unsigned_abs());
        sender.advance(whole.checked_sub(before).unwrap());
        let receiver = Receiver::start().await;
        let created = sender.webhook(&receiver.url("/")).await;
        Self { sender, receiver, webhook: created.webhook.id, first: created.reveal.unwrap().secret.unwrap() }
    }

    async fn rotate(&self) -> String {
        let rotated = self.sender.core().rotate_webhook(&self.sender.ada, self.webhook).await.unwrap();
        let reveal = rotated.reveal.unwrap();
        assert_eq!(reveal.url, None);
        reveal.secret.unwrap()
    }

    /// The next event as it arrives.
    async fn next(&self) -> Received {
        let count = self.receiver.so_far().len() + 1;
        self.sender.issue("It breaks").await;
        self.receiver.requests(count).await.pop().unwrap()
    }

    async fn retiring(&self) -> SecretId {
        let [_, retiring] = <[_; 2]>::try_from(self.sender.card(self.webhook).await.secrets).unwrap();
        retiring.id
    }
}

fn verifies(secret: &str, request: &Received) -> bool {
    Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

/// Leaves a request for other judges (`cargo xtask test judges`), with what they are to find.
fn leave(name: &str, request: &Received, secrets: &[(&str, bool)]) {
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

/// What a secret alone would have signed.
fn signature(secret: &str, request: &Received) -> String {
    Webhook::new(secret).unwrap().sign(request.header("webhook-id"), request.timestamp(), &request.body).unwrap()
}

#[tokio::test]
async fn both_secrets_sign_in_the_window_the_newer_first_and_only_the_new_one_after_it() {
    let stage = Stage::set(DAY).await;
    let second = stage.rotate().await;
    assert_ne!(stage.first, second);
    let at_once = stage.next().await;
    let both = format!("{} {}", signature(&second, &at_once), signature(&stage.first, &at_once));
    assert_eq!(at_once.header("webhook-signature"), both);

    stage.sender.advance(DAY.checked_sub(SECOND).unwrap());
    let last = stage.next().await;
    assert!(verifies(&second, &last) && verifies(&stage.first, &last));
    leave("in-the-window", &last, &[(&second, true), (&stage.first, true)]);
    assert_eq!(stage.sender.card(stage.webhook).await.secrets.len(), 2);

    stage.sender.advance(SECOND);
    let after = stage.next().await;
    assert!(verifies(&second, &after) && !verifies(&stage.first, &after));
    leave("after-it", &after, &[(&second, true), (&stage.first, false)]);
    assert_eq!(after.header("webhook-signature"), signature(&second, &after));
    assert_eq!(stage.sender.card(stage.webhook).await.secrets.len(), 1);
}

#[tokio::test]
async fn the_card_shows_the_deadline_and_the_new_secret_is_revealed_once() {
    let stage = Stage::set(Duration::ZERO).await;
    let second = stage.rotate().await;
    let now = stage.sender.core().clock.now();
    let [newest, before] = <[_; 2]>::try_from(stage.sender.card(stage.webhook).await.secrets).unwrap();
    assert_eq!((newest.retires_at, before.retires_at), (None, Some(now + DAY)));
    assert!(newest.id > before.id && !before.extended);
    let shown = serde_json::to_string(&stage.sender.card(stage.webhook).await).unwrap();
    assert!(!shown.contains(second.trim_start_matches("whsec_")));
    let entry = stage.sender.audit_log().await.pop().unwrap();
    assert_eq!(entry.action, AuditAction::WebhookRotated);
    assert!(!format!("{entry:?}").contains(second.trim_start_matches("whsec_")));
}

#[tokio::test]
async fn a_retired_secret_stops_at_once() {
    let stage = Stage::set(Duration::ZERO).await;
    let second = stage.rotate().await;
    let retiring = stage.retiring().await;
    let core = stage.sender.core();
    let card = core.retire_secret(&stage.sender.ada, stage.webhook, retiring).await.unwrap();
    assert_eq!(card.secrets.len(), 1);
    let request = stage.next().await;
    assert!(verifies(&second, &request) && !verifies(&stage.first, &request));
    let again = core.retire_secret(&stage.sender.ada, stage.webhook, retiring).await.unwrap_err();
    assert_eq!(again.status(), 404);
    let newest = core.retire_secret(&stage.sender.ada, stage.webhook, card.secrets[0].id).await.unwrap_err();
    assert_eq!(newest.status(), 409);
    assert_eq!(stage.sender.audited(AuditAction::SecretRetired).await, [retiring.to_string()]);
    let stored = webhook_secret::Entity::find().count(core.store.read()).await.unwrap();
    assert_eq!(stored, 1, "its text is gone, too");
}

#[tokio::test]
async fn a_retiring_secret_is_extended_once_by_a_day_to_the_second() {
    let stage = Stage::set(2 * DAY).await;
    let second = stage.rotate().await;
    let (core, ada, retiring) = (stage.sender.core(), &stage.sender.ada, stage.retiring().await);
    let extended = core.extend_secret(ada, stage.webhook, retiring).await.unwrap();
    assert_eq!(extended.secrets[1].retires_at, Some(core.clock.now() + 2 * DAY));
    assert!(extended.secrets[1].extended);
    assert_eq!(core.extend_secret(ada, stage.webhook, retiring).await.unwrap_err().status(), 409);

    stage.sender.advance((2 * DAY).checked_sub(SECOND).unwrap());
    let last = stage.next().await;
    assert!(verifies(&second, &last) && verifies(&stage.first, &last));
    stage.sender.advance(SECOND);
    let after = stage.next().await;
    assert!(verifies(&second, &after) && !verifies(&stage.first, &after));
    assert_eq!(core.extend_secret(ada, stage.webhook, retiring).await.unwrap_err().status(), 404);
    assert_eq!(stage.sender.audited(AuditAction::SecretExtended).await.len(), 1);
}

#[tokio::test]
async fn a_second_rotation_within_the_window_is_refused_until_the_old_secret_is_retired() {
    let stage = Stage::set(Duration::ZERO).await;
    let second = stage.rotate().await;
    let (core, ada) = (stage.sender.core(), &stage.sender.ada);
    let refused = core.rotate_webhook(ada, stage.webhook).await.map(drop).unwrap_err();
    assert_eq!(refused.status(), 409);
    assert!(refused.to_string().contains("Retire it first"), "{refused}");
    core.retire_secret(ada, stage.webhook, stage.retiring().await).await.unwrap();
    let third = stage.rotate().await;
    let request = stage.next().await;
    assert!(verifies(&third, &request) && verifies(&second, &request) && !verifies(&stage.first, &request));
}

#[tokio::test]
async fn a_rotation_after_the_window_removes_what_has_ended() {
    let stage = Stage::set(DAY).await;
    stage.rotate().await;
    stage.sender.advance(DAY);
    stage.rotate().await;
    let of_webhook = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(stage.webhook));
    assert_eq!(of_webhook.count(stage.sender.core().store.read()).await.unwrap(), 2);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_is_made() {
    let stage = Stage::set(Duration::ZERO).await;
    let rotate = || stage.sender.core().rotate_webhook(&stage.sender.ada, stage.webhook);
    let rotated = futures::future::join_all((0..3).map(|_| rotate())).await;
    assert_eq!(rotated.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(stage.sender.card(stage.webhook).await.secrets.len(), 2);
}

#[tokio::test]
async fn members_and_strangers_rotate_nothing_and_another_webhooks_secret_is_not_found() {
    let stage = Stage::set(Duration::ZERO).await;
    stage.rotate().await;
    let (sender, secret) = (&stage.sender, stage.retiring().await);
    let other = sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (sender.server.user("Bob", false).await, sender.server.user("Eve", false).await);
    sender.server.join(sender.project, &bob, Role::Member).await;
    let core = sender.core();
    for (actor, webhook, status) in [(&bob, stage.webhook, 403), (&eve, stage.webhook, 404), (&sender.ada, other, 404)]
    {
        assert_eq!(core.retire_secret(actor, webhook, secret).await.unwrap_err().status(), status);
        assert_eq!(core.extend_secret(actor, webhook, secret).await.unwrap_err().status(), status);
    }
    for (actor, status) in [(&bob, 403), (&eve, 404)] {
        assert_eq!(core.rotate_webhook(actor, stage.webhook).await.map(drop).unwrap_err().status(), status);
    }
}

#[tokio::test]
async fn an_inbound_rotation_is_a_hard_cutover_of_address_and_secret() {
    let server = TestServer::start().await;
    let mut github = server.github().await;
    let rotated = server.core.rotate_webhook(&github.owner, github.webhook).await.unwrap();
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
    let secrets = webhook_secret::Entity::find().count(server.core.store.read()).await.unwrap();
    assert_eq!(secrets, 1);
}

#[tokio::test]
async fn what_has_nothing_to_rotate_says_what_to_do_instead() {
    let server = TestServer::start().await;
    let github = server.github().await;
    for (kind, word) in [(WebhookKind::AzureDevops, "delete this webhook"), (WebhookKind::Slack, "delete this webhook")]
    {
        let row = webhook::ActiveModel { id: Set(github.webhook), kind: Set(kind), ..Default::default() };
        server
            .insert(move |db| {
                Box::pin(async move { webhook::Entity::update(row).exec_without_returning(db).await.map(drop) })
            })
            .await;
        let refused = server.core.rotate_webhook(&github.owner, github.webhook).await.map(drop).unwrap_err();
        assert_eq!(refused.status(), 422);
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

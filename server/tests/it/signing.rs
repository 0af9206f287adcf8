//! Each signing scheme at a real receiver: what it sends, how it rotates, and how it is changed later.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::destination::DestinationKind;
use app::model::id::WebhookId;
use app::model::signing::{ChangeSigning, SigningScheme, WebhookSigning};
use app::model::webhook::{ChangeDestination, CreateWebhook, CreatedWebhook, RotateWebhook};
use app::service::{Deliveries, Webhooks};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, UnparsedPublicKey};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::webhook_secret;
use sha2::Sha256;
use standardwebhooks::Webhook;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::{ReceivedRequest, Receiver};

const HEADER: &str = "X-Signature-256";

fn signing(scheme: SigningScheme) -> WebhookSigning {
    WebhookSigning { scheme, header: scheme.has_header().then(|| HEADER.to_owned()), sha256_prefix: false }
}

/// A receiver and a webhook that signs in one way, at the time of the machine, which verifiers use.
struct SigningFixture {
    fixture: OutboundFixture,
    receiver: Receiver,
    webhook: WebhookId,
    signing: WebhookSigning,
    /// What the receiver verifies with, newest first.
    keys: Vec<String>,
}

impl SigningFixture {
    async fn new(signing: WebhookSigning, secret: Option<&str>) -> Self {
        let fixture = OutboundFixture::start().await;
        fixture.server.advance_to_system_time();
        let receiver = Receiver::start().await;
        let secret = secret.map(str::to_owned);
        let new = CreateWebhook { signing: Some(signing.clone()), secret: secret.clone(), ..CreateWebhook::default() };
        let created = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap();
        let webhook = created.webhook.id;
        let mut stage = Self { fixture, receiver, webhook, signing, keys: Vec::new() };
        stage.learn(created, secret);
        stage
    }

    /// Learns the newest key, as the person who maintains the receiver does.
    fn learn(&mut self, created: CreatedWebhook, entered: Option<String>) {
        let public = created.webhook.secrets.first().and_then(|secret| secret.public_key.clone());
        let revealed = created.reveal.and_then(|reveal| reveal.secret);
        if let Some(key) = public.or(revealed).or(entered) {
            self.keys.insert(0, key);
        }
    }

    async fn rotate(&mut self, secret: Option<&str>) {
        let secret = secret.map(str::to_owned);
        let rotate = RotateWebhook { overlap_hours: None, secret: secret.clone() };
        let rotated = self.fixture.state().rotate_webhook(&self.fixture.ada, self.webhook, rotate).await.unwrap();
        self.learn(rotated, secret);
    }

    async fn change(&self, signing: WebhookSigning) -> CreatedWebhook {
        let change = ChangeSigning { signing, secret: None };
        self.fixture.state().change_signing(&self.fixture.ada, self.webhook, change).await.unwrap()
    }

    async fn next(&self) -> ReceivedRequest {
        let count = self.receiver.requests_so_far().len() + 1;
        self.fixture.issue("It breaks").await;
        let next = self.receiver.requests(count).await.pop().unwrap();
        self.fixture.dispatch_idle().await;
        next
    }

    fn accepted(&self, request: &ReceivedRequest) -> Vec<bool> {
        self.keys.iter().map(|key| verifies(&self.signing, key, request)).collect()
    }

    /// Stores a request for `cargo xtask test interop`, with the expected result.
    fn leave(&self, name: &str, request: &ReceivedRequest) {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemes");
        std::fs::create_dir_all(&folder).unwrap();
        let headers: serde_json::Map<_, _> =
            request.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect();
        let accepted = self.accepted(request);
        let keys: Vec<_> =
            self.keys.iter().zip(accepted).map(|(key, accepted)| json!({"key": key, "accepted": accepted})).collect();
        let header = self.signing.header_name().map(str::to_ascii_lowercase);
        let left = json!({
            "scheme": self.signing.scheme, "header": header, "prefix": self.signing.sha256_prefix, "headers": headers,
            "body": std::str::from_utf8(&request.body).unwrap(), "keys": keys,
        });
        std::fs::write(folder.join(name).with_extension("json"), left.to_string()).unwrap();
    }
}

fn hmac(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// Whether a receiver with this key accepts a request.
fn verifies(signing: &WebhookSigning, key: &str, request: &ReceivedRequest) -> bool {
    let (id, time) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    match signing.scheme {
        SigningScheme::StandardWebhooks => Webhook::new(key).unwrap().verify(&request.body, &request.headers).is_ok(),
        SigningScheme::StandardWebhooksEd25519 => {
            let key = STANDARD.decode(key.strip_prefix("whpk_").unwrap()).unwrap();
            let message = [format!("{id}.{time}.").as_bytes(), &request.body].concat();
            let signatures =
                request.header("webhook-signature").split(' ').map(|text| text.strip_prefix("v1a,").unwrap());
            let decoded: Vec<_> = signatures.map(|text| STANDARD.decode(text).unwrap()).collect();
            decoded.iter().any(|signature| UnparsedPublicKey::new(&ED25519, &key).verify(&message, signature).is_ok())
        }
        SigningScheme::HmacSha256 => {
            let prefix = if signing.sha256_prefix { "sha256=" } else { "" };
            request.header(HEADER) == format!("{prefix}{}", hmac(key, &request.body))
        }
        SigningScheme::HmacSha256Timestamp => {
            let (first, signatures) = request.header(HEADER).split_once(',').unwrap();
            let expected = hmac(key, &[format!("{time}.").as_bytes(), &request.body].concat());
            first == format!("t={time}") && signatures.split(',').any(|one| one == format!("v1={expected}"))
        }
        SigningScheme::SharedSecret => request.header(HEADER) == key,
        SigningScheme::None => unreachable!("it has no key"),
    }
}

/// Everything that a receiver can verify, with a name.
fn signings() -> Vec<(String, WebhookSigning)> {
    let with_key = SigningScheme::ALL.iter().copied().filter(|scheme| scheme.has_key());
    let prefix = WebhookSigning { sha256_prefix: true, ..signing(SigningScheme::HmacSha256) };
    let plain = with_key.map(|scheme| (scheme.to_string(), signing(scheme)));
    plain.chain([("hmac_sha256_prefix".to_owned(), prefix)]).collect()
}

#[tokio::test]
async fn a_receiver_verifies_each_scheme_before_and_after_a_rotation() {
    for (name, signing) in signings() {
        let carries_two = signing.carries_two();
        let mut stage = SigningFixture::new(signing, None).await;
        let first = stage.next().await;
        assert_eq!(stage.accepted(&first), [true], "{name}");
        stage.leave(&format!("{name}-first"), &first);

        stage.rotate(None).await;
        let within = stage.next().await;
        assert_eq!(stage.accepted(&within), [true, carries_two], "{name}");
        stage.leave(&format!("{name}-rotated"), &within);
        let card = stage.fixture.card(stage.webhook).await;
        assert_eq!(card.secrets.len(), if carries_two { 2 } else { 1 }, "{name}");

        if let Some(old) = card.secrets.get(1) {
            stage.fixture.state().retire_secret(&stage.fixture.ada, stage.webhook, old.id).await.unwrap();
            let after = stage.next().await;
            assert_eq!(stage.accepted(&after), [true, false], "{name}");
        }
        assert!(within.headers.contains_key("webhook-id") && within.headers.contains_key("webhook-timestamp"));
    }
}

#[tokio::test]
async fn an_unsigned_request_still_has_its_id_and_time() {
    let stage = SigningFixture::new(signing(SigningScheme::None), None).await;
    let request = stage.next().await;
    assert!(stage.keys.is_empty() && !request.headers.contains_key("webhook-signature"));
    assert!(request.header("webhook-id").starts_with("evt_") && request.timestamp() > 0);
    let refused = stage.fixture.state().rotate_webhook(&stage.fixture.ada, stage.webhook, RotateWebhook::default());
    assert!(refused.await.map(drop).unwrap_err().to_string().contains("change the signing"));
}

#[tokio::test]
async fn an_entered_secret_signs_and_is_not_shown_again() {
    for &scheme in SigningScheme::ALL.iter().filter(|scheme| scheme.has_secret()) {
        let mut stage = SigningFixture::new(signing(scheme), Some("short")).await;
        // Libraries of Standard Webhooks expect another form.
        let expected = if scheme == SigningScheme::StandardWebhooks { "whsec_c2hvcnQ=" } else { "short" };
        assert_eq!(stage.keys, [expected], "{scheme}");
        assert_eq!(stage.accepted(&stage.next().await), [true], "{scheme}");
        let own =
            format!("{}{}", if scheme == SigningScheme::StandardWebhooks { "whsec_" } else { "" }, "QUJD".repeat(8));
        stage.rotate(Some(&own)).await;
        assert_eq!(stage.keys[0], own);
        assert_eq!(stage.accepted(&stage.next().await), [true, scheme.carries_two()], "{scheme}");
    }
}

/// The key pair of RFC 8032, test 1.
#[tokio::test]
async fn a_private_key_is_imported_and_receivers_keep_its_public_key() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let key = |prefix: &str, hex: &str| format!("{prefix}{}", STANDARD.encode(hex::decode(hex).unwrap()));
    let expected = key("whpk_", public);
    for imported in [key("whsk_", &format!("{seed}{public}")), key("whsk_", seed)] {
        let scheme = signing(SigningScheme::StandardWebhooksEd25519);
        let mut stage = SigningFixture::new(scheme, Some(&imported)).await;
        assert_eq!(stage.keys, [expected.as_str()]);
        assert_eq!(stage.accepted(&stage.next().await), [true]);
        // A new pair, then the old one again.
        stage.rotate(None).await;
        assert_eq!(stage.accepted(&stage.next().await), [true, true]);
        let old = stage.fixture.card(stage.webhook).await.secrets[1].id;
        stage.fixture.state().retire_secret(&stage.fixture.ada, stage.webhook, old).await.unwrap();
        stage.rotate(Some(&imported)).await;
        assert_eq!(stage.keys[0], expected);
        let api = stage.fixture.server.api(&stage.fixture.ada).await;
        assert!(!api.get(&format!("/webhooks/{}", stage.webhook)).await.text.contains("whsk_"));
    }
}

#[tokio::test]
async fn another_scheme_gets_another_secret_and_is_audited() {
    let mut stage = SigningFixture::new(WebhookSigning::default(), None).await;
    let mut expected = Vec::new();
    for &scheme in SigningScheme::ALL.iter().rev() {
        let changed = stage.change(signing(scheme)).await;
        assert_eq!(changed.webhook.signing.as_ref(), Some(&signing(scheme)));
        assert_eq!(changed.reveal.is_some(), scheme.has_secret(), "{scheme}");
        assert_eq!(changed.webhook.secrets.len(), usize::from(scheme.has_key()), "{scheme}");
        (stage.signing, stage.keys) = (signing(scheme), Vec::new());
        stage.learn(changed, None);
        let request = stage.next().await;
        assert!(stage.accepted(&request).into_iter().all(|accepted| accepted), "{scheme}");
        assert_eq!(request.headers.contains_key(HEADER), scheme.has_header(), "{scheme}");
        expected.push(format!("Signing: {}", signing(scheme).summary()));
    }
    assert_eq!(stage.fixture.audit_details(AuditAction::WebhookUpdated).await, expected);
    let stored = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(stage.webhook));
    assert_eq!(stored.count(stage.fixture.state().store.read()).await.unwrap(), 1, "no old secret is kept");
}

#[tokio::test]
async fn another_header_keeps_the_secret() {
    let mut stage = SigningFixture::new(signing(SigningScheme::HmacSha256), None).await;
    let other = WebhookSigning { header: Some("X-Other".into()), sha256_prefix: true, ..stage.signing.clone() };
    let changed = stage.change(other).await;
    assert!(changed.reveal.is_none());
    let request = stage.next().await;
    assert_eq!(request.header("x-other"), format!("sha256={}", hmac(&stage.keys[0], &request.body)));
    stage.signing = stage.change(stage.signing.clone()).await.webhook.signing.unwrap();
    assert_eq!(stage.accepted(&stage.next().await), [true]);
}

#[tokio::test]
async fn a_shared_secret_is_hidden_in_stored_attempts() {
    let stage = SigningFixture::new(signing(SigningScheme::SharedSecret), None).await;
    stage.next().await;
    let [delivery] = <[_; 1]>::try_from(stage.fixture.deliveries(stage.webhook).await).unwrap();
    let headers = &delivery.attempts[0].request_headers;
    let stored = headers.iter().find(|header| header.name.eq_ignore_ascii_case(HEADER)).unwrap();
    assert_eq!(stored.value, "••••");
    assert!(!format!("{delivery:?}").contains(&stage.keys[0]));
    assert_eq!(delivery.delivery.status, DeliveryStatus::Delivered);
    let detail = stage.fixture.state().delivery(&stage.fixture.ada, delivery.delivery.id).await.unwrap();
    assert!(!serde_json::to_string(&detail).unwrap().contains(&stage.keys[0]));
}

#[tokio::test]
async fn a_public_key_can_be_read_at_any_time() {
    let stage = SigningFixture::new(signing(SigningScheme::StandardWebhooksEd25519), None).await;
    let api = stage.fixture.server.api(&stage.fixture.ada).await;
    let read = api.get(&format!("/webhooks/{}", stage.webhook)).await.json;
    assert_eq!(read["secrets"][0]["publicKey"], stage.keys[0]);
    assert!(stage.keys[0].starts_with("whpk_") && !read.to_string().contains("whsk_"));
}

#[tokio::test]
async fn a_scheme_with_one_signature_has_no_overlap() {
    let stage = SigningFixture::new(signing(SigningScheme::SharedSecret), None).await;
    let rotate = RotateWebhook { overlap_hours: Some(24), secret: None };
    let refused = stage.fixture.state().rotate_webhook(&stage.fixture.ada, stage.webhook, rotate).await;
    assert!(refused.map(drop).unwrap_err().of_field("overlapHours").is_some());
    stage.fixture.state().rotate_webhook(&stage.fixture.ada, stage.webhook, RotateWebhook::default()).await.unwrap();
    assert_eq!(stage.fixture.audit_details(AuditAction::WebhookRotated).await, ["The old secret was replaced."]);
}

#[tokio::test]
async fn invalid_signing_is_refused_with_its_field() {
    let fixture = OutboundFixture::start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks", fixture.project);
    for (change, field) in [
        (json!({"signing": {"scheme": "hmac_sha256"}}), "header"),
        (json!({"signing": {"scheme": "hmac_sha256", "header": ""}}), "header"),
        (json!({"signing": {"scheme": "shared_secret", "header": "Host"}}), "header"),
        (json!({"signing": {"scheme": "shared_secret", "header": "Content-Type"}}), "header"),
        (json!({"signing": {"scheme": "hmac_sha256", "header": "webhook-signature"}}), "header"),
        (json!({"signing": {"scheme": "hmac_sha256", "header": "a b"}}), "header"),
        (json!({"signing": {"scheme": "none", "header": "X-A"}}), "header"),
        (json!({"signing": {"scheme": "shared_secret", "header": "X-A", "sha256Prefix": true}}), "sha256Prefix"),
        (json!({"signing": {"scheme": "none"}, "secret": "a secret"}), "secret"),
        (json!({"signing": {"scheme": "standard_webhooks_ed25519"}, "secret": "a secret"}), "secret"),
        (json!({"signing": {"scheme": "standard_webhooks_ed25519"}, "secret": "whsk_c2hvcnQ="}), "secret"),
        (json!({"secret": ""}), "secret"),
        (json!({"secret": "whsec_***"}), "secret"),
        (json!({"secret": "x".repeat(257)}), "secret"),
        (json!({"signing": {"scheme": "shared_secret", "header": "X-A"}, "secret": "Grüße"}), "secret"),
        (json!({"signing": {"scheme": "none"}, "kind": "jenkins"}), "signing"),
    ] {
        let mut new = json!({"name": "x", "url": "http://127.0.0.1:9/generic-webhook-trigger/invoke", "kind": "generic", "events": ["*"]});
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = api.post(&path, &new).await;
        assert_eq!(refused.status, 422, "{change}: {}", refused.text);
        assert!(refused.json["errors"][field].is_string(), "{change}: {}", refused.text);
    }
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let path = format!("/webhooks/{webhook}/signing");
    for (change, field) in [
        (json!({"signing": {"scheme": "hmac_sha256"}}), "header"),
        (json!({"signing": {"scheme": "standard_webhooks"}, "secret": "a secret"}), "secret"),
        (json!({"signing": {"scheme": "hmac_sha256", "header": "X-A"}, "secret": " "}), "secret"),
    ] {
        let refused = api.post(&path, &change).await;
        assert!(refused.status == 422 && refused.json["errors"][field].is_string(), "{change}: {}", refused.text);
    }
    let rotated = api.post(&format!("/webhooks/{webhook}/rotate"), &json!({"secret": ""})).await;
    assert!(rotated.json["errors"]["secret"].is_string(), "{}", rotated.text);
}

#[tokio::test]
async fn a_chat_tool_has_no_signing_and_a_new_endpoint_starts_with_the_default() {
    let mut stage = SigningFixture::new(signing(SigningScheme::SharedSecret), None).await;
    let (state, ada) = (stage.fixture.state().clone(), stage.fixture.ada.clone());
    let change = |kind| ChangeDestination { url: stage.receiver.url("/hook"), kind: Some(kind), allow_insecure: None };
    let (chat, generic) = (change(DestinationKind::Slack), change(DestinationKind::Generic));
    let slack = state.change_destination(&ada, stage.webhook, chat).await.unwrap().webhook;
    assert!(slack.signing.is_none() && slack.secrets.is_empty());
    let change = ChangeSigning { signing: signing(SigningScheme::None), secret: None };
    let refused = state.change_signing(&ada, stage.webhook, change).await.map(drop).unwrap_err();
    assert!(refused.of_field("signing").is_some_and(|message| message.contains("Slack")));

    let back = state.change_destination(&ada, stage.webhook, generic).await.unwrap();
    assert_eq!(back.webhook.signing, Some(WebhookSigning::default()));
    (stage.signing, stage.keys) = (WebhookSigning::default(), Vec::new());
    stage.learn(back, None);
    assert_eq!(stage.accepted(&stage.next().await), [true]);
}

#[tokio::test]
async fn each_webhook_of_a_batch_signs_in_its_own_way() {
    let stage = SigningFixture::new(signing(SigningScheme::HmacSha256), None).await;
    let other = stage.fixture.webhook(&stage.receiver.url("/other")).await;
    for number in 0..3 {
        stage.fixture.issue(&format!("Issue {number}")).await;
    }
    let requests = stage.receiver.requests(6).await;
    let secret = other.reveal.unwrap().secret.unwrap();
    for request in requests {
        match request.uri.path() {
            "/other" => assert!(verifies(&WebhookSigning::default(), &secret, &request)),
            _ => assert_eq!(stage.accepted(&request), [true]),
        }
    }
    stage.fixture.advance(Duration::from_secs(1));
}

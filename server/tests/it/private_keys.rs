//! Private keys that a person enters, for signatures with ed25519.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::outbound::OutboundFixture;

#[tokio::test]
async fn an_invalid_private_key_is_refused_with_what_to_do() {
    let fixture = OutboundFixture::start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let signing = json!({"scheme": "standard_webhooks_ed25519"});
    let new = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["*"], "signing": signing});
    let created = api.post(&format!("/projects/{}/webhooks", fixture.project), &new).await;
    let path = format!("/webhooks/{}", created.json["webhook"]["id"].as_str().unwrap());
    let with_default = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let key = |bytes: usize| format!("whsk_{}", STANDARD.encode(vec![7; bytes]));
    let (kind, base64) = ("Enter a private key: whsk_ and Base64.", "Enter valid Base64 after whsk_.");
    let length = "Enter a private key of 32 bytes, or of 64 bytes with its public key, as Base64 after whsk_.";
    for (secret, message) in [
        (String::new(), "Enter a secret."),
        ("a secret".to_owned(), kind),
        ("whsec_c2hvcnQ=".to_owned(), kind),
        (key(32).replace("whsk_", "whpk_"), kind),
        (key(32).replace("whsk_", ""), kind),
        ("whsk_***".to_owned(), base64),
        (key(32).trim_end_matches('=').to_owned(), base64),
        ("whsk_".to_owned(), length),
        (key(31), length),
        (key(33), length),
        (key(64), "The two halves of the key don't belong together. Copy the whole key again."),
        (format!(" {}", key(32)), "Use one line of text without spaces at its start and end."),
        (key(200), "Use at most 256 bytes."),
    ] {
        let mut created = new.clone();
        created["secret"] = secret.clone().into();
        for (path, body) in [
            (format!("/projects/{}/webhooks", fixture.project), created),
            (format!("{path}/rotate"), json!({"secret": secret})),
            (format!("/webhooks/{with_default}/signing"), json!({"signing": signing, "secret": secret})),
        ] {
            let refused = api.post(&path, &body).await;
            assert_eq!((refused.status, &refused.json["errors"]["secret"]), (422, &json!(message)), "{path} {secret}");
        }
    }
    let rotated = api.post(&format!("{path}/rotate"), &json!({"secret": key(32)})).await;
    assert_eq!((rotated.status, &rotated.json["reveal"]["secret"]), (200, &json!(null)), "{}", rotated.text);
}

//! Emails to project admins, and the settings of the mail server.

use std::time::Duration;

use app::model::people::Actor;
use reqwest::Method;
use serde_json::{Value, json};
use server::app_state::AppState;
use server::crypto::Keyring;
use server::service::key_rotation;

use crate::support::TestServer;
use crate::support::api::Api;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::smtp_server::SmtpServer;

const ACCEPTED: &str = "250 queued";

fn settings(server: &SmtpServer) -> Value {
    json!({"host": "127.0.0.1", "port": server.address.port(), "encryption": "none", "from": "testbell@example.com"})
}

async fn admin_of(server: &TestServer) -> (Actor, Api) {
    let admin = server.user("Sys", true).await;
    let api = server.api(&admin).await;
    (admin, api)
}

async fn save(api: &Api, settings: &Value) {
    let saved = api.call(Method::PUT, "/email-settings", Some(settings)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
}

#[tokio::test]
async fn the_admins_of_a_project_get_an_email_when_a_webhook_is_disabled() {
    let fixture = OutboundFixture::start().await;
    let (_, api) = admin_of(&fixture.server).await;
    let mail = SmtpServer::answering(|_| ACCEPTED).await;
    save(&api, &settings(&mail)).await;
    let receiver = Receiver::answering(|_| http::StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    let message = mail.messages(1).await.remove(0);
    assert!(message.contains(&format!("To: {}", fixture.ada.email)), "{message}");
    assert!(message.contains("From: testbell@example.com"));
    assert!(message.contains("was disabled") && message.contains(&webhook.to_string()), "{message}");
    assert!(message.contains("text/plain") && message.contains("text/html"));
}

#[tokio::test]
async fn an_email_that_is_refused_for_now_is_sent_again() {
    let fixture = OutboundFixture::start().await;
    let (_, api) = admin_of(&fixture.server).await;
    let mail = SmtpServer::answering(|n| if n < 2 { "451 later" } else { ACCEPTED }).await;
    save(&api, &settings(&mail)).await;
    let receiver = Receiver::answering(|_| http::StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    mail.messages(1).await;
    fixture.advance_until(Duration::from_secs(61), "the second attempt", async || mail.messages_so_far() == 2).await;
    fixture.advance_until(Duration::from_secs(301), "the third attempt", async || mail.messages_so_far() == 3).await;
    fixture.advance(Duration::from_secs(24 * 60 * 60));
    fixture.dispatch_idle().await;
    mail.messages(3).await;
}

#[tokio::test]
async fn a_system_admin_sets_the_mail_server_and_tries_it() {
    let server = TestServer::start().await;
    let (admin, api) = admin_of(&server).await;
    assert_eq!(api.get("/email-settings").await.status, 404);
    assert_eq!(api.post("/email-settings/test", &Value::Null).await.status, 409);
    let mail = SmtpServer::answering(|_| ACCEPTED).await;
    save(&api, &settings(&mail)).await;
    let result = api.post("/email-settings/test", &Value::Null).await.json;
    assert_eq!(result, json!({"sent": true, "recipient": admin.email, "error": null}));
    let test = mail.messages(1).await.remove(0);
    assert!(test.contains("Subject: Test email from Testbell") && test.contains("Message-ID: <"), "{test}");

    let mut named = settings(&mail);
    named["from"] = json!("Testbell of Ürümqi <testbell@example.com>");
    save(&api, &named).await;
    assert_eq!(api.post("/email-settings/test", &Value::Null).await.json["sent"], true);
    let test = mail.messages(2).await.remove(1);
    assert!(test.contains("From: =?utf-8?") && test.contains("<testbell@example.com>"), "{test}");

    let mut unreachable = settings(&mail);
    unreachable["port"] = json!(1);
    save(&api, &unreachable).await;
    let result = api.post("/email-settings/test", &Value::Null).await.json;
    assert_eq!(result["sent"], false);
    assert!(result["error"].as_str().unwrap().starts_with("The mail server can't be used: "), "{result}");
    assert_eq!(api.delete("/email-settings").await.status, 204);
    assert_eq!(api.get("/email-settings").await.status, 404);
}

#[tokio::test]
async fn the_password_of_the_mail_server_is_never_shown_and_stays_with_its_server() {
    let server = TestServer::start().await;
    let (_, api) = admin_of(&server).await;
    let mut new = json!({
        "host": "smtp.example.com", "port": 587, "encryption": "starttls", "username": "u", "password": "hunter22",
        "from": "testbell@example.com",
    });
    save(&api, &new).await;
    let shown = api.get("/email-settings").await;
    assert!(!shown.text.contains("hunter22"), "{}", shown.text);
    new.as_object_mut().unwrap().remove("password");
    save(&api, &new).await;
    new["host"] = json!("smtp.example.org");
    let other = api.call(Method::PUT, "/email-settings", Some(&new)).await;
    assert_eq!((other.status, other.json["errors"]["password"].as_str()), (422, Some("Enter the password.")));
}

#[tokio::test]
async fn invalid_email_settings_are_refused_field_by_field() {
    let server = TestServer::start().await;
    let (_, api) = admin_of(&server).await;
    let wrong = json!({"host": "http://x", "port": 0, "encryption": "tls", "from": "nobody", "username": "u"});
    let reply = api.call(Method::PUT, "/email-settings", Some(&wrong)).await;
    assert_eq!(reply.status, 422);
    for field in ["host", "port", "from", "password"] {
        assert!(reply.json["errors"][field].is_string(), "{field}: {}", reply.text);
    }
    for from in ["Testbell <nobody>", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com"] {
        let wrong = json!({"host": "smtp.example.com", "port": 25, "encryption": "none", "from": from});
        let reply = api.call(Method::PUT, "/email-settings", Some(&wrong)).await;
        assert_eq!((reply.status, reply.json["errors"]["from"].is_string()), (422, true), "{from}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_key_rotation_includes_the_password_and_a_lost_one_can_be_replaced() {
    let server = TestServer::start().await;
    let (_, api) = admin_of(&server).await;
    let mut settings = json!({"host": "smtp.example.com", "port": 465, "encryption": "tls", "from": "a@example.com",
        "username": "ada", "password": "open sesame"});
    save(&api, &settings).await;
    let both: Keyring = format!("{},{}", Keyring::generate(), server.keys).parse().unwrap();
    let new = AppState { keys: both, ..server.state.clone() };
    let rotated = key_rotation::rotate(&new).await.unwrap();
    assert_eq!(rotated.counts.get("instance settings"), Some(&1));
    assert_eq!(key_rotation::usage(&new).await.unwrap().len(), 1);
    // The running server doesn't know the new key.
    assert_eq!(api.get("/email-settings").await.json["username"], "ada");
    let test = api.post("/email-settings/test", &json!({})).await;
    assert!(test.json["error"].as_str().unwrap().contains("can't be decrypted"), "{}", test.text);
    settings.as_object_mut().unwrap().remove("password");
    let refused = api.call(Method::PUT, "/email-settings", Some(&settings)).await;
    assert_eq!(refused.json["errors"]["password"], "Enter the password.", "{}", refused.text);
    settings["password"] = json!("another");
    save(&api, &settings).await;
    assert_eq!(api.delete("/email-settings").await.status, 204);
}

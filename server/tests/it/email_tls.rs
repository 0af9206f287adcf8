//! Emails over connections that begin unencrypted (STARTTLS).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::api::Api;
use crate::support::binary::{ServerProcess, create_admin_token, testbell};
use crate::support::certificate::Certificate;
use crate::support::smtp_server::SmtpServer;

fn settings(mail: &SmtpServer) -> Value {
    json!({
        "host": "127.0.0.1", "port": mail.address.port(), "encryption": "starttls", "from": "testbell@example.com",
        "username": "ada", "password": "open sesame",
    })
}

/// The result of a test email of a server that trusts no certificate of the tests.
async fn test_email(mail: &SmtpServer) -> (TestServer, Value) {
    let server = TestServer::start().await;
    let admin = server.user("Sys", true).await;
    let api: Api = server.api(&admin).await;
    let saved = api.call(Method::PUT, "/email-settings", Some(&settings(mail))).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let result = api.post("/email-settings/test", &Value::Null).await.json;
    (server, result)
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_the_password_nor_the_email() {
    let mail = SmtpServer::answering(|_| "250 queued").await;
    let (_server, result) = test_email(&mail).await;
    assert_eq!(result["sent"], false);
    assert!(result["error"].as_str().unwrap().contains("STARTTLS"), "{result}");
    assert_eq!((mail.messages_so_far(), mail.commands("AUTH"), mail.commands("MAIL")), (0, Vec::new(), Vec::new()));
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let mail = SmtpServer::with_starttls(Certificate::new(&["127.0.0.1"]).acceptor).await;
    let (_server, result) = test_email(&mail).await;
    assert_eq!(result["sent"], false);
    assert!(result["error"].as_str().unwrap().contains("certificate"), "{result}");
    assert_eq!((mail.messages_so_far(), mail.commands("AUTH")), (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_and_the_email_are_encrypted_with_starttls() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new(&["127.0.0.1"]);
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, &certificate.pem).unwrap();
    let mail = SmtpServer::with_starttls(certificate.acceptor).await;
    let token = create_admin_token(folder.path());
    let server = ServerProcess::run(testbell(folder.path()).env("SSL_CERT_FILE", &trusted));
    let url = format!("{}/api/v1/email-settings", server.base);
    let saved = server.http.put(url).bearer_auth(&token).json(&settings(&mail)).send().await.unwrap();
    assert_eq!(saved.status(), 200);
    let result = server.post("/api/v1/email-settings/test", &token, &json!({})).await.json;
    assert_eq!(result["sent"], true, "{result}");
    let message = mail.messages(1).await.remove(0);
    assert!(message.contains("Subject: Test email from Testbell"), "{message}");
    assert_eq!(mail.commands("STARTTLS").len(), 1);
    for verb in ["AUTH", "MAIL", "DATA"] {
        let commands = mail.commands(verb);
        assert!(matches!(&commands[..], [(_, true)]), "{verb}: {commands:?}");
    }
    assert!(server.terminate());
}

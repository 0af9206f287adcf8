//! The binary itself: its command line, its start and its end.

use serde_json::json;
use tempfile::TempDir;

use crate::support::binary::{Running, fails, make_admin, testbell};
use crate::support::seed::PASSWORD;

#[tokio::test]
async fn users_and_tokens_of_the_command_line_work_and_sigterm_ends_the_server_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let token = make_admin(folder.path());
    let running = Running::start(folder.path());
    let me = running.get("/api/v1/me", &token).await;
    assert_eq!((me.status, me.json["systemAdmin"].as_bool()), (200, Some(true)));
    assert!(running.terminate());
}

#[test]
fn the_command_line_refuses_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let make = ["user", "create", "--email", "a@example.com", "--name", "A"];
    let short = fails(testbell(folder.path()).args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", "x"));
    assert!(short.contains("at least 12 characters"), "{short}");
    let first = fails(testbell(folder.path()).args(make).env("TESTBELL_USER_PASSWORD", PASSWORD));
    assert!(first.contains("--system-admin"), "{first}");
    let nobody = fails(testbell(folder.path()).args(["token", "create", "--email", "a@b", "--name", "x"]));
    assert!(nobody.contains("Nobody has the address"), "{nobody}");
    let admin =
        fails(testbell(folder.path()).env("TESTBELL_ADMIN_EMAIL", "a@b").env("TESTBELL_ADMIN_PASSWORD", "short"));
    assert!(admin.contains("TESTBELL_ADMIN_PASSWORD"), "{admin}");
}

#[tokio::test]
async fn a_start_without_the_key_or_with_another_one_ends_in_words() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let token = make_admin(folder.path());
    let running = Running::start(folder.path());
    let project = running.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "x"})).await;
    let path = format!("/api/v1/projects/{}/webhooks", project.json["id"].as_str().unwrap());
    let webhook = running.post(&path, &token, &json!({"name": "w", "url": "http://127.0.0.1:9/"})).await;
    assert_eq!(webhook.status, 201, "{}", webhook.text);
    assert!(running.terminate());
    let other = server::crypto::Keyring::mint();
    let with_other = fails(testbell(folder.path()).env("TESTBELL_MASTER_KEY", &other));
    assert!(with_other.contains("another master key"), "{with_other}");
    let key = folder.path().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let without = fails(&mut testbell(folder.path()));
    assert!(without.contains("master key is missing"), "{without}");
    assert!(!key.exists());
    std::fs::write(&key, text).unwrap();
    assert!(Running::start(folder.path()).terminate());
}

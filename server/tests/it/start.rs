//! The binary: its command line, its start and its shutdown.

use serde_json::json;
use tempfile::TempDir;

use crate::support::binary::{ServerProcess, create_admin_token, run_failing, testbell};
use crate::support::seed::PASSWORD;

#[tokio::test]
async fn cli_users_and_tokens_work() {
    let folder = tempfile::tempdir().unwrap();
    let token = create_admin_token(folder.path());
    let running = ServerProcess::start(folder.path());
    let me = running.get("/api/v1/me", &token).await;
    assert_eq!((me.status, me.json["systemAdmin"].as_bool()), (200, Some(true)));
    assert!(running.terminate());
}

#[test]
fn the_command_line_explains_refusals() {
    let folder = tempfile::tempdir().unwrap();
    let make = ["user", "create", "--email", "a@example.com", "--name", "A"];
    let short =
        run_failing(testbell(folder.path()).args(make).arg("--system-admin").env("TESTBELL_USER_PASSWORD", "x"));
    assert!(short.contains("at least 12 characters"), "{short}");
    let first = run_failing(testbell(folder.path()).args(make).env("TESTBELL_USER_PASSWORD", PASSWORD));
    assert!(first.contains("--system-admin"), "{first}");
    let nobody = run_failing(testbell(folder.path()).args(["token", "create", "--email", "a@b", "--name", "x"]));
    assert!(nobody.contains("No user has the email address"), "{nobody}");
    let admin =
        run_failing(testbell(folder.path()).env("TESTBELL_ADMIN_EMAIL", "a@b").env("TESTBELL_ADMIN_PASSWORD", "short"));
    assert!(admin.contains("TESTBELL_ADMIN_PASSWORD"), "{admin}");
}

#[test]
fn the_demo_with_its_public_password_listens_on_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run_failing(testbell(folder.path()).arg("demo").env("TESTBELL_LISTEN", "0.0.0.0:0"));
    assert!(refused.contains("public password"), "{refused}");
}

#[test]
fn a_limit_of_no_streams_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for limit in ["TESTBELL_MAX_STREAMS", "TESTBELL_MAX_STREAMS_PER_USER"] {
        let refused = run_failing(testbell(folder.path()).env(limit, "0"));
        assert!(refused.contains("at least 1"), "{limit}: {refused}");
    }
}

#[tokio::test]
async fn a_start_with_a_wrong_key_fails() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let token = create_admin_token(folder.path());
    let running = ServerProcess::start(folder.path());
    let project = running.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "x"})).await;
    let path = format!("/api/v1/projects/{}/webhooks", project.json["id"].as_str().unwrap());
    let webhook =
        running.post(&path, &token, &json!({"name": "w", "url": "http://127.0.0.1:9/", "events": ["*"]})).await;
    assert_eq!(webhook.status, 201, "{}", webhook.text);
    assert!(running.terminate());
    let other = server::crypto::Keyring::generate();
    let with_other = run_failing(testbell(folder.path()).env("TESTBELL_MASTER_KEY", &other));
    assert!(with_other.contains("another master key"), "{with_other}");
    let key = folder.path().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let without = run_failing(&mut testbell(folder.path()));
    assert!(without.contains("master key is missing"), "{without}");
    assert!(!key.exists());
    std::fs::write(&key, text).unwrap();
    assert!(ServerProcess::start(folder.path()).terminate());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    create_admin_token(folder.path());
    let database = folder.path().join("testbell.db");
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let running = ServerProcess::start(folder.path());
    for name in ["testbell.db", "testbell.db-wal", "testbell.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(running.terminate());
}

#[test]
fn an_empty_metrics_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run_failing(testbell(folder.path()).env("TESTBELL_METRICS_TOKEN", " "));
    assert!(refused.contains("must not be empty"), "{refused}");
}

#[tokio::test]
async fn an_empty_variable_counts_as_unset() {
    let folder = tempfile::tempdir().unwrap();
    let token = create_admin_token(folder.path());
    let mut command = testbell(folder.path());
    for variable in [
        "TESTBELL_ALLOW_NETWORKS",
        "TESTBELL_HOST_OVERRIDES",
        "TESTBELL_TRUSTED_PROXIES",
        "DATABASE_URL",
        "TESTBELL_MASTER_KEY",
        "TESTBELL_ADMIN_EMAIL",
        "TESTBELL_ADMIN_PASSWORD",
        "TESTBELL_LOG_JSON",
        "TESTBELL_MAX_STREAMS",
        "TESTBELL_PUBLIC_URL",
    ] {
        command.env(variable, "");
    }
    let running = ServerProcess::run(&mut command);
    let project = running.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "x"})).await;
    let path = format!("/api/v1/projects/{}/webhooks", project.json["id"].as_str().unwrap());
    let hook = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["issue.created"]});
    let refused = running.post(&path, &token, &hook).await;
    assert_eq!(refused.status, 422, "no network is allowed: {}", refused.json);
    assert!(running.terminate());
}

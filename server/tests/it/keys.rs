//! Master keys are rotated while the server runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use app::model::audit::AuditAction;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use serde_json::{Value, json};
use server::app_state::AppState;
use server::crypto::Keyring;
use server::entity::{audit, webhook};
use server::service::key_rotation::{self, RotationReport};

use crate::support::binary::{ServerProcess, create_admin_token, run_failing, run_ok, testbell};
use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// A project with a webhook, on a running server.
struct KeysFixture {
    running: ServerProcess,
    token: String,
    project: String,
}

impl KeysFixture {
    async fn new(command: &mut Command, folder: &Path) -> Self {
        let token = create_admin_token(folder);
        let running = ServerProcess::run(command);
        let made = running.post("/api/v1/projects", &token, &json!({"key": "WEB", "name": "Web"})).await;
        let project = format!("/api/v1/projects/{}", made.json["id"].as_str().unwrap());
        Self { running, token, project }
    }

    async fn again(self, command: &mut Command) -> Self {
        assert!(self.running.terminate());
        Self { running: ServerProcess::run(command), ..self }
    }

    async fn webhook(&self, url: &str) -> Value {
        let headers = [json!({"name": "X-Key", "value": "kept"})];
        let new = json!({"name": "w", "url": url, "events": ["issue.created"], "customHeaders": headers});
        let made = self.running.post(&format!("{}/webhooks", self.project), &self.token, &new).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json
    }

    async fn issue(&self, title: &str) {
        let made = self.running.post(&format!("{}/issues", self.project), &self.token, &json!({"title": title})).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }

    /// Creates issues until it is told to stop, and counts them.
    fn traffic(&self) -> (Arc<AtomicBool>, Arc<AtomicUsize>, tokio::task::JoinHandle<()>) {
        let (stop, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let request = self.running.http.post(format!("{}{}/issues", self.running.base, self.project));
        let request = request.bearer_auth(&self.token).json(&json!({"title": "Traffic"}));
        let task = tokio::spawn({
            let (stop, made) = (stop.clone(), made.clone());
            async move {
                while !stop.load(Ordering::Relaxed) {
                    let reply = request.try_clone().unwrap().send().await.unwrap();
                    assert_eq!(reply.status().as_u16(), 201);
                    made.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        (stop, made, task)
    }

    /// The deliveries that did not succeed at the first attempt.
    async fn failed_deliveries(&self) -> usize {
        let failed = self.running.get(&format!("{}/deliveries?status=failed", self.project), &self.token).await;
        failed.json["items"].as_array().unwrap().len()
    }
}

async fn arrived(receiver: &Receiver, count: usize) {
    eventually("every event arrives", async || (receiver.requests_so_far().len() >= count).then_some(())).await;
    assert_eq!(receiver.requests_so_far().len(), count, "none of them twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_traffic() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = KeysFixture::new(&mut testbell(folder.path()), folder.path()).await;
    let receiver = Receiver::start().await;
    stage.webhook(&receiver.url("/?token=one")).await;
    let file = folder.path().join("master.key");
    let old = std::fs::read_to_string(&file).unwrap().trim().to_owned();

    let (stop, made, traffic) = stage.traffic();
    arrived_some(&receiver, 5).await;
    let output = run_ok(testbell(folder.path()).args(["keys", "rotate"]));
    assert!(output.contains("3 secrets re-encrypted") && output.contains("1 webhook addresses"), "{output}");
    let after = receiver.requests_so_far().len();
    arrived_some(&receiver, after + 5).await;
    stop.store(true, Ordering::Relaxed);
    traffic.await.unwrap();
    arrived(&receiver, made.load(Ordering::Relaxed)).await;
    assert_eq!(stage.failed_deliveries().await, 0);

    // The running server already encrypts with the new key.
    let other = Receiver::start().await;
    stage.webhook(&other.url("/?token=two")).await;
    let keys = std::fs::read_to_string(&file).unwrap();
    let (new, rest) = keys.trim().split_once(',').unwrap();
    assert_eq!(rest, old);
    let listed = run_ok(testbell(folder.path()).args(["keys", "list"]));
    let [first, second] = listed.lines().collect::<Vec<_>>()[..] else { panic!("{listed}") };
    assert!(first.contains("6 secrets") && second.contains("0 secrets  can be removed"), "{listed}");

    std::fs::write(&file, new).unwrap();
    stage = stage.again(&mut testbell(folder.path())).await;
    stage.issue("With the new key only").await;
    arrived(&receiver, made.load(Ordering::Relaxed) + 1).await;
    arrived(&other, 1).await;
    assert!(stage.running.terminate());
    std::fs::write(&file, old).unwrap();
    assert!(run_failing(&mut testbell(folder.path())).contains("another master key"));
}

async fn arrived_some(receiver: &Receiver, count: usize) {
    eventually("some events arrive", async || (receiver.requests_so_far().len() >= count).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn configured_keys_rotate_and_are_audited() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Keyring::generate(), run_ok(testbell(folder.path()).args(["keys", "generate"])));
    let with = |keys: &str| {
        let mut command = testbell(folder.path());
        command.env("TESTBELL_MASTER_KEY", keys);
        command
    };
    let mut stage = KeysFixture::new(&mut with(&old), folder.path()).await;
    let receiver = Receiver::start().await;
    stage.webhook(&receiver.url("/")).await;
    let nothing = run_ok(with(&old).args(["keys", "rotate"]));
    assert!(nothing.contains("already") && nothing.contains("TESTBELL_MASTER_KEY"), "{nothing}");

    let both = format!("{new},{old}");
    stage = stage.again(&mut with(&both)).await;
    assert!(run_failing(with(&new).args(["keys", "rotate"])).contains("another master key"));
    assert!(run_failing(with("c2hvcnQ=").args(["keys", "rotate"])).contains("32 bytes"));
    assert!(run_failing(testbell(folder.path()).args(["keys", "rotate"])).contains("master key is missing"));
    let output = run_ok(with(&both).args(["keys", "rotate"]));
    assert!(output.contains("3 secrets re-encrypted"), "{output}");

    stage = stage.again(&mut with(&new)).await;
    stage.issue("With the new key only").await;
    arrived(&receiver, 1).await;
    assert_eq!(receiver.requests(1).await[0].header("x-key"), "kept");
    assert!(stage.running.terminate());

    let url = format!("sqlite:{}", folder.path().join("testbell.db").display());
    let db = sea_orm::Database::connect(url).await.unwrap();
    let entries = audit::Entity::find().all(&db).await.unwrap();
    let rotations: Vec<_> = entries.iter().filter(|entry| entry.action == AuditAction::KeysRotated).collect();
    let [rotation] = rotations[..] else { panic!("{entries:?}") };
    assert_eq!(rotation.detail.as_deref(), Some("3 secrets were re-encrypted."));
    assert_eq!(rotation.subject.len(), 8);
}

/// In the process, so that it also runs on PostgreSQL.
#[tokio::test]
async fn a_damaged_secret_does_not_stop_a_rotation() {
    let fixture = OutboundFixture::start().await;
    let old = fixture.state();
    let mut first = None;
    for _ in 0..110 {
        let made = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
        first.get_or_insert(made);
    }
    let [old_id] = old.keys.ids()[..] else { panic!("one key") };
    assert_eq!(key_rotation::usage(old).await.unwrap(), BTreeMap::from([(old_id, 220)]));

    let damaged = old.keys.seal("another place", b"x").unwrap();
    let row = webhook::ActiveModel { id: Set(first.unwrap()), url: Set(Some(damaged)), ..Default::default() };
    let write = old.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move { webhook::Entity::update(row).exec_without_returning(tx.db()).await.map(drop) })
    });
    write.await.unwrap();

    let both: Keyring = format!("{},{}", Keyring::generate(), fixture.server.keys).parse().unwrap();
    let new = AppState { keys: both, ..old.clone() };
    let rotated = key_rotation::rotate(&new).await.unwrap();
    let counts = [("webhook addresses", 109), ("webhook secrets", 110)];
    assert_eq!(rotated, RotationReport { counts: BTreeMap::from(counts), left: 1 });
    let usage = key_rotation::usage(&new).await.unwrap();
    assert_eq!(usage, BTreeMap::from([(old_id, 1), (new.keys.ids()[0], 219)]));
    assert_eq!(key_rotation::rotate(&new).await.unwrap().total(), 0);
}

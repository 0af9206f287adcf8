//! Webhooks with several projects, or all: who may see and change them, what they send, and what becomes of them when
//! a project is deleted.

use std::collections::BTreeSet;

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::live::ChangeKind;
use app::model::people::Role;
use app::model::webhook::SendTest;
use app::model::webhook_scope::ScopeKind;
use app::service::{Audit, Deliveries, SharedWebhooks, Webhooks};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::eventually;
use crate::support::scope::ScopeFixture;

fn titles<const N: usize>(titles: [&str; N]) -> BTreeSet<String> {
    titles.map(str::to_owned).into()
}

async fn status(api: &Api, path: &str, body: Value) -> u16 {
    api.post(path, &body).await.status
}

#[tokio::test]
async fn a_project_admin_selects_only_projects_that_they_administer() {
    let fixture = ScopeFixture::start().await;
    let created = fixture.shared().await;
    assert_eq!(
        (created.scope.kind, created.scope.projects.len(), created.scope.can_manage),
        (ScopeKind::Projects, 2, true)
    );
    let api = fixture.server.api(&fixture.bob).await;
    let path = format!("/projects/{}/webhooks", fixture.app);
    let new = |scope: Value| json!({"name": "x", "url": fixture.receiver.url("/"), "events": ["*"], "scope": scope});
    let both = json!({"kind": "projects", "projectIds": [fixture.app, fixture.web]});
    assert_eq!(status(&api, &path, new(both.clone())).await, 404, "a project that Bob can't see");
    fixture.server.join(fixture.web, &fixture.bob, Role::Member).await;
    assert_eq!(status(&api, &path, new(both)).await, 403, "a project that Bob doesn't administer");
    assert_eq!(status(&api, &path, new(json!({"kind": "all"}))).await, 403);
    assert_eq!(status(&api, &path, new(json!({"kind": "projects", "projectIds": []}))).await, 422);
    assert_eq!(status(&api, &path, new(json!({"kind": "all", "projectIds": [fixture.app]}))).await, 422);
    let one = json!({"kind": "projects", "projectIds": [fixture.app]});
    let made = api.post(&path, &new(one)).await;
    assert_eq!((made.status, &made.json["webhook"]["scope"]["kind"]), (201, &json!("project")), "{}", made.text);
    let ada = fixture.server.api(&fixture.ada).await;
    let elsewhere = new(json!({"kind": "project", "projectIds": [fixture.web]}));
    assert_eq!(status(&ada, &path, elsewhere).await, 422, "the project of the path is missing");
}

#[tokio::test]
async fn only_an_admin_of_all_its_projects_changes_a_webhook() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.shared().await;
    let id = webhook.id;
    let bob = fixture.server.api(&fixture.bob).await;
    let shown = bob.get(&format!("/webhooks/{id}")).await.json;
    assert_eq!((&shown["scope"]["canManage"], &shown["scope"]["hiddenCount"]), (&json!(false), &json!(1)));
    assert_eq!(shown["projectId"], json!(fixture.app));
    assert_eq!(shown["scope"]["projects"].as_array().unwrap().len(), 1, "a project that Bob can't see isn't named");
    let only_app = json!({"scope": {"kind": "projects", "projectIds": [fixture.app]}});
    for change in [json!({"name": "x"}), json!({"url": "https://evil.example.com"}), only_app] {
        assert_eq!(bob.patch(&format!("/webhooks/{id}"), &change).await.status, 403, "{change}");
    }
    for action in ["test", "rotate", "activate", "deactivate", "enable"] {
        assert_eq!(status(&bob, &format!("/webhooks/{id}/{action}"), json!({})).await, 403, "{action}");
    }
    assert_eq!(bob.delete(&format!("/webhooks/{id}")).await.status, 403);
    let own = fixture.create(&fixture.bob, fixture.app, None).await.unwrap().id;
    assert_eq!(status(&bob, "/webhooks/deactivate", json!({"ids": [own, id]})).await, 403);
    assert!(fixture.server.state.webhook(&fixture.bob, own).await.unwrap().active, "none is changed");
    assert_eq!(fixture.set_scope(&fixture.bob, own, &[fixture.app, fixture.web]).await.unwrap_err().status(), 404);
    // A stranger doesn't see it, and a token of one project doesn't change it.
    let stranger = fixture.server.user("Eve", false).await;
    assert_eq!(fixture.server.api(&stranger).await.get(&format!("/webhooks/{id}")).await.status, 404);
    let ada = fixture.server.api(&fixture.ada).await;
    let made = ada.post("/tokens", &json!({"name": "ci", "scope": "admin", "projectId": fixture.web})).await.json;
    let token = fixture.server.with_token(made["secret"].as_str().unwrap());
    assert_eq!(token.get(&format!("/webhooks/{id}")).await.status, 200);
    assert_eq!(token.patch(&format!("/webhooks/{id}"), &json!({"name": "x"})).await.status, 403);
    assert_eq!(ada.patch(&format!("/webhooks/{id}"), &json!({"name": "x"})).await.status, 200);
}

#[tokio::test]
async fn only_system_admins_change_a_webhook_of_all_projects() {
    let fixture = ScopeFixture::start().await;
    let id = fixture.for_all().await.id;
    let shown = fixture.server.state.webhook(&fixture.ada, id).await.unwrap();
    assert_eq!((shown.scope.kind, shown.scope.can_manage), (ScopeKind::All, false));
    assert_eq!(fixture.set_scope(&fixture.ada, id, &[fixture.web]).await.unwrap_err().status(), 403);
    let own = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    let ada = fixture.server.api(&fixture.ada).await;
    let all = json!({"scope": {"kind": "all"}});
    assert_eq!(ada.patch(&format!("/webhooks/{own}"), &all).await.status, 403);
    assert_eq!(ada.delete(&format!("/webhooks/{id}")).await.status, 403);
    let root = fixture.server.api(&fixture.root).await;
    assert_eq!(root.patch(&format!("/webhooks/{own}"), &all).await.json["scope"]["kind"], "all");
    assert_eq!(fixture.server.state.webhook(&fixture.root, own).await.unwrap().scope.projects, []);
    let stranger = fixture.server.user("Eve", false).await;
    assert_eq!(fixture.server.api(&stranger).await.get(&format!("/webhooks/{id}")).await.status, 404);
}

#[tokio::test]
async fn events_of_each_project_are_sent_and_shown_there() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.shared().await;
    let other = fixture.server.project(&fixture.root, "OTHER").await;
    fixture.issue(&fixture.ada, fixture.web, "Web").await;
    fixture.issue(&fixture.ada, fixture.app, "App").await;
    fixture.issue(&fixture.root, other, "Other").await;
    fixture.receiver.requests(2).await;
    fixture.server.dispatch_idle(0).await;
    assert_eq!(fixture.sent(), titles(["App", "Web"]));
    for project in [fixture.web, fixture.app] {
        let listed = fixture.server.state.list_webhooks(&fixture.ada, project, Default::default()).await.unwrap().items;
        assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [webhook.id]);
        assert_eq!(fixture.deliveries(&fixture.ada, project).await.len(), 1);
    }
    let all = fixture.server.state.list_webhook_deliveries(&fixture.ada, webhook.id, Default::default()).await.unwrap();
    assert_eq!(all.items.len(), 2);
    let readable = fixture.server.state.list_webhook_deliveries(&fixture.bob, webhook.id, Default::default());
    assert_eq!(readable.await.unwrap().items.iter().map(|row| row.project_id).collect::<Vec<_>>(), [fixture.app]);
}

#[tokio::test]
async fn a_filter_replays_deliveries_of_a_webhook_that_another_project_owns() {
    let fixture = ScopeFixture::start().await;
    fixture.shared().await;
    fixture.issue(&fixture.ada, fixture.web, "Web").await;
    fixture.issue(&fixture.ada, fixture.app, "App").await;
    fixture.receiver.requests(2).await;
    fixture.server.dispatch_idle(0).await;
    let api = fixture.server.api(&fixture.ada).await;
    for project in [fixture.web, fixture.app] {
        let replayed = api.post(&format!("/projects/{project}/deliveries/replay"), &json!({"all": true})).await;
        assert_eq!((replayed.status, &replayed.json["skipped"]), (200, &json!(0)), "{}", replayed.text);
    }
    fixture.receiver.requests(4).await;
}

#[tokio::test]
async fn the_history_of_a_removed_project_stays_when_the_webhook_is_deleted() {
    let fixture = ScopeFixture::start().await;
    let id = fixture.shared().await.id;
    fixture.issue(&fixture.ada, fixture.web, "Web").await;
    fixture.issue(&fixture.ada, fixture.app, "App").await;
    fixture.receiver.requests(2).await;
    fixture.server.dispatch_idle(0).await;
    fixture.set_scope(&fixture.ada, id, &[fixture.web]).await.unwrap();
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(api.delete(&format!("/webhooks/{id}?history=delete")).await.status, 204);
    eventually("the history is deleted", async || {
        fixture.deliveries(&fixture.ada, fixture.web).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(fixture.deliveries(&fixture.ada, fixture.app).await.len(), 1);
    let named = fixture.server.state.deleted_webhooks(&fixture.ada, fixture.app, Default::default()).await.unwrap();
    assert_eq!(named.items.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn a_webhook_of_all_projects_sends_the_events_of_later_ones() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.for_all().await;
    let later = fixture.server.project(&fixture.bob, "LATER").await;
    fixture.issue(&fixture.bob, later, "Later").await;
    fixture.receiver.requests(1).await;
    // Its owner is deleted, and it continues.
    let ada = fixture.server.api(&fixture.ada).await;
    assert_eq!(ada.delete(&format!("/projects/{}", fixture.web)).await.status, 204);
    fixture.issue(&fixture.bob, later, "After").await;
    fixture.receiver.requests(2).await;
    let shown = fixture.server.state.webhook(&fixture.root, webhook.id).await.unwrap();
    assert!(shown.active && !shown.scope.orphaned && shown.project_id != fixture.web);
    fixture.server.state.test_webhook(&fixture.root, webhook.id, SendTest::default()).await.unwrap();
    fixture.receiver.requests(3).await;
}

#[tokio::test]
async fn pages_of_all_its_projects_learn_of_a_change() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.shared().await;
    fixture.server.state.clock.advance(std::time::Duration::from_secs(2));
    let mut pages = [fixture.server.changes(fixture.web), fixture.server.changes(fixture.app)];
    fixture.server.state.deactivate_webhook(&fixture.ada, webhook.id).await.unwrap();
    for page in &mut pages {
        let changed = ChangeKind::WebhookChanged { webhook_id: webhook.id };
        while page.recv().await.unwrap().change.kind != changed {}
    }
}

#[tokio::test]
async fn deleting_its_only_project_deactivates_a_webhook() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    fixture.issue(&fixture.ada, fixture.web, "Sent").await;
    fixture.receiver.requests(1).await;
    fixture.server.dispatch_idle(0).await;
    fixture.server.state.deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue(&fixture.ada, fixture.web, "Held").await;
    let ada = fixture.server.api(&fixture.ada).await;
    assert_eq!(ada.delete(&format!("/projects/{}", fixture.web)).await.status, 204);
    assert_eq!(ada.get(&format!("/webhooks/{webhook}")).await.status, 404);
    assert_eq!(ada.get(&format!("/webhooks/{webhook}/deliveries")).await.status, 404);
    let root = fixture.server.api(&fixture.root).await;
    let shown = root.get("/webhooks?orphaned=true").await.json;
    assert_eq!(shown["items"][0]["id"], json!(webhook));
    assert_eq!((&shown["items"][0]["active"], &shown["items"][0]["scope"]["orphaned"]), (&json!(false), &json!(true)));
    let history = root.get(&format!("/webhooks/{webhook}/deliveries")).await.json;
    let rows: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|row| (&row["orphaned"], &row["status"])).collect();
    assert_eq!(rows, [(&json!(true), &json!("cancelled")), (&json!(true), &json!("delivered"))]);
    assert_eq!(history["items"][0]["error"], "The project was deleted before this was sent.");
    let path = format!("/deliveries/{}", history["items"][1]["id"].as_str().unwrap());
    let detail = root.get(&path).await;
    assert_eq!((detail.status, &detail.json["orphaned"]), (200, &json!(true)), "{}", detail.text);
    assert_eq!(detail.json["attempts"].as_array().unwrap().len(), 1);
    assert_eq!((ada.get(&path).await.status, status(&root, &format!("{path}/replay"), Value::Null).await), (404, 404));
    assert_eq!(status(&root, &format!("/webhooks/{webhook}/activate"), json!({})).await, 409);
    // A system admin can use it again for another project.
    let moved = fixture.set_scope(&fixture.root, webhook, &[fixture.app]).await.unwrap();
    assert_eq!((moved.project_id, moved.scope.orphaned), (fixture.app, false));
    assert_eq!(status(&root, &format!("/webhooks/{webhook}/activate"), json!({})).await, 200);
    fixture.issue(&fixture.bob, fixture.app, "App").await;
    fixture.receiver.requests(2).await;
    assert_eq!(fixture.sent(), titles(["App", "Sent"]));
}

#[tokio::test]
async fn deleting_one_of_several_projects_leaves_the_others() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.shared().await.id;
    fixture.server.state.deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue(&fixture.ada, fixture.web, "Web").await;
    fixture.issue(&fixture.ada, fixture.app, "App").await;
    let ada = fixture.server.api(&fixture.ada).await;
    assert_eq!(ada.delete(&format!("/projects/{}", fixture.web)).await.status, 204);
    let left = fixture.server.state.webhook(&fixture.bob, webhook).await.unwrap();
    assert_eq!((left.project_id, left.held_count, left.scope.can_manage), (fixture.app, 1, true));
    assert_eq!(status(&ada, &format!("/webhooks/{webhook}/activate"), json!({})).await, 200);
    fixture.receiver.requests(1).await;
    fixture.server.dispatch_idle(0).await;
    assert_eq!(fixture.sent(), titles(["App"]));
    let root = fixture.server.state.list_webhook_deliveries(&fixture.root, webhook, Default::default()).await.unwrap();
    let orphaned: Vec<_> = root.items.iter().filter(|row| row.orphaned).map(|row| row.status).collect();
    assert_eq!(orphaned, [DeliveryStatus::Cancelled]);
}

#[tokio::test]
async fn what_waits_of_a_removed_project_is_cancelled() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.shared().await.id;
    fixture.server.state.deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue(&fixture.ada, fixture.app, "App").await;
    fixture.issue(&fixture.ada, fixture.web, "Web").await;
    fixture.set_scope(&fixture.ada, webhook, &[fixture.web]).await.unwrap();
    let removed = fixture.deliveries(&fixture.bob, fixture.app).await.remove(0);
    assert_eq!(removed.status, DeliveryStatus::Cancelled);
    assert_eq!(removed.error.as_deref(), Some("The webhook no longer sends the events of this project."));
    let ada = fixture.server.api(&fixture.ada).await;
    assert_eq!(status(&ada, &format!("/webhooks/{webhook}/activate"), json!({})).await, 200);
    fixture.receiver.requests(1).await;
    // Nor does a replay reach an endpoint that others may have changed since.
    fixture.server.state.replay_delivery(&fixture.bob, removed.id).await.unwrap();
    eventually("the replay is cancelled", async || {
        let newest = fixture.deliveries(&fixture.bob, fixture.app).await.remove(0);
        (newest.status == DeliveryStatus::Cancelled && newest.id != removed.id).then_some(())
    })
    .await;
    assert_eq!(fixture.sent(), titles(["Web"]));
    assert_eq!(fixture.server.state.webhook(&fixture.bob, webhook).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn a_change_of_projects_is_audited_in_each() {
    let fixture = ScopeFixture::start().await;
    let webhook = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    fixture.set_scope(&fixture.ada, webhook, &[fixture.web, fixture.app]).await.unwrap();
    fixture.set_scope(&fixture.ada, webhook, &[fixture.web]).await.unwrap();
    let log = fixture.server.state.list_audit(&fixture.bob, Some(fixture.app), Default::default()).await.unwrap();
    let details = log.items.into_iter().filter(|entry| entry.action == AuditAction::WebhookScopeChanged);
    let details: Vec<_> = details.map(|entry| entry.detail.unwrap()).collect();
    assert_eq!(details, ["Its events are no longer sent.", "Its events are sent from now on."]);
    let log = fixture.server.state.list_audit(&fixture.ada, Some(fixture.web), Default::default()).await.unwrap();
    let details = log.items.into_iter().filter(|entry| entry.action == AuditAction::WebhookUpdated);
    let details: Vec<_> = details.map(|entry| entry.detail.unwrap()).collect();
    assert_eq!(details, ["Projects: WEB", "Projects: APP WEB"]);
}

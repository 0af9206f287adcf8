//! The delivery history: its retention period, deletion on request, and export.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::Header;
use app::model::live::ChangeKind;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::delivery::StoredStatus;
use server::entity::{attempt, delivery, history_purge};

use crate::support::api::Reply;
use crate::support::eventually;
use crate::support::history::HistoryFixture;
use crate::support::receiver::Receiver;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn the_retention_period_can_be_set() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.deliver(&["Old"]).await;
    let settings = fixture.admin.get("/settings").await.json;
    assert_eq!(
        settings,
        json!({"retentionDays": 90, "retentionDaysSet": false, "maxActiveWebhooks": null, "outboundProxy": null})
    );
    for days in [0, 8, 3650] {
        assert_eq!(fixture.admin.patch("/settings", &json!({"retentionDays": days})).await.status, 422, "{days}");
    }
    let changed = fixture.admin.patch("/settings", &json!({"retentionDays": 7})).await;
    assert_eq!(
        changed.json,
        json!({"retentionDays": 7, "retentionDaysSet": true, "maxActiveWebhooks": null, "outboundProxy": null})
    );
    assert_eq!(fixture.api.get("/settings").await.status, 403);
    let log = fixture.instance_log().await;
    let entry = log.iter().find(|entry| entry.action == AuditAction::SettingsUpdated).unwrap();
    assert_eq!(entry.detail.as_deref(), Some("From 90 to 7 days."));

    fixture.outbound.advance(6 * DAY);
    fixture.deliver(&["New"]).await;
    fixture.outbound.advance(2 * DAY);
    eventually("the old delivery is deleted", async || {
        fixture.outbound.advance(Duration::from_secs(60 * 60));
        (fixture.counts().await == (1, 1, 1)).then_some(())
    })
    .await;
    eventually("the deletion is audited", async || {
        let log = fixture.instance_log().await;
        let entry = log.into_iter().find(|entry| entry.action == AuditAction::HistoryExpired)?;
        assert_eq!(entry.detail.unwrap(), "Older than 7 days. Deliveries deleted: 1. Events deleted: 1.");
        assert_eq!(entry.actor_id, None);
        Some(())
    })
    .await;
}

#[tokio::test]
async fn clearing_a_project_needs_its_key_and_keeps_what_is_still_to_be_sent() {
    let fixture = HistoryFixture::start().await;
    let gone = Receiver::answering(|_| http::StatusCode::GONE).await;
    let disabled = fixture.outbound.webhook(&gone.url("/")).await.webhook.id;
    fixture.outbound.disable(disabled).await;
    fixture.webhook().await;
    fixture.deliver(&["One", "Two"]).await;
    for confirm in ["", "web", "Web shop"] {
        let refused = fixture.clear(json!({"confirm": confirm})).await;
        assert_eq!(refused.json["errors"]["confirm"], "Type \"WEB\" to confirm.", "{}", refused.text);
    }
    let mut changes = fixture.outbound.server.changes(fixture.outbound.project);
    let accepted = fixture.clear(json!({"confirm": "WEB"})).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    // Two held deliveries with their events.
    fixture.wait_for_counts((2, 0, 2)).await;
    assert!(fixture.deliveries().await.iter().all(|row| row.status == StoredStatus::Held));
    let details = eventually("the deletion is audited", async || {
        let details = fixture.outbound.audit_details(AuditAction::HistoryCleared).await;
        (!details.is_empty()).then_some(details)
    })
    .await;
    assert_eq!(details, ["Deliveries deleted: 3."]);
    let told = async { while changes.recv().await.unwrap().change.kind != ChangeKind::HistoryCleared {} };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("open browsers are notified");
}

#[tokio::test]
async fn the_history_of_one_webhook_can_be_cleared() {
    let fixture = HistoryFixture::start().await;
    let (one, other) = (fixture.webhook().await, fixture.webhook().await);
    fixture.deliver(&["One", "Two"]).await;
    let wrong = fixture.clear(json!({"webhookId": one, "confirm": "WEB"})).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(fixture.clear(json!({"webhookId": one, "confirm": "Receiver"})).await.status, 202);
    fixture.wait_for_counts((2, 2, 2)).await;
    assert!(fixture.deliveries().await.iter().all(|row| row.webhook_id == other));
}

#[tokio::test]
async fn a_system_admin_can_clear_all_history() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.deliver(&["One", "Two"]).await;
    let body = json!({"confirm": "delete all history"});
    assert_eq!(fixture.api.post("/deliveries/clear", &body).await.status, 403);
    assert_eq!(fixture.admin.post("/deliveries/clear", &json!({"confirm": "yes"})).await.status, 422);
    assert_eq!(fixture.admin.post("/deliveries/clear", &body).await.status, 202);
    fixture.wait_for_counts((0, 0, 0)).await;
    let entry = eventually("the deletion is audited", async || {
        fixture.instance_log().await.into_iter().find(|entry| entry.action == AuditAction::HistoryCleared)
    })
    .await;
    assert_eq!((entry.actor_name.as_deref(), entry.detail.as_deref()), (Some("Root"), Some("Deliveries deleted: 2.")));
}

#[tokio::test]
async fn a_restart_continues_a_deletion() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.deliver(&["One"]).await;
    let (ada, project) = (fixture.outbound.ada.clone(), fixture.outbound.project);
    let server = fixture
        .outbound
        .server
        .restart(async |state| {
            let row = history_purge::Model {
                id: state.ids.next(),
                project_id: Some(project),
                webhook_id: None,
                up_to: Some(state.ids.next()),
                actor_id: Some(ada.id),
                actor_name: ada.name.clone(),
                subject_name: "Web".into(),
                deleted: 4,
                requested_at: state.clock.now(),
                finished_at: None,
            };
            let insert = history_purge::Entity::insert(row.into_active_model().reset_all());
            let change = state
                .store
                .write(move |tx| Box::pin(async move { insert.exec_without_returning(tx.db()).await.map(drop) }));
            let written: Result<(), sea_orm::DbErr> = change.await;
            written.unwrap();
        })
        .await;
    let db = server.state.store.read();
    let finished = eventually("it is finished", async || {
        let row = history_purge::Entity::find().one(db).await.unwrap().unwrap();
        row.finished_at.map(|_| row)
    })
    .await;
    assert_eq!(finished.deleted, 5, "deliveries of before the restart count");
    assert_eq!(delivery::Entity::find().count(db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_webhook_is_deleted_with_or_without_its_history() {
    let fixture = HistoryFixture::start().await;
    let (kept, cleared) = (fixture.webhook().await, fixture.webhook().await);
    fixture.deliver(&["One", "Two"]).await;
    assert_eq!(fixture.api.delete(&format!("/webhooks/{kept}")).await.status, 204);
    assert_eq!(fixture.api.delete(&format!("/webhooks/{cleared}?history=maybe")).await.status, 422);
    assert_eq!(fixture.api.delete(&format!("/webhooks/{cleared}?history=delete")).await.status, 204);
    fixture.wait_for_counts((2, 2, 2)).await;
    assert!(fixture.deliveries().await.iter().all(|row| row.webhook_id == kept));
    let details = eventually("the deletion is audited", async || {
        let details = fixture.outbound.audit_details(AuditAction::HistoryCleared).await;
        (!details.is_empty()).then_some(details)
    })
    .await;
    assert_eq!(details, ["Deliveries deleted: 2."]);
}

#[tokio::test]
async fn queued_deliveries_of_a_deleted_webhook_are_deleted_with_its_history() {
    let fixture = HistoryFixture::start().await;
    let gone = Receiver::answering(|_| http::StatusCode::GONE).await;
    let webhook = fixture.outbound.webhook(&gone.url("/")).await.webhook.id;
    fixture.outbound.disable(webhook).await;
    fixture.deliver(&["Held"]).await;
    assert_eq!(fixture.deliveries().await.len(), 2);
    assert_eq!(fixture.api.delete(&format!("/webhooks/{webhook}?history=delete")).await.status, 204);
    eventually("all are deleted", async || {
        fixture.outbound.advance(Duration::from_secs(5));
        // The events about its health belong to no delivery.
        let (deliveries, attempts, events) = fixture.counts().await;
        ((deliveries, attempts) == (0, 0) && events <= 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_export_has_all_pages_and_the_filters() {
    let fixture = HistoryFixture::start().await;
    let webhook = fixture.webhook().await;
    fixture.deliver(&["First"]).await;
    let first = fixture.deliveries().await.remove(0);
    // More than a page.
    let copies: Vec<_> = (0..230)
        .map(|n| {
            let row = delivery::Model {
                id: fixture.outbound.state().ids.next(),
                status: if n % 2 == 0 { StoredStatus::Failed } else { StoredStatus::Delivered },
                ..first.clone()
            };
            row.into_active_model().reset_all()
        })
        .collect();
    let insert = delivery::Entity::insert_many(copies);
    fixture
        .outbound
        .server
        .insert(move |db| Box::pin(async move { insert.exec_without_returning(db).await.map(drop) }))
        .await;

    let json = fixture.export("?format=json").await;
    assert_eq!((json.status, json.header("content-type")), (200, "application/json"));
    assert!(json.header("content-disposition").starts_with("attachment; filename=\"deliveries-2026-01-05.json\""));
    let all = json.json.as_array().unwrap();
    assert_eq!(all.len(), 231);
    let ids: Vec<_> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|one, next| one > next), "newest first");
    let last = all.last().unwrap();
    assert!(last["body"].as_str().unwrap().contains("First"));
    let attempt = &last["attempts"][0];
    assert_eq!((&attempt["statusCode"], &attempt["responseErased"]), (&json!(200), &Value::Null));

    let raw = async |query: &str| {
        let url = format!("/api/v1/projects/{}/deliveries/export?{query}", fixture.outbound.project);
        let token = fixture.outbound.server.http.get(fixture.outbound.server.url(&url));
        Reply::send(token.bearer_auth(fixture.token().await)).await
    };
    let lines = raw(&format!("format=ndjson&status=exhausted&webhookId={webhook}")).await;
    assert_eq!((lines.status, lines.header("content-type")), (200, "application/x-ndjson"));
    let rows: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 115);
    assert!(rows.iter().all(|row| row["status"] == "exhausted"));
    assert_eq!(raw("format=ndjson&event=none").await.text, "");
    assert_eq!(fixture.export("?event=none").await.json, json!([]));
    for (query, field) in [("?format=csv", "format"), ("?colour=red", "colour"), ("?format=json&format=json", "format")]
    {
        let refused = fixture.export(query).await;
        assert_eq!((refused.status, refused.json["errors"][field].is_string()), (422, true), "{query}");
    }
}

#[tokio::test]
async fn a_system_admin_downloads_the_history_of_all_projects_also_of_deleted_ones() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.deliver(&["First", "Second"]).await;
    let second = fixture.outbound.server.project(&fixture.outbound.ada, "APP").await;
    assert_eq!(fixture.api.get("/deliveries/export").await.status, 403);
    let webhook = json!({"name": "App", "url": fixture.receiver.url("/app"), "events": ["issue.*"]});
    let created = fixture.api.post(&format!("/projects/{second}/webhooks"), &webhook).await;
    assert_eq!(created.status, 201, "{}", created.json);
    fixture.api.post(&format!("/projects/{second}/issues"), &json!({"title": "Third"})).await;
    fixture.outbound.dispatch_idle().await;
    assert_eq!(fixture.api.delete(&format!("/projects/{}", fixture.outbound.project)).await.status, 204);

    let exported = fixture.admin.get("/deliveries/export?status=delivered").await;
    assert_eq!((exported.status, exported.header("content-type")), (200, "application/json"));
    let bodies: Vec<_> = exported.json.as_array().unwrap().iter().map(|row| row["body"].as_str().unwrap()).collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");
    let titles = ["Second", "First", "Third"];
    assert!(bodies.iter().zip(titles).all(|(body, title)| body.contains(title)), "{bodies:?}");
    assert_eq!(fixture.admin.get("/deliveries/export?event=none").await.json, json!([]));
    assert_eq!(fixture.admin.get("/deliveries/export?format=csv").await.status, 422);
}

#[tokio::test]
async fn an_export_hides_headers_that_may_be_credentials() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.deliver(&["One"]).await;
    let row = attempt::Entity::find().one(fixture.outbound.state().store.read()).await.unwrap().unwrap();
    let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
    let mut changed = row.clone();
    changed.request_headers.0.push(header("x-api-key", "hunter2"));
    changed.response_headers.0 = vec![header("set-cookie", "session=hunter2"), header("server", "nginx")];
    let change = changed.into_active_model().reset_all();
    fixture
        .outbound
        .server
        .insert(move |db| Box::pin(async move { attempt::Entity::update(change).exec(db).await.map(drop) }))
        .await;
    let export = fixture.export("").await;
    assert!(!export.text.contains("hunter2"), "{}", export.text);
    assert!(export.text.contains("x-api-key") && export.text.contains("nginx") && export.text.contains("webhook-id"));
}

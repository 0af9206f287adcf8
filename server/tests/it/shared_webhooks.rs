//! The list of the webhooks with several projects, many webhooks at once, and the limit of active ones.

use app::model::people::Role;
use app::model::webhook::{Health, HeldDeliveriesAction, UpdateWebhook};
use app::model::webhook_scope::{SelectWebhooks, WebhookQuery};
use app::service::{Audit, Notifications, SharedWebhooks, Webhooks};
use http::StatusCode;
use serde_json::json;

use crate::support::eventually;
use crate::support::receiver::Receiver;
use crate::support::scope::ScopeFixture;

#[tokio::test]
async fn the_list_shows_webhooks_with_several_projects() {
    let fixture = ScopeFixture::start().await;
    let (shared, all) = (fixture.shared().await.id, fixture.for_all().await.id);
    fixture.create(&fixture.ada, fixture.web, None).await.unwrap();
    let member = fixture.server.user("Member", false).await;
    fixture.server.join(fixture.web, &member, Role::Member).await;
    let any = WebhookQuery::default;
    assert_eq!(fixture.listed(&fixture.root, any()).await, [shared, all]);
    assert_eq!(fixture.listed(&fixture.bob, any()).await, [shared, all]);
    assert_eq!(fixture.listed(&member, any()).await, []);
    let change = UpdateWebhook { name: Some("Chat ÜBERALL".into()), ..UpdateWebhook::default() };
    fixture.server.state.update_webhook(&fixture.root, all, change).await.unwrap();
    fixture.server.state.deactivate_webhook(&fixture.ada, shared).await.unwrap();
    for (query, expected) in [
        (WebhookQuery { search: Some("überall".into()), ..any() }, vec![all]),
        (WebhookQuery { search: Some("127.0.0.1".into()), ..any() }, vec![shared, all]),
        (WebhookQuery { active: Some(false), ..any() }, vec![shared]),
        (WebhookQuery { health: Some(Health::Disabled), ..any() }, vec![]),
        (WebhookQuery { project_id: Some(fixture.app), ..any() }, vec![shared, all]),
        (WebhookQuery { orphaned: Some(true), ..any() }, vec![]),
    ] {
        assert_eq!(fixture.listed(&fixture.root, query.clone()).await, expected, "{query:?}");
    }
    let api = fixture.server.api(&fixture.root).await;
    let pages = api.all("/webhooks", 1).await;
    assert_eq!(pages.iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), [json!(shared), json!(all)]);
}

#[tokio::test]
async fn many_webhooks_are_deactivated_and_activated_at_once() {
    let fixture = ScopeFixture::start().await;
    let ids = vec![fixture.shared().await.id, fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id];
    fixture.server.state.deactivate_webhook(&fixture.ada, ids[0]).await.unwrap();
    let select = || SelectWebhooks { ids: ids.clone() };
    let result = fixture.server.state.deactivate_webhooks(&fixture.ada, select()).await.unwrap();
    assert_eq!((result.changed, result.skipped), (1, 1));
    let result = fixture.server.state.activate_webhooks(&fixture.ada, select()).await.unwrap();
    assert_eq!((result.changed, result.skipped), (2, 0));
    let none = fixture.server.state.activate_webhooks(&fixture.ada, SelectWebhooks::default()).await.unwrap_err();
    assert_eq!(none.status(), 422);
}

#[tokio::test]
async fn a_project_has_at_most_as_many_active_webhooks_as_allowed() {
    let fixture = ScopeFixture::start().await;
    let first = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    let second = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    fixture.limit(1).await;
    let full = fixture.create(&fixture.ada, fixture.web, None).await.unwrap_err();
    assert!(
        full.status() == 409 && full.to_string().contains("WEB has reached its limit of active webhooks: 1"),
        "{full}"
    );
    assert_eq!(fixture.create(&fixture.ada, fixture.app, Some(fixture.several())).await.unwrap_err().status(), 409);
    // What was active stays active, and an inactive one doesn't count.
    let state = &fixture.server.state;
    assert!(state.webhook(&fixture.ada, second).await.unwrap().active);
    for id in [first, second] {
        state.deactivate_webhook(&fixture.ada, id).await.unwrap();
    }
    let send = HeldDeliveriesAction::Send;
    state.activate_webhook(&fixture.ada, first, send).await.unwrap();
    assert_eq!(state.activate_webhook(&fixture.ada, second, send).await.unwrap_err().status(), 409);
    let of_app = fixture.create(&fixture.ada, fixture.app, None).await.unwrap().id;
    assert_eq!(fixture.set_scope(&fixture.ada, of_app, &[fixture.web, fixture.app]).await.unwrap_err().status(), 409);
    fixture.limit(0).await;
    fixture.set_scope(&fixture.ada, of_app, &[fixture.web, fixture.app]).await.unwrap();
    let root = fixture.server.api(&fixture.root).await;
    assert_eq!(root.patch("/settings", &json!({"maxActiveWebhooks": 1001})).await.status, 422);
    assert_eq!(root.get("/settings").await.json["maxActiveWebhooks"], json!(null));
    let log = state.list_audit(&fixture.root, None, Default::default()).await.unwrap().items;
    let details = log.into_iter().filter(|entry| entry.subject == "max_active_webhooks");
    let details: Vec<_> = details.map(|entry| entry.detail.unwrap()).collect();
    assert_eq!(details, ["From 1 to no limit.", "From no limit to 1."]);
}

#[tokio::test]
async fn the_admins_of_all_its_projects_are_notified() {
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let fixture = ScopeFixture { receiver, ..ScopeFixture::start().await };
    let webhook = fixture.shared().await.id;
    fixture.issue(&fixture.ada, fixture.web, "Gone").await;
    for admin in [&fixture.ada, &fixture.bob] {
        let notified = eventually("a notification", async || {
            let page = fixture.server.state.list_notifications(admin, Default::default()).await.unwrap();
            page.items.into_iter().find(|one| one.webhook_id == webhook)
        })
        .await;
        assert!(admin.id == fixture.ada.id || notified.project_id == fixture.app, "a project that Bob may read");
    }
}

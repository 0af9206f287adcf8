//! What the outbox looks up for each event is the same as the projects and subscriptions of the webhooks.

use std::collections::BTreeSet;

use app::model::id::{ProjectId, WebhookId};
use app::model::webhook_scope::ScopeKind;
use app::service::{Projects, Webhooks};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::entity::webhook_route::ALL_PROJECTS;
use server::entity::{webhook, webhook_project, webhook_route, webhook_subscription};

use crate::support::scope::ScopeFixture;

type Routes = BTreeSet<(ProjectId, String, WebhookId)>;

async fn routes(fixture: &ScopeFixture) -> Routes {
    let db = fixture.server.state.store.read();
    let rows = webhook_route::Entity::find().all(db).await.unwrap();
    rows.into_iter().map(|row| (row.project_id, row.event_type, row.webhook_id)).collect()
}

/// What they should be.
async fn expected(fixture: &ScopeFixture) -> Routes {
    let db = fixture.server.state.store.read();
    let mut expected = Routes::new();
    for webhook in webhook::Entity::find().filter(webhook::Column::DeletedAt.is_null()).all(db).await.unwrap() {
        let named = webhook_project::Entity::find().filter(webhook_project::Column::WebhookId.eq(webhook.id));
        let projects: Vec<_> = match webhook.scope {
            ScopeKind::All => vec![ALL_PROJECTS],
            _ => named.all(db).await.unwrap().into_iter().map(|row| row.project_id).collect(),
        };
        let events =
            webhook_subscription::Entity::find().filter(webhook_subscription::Column::WebhookId.eq(webhook.id));
        for event in events.all(db).await.unwrap() {
            expected.extend(projects.iter().map(|project| (*project, event.event_type.clone(), webhook.id)));
        }
    }
    expected
}

#[tokio::test]
async fn each_change_of_projects_or_subscriptions_changes_the_routes() {
    let fixture = ScopeFixture::start().await;
    let id = fixture.shared().await.id;
    let admin = fixture.server.user("Sys", true).await;
    let api = fixture.server.api(&admin).await;
    assert_eq!(routes(&fixture).await, expected(&fixture).await);
    assert!(routes(&fixture).await.len() >= 2);
    let projects = |ids: &[ProjectId]| json!({"scope": {"kind": if ids.len() == 1 { "project" } else { "projects" }, "projectIds": ids}});
    let changes: [Value; 6] = [
        json!({"addEvents": ["test_run.*"]}),
        json!({"events": ["issue.created", "case.created"]}),
        projects(&[fixture.app]),
        json!({"scope": {"kind": "all"}}),
        json!({"events": ["*"], "name": "Another"}),
        projects(&[fixture.web, fixture.app]),
    ];
    for change in changes {
        let before = routes(&fixture).await;
        let changed = api.patch(&format!("/webhooks/{id}"), &change).await;
        assert_eq!(changed.status, 200, "{change}: {}", changed.text);
        assert_eq!(routes(&fixture).await, expected(&fixture).await, "{change}");
        assert_ne!(routes(&fixture).await, before, "{change}");
    }
    fixture.server.state.delete_project(&admin, fixture.app).await.unwrap();
    assert_eq!(routes(&fixture).await, expected(&fixture).await, "after a project was deleted");
    fixture.server.state.delete_webhook(&admin, id).await.unwrap();
    assert!(routes(&fixture).await.is_empty());
}

//! Digests of webhooks with several projects.

use app::model::id::ProjectId;
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::model::webhook::CreateWebhook;
use app::model::webhook_scope::{ScopeKind, SelectScope};
use app::service::{Issues, Webhooks};

use super::*;

struct Projects {
    platform: Platform,
    second: ProjectId,
    webhook: WebhookId,
}

/// Ada administers both projects; the webhook has a digest of both.
async fn two_projects(platform: Platform) -> Projects {
    let ada = platform.fixture.ada.clone();
    let second = platform.fixture.server.project(&ada, "APP").await;
    let scope = SelectScope { kind: ScopeKind::Projects, project_ids: vec![platform.fixture.project, second] };
    let new = CreateWebhook {
        name: "#qa".into(),
        url: platform.url(),
        events: vec![EventType::IssueCreated.into()],
        scope: Some(scope),
        policy: PolicyChange { digest_minutes: Some(5), ..PolicyChange::default() },
        ..CreateWebhook::default()
    };
    let created = platform.fixture.state().create_webhook(&ada, platform.fixture.project, new).await.unwrap();
    Projects { platform, second, webhook: created.webhook.id }
}

impl Projects {
    async fn issue_of_second(&self, title: &str) {
        let new = CreateIssue { title: title.into(), ..CreateIssue::default() };
        self.platform.fixture.state().create_issue(&self.platform.fixture.ada, self.second, new).await.unwrap();
    }
}

async fn exported(platform: &Platform, actor: &Actor) -> String {
    let api = platform.fixture.server.api(actor).await;
    api.get(&format!("/projects/{}/deliveries/export", platform.fixture.project)).await.text
}

#[tokio::test]
async fn a_digest_names_the_projects_and_is_for_those_who_see_all_of_them() {
    let projects = two_projects(Platform::start(DestinationKind::Slack).await).await;
    let platform = &projects.platform;
    platform.fixture.issue("Total is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    let message = messages(platform, 1).await.remove(0);
    for part in ["2 events", "2 projects", "APP · Issue created: 1", "WEB · Issue created: Total is wrong"] {
        assert!(message.contains(part) || message.replace('-', " ").contains(part), "{part} in {message}");
    }
    let rows = wait_for(platform, projects.webhook, StoredStatus::Delivered, 3).await;
    let digest = digest_of(&rows);
    let eve = platform.fixture.server.user("Eve", false).await;
    platform.fixture.server.join(platform.fixture.project, &eve, Role::Admin).await;
    let state = platform.fixture.state();
    let (all, part) = (state.delivery(&platform.fixture.ada, digest).await, state.delivery(&eve, digest).await);
    let (all, part) = (serde_json::to_string(&all.unwrap()).unwrap(), serde_json::to_string(&part.unwrap()).unwrap());
    assert!(all.contains("Secret of the app") && all.contains(r#""hidden":false"#), "{all}");
    assert!(!part.contains("Secret of the app") && part.contains(r#""hidden":true"#), "{part}");
    assert!(exported(platform, &platform.fixture.ada).await.contains("Secret of the app"));
    assert!(!exported(platform, &eve).await.contains("Secret of the app"));
}

#[tokio::test]
async fn nothing_of_a_removed_project_is_sent() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let projects = two_projects(Platform::answering(DestinationKind::Slack, answer).await).await;
    let platform = &projects.platform;
    platform.fixture.issue("Total is wrong").await;
    platform.fixture.issue("Tax is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    messages(platform, 1).await;
    let scope = SelectScope { kind: ScopeKind::Project, project_ids: vec![platform.fixture.project] };
    let change = UpdateWebhook { scope: Some(scope), ..UpdateWebhook::default() };
    platform.fixture.state().update_webhook(&platform.fixture.ada, projects.webhook, change).await.unwrap();
    let sent = messages(platform, 2).await;
    assert!(sent[1].contains("2 events") && !sent[1].contains("Secret"), "{}", sent[1]);
    // The first digest, and what it had of the removed project.
    wait_for(platform, projects.webhook, StoredStatus::Discarded, 2).await;
    wait_for(platform, projects.webhook, StoredStatus::Delivered, 3).await;
}

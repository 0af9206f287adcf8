//! Digests of webhooks with several projects.

use app::model::id::ProjectId;
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::model::replay_filter::ReplayFilter;
use app::model::webhook::CreateWebhook;
use app::model::webhook_scope::{ScopeKind, SelectScope};
use app::service::{Issues, Projects as _, Webhooks};
use sea_orm::ActiveValue::Set;

use super::*;
use crate::support::receiver::Receiver;

pub(super) struct Projects {
    pub platform: Platform,
    pub second: ProjectId,
    pub webhook: WebhookId,
}

/// A chat tool that repeats the message in its answer.
pub(super) async fn echoing() -> Platform {
    let mut platform = Platform::start(DestinationKind::GoogleChat).await;
    platform.receiver = Receiver::echoing().await;
    platform
}

/// Ada administers both projects; the webhook has a digest of both.
pub(super) async fn two_projects(platform: Platform) -> Projects {
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
    pub async fn issue_of_second(&self, title: &str) {
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
    let projects = two_projects(echoing().await).await;
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
    let response = all.as_ref().unwrap().attempts[0].response_body.clone().unwrap();
    assert!(response.contains("Secret of the app"), "{response}");
    let (all, part) = (serde_json::to_string(&all.unwrap()).unwrap(), serde_json::to_string(&part.unwrap()).unwrap());
    assert!(all.contains(r#""hidden":false"#) && all.contains("x-echo"), "{all}");
    assert!(!part.contains("Secret of the app") && part.contains(r#""hidden":true"#), "{part}");
    assert!(!part.contains("x-echo"), "{part}");
    assert!(exported(platform, &platform.fixture.ada).await.contains("Secret of the app"));
    let of_eve = exported(platform, &eve).await;
    assert!(!of_eve.contains("Secret of the app") && !of_eve.contains("x-echo"), "{of_eve}");

    // Who could read it still can, once a project is deleted; nobody else can.
    let root = platform.fixture.server.user("Root", true).await;
    state.delete_project(&platform.fixture.ada, projects.second).await.unwrap();
    for (reader, hidden) in [(&platform.fixture.ada, false), (&root, false), (&eve, true)] {
        let detail = state.delivery(reader, digest).await.unwrap();
        assert_eq!(detail.digest_part.unwrap().hidden, hidden, "{}", reader.name);
    }
    // Without its payload, nothing says whose events it has. The response still does.
    let api = platform.fixture.server.api(&root).await;
    let erased = api.post(&format!("/deliveries/{digest}/erase"), &json!({"part": "payload"})).await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    let detail = serde_json::to_string(&state.delivery(&eve, digest).await.unwrap()).unwrap();
    assert!(!detail.contains("Secret of the app") && detail.contains(r#""hidden":true"#), "{detail}");
    assert!(!exported(platform, &eve).await.contains("Secret of the app"));
}

#[tokio::test]
async fn only_an_admin_of_all_its_projects_changes_or_replays_a_digest() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let projects = two_projects(Platform::answering(DestinationKind::Slack, answer).await).await;
    let platform = &projects.platform;
    let policy = PolicyChange { retry_delays: Some(vec![9000]), ..PolicyChange::default() };
    set_policy(&platform.fixture, projects.webhook, policy).await;
    platform.fixture.issue("Total is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    messages(platform, 1).await;
    let attempted = async || rows(platform, projects.webhook).await[0].attempts == 1;
    pass(platform, "a recorded attempt", attempted).await;
    let digest = digest_of(&rows(platform, projects.webhook).await);

    let (state, ada, first) = (platform.fixture.state(), &platform.fixture.ada, platform.fixture.project);
    let eve = platform.fixture.server.user("Eve", false).await;
    platform.fixture.server.join(first, &eve, Role::Admin).await;
    let filter = || ReplayFilter { event: Some(DIGEST_EVENT.to_owned()), ..ReplayFilter::default() };
    let is_refused = async || {
        let mut refused = vec![
            state.replay_delivery(&eve, digest).await.map(drop),
            state.replay_deliveries(&eve, vec![digest]).await.map(drop),
            state.replay_filtered(&eve, first, filter()).await.map(drop),
        ];
        for action in [ManualAction::Retry, ManualAction::Cancel] {
            refused.push(state.change_delivery(&eve, digest, action).await.map(drop));
            refused.push(state.change_deliveries(&eve, vec![digest], action).await.map(drop));
        }
        for result in refused {
            assert_eq!(result.unwrap_err().to_string(), "Only admins of all projects of a digest can do that.");
        }
    };
    is_refused().await;
    platform.fixture.server.join(projects.second, &eve, Role::Member).await;
    is_refused().await;
    assert_eq!(platform.receiver.requests_so_far().len(), 1);
    state.change_delivery(ada, digest, ManualAction::Retry).await.unwrap();
    messages(platform, 2).await;
    wait_for(platform, projects.webhook, StoredStatus::Delivered, 3).await;
    // Nothing of a deleted project is sent, so its admins aren't asked.
    state.delete_project(ada, projects.second).await.unwrap();
    state.replay_filtered(&eve, first, filter()).await.unwrap();
    wait_for(platform, projects.webhook, StoredStatus::Discarded, 1).await;
    assert_eq!(platform.receiver.requests_so_far().len(), 2);
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

#[tokio::test]
async fn the_actions_of_a_digest_are_offered_to_admins_of_all_its_projects() {
    let projects = two_projects(Platform::answering(DestinationKind::Slack, |_| StatusCode::BAD_REQUEST).await).await;
    let (platform, first) = (&projects.platform, projects.platform.fixture.project);
    platform.fixture.issue("Total is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    messages(platform, 1).await;
    let found = wait_for(platform, projects.webhook, StoredStatus::Failed, 3).await;
    let digest = digest_of(&found);
    let own = found.iter().find(|row| row.project_id == first && row.id != digest).unwrap().id;
    let server = &platform.fixture.server;
    let (eve, bob) = (server.user("Eve", false).await, server.user("Bob", false).await);
    server.join(first, &eve, Role::Admin).await;
    server.join(first, &bob, Role::Member).await;
    // Of the digest and of what it covers: in the list of the project, in that of the webhook, and alone.
    let offered = async |actor: &Actor| {
        let api = server.api(actor).await;
        let mut offered = Vec::new();
        for id in [digest, own] {
            let lists = [format!("/projects/{first}/deliveries"), format!("/webhooks/{}/deliveries", projects.webhook)];
            for list in lists {
                let items = api.get(&list).await.json["items"].as_array().unwrap().clone();
                let item = items.into_iter().find(|item| item["id"] == json!(id)).unwrap();
                offered.push(item["canChange"].as_bool().unwrap());
            }
            offered.push(api.get(&format!("/deliveries/{id}")).await.json["canChange"].as_bool().unwrap());
        }
        offered
    };
    assert_eq!(offered(&platform.fixture.ada).await, [true; 6]);
    assert_eq!(offered(&bob).await, [false; 6]);
    assert_eq!(offered(&eve).await, [false, false, false, true, true, true]);
    assert_eq!(server.api(&eve).await.post(&format!("/deliveries/{digest}/retry"), &json!({})).await.status, 403);
    server.join(projects.second, &eve, Role::Admin).await;
    assert_eq!(offered(&eve).await, [true; 6]);
    assert_eq!(server.api(&eve).await.post(&format!("/deliveries/{digest}/retry"), &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_digest_is_deleted_only_after_its_end_was_passed_on() {
    let projects = two_projects(Platform::start(DestinationKind::Slack).await).await;
    let (platform, first) = (&projects.platform, projects.platform.fixture.project);
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    let test = state.test_webhook(ada, projects.webhook, Default::default()).await.unwrap().id;
    messages(platform, 1).await;
    platform.fixture.issue("Total is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    messages(platform, 2).await;
    let digest = digest_of(&wait_for(platform, projects.webhook, StoredStatus::Delivered, 4).await);
    // As if the process had stopped before it passed the end on.
    let pending =
        delivery::ActiveModel { status: Set(StoredStatus::Pending), finished_at: Set(None), ..Default::default() };
    let undo = delivery::Entity::update_many().set(pending).filter(delivery::Column::DigestDeliveryId.eq(digest));
    platform.fixture.server.insert(move |db| Box::pin(async move { undo.exec(db).await.map(drop) })).await;
    let api = platform.fixture.server.api(ada).await;
    let cleared = api.post(&format!("/projects/{first}/deliveries/clear"), &json!({"confirm": "WEB"})).await;
    assert_eq!(cleared.status, 202, "{}", cleared.text);
    eventually("the test is deleted", async || {
        rows(platform, projects.webhook).await.iter().all(|row| row.id != test).then_some(())
    })
    .await;
    pass(platform, "the rest is deleted", async || rows(platform, projects.webhook).await.len() == 1).await;
    let left = rows(platform, projects.webhook).await.remove(0);
    assert_eq!((left.project_id, left.status, left.error), (projects.second, StoredStatus::Delivered, None));
}

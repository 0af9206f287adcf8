//! The live stream of pages outside of projects.

use app::model::live::WORKSPACE;
use app::model::people::{Actor, Role};
use app::model::webhook_pause::SetWebhookPause;
use app::service::{WebhookPauses, Webhooks};
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::live::{Message, Stream};
use crate::support::scope::ScopeFixture;

async fn workspace(server: &TestServer, user: &Actor) -> Stream {
    let mut stream = Stream::open(server.stream_request(user, WORKSPACE).await).await;
    let first = stream.next().await.unwrap();
    assert_eq!((first.event.as_str(), &first.data["projectId"]), ("sync", &json!(WORKSPACE)));
    stream
}

/// The webhooks of the changes up to a change of the pause.
async fn webhooks_until_pause(stream: &mut Stream) -> Vec<Value> {
    let messages = stream.until(|message| message.data["type"] == "webhook_pause.changed").await;
    let of_webhooks = |message: &&Message| message.data["type"] == "webhook.changed";
    let changes = messages.iter().filter(of_webhooks);
    changes
        .inspect(|message| assert_eq!(message.data["projectId"], json!(WORKSPACE)))
        .map(|message| message.data["webhookId"].clone())
        .collect()
}

#[tokio::test]
async fn pages_outside_of_projects_learn_of_webhooks_that_the_user_may_see() {
    let fixture = ScopeFixture::start().await;
    let eve = fixture.server.user("Eve", false).await;
    let mut streams = Vec::new();
    for user in [&fixture.root, &fixture.bob, &eve] {
        streams.push(workspace(&fixture.server, user).await);
    }
    let shared = fixture.shared().await.id;
    let of_web = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    let pause = fixture.server.state.set_webhook_pause(&fixture.root, SetWebhookPause { paused: true }).await;
    assert!(pause.unwrap().paused);
    let [root, bob, eve] = streams.as_mut_slice() else { panic!("three streams") };
    let seen = webhooks_until_pause(root).await;
    assert!(seen.contains(&json!(shared)) && seen.contains(&json!(of_web)), "{seen:?}");
    let seen = webhooks_until_pause(bob).await;
    assert!(seen.contains(&json!(shared)) && !seen.contains(&json!(of_web)), "{seen:?}");
    assert_eq!(webhooks_until_pause(eve).await, [] as [Value; 0]);
}

#[tokio::test]
async fn only_system_admins_learn_of_changed_settings() {
    let fixture = ScopeFixture::start().await;
    let mut root = workspace(&fixture.server, &fixture.root).await;
    let mut bob = workspace(&fixture.server, &fixture.bob).await;
    let api = fixture.server.api(&fixture.root).await;
    assert_eq!(api.patch("/settings", &json!({"retentionDays": 30})).await.status, 200);
    root.until(|message| message.data["type"] == "settings.changed").await;
    fixture.server.state.set_webhook_pause(&fixture.root, SetWebhookPause { paused: true }).await.unwrap();
    let messages = bob.until(|message| message.data["type"] == "webhook_pause.changed").await;
    assert!(messages.iter().all(|message| message.data["type"] != "settings.changed"));
}

#[tokio::test]
async fn an_instance_without_projects_learns_of_the_pause() {
    let server = TestServer::start().await;
    let root = server.user("Root", true).await;
    let mut stream = workspace(&server, &root).await;
    server.state.set_webhook_pause(&root, SetWebhookPause { paused: true }).await.unwrap();
    assert!(webhooks_until_pause(&mut stream).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn losing_a_project_ends_the_stream_of_the_workspace() {
    let fixture = ScopeFixture::start().await;
    fixture.server.join(fixture.web, &fixture.bob, Role::Member).await;
    let mut stream = workspace(&fixture.server, &fixture.bob).await;
    let remove = app::model::account::RemoveMember::default();
    app::service::People::remove_member(&fixture.server.state, &fixture.ada, fixture.web, fixture.bob.id, remove)
        .await
        .unwrap();
    stream.ends().await;
    let mut again = workspace(&fixture.server, &fixture.bob).await;
    let hidden = fixture.create(&fixture.ada, fixture.web, None).await.unwrap().id;
    fixture.server.state.deactivate_webhook(&fixture.ada, hidden).await.unwrap();
    fixture.server.state.set_webhook_pause(&fixture.root, SetWebhookPause { paused: true }).await.unwrap();
    assert!(webhooks_until_pause(&mut again).await.is_empty());
}

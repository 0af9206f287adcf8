//! Live changes between nodes on one PostgreSQL.

use app::model::id::ProjectId;
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::service::Issues;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde_json::{Value, json};
use server::entity::member;
use server::live::nodes;
use tokio_util::sync::CancellationToken;

use crate::support::api::Api;
use crate::support::live::{Message, Stream};
use crate::support::{TestServer, eventually};

/// Two nodes, and a project with two members.
struct NodesFixture {
    a: TestServer,
    b: TestServer,
    ada: Actor,
    bob: Actor,
    api: Api,
    project: ProjectId,
}

impl NodesFixture {
    /// `None` without PostgreSQL.
    async fn new() -> Option<Self> {
        let a = TestServer::start().await;
        let b = a.second_node().await?;
        let (ada, bob) = (a.user("Ada", false).await, a.user("Bob", false).await);
        let project = a.project(&ada, "WEB").await;
        a.join(project, &bob, Role::Member).await;
        let api = a.api(&ada).await;
        let fixture = Self { a, b, ada, bob, api, project };
        // From here on no notification is lost.
        eventually("both nodes listen", async || (fixture.listening().await.len() == 2).then_some(())).await;
        fixture.wait_until_received(&fixture.a, &fixture.b).await;
        fixture.wait_until_received(&fixture.b, &fixture.a).await;
        Some(fixture)
    }

    /// Waits until a node has received everything that another one sent.
    async fn wait_until_received(&self, sender: &TestServer, receiver: &TestServer) {
        let api = sender.api(&self.ada).await;
        let mut stream = receiver.stream(&self.ada, self.project).await;
        loop {
            let id = create(&api, self.project).await;
            // A change with a gap may be part of the refetch.
            let received = stream.until(|message| message.data["issueId"] == id || message.is_gap()).await;
            if received.last().is_some_and(|message| message.event == "change") {
                return;
            }
        }
    }

    /// The PostgreSQL backends that listen.
    async fn listening(&self) -> Vec<i32> {
        let sql = "SELECT pid FROM pg_stat_activity \
                   WHERE datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN %'";
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = self.a.state.store.read().query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "pid").unwrap()).collect()
    }

    /// Terminates the listeners, as a restart of the database does.
    async fn cut_off_listeners(&self) {
        let cut = self.listening().await;
        assert_eq!(cut.len(), 2);
        for pid in cut {
            let sql = format!("SELECT pg_terminate_backend({pid})");
            self.a.state.store.read().execute_unprepared(&sql).await.unwrap();
        }
    }

    async fn create(&self) -> Value {
        create(&self.api, self.project).await
    }
}

/// The ID of a new issue.
async fn create(api: &Api, project: ProjectId) -> Value {
    let reply = api.post(&format!("/projects/{project}/issues"), &json!({"title": "One"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json["id"].clone()
}

/// The issue changes of a stream up to `last`.
async fn issues(stream: &mut Stream, last: &Value) -> Vec<Value> {
    let received = stream.until(|message| message.data["issueId"] == *last).await;
    received.into_iter().map(|message| message.data["issueId"].clone()).collect()
}

#[tokio::test]
async fn a_change_reaches_every_node_once() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_a = fixture.a.stream(&fixture.ada, fixture.project).await;
    let mut of_b = fixture.b.stream(&fixture.bob, fixture.project).await;
    let made = [fixture.create().await, fixture.create().await];
    assert_eq!(issues(&mut of_a, &made[1]).await, made);
    assert_eq!(issues(&mut of_b, &made[1]).await, made);
    // An echo of the node's own notification would arrive before the later one.
    let last = create(&fixture.b.api(&fixture.bob).await, fixture.project).await;
    for stream in [&mut of_a, &mut of_b] {
        assert_eq!(issues(stream, &last).await, std::slice::from_ref(&last));
    }
}

#[tokio::test]
async fn a_burst_reaches_the_other_node_complete() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_b = fixture.b.stream(&fixture.bob, fixture.project).await;
    let made = futures::future::join_all((0..100).map(|_| fixture.create())).await;
    let mut received = Vec::new();
    while received.len() < made.len() {
        let message = of_b.next().await.unwrap();
        assert_eq!(message.data["type"], "issue.created", "{message:?}");
        received.push(message.data["issueId"].clone());
    }
    let sorted = |mut all: Vec<Value>| {
        all.sort_by_key(ToString::to_string);
        all
    };
    assert_eq!(sorted(received), sorted(made));
}

#[tokio::test]
async fn browsers_refetch_after_a_lost_notification() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_b = fixture.b.stream(&fixture.bob, fixture.project).await;
    fixture.cut_off_listeners().await;
    assert_eq!(of_b.until(Message::is_gap).await.len(), 1);
    let made = fixture.create().await;
    assert_eq!(issues(&mut of_b, &made).await, [made]);
}

#[tokio::test]
async fn browsers_refetch_when_another_node_starts() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_a = fixture.a.stream(&fixture.ada, fixture.project).await;
    let third = fixture.a.second_node().await.unwrap();
    of_a.until(Message::is_gap).await;
    third.stop().await;
}

#[tokio::test]
async fn the_last_changes_before_shutdown_reach_other_nodes() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_a = fixture.a.stream(&fixture.ada, fixture.project).await;
    let ending = fixture.b.state.clone();
    fixture.b.stop().await;
    // No send loop runs until the end.
    let last = ending.create_issue(
        &fixture.bob,
        fixture.project,
        CreateIssue { title: "Last".into(), ..CreateIssue::default() },
    );
    let last = json!(last.await.unwrap().id);
    let ended = CancellationToken::new();
    ended.cancel();
    nodes::run(ending, ended).await;
    assert_eq!(issues(&mut of_a, &last).await, [last]);
}

#[tokio::test]
async fn removing_a_member_ends_streams_on_all_nodes() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_b = fixture.b.stream(&fixture.bob, fixture.project).await;
    let path = format!("/projects/{}/members/{}", fixture.project, fixture.bob.id);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(of_b.next().await, None);
    let again = fixture.b.stream_request(&fixture.bob, fixture.project).await.send().await.unwrap();
    assert_eq!(again.status(), 404);
}

#[tokio::test]
async fn a_lost_revocation_ends_the_stream_after_reconnect() {
    let Some(fixture) = NodesFixture::new().await else { return };
    let mut of_b = fixture.b.stream(&fixture.bob, fixture.project).await;
    let (project, user) = (fixture.project, fixture.bob.id);
    // Without the notification.
    fixture
        .a
        .insert(move |db| {
            Box::pin(async move { member::Entity::delete_by_id((project, user)).exec(db).await.map(drop) })
        })
        .await;
    fixture.cut_off_listeners().await;
    assert_eq!(of_b.next().await.map(|message| message.event), Some("goodbye".to_owned()));
    assert_eq!(of_b.next().await, None);
}

//! Several nodes on one PostgreSQL tell each other what their browsers are told.

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
struct World {
    a: TestServer,
    b: TestServer,
    ada: Actor,
    bob: Actor,
    api: Api,
    project: ProjectId,
}

impl World {
    /// `None` without PostgreSQL.
    async fn new() -> Option<Self> {
        let a = TestServer::start().await;
        let b = a.second_node().await?;
        let (ada, bob) = (a.user("Ada", false).await, a.user("Bob", false).await);
        let project = a.project(&ada, "WEB").await;
        a.join(project, &bob, Role::Member).await;
        let api = a.api(&ada).await;
        let world = Self { a, b, ada, bob, api, project };
        // From here on nothing is lost: what a node may miss while it starts is behind it.
        eventually("both nodes listen", async || (world.listening().await.len() == 2).then_some(())).await;
        world.hears(&world.a, &world.b).await;
        world.hears(&world.b, &world.a).await;
        Some(world)
    }

    /// Waits until a node hears what another one says, and has heard all that it said before.
    async fn hears(&self, said_by: &TestServer, heard_by: &TestServer) {
        let api = said_by.api(&self.ada).await;
        let mut stream = heard_by.stream(&self.ada, self.project).await;
        loop {
            let id = make(&api, self.project).await;
            // What is heard together with a loss is read with everything else.
            let told = stream.until(|message| message.data["issueId"] == id || message.is_gap()).await;
            if told.last().is_some_and(|message| message.event == "change") {
                return;
            }
        }
    }

    /// The backends that listen.
    async fn listening(&self) -> Vec<i32> {
        let sql = "SELECT pid FROM pg_stat_activity \
                   WHERE datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN %'";
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let rows = self.a.core.store.read().query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "pid").unwrap()).collect()
    }

    /// What a restart of the database or of a firewall does to those who listen.
    async fn cut_off_who_listens(&self) {
        let cut = self.listening().await;
        assert_eq!(cut.len(), 2);
        for pid in cut {
            let sql = format!("SELECT pg_terminate_backend({pid})");
            self.a.core.store.read().execute_unprepared(&sql).await.unwrap();
        }
    }

    async fn make(&self) -> Value {
        make(&self.api, self.project).await
    }
}

/// The id of a new issue.
async fn make(api: &Api, project: ProjectId) -> Value {
    let reply = api.post(&format!("/projects/{project}/issues"), &json!({"title": "One"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json["id"].clone()
}

/// The issues that a stream tells of until `last`.
async fn issues(stream: &mut Stream, last: &Value) -> Vec<Value> {
    let told = stream.until(|message| message.data["issueId"] == *last).await;
    told.into_iter().map(|message| message.data["issueId"].clone()).collect()
}

#[tokio::test]
async fn what_changes_on_one_node_is_told_once_on_every_node() {
    let Some(world) = World::new().await else { return };
    let mut of_a = world.a.stream(&world.ada, world.project).await;
    let mut of_b = world.b.stream(&world.bob, world.project).await;
    let made = [world.make().await, world.make().await];
    assert_eq!(issues(&mut of_a, &made[1]).await, made);
    assert_eq!(issues(&mut of_b, &made[1]).await, made);
    // What comes back to the node that said it comes before what is said later.
    let last = make(&world.b.api(&world.bob).await, world.project).await;
    for stream in [&mut of_a, &mut of_b] {
        assert_eq!(issues(stream, &last).await, std::slice::from_ref(&last));
    }
}

#[tokio::test]
async fn a_burst_reaches_the_other_node_whole_and_in_order() {
    let Some(world) = World::new().await else { return };
    let mut of_b = world.b.stream(&world.bob, world.project).await;
    let made = futures::future::join_all((0..100).map(|_| world.make())).await;
    let mut told = Vec::new();
    while told.len() < made.len() {
        let message = of_b.next().await.unwrap();
        assert_eq!(message.data["type"], "issue.created", "{message:?}");
        told.push(message.data["issueId"].clone());
    }
    let sorted = |mut all: Vec<Value>| {
        all.sort_by_key(ToString::to_string);
        all
    };
    assert_eq!(sorted(told), sorted(made));
}

#[tokio::test]
async fn a_node_that_could_not_hear_has_its_browsers_read_again_and_hears_on() {
    let Some(world) = World::new().await else { return };
    let mut of_b = world.b.stream(&world.bob, world.project).await;
    world.cut_off_who_listens().await;
    assert_eq!(of_b.until(Message::is_gap).await.len(), 1);
    let made = world.make().await;
    assert_eq!(issues(&mut of_b, &made).await, [made]);
}

#[tokio::test]
async fn a_node_that_starts_has_the_browsers_of_the_others_read_again() {
    let Some(world) = World::new().await else { return };
    let mut of_a = world.a.stream(&world.ada, world.project).await;
    let third = world.a.second_node().await.unwrap();
    of_a.until(Message::is_gap).await;
    third.stop().await;
}

#[tokio::test]
async fn what_a_node_changes_at_its_end_is_still_told() {
    let Some(world) = World::new().await else { return };
    let mut of_a = world.a.stream(&world.ada, world.project).await;
    let ending = world.b.core.clone();
    world.b.stop().await;
    // Nothing runs that would tell it before the end; what the node said at its start is long heard.
    let last =
        ending.create_issue(&world.bob, world.project, CreateIssue { title: "Last".into(), ..CreateIssue::default() });
    let last = json!(last.await.unwrap().id);
    let ended = CancellationToken::new();
    ended.cancel();
    nodes::run(ending, ended).await;
    assert_eq!(issues(&mut of_a, &last).await, [last]);
}

#[tokio::test]
async fn a_member_who_is_removed_on_one_node_loses_the_streams_of_all() {
    let Some(world) = World::new().await else { return };
    let mut of_b = world.b.stream(&world.bob, world.project).await;
    let path = format!("/projects/{}/members/{}", world.project, world.bob.id);
    assert_eq!(world.api.delete(&path).await.status, 204);
    assert_eq!(of_b.next().await, None);
    let again = world.b.stream_request(&world.bob, world.project).await.send().await.unwrap();
    assert_eq!(again.status(), 404);
}

#[tokio::test]
async fn a_removal_that_was_not_heard_ends_the_stream_once_the_node_hears_again() {
    let Some(world) = World::new().await else { return };
    let mut of_b = world.b.stream(&world.bob, world.project).await;
    let (project, user) = (world.project, world.bob.id);
    // Without the notification.
    world
        .a
        .insert(move |db| {
            Box::pin(async move { member::Entity::delete_by_id((project, user)).exec(db).await.map(drop) })
        })
        .await;
    world.cut_off_who_listens().await;
    assert_eq!(of_b.next().await.map(|message| message.event), Some("goodbye".to_owned()));
    assert_eq!(of_b.next().await, None);
}

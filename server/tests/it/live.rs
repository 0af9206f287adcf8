//! Live streams over HTTP.

use app::model::id::ProjectId;
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::service::Issues;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::live::{Message, Stream};

/// The ID of a new issue.
async fn new_issue(server: &TestServer, user: &Actor, project: ProjectId) -> Value {
    let new = CreateIssue { title: "New".into(), ..CreateIssue::default() };
    json!(server.state.create_issue(user, project, new).await.unwrap().id)
}

fn issues(messages: &[Message]) -> Vec<Value> {
    messages.iter().filter(|message| message.event == "change").map(|message| message.data["issueId"].clone()).collect()
}

#[tokio::test]
async fn only_members_can_open_a_stream() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.user("Ada", false).await, server.user("Eve", false).await);
    let project = server.project(&ada, "WEB").await;
    let nobody = server.http.get(server.url(&format!("/api/issues/stream?projectId={project}")));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    assert_eq!(server.stream_request(&eve, project).await.send().await.unwrap().status(), 404);
    let mut stream = Stream::open(server.stream_request(&ada, project).await).await;
    assert!(stream.header("content-type").starts_with("text/event-stream"));
    assert_eq!(stream.header("cache-control"), "no-cache, no-transform");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    let first = stream.next().await.unwrap();
    assert_eq!((first.event.as_str(), &first.data["projectId"]), ("sync", &json!(project)));
    server.stop().await;
}

#[tokio::test]
async fn missed_changes_are_replayed_first() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let (project, other) = (server.project(&ada, "WEB").await, server.project(&ada, "APP").await);
    let before = server.state.hub.latest_event_id();
    let first = new_issue(&server, &ada, project).await;
    new_issue(&server, &ada, other).await;
    let between = server.state.hub.latest_event_id();
    let second = new_issue(&server, &ada, project).await;

    let mut stream = Stream::open(server.stream_request_since(&ada, project, &before).await).await;
    let messages = stream.until(|message| message.data["issueId"] == second).await;
    assert_eq!(messages[0].data["missed"], false);
    assert_eq!(issues(&messages), [first, second.clone()]);

    let reconnected = server.stream_request_since(&ada, project, &before).await.header("last-event-id", between);
    let messages = Stream::open(reconnected).await.until(|message| message.data["issueId"] == second).await;
    assert_eq!(issues(&messages), [second]);

    let of_another_start = server.stream_request_since(&ada, project, "0123456789abcdef-1").await;
    assert!(Stream::open(of_another_start).await.next().await.unwrap().is_gap());
}

#[tokio::test]
async fn stream_limits_close_the_oldest_or_respond_503() {
    let server = TestServer::start_with(&["--max-streams", "2", "--max-streams-per-user", "1"]).await;
    let (ada, bob, eve) =
        (server.user("Ada", false).await, server.user("Bob", false).await, server.user("Eve", false).await);
    let project = server.project(&ada, "WEB").await;
    for user in [&bob, &eve] {
        server.join(project, user, Role::Member).await;
    }
    let mut oldest = server.stream(&ada, project).await;
    let _newest = server.stream(&ada, project).await;
    oldest.ends().await;
    let _of_bob = server.stream(&bob, project).await;
    let refused = server.stream_request(&eve, project).await.send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "10");
}

#[tokio::test]
async fn a_shutdown_sends_goodbye() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let mut stream = server.stream(&ada, project).await;
    server.stop().await;
    stream.until(|message| message.event == "goodbye").await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn removing_a_member_ends_streams_of_that_project() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let (web, app) = (server.project(&ada, "WEB").await, server.project(&ada, "APP").await);
    for project in [web, app] {
        server.join(project, &bob, Role::Member).await;
    }
    let [mut first, mut second] = [server.stream(&bob, web).await, server.stream(&bob, web).await];
    let (mut elsewhere, mut of_ada) = (server.stream(&bob, app).await, server.stream(&ada, web).await);
    let api = server.api(&ada).await;
    assert_eq!(api.delete(&format!("/projects/{web}/members/{}", bob.id)).await.status, 204);
    for stream in [&mut first, &mut second] {
        stream.ends().await;
    }
    // What the browser does next.
    let again = server.stream_request(&bob, web).await.send().await.unwrap();
    assert_eq!(again.status(), 404);
    for (stream, project) in [(&mut elsewhere, app), (&mut of_ada, web)] {
        let made = api.post(&format!("/projects/{project}/issues"), &json!({"title": "Still there"})).await;
        stream.until(|message| message.data["issueId"] == made.json["id"]).await;
    }
    assert_eq!(server.state.hub.open_streams(), 2);
}

#[tokio::test]
async fn a_refused_removal_ends_no_stream() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Member).await;
    let mut stream = server.stream(&ada, project).await;
    let (of_ada, of_bob) = (server.api(&ada).await, server.api(&bob).await);
    // She is the owner, and he is no admin.
    let path = format!("/projects/{project}/members/{}", ada.id);
    assert_eq!((of_ada.delete(&path).await.status, of_bob.delete(&path).await.status), (409, 403));
    let made = of_ada.post(&format!("/projects/{project}/issues"), &json!({"title": "Still there"})).await;
    stream.until(|message| message.data["issueId"] == made.json["id"]).await;
}

#[tokio::test]
async fn a_stream_names_projects_without_access() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let (web, app, secret) =
        (server.project(&ada, "WEB").await, server.project(&ada, "APP").await, server.project(&ada, "SEC").await);
    for project in [web, app] {
        server.join(project, &bob, Role::Member).await;
    }
    let before = server.state.hub.latest_event_id();
    let query = format!("projectId={web},{secret},{app}&since={before}");
    let mut stream = Stream::open(server.stream_at(&bob, &query).await).await;
    let first = stream.until(|message| message.id.is_some()).await;
    let denied: Vec<_> = first.iter().filter(|message| message.event == "denied").collect();
    assert_eq!(denied.len(), 1);
    assert_eq!(denied[0].data["projectId"], json!(secret));
    let followed: Vec<_> = first.iter().filter(|message| message.event == "sync").collect();
    assert_eq!(followed.len(), 2);
    assert_eq!(followed.iter().filter(|message| message.data["projectId"] == json!(web)).count(), 1);

    new_issue(&server, &ada, secret).await;
    let (in_web, in_app) = (new_issue(&server, &ada, web).await, new_issue(&server, &ada, app).await);
    let messages = stream.until(|message| message.data["issueId"] == in_app).await;
    assert_eq!(issues(&messages), [in_web, in_app]);

    let api = server.api(&ada).await;
    assert_eq!(api.delete(&format!("/projects/{web}/members/{}", bob.id)).await.status, 204);
    stream.ends().await;
    let mut again = Stream::open(server.stream_at(&bob, &query).await).await;
    let first = again.until(|message| message.event == "sync").await;
    assert_eq!(first.last().unwrap().data["projectId"], json!(app));
    let none = server.stream_at(&bob, &format!("projectId={web},{secret}")).await.send().await.unwrap();
    assert_eq!(none.status(), 404);
}

#[tokio::test]
async fn a_stream_follows_at_most_fifty_projects() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let ids = (0..51).map(|n| ProjectId(uuid::Uuid::from_u128(n)).to_string()).collect::<Vec<_>>().join(",");
    let refused = server.stream_at(&ada, &format!("projectId={ids}")).await.send().await.unwrap();
    assert_eq!(refused.status(), 422);
}

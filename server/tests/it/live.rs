//! Live streams over HTTP.

use app::model::id::ProjectId;
use app::model::issue::CreateIssue;
use app::model::people::{Actor, Role};
use app::service::Issues;
use serde_json::{Value, json};

use crate::support::live::{Message, Stream};
use crate::support::{TestServer, eventually};

/// The id of a new issue.
async fn make(server: &TestServer, user: &Actor, project: ProjectId) -> Value {
    let new = CreateIssue { title: "New".into(), ..CreateIssue::default() };
    json!(server.core.create_issue(user, project, new).await.unwrap().id)
}

fn issues(messages: &[Message]) -> Vec<Value> {
    messages.iter().filter(|message| message.event == "change").map(|message| message.data["issueId"].clone()).collect()
}

#[tokio::test]
async fn a_stream_is_opened_by_who_may_read_and_passes_through_proxies_unchanged() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.user("Ada", false).await, server.user("Eve", false).await);
    let project = server.project(&ada, "WEB").await;
    let nobody = server.http.get(server.url(&format!("/api/issues/stream?projectId={project}")));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    assert_eq!(server.stream_request(&eve, project).await.send().await.unwrap().status(), 404);
    let mut stream = Stream::of(server.stream_request(&ada, project).await).await;
    assert!(stream.header("content-type").starts_with("text/event-stream"));
    assert_eq!(stream.header("cache-control"), "no-cache, no-transform");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    let first = stream.next().await.unwrap();
    assert_eq!((first.event.as_str(), &first.data["projectId"]), ("sync", &json!(project)));
    server.stop().await;
}

#[tokio::test]
async fn what_happened_since_the_last_event_is_told_first_and_the_header_counts_before_the_address() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let (project, other) = (server.project(&ada, "WEB").await, server.project(&ada, "APP").await);
    eventually("what is missed at the start is over", async || {
        let latest = server.core.hub.latest_event_id();
        let (_, caught) = server.core.hub.subscribe(project, Some(&latest));
        (!caught.missed).then_some(())
    })
    .await;
    let before = server.core.hub.latest_event_id();
    let first = make(&server, &ada, project).await;
    make(&server, &ada, other).await;
    let between = server.core.hub.latest_event_id();
    let second = make(&server, &ada, project).await;

    let since = [("since", before.as_str())];
    let mut stream = Stream::of(server.stream_request(&ada, project).await.query(&since)).await;
    let told = stream.until(|message| message.data["issueId"] == second).await;
    assert_eq!(told[0].data["missed"], false);
    assert_eq!(issues(&told), [first, second.clone()]);

    let reconnected = server.stream_request(&ada, project).await.query(&since).header("last-event-id", between);
    let told = Stream::of(reconnected).await.until(|message| message.data["issueId"] == second).await;
    assert_eq!(issues(&told), [second]);

    let of_another_start = server.stream_request(&ada, project).await.query(&[("since", "0123456789abcdef-1")]);
    assert!(Stream::of(of_another_start).await.next().await.unwrap().is_gap());
}

#[tokio::test]
async fn the_oldest_stream_of_a_user_gives_way_and_a_full_instance_says_when_to_come_back() {
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
async fn a_server_that_ends_says_goodbye() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let mut stream = server.stream(&ada, project).await;
    server.stop().await;
    stream.until(|message| message.event == "goodbye").await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_removed_member_loses_the_open_streams_of_that_project_alone() {
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
    assert_eq!(server.core.hub.open(), 2);
}

#[tokio::test]
async fn a_removal_that_is_refused_ends_no_stream() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Member).await;
    let mut stream = server.stream(&ada, project).await;
    let (of_ada, of_bob) = (server.api(&ada).await, server.api(&bob).await);
    // She is the owner; and he is no admin.
    let path = format!("/projects/{project}/members/{}", ada.id);
    assert_eq!((of_ada.delete(&path).await.status, of_bob.delete(&path).await.status), (409, 403));
    let made = of_ada.post(&format!("/projects/{project}/issues"), &json!({"title": "Still there"})).await;
    stream.until(|message| message.data["issueId"] == made.json["id"]).await;
}

//! Live streams over HTTP.

use app::model::people::Role;
use serde_json::json;

use crate::support::TestServer;

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

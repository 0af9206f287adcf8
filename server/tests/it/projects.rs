//! Projects, through the API.

use app::model::catalog::EventType;
use app::model::people::Role;
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::entity::{delivery, webhook};

use crate::support::{TestServer, eventually};

#[tokio::test]
async fn a_project_is_created_renamed_and_listed() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let made = api.post("/projects", &json!({"key": "web", "name": " Shop "})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json["key"], "WEB");
    assert_eq!(made.json["name"], "Shop");
    assert_eq!(made.json["role"], "admin");
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(made.location(), format!("/api/v1/projects/{id}"));
    let changed = api.patch(&format!("/projects/{id}"), &json!({"name": "Store"})).await;
    assert_eq!((changed.json["key"].as_str(), changed.json["name"].as_str()), (Some("WEB"), Some("Store")));
    assert_eq!(api.get("/projects").await.json["items"], json!([changed.json]));
}

#[tokio::test]
async fn a_key_is_unique_among_active_projects() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let first = api.post("/projects", &json!({"key": "WEB", "name": "a"})).await;
    let id = first.json["id"].as_str().unwrap();
    let again = api.post("/projects", &json!({"key": "web", "name": "b"})).await;
    assert_eq!(again.status, 409);
    assert!(again.json["detail"].as_str().unwrap().contains("WEB"));
    let other = api.post("/projects", &json!({"key": "APP", "name": "c"})).await;
    let other = other.json["id"].as_str().unwrap();
    assert_eq!(api.patch(&format!("/projects/{other}"), &json!({"key": "WEB"})).await.status, 409);
    assert_eq!(api.get(&format!("/projects/{other}")).await.json["key"], "APP");
    assert_eq!(api.delete(&format!("/projects/{id}")).await.status, 204);
    assert_eq!(api.patch(&format!("/projects/{other}"), &json!({"key": "WEB"})).await.status, 200);
}

#[tokio::test]
async fn concurrent_projects_get_different_keys() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let body = json!({"key": "WEB", "name": "a"});
    let replies = futures::future::join_all((0..8).map(|_| api.post("/projects", &body))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn projects_are_paged_by_name() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let api = server.api(&ada).await;
    for (key, name) in [("C1", "beta"), ("A1", "Gamma"), ("B1", "alpha"), ("D1", "beta"), ("E1", "Delta")] {
        assert_eq!(api.post("/projects", &json!({"key": key, "name": name})).await.status, 201);
    }
    server.project(&bob, "BOB").await;
    let names = |items: Vec<Value>| -> Vec<String> {
        items
            .iter()
            .map(|item| format!("{} {}", item["name"].as_str().unwrap(), item["key"].as_str().unwrap()))
            .collect()
    };
    let expected = ["alpha B1", "beta C1", "beta D1", "Delta E1", "Gamma A1"];
    for limit in [1, 2, 50] {
        assert_eq!(names(api.all("/projects", limit).await), expected);
    }
}

#[tokio::test]
async fn a_member_sees_the_role_of_a_member() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Member).await;
    assert_eq!(server.api(&bob).await.get("/projects").await.json["items"][0]["role"], "member");
}

#[tokio::test]
async fn a_deleted_project_sends_nothing() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let events = vec![EventType::IssueCreated.into()];
    // Nothing listens there, so the delivery stays pending.
    let new = CreateWebhook { name: "w".into(), url: "http://127.0.0.1:9/".into(), events, ..CreateWebhook::default() };
    let made = server.state.create_webhook(&ada, project, new).await.unwrap().webhook;
    let api = server.api(&ada).await;
    let issue = api.post(&format!("/projects/{project}/issues"), &json!({"title": "x"})).await;
    assert_eq!(issue.status, 201);
    let pending = || {
        let db = server.state.store.read().clone();
        async move {
            let due = delivery::Entity::find().filter(delivery::Column::NextAttemptAt.is_not_null());
            (due.count(&db).await.unwrap(), delivery::Entity::find().count(&db).await.unwrap())
        }
    };
    eventually("a failed attempt", async || {
        let db = server.state.store.read();
        let row = delivery::Entity::find().one(db).await.unwrap()?;
        (row.attempts == 1).then_some(())
    })
    .await;
    assert_eq!(api.delete(&format!("/projects/{project}")).await.status, 204);
    for path in [format!("/projects/{project}"), format!("/issues/{}", issue.json["id"].as_str().unwrap())] {
        assert_eq!(api.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(api.delete(&format!("/projects/{project}")).await.status, 404);
    assert_eq!(api.get("/projects").await.json["items"], json!([]));
    let row = webhook::Entity::find_by_id(made.id).one(server.state.store.read()).await.unwrap().unwrap();
    assert!(row.deleted_at.is_none() && !row.active, "it is deactivated, with its history");
    let given_up = async || (pending().await == (0, 1)).then_some(());
    eventually("what was still to be sent is given up", given_up).await;
}

//! Revoked access: sessions, tokens, invites and streams of users, projects and tokens that end.

use std::time::Duration;

use app::model::account::{Credential, TokenScope};
use app::model::people::{Actor, Role};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;
use server::access::recheck_projects;
use server::entity::{api_token, invite, member, session, user};

use crate::support::TestServer;
use crate::support::accounts::{accept, call, invite, sign_in, stream};
use crate::support::live::Stream;
use crate::support::seed::PASSWORD;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn signing_out_ends_the_streams_of_that_browser() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let project = server.project(&ada, "WEB").await;
    let [first, second] = [sign_in(&server, &ada.email, PASSWORD).await, sign_in(&server, &ada.email, PASSWORD).await];
    let (first, second) = (first.unwrap(), second.unwrap());
    let [mut ending, mut staying] = [stream(&server, &first, project).await, stream(&server, &second, project).await];
    server.form("/session/end", Some(&first), &[]).await;
    ending.ends().await;
    let made =
        call(&server, &second, Method::POST, &format!("/projects/{project}/issues"), &json!({"title": "x"})).await;
    staying.until(|message| message.data["issueId"] == made.json["id"]).await;
}

#[tokio::test]
async fn deleting_a_token_ends_its_streams() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    let made = api.post("/tokens", &json!({"name": "stream"})).await.json;
    let url = server.url(&format!("/api/issues/stream?projectId={project}"));
    let mut ending = Stream::open(server.http.get(url).bearer_auth(made["secret"].as_str().unwrap())).await;
    let mut staying = server.stream(&ada, project).await;
    assert_eq!(api.delete(&format!("/tokens/{}", made["token"]["id"].as_str().unwrap())).await.status, 204);
    ending.next().await;
    ending.ends().await;
    let made = api.post(&format!("/projects/{project}/issues"), &json!({"title": "x"})).await;
    staying.until(|message| message.data["issueId"] == made.json["id"]).await;
}

#[tokio::test]
async fn deleting_a_project_ends_its_streams_and_invites() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let (project, other) = (server.project(&ada, "WEB").await, server.project(&ada, "APP").await);
    let api = server.api(&ada).await;
    let link = invite(&api, project, "bob@example.com").await;
    let (mut ending, mut staying) = (server.stream(&ada, project).await, server.stream(&ada, other).await);
    assert_eq!(api.delete(&format!("/projects/{project}")).await.status, 204);
    ending.ends().await;
    assert!(accept(&server, &link).await.location().contains("error=invite_gone"));
    assert_eq!(invite::Entity::find().count(server.state.store.read()).await.unwrap(), 0);
    let made = api.post(&format!("/projects/{other}/issues"), &json!({"title": "x"})).await;
    staying.until(|message| message.data["issueId"] == made.json["id"]).await;
}

#[tokio::test]
async fn deactivating_a_user_revokes_all_access() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user_with_password("Ada").await);
    let project = server.project(&ada, "WEB").await;
    let (roots, adas) = (server.api(&root).await, server.api(&ada).await);
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let link = invite(&adas, project, "bob@example.com").await;
    let mut by_cookie = stream(&server, &cookie, project).await;
    let mut by_token = server.stream(&ada, project).await;
    let path = format!("/users/{}", ada.id);
    let reply = roots.patch(&path, &json!({"active": false})).await;
    assert_eq!((reply.status, reply.json["active"].as_bool()), (200, Some(false)), "{}", reply.text);
    by_cookie.ends().await;
    by_token.ends().await;
    assert_eq!(server.me(&cookie).await, None);
    assert_eq!(adas.get("/me").await.status, 401);
    assert_eq!(sign_in(&server, &ada.email, PASSWORD).await, None);
    assert!(accept(&server, &link).await.location().contains("error=invite_gone"));
    let member = roots.get(&format!("/projects/{project}/members")).await.json;
    assert_eq!(member["items"][0]["active"], false);
    // Reactivation doesn't restore what was ended.
    assert_eq!(roots.patch(&path, &json!({"active": true})).await.status, 200);
    assert!(sign_in(&server, &ada.email, PASSWORD).await.is_some());
    assert_eq!((server.me(&cookie).await, adas.get("/me").await.status), (None, 401));
}

#[tokio::test]
async fn deactivated_accounts_are_refused() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let api = server.api(&ada).await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let row = user::ActiveModel {
        id: Set(ada.id),
        deactivated_at: Set(Some(server.state.clock.now())),
        ..Default::default()
    };
    server.insert(move |db| Box::pin(async move { user::Entity::update(row).exec(db).await.map(drop) })).await;
    assert_eq!((api.get("/me").await.status, server.me(&cookie).await), (401, None));
}

#[tokio::test]
async fn an_invite_ends_with_the_rights_of_its_sender() {
    let server = TestServer::start().await;
    let (root, ada, bob) =
        (server.user("Root", true).await, server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Admin).await;
    let (roots, adas, bobs) = (server.api(&root).await, server.api(&ada).await, server.api(&bob).await);
    let gone = async |link: &str| accept(&server, link).await.location().contains("error=invite_gone");
    let path = format!("/projects/{project}/members/{}", bob.id);

    let link = invite(&bobs, project, "demoted@example.com").await;
    assert_eq!(adas.patch(&path, &json!({"role": "member"})).await.status, 200);
    assert!(gone(&link).await);
    adas.patch(&path, &json!({"role": "admin"})).await;
    let link = invite(&bobs, project, "removed@example.com").await;
    assert_eq!(adas.delete(&path).await.status, 204);
    assert!(gone(&link).await);
    // However the right was lost, it is checked when the link is used.
    server.join(project, &bob, Role::Admin).await;
    let link = invite(&bobs, project, "late@example.com").await;
    let id = (project, bob.id);
    server.insert(move |db| Box::pin(async move { member::Entity::delete_by_id(id).exec(db).await.map(drop) })).await;
    assert!(!server.get_with("", &link).await.text.contains("late@example.com"));
    assert!(gone(&link).await);
    // A system admin who was demoted.
    let link = invite(&roots, project, "by-root@example.com").await;
    let other = server.user("Other", true).await;
    let demoted = server.api(&other).await.patch(&format!("/users/{}", root.id), &json!({"systemAdmin": false})).await;
    assert_eq!(demoted.status, 200, "{}", demoted.text);
    assert!(gone(&link).await);
    // A sender who still has the right.
    let link = invite(&adas, project, "good@example.com").await;
    assert!(accept(&server, &link).await.cookie().is_some());
}

#[tokio::test]
async fn a_demoted_system_admin_loses_other_streams() {
    let server = TestServer::start().await;
    let (root, other, ada) =
        (server.user("Root", true).await, server.user("Other", true).await, server.user("Ada", false).await);
    let project = server.project(&ada, "WEB").await;
    let mut ending = server.stream(&other, project).await;
    let api = server.api(&root).await;
    assert_eq!(api.patch(&format!("/users/{}", other.id), &json!({"systemAdmin": false})).await.status, 200);
    ending.ends().await;
    assert_eq!(server.stream_request(&other, project).await.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_session_ends_at_its_maximum_age() {
    let server = TestServer::start_with(&["--session-max-days", "20"]).await;
    let ada = server.user_with_password("Ada").await;
    let project = server.project(&ada, "WEB").await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    server.state.clock.advance(10 * DAY);
    assert!(server.me(&cookie).await.is_some());
    server.state.clock.advance(9 * DAY);
    assert!(server.me(&cookie).await.is_some());
    let mut ending = stream(&server, &cookie, project).await;
    server.state.clock.advance(DAY);
    assert_eq!(server.me(&cookie).await, None);
    ending.ends().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let made = server.api(&ada).await.post("/tokens", &json!({"name": "day", "expiresInDays": 1})).await.json;
    let url = server.url(&format!("/api/issues/stream?projectId={project}"));
    let mut ending = Stream::open(server.http.get(url).bearer_auth(made["secret"].as_str().unwrap())).await;
    ending.next().await;
    server.state.clock.advance(DAY);
    ending.ends().await;
}

#[tokio::test]
async fn access_revoked_on_one_node_ends_streams_on_all() {
    let a = TestServer::start().await;
    let Some(b) = a.second_node().await else { return };
    let (root, ada) = (a.user("Root", true).await, a.user_with_password("Ada").await);
    let project = a.project(&ada, "WEB").await;
    let cookie = sign_in(&a, &ada.email, PASSWORD).await.unwrap();
    let mut of_session = stream(&b, &cookie, project).await;
    a.form("/session/end", Some(&cookie), &[]).await;
    while of_session.next().await.is_some_and(|message| message.is_gap() || message.event == "goodbye") {}
    let mut of_user = b.stream(&ada, project).await;
    let api = a.api(&root).await;
    assert_eq!(api.patch(&format!("/users/{}", ada.id), &json!({"active": false})).await.status, 200);
    while of_user.next().await.is_some_and(|message| message.is_gap() || message.event == "goodbye") {}
    assert_eq!(b.state.hub.open_streams(), 0);
}

#[tokio::test]
async fn access_lost_while_a_stream_opens_ends_it() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let project = server.project(&ada, "WEB").await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    assert!(server.me(&cookie).await.is_some());
    let row = session::Entity::find().one(server.state.store.read()).await.unwrap().unwrap();
    let actor = Actor { credential: Credential::Session(row.public_id), ..ada.clone() };
    assert!(recheck_projects(&server.state, &actor, &[project]).await.is_ok());
    server.form("/session/end", Some(&cookie), &[]).await;
    assert_eq!(recheck_projects(&server.state, &actor, &[project]).await.unwrap_err().status(), 401);
    let token = api_token::Model {
        id: server.state.ids.next(),
        user_id: ada.id,
        name: "t".into(),
        token_hash: vec![1],
        hint: "tb_".into(),
        scope: TokenScope::Read,
        project_id: None,
        created_at: server.state.clock.now(),
        expires_at: Some(server.state.clock.now() + DAY),
        last_used_at: None,
    };
    let actor = Actor { credential: Credential::Token { id: token.id, scope: token.scope, project: None }, ..ada };
    let row = token.into_active_model().reset_all();
    server
        .insert(move |db| {
            Box::pin(async move { api_token::Entity::insert(row).exec_without_returning(db).await.map(drop) })
        })
        .await;
    assert!(recheck_projects(&server.state, &actor, &[project]).await.is_ok());
    server.state.clock.advance(DAY);
    assert_eq!(recheck_projects(&server.state, &actor, &[project]).await.unwrap_err().status(), 401);
}

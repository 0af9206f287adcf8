//! Members, invites and tokens, through the API and the forms.

use std::time::Duration;

use app::model::people::Role;
use reqwest::header::SET_COOKIE;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::entity::{api_token, invite};

use crate::support::api::{Api, Reply};
use crate::support::seed::PASSWORD;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn invite(api: &Api, project: impl std::fmt::Display, email: &str) -> String {
    let body = json!({"email": email, "role": "member"});
    let reply = api.post(&format!("/projects/{project}/invites"), &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let url = reply.json["url"].as_str().unwrap();
    url[url.find("/invites/").unwrap()..].to_owned()
}

#[tokio::test]
async fn an_invite_makes_a_new_user_a_member_once() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    let link = invite(&api, project, "Bob@Example.com").await;
    let page = server.get_with("", &link).await;
    assert!(page.status == 200 && page.text.contains("bob@example.com"), "{}", page.text);
    let fields = [("name", "Bob"), ("password", PASSWORD)];
    let accepted = server.form(&link, None, &fields).await;
    assert_eq!((accepted.status, accepted.location()), (303, format!("/projects/{project}").as_str()));
    let cookie = accepted.cookie().unwrap();
    assert_eq!(server.me(&cookie).await.as_deref(), Some("bob@example.com"));
    let members = api.get(&format!("/projects/{project}/members")).await.json;
    let roles: Vec<_> =
        members["items"].as_array().unwrap().iter().map(|m| (&m["name"], &m["role"], &m["owner"])).collect();
    assert_eq!(
        roles,
        [(&json!("Ada"), &json!("admin"), &json!(true)), (&json!("Bob"), &json!("member"), &json!(false))]
    );
    let again = server.form(&link, None, &fields).await;
    assert_eq!(again.location(), format!("{link}?error=invite_gone&name=Bob"));
    assert_eq!(api.get(&format!("/projects/{project}/invites")).await.json["items"], json!([]));
}

#[tokio::test]
async fn concurrent_uses_of_an_invite_admit_one() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    let link = invite(&api, project, "bob@example.com").await;
    let fields = [("name", "Bob"), ("password", PASSWORD)];
    let replies = futures::future::join_all((0..4).map(|_| server.form(&link, None, &fields))).await;
    assert_eq!(replies.iter().filter(|reply| reply.cookie().is_some()).count(), 1);
    assert_eq!(api.all(&format!("/projects/{project}/members"), 1).await.len(), 2);
}

#[tokio::test]
async fn an_existing_user_accepts_with_the_password() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let (first, second) = (server.project(&ada, "ONE").await, server.project(&ada, "TWO").await);
    let api = server.api(&ada).await;
    let bob = server.user_with_password("Bob").await;
    let link = invite(&api, first, &bob.email).await;
    let wrong = server.form(&link, None, &[("name", "Mallory"), ("password", "not the password")]).await;
    assert_eq!(wrong.location(), format!("{link}?error=credentials&name=Mallory"));
    assert!(wrong.cookie().is_none());
    let cookie = server.form(&link, None, &[("password", PASSWORD)]).await.cookie().unwrap();
    let link = invite(&api, second, &bob.email).await;
    let signed_in = server.form(&link, Some(&cookie), &[]).await;
    assert_eq!(signed_in.location(), format!("/projects/{second}"));
    let members = api.get(&format!("/projects/{second}/members")).await.json;
    assert_eq!(members["items"][1]["name"], "Bob");
}

#[tokio::test]
async fn an_invite_expires_and_is_replaced_and_revoked() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let fields = [("name", "Bob"), ("password", PASSWORD)];
    let api = server.api(&ada).await;
    let gone = async |link: &str| server.form(link, None, &fields).await.location().contains("error=invite_gone");
    let first = invite(&api, project, "bob@example.com").await;
    let second = invite(&api, project, "bob@example.com").await;
    assert!(gone(&first).await);
    let path = format!("/projects/{project}/invites");
    let waiting = api.get(&path).await.json;
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1);
    let taken_back = api.delete(&format!("{path}/{}", waiting["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(taken_back.status, 204);
    assert!(gone(&second).await);
    let third = invite(&api, project, "bob@example.com").await;
    server.state.clock.advance(7 * DAY);
    assert!(gone(&third).await);
    assert_eq!(api.get(&path).await.json["items"], json!([]));
}

#[tokio::test]
async fn an_invalid_invite_form_keeps_the_link() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let link = invite(&server.api(&ada).await, project, "bob@example.com").await;
    let short = server.form(&link, None, &[("name", "Bob"), ("password", "short")]).await;
    assert_eq!(short.location(), format!("{link}?error=password&name=Bob"));
    let nameless = server.form(&link, None, &[("name", ""), ("password", PASSWORD)]).await;
    assert_eq!(nameless.location(), format!("{link}?error=name"));
    assert!(server.form(&link, None, &[("name", "Bob"), ("password", PASSWORD)]).await.cookie().is_some());
}

#[tokio::test]
async fn only_hashes_of_links_and_tokens_are_stored() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    let link = invite(&api, project, "bob@example.com").await;
    let secret = link.rsplit('/').next().unwrap();
    let row = invite::Entity::find().one(server.state.store.read()).await.unwrap().unwrap();
    assert_eq!(row.token_hash, server::crypto::sha256(secret.as_bytes()));
    let token = api.post("/tokens", &json!({"name": "ci"})).await.json;
    let secret = token["secret"].as_str().unwrap();
    assert!(secret.starts_with("tb_") && secret.len() == 46);
    let rows = api_token::Entity::find().all(server.state.store.read()).await.unwrap();
    assert!(rows.iter().any(|row| row.token_hash == server::crypto::sha256(secret.as_bytes())));
    assert!(!api.get("/tokens").await.text.contains(secret));
}

#[tokio::test]
async fn a_member_is_not_invited_and_the_owner_stays_admin() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Admin).await;
    let api = server.api(&bob).await;
    let body = json!({"email": "ADA@example.com", "role": "member"});
    assert_eq!(api.post(&format!("/projects/{project}/invites"), &body).await.status, 409);
    let owner = format!("/projects/{project}/members/{}", ada.id);
    assert_eq!(api.patch(&owner, &json!({"role": "member"})).await.status, 409);
    assert_eq!(api.delete(&owner).await.status, 409);
    let own = format!("/projects/{project}/members/{}", bob.id);
    assert_eq!(api.patch(&own, &json!({"role": "member"})).await.json["role"], "member");
    assert_eq!(api.patch(&own, &json!({"role": "admin"})).await.status, 403);
}

#[tokio::test]
async fn a_removed_member_loses_access() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Member).await;
    let (api, bobs) = (server.api(&ada).await, server.api(&bob).await);
    let path = format!("/projects/{project}");
    assert_eq!(bobs.get(&path).await.status, 200);
    assert_eq!(api.delete(&format!("{path}/members/{}", bob.id)).await.status, 204);
    assert_eq!(api.delete(&format!("{path}/members/{}", bob.id)).await.status, 404);
    assert_eq!(bobs.get(&path).await.status, 404);
}

#[tokio::test]
async fn members_are_paged_by_name() {
    let server = TestServer::start().await;
    let ada = server.user("mia", false).await;
    let project = server.project(&ada, "WEB").await;
    for name in ["Zoe", "bob", "Carl"] {
        server.join(project, &server.user(name, false).await, Role::Member).await;
    }
    let api = server.api(&ada).await;
    let names = |items: Vec<Value>| items.iter().map(|m| m["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for limit in [1, 3, 50] {
        let members = api.all(&format!("/projects/{project}/members"), limit).await;
        assert_eq!(names(members), ["bob", "Carl", "mia", "Zoe"]);
    }
}

#[tokio::test]
async fn a_token_works_until_it_expires_or_is_deleted() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let made = api.post("/tokens", &json!({"name": "ci", "expiresInDays": 1})).await.json;
    let short = server.with_token(made["secret"].as_str().unwrap());
    assert_eq!(short.get("/me").await.status, 200);
    server.state.clock.advance(DAY - Duration::from_millis(1));
    assert_eq!(short.get("/me").await.status, 200);
    server.state.clock.advance(Duration::from_millis(1));
    let over = short.get("/me").await;
    assert_eq!((over.status, over.header("content-type")), (401, "application/problem+json"));
    let made = api.post("/tokens", &json!({"name": "ci"})).await.json;
    let ended = server.with_token(made["secret"].as_str().unwrap());
    assert_eq!(ended.get("/me").await.status, 200);
    assert_eq!(api.delete(&format!("/tokens/{}", made["token"]["id"].as_str().unwrap())).await.status, 204);
    assert_eq!(ended.get("/me").await.status, 401);
    assert_eq!(server.with_token("tb_made-up").get("/events").await.status, 401);
}

#[tokio::test]
async fn the_use_of_a_token_is_stored_to_the_minute() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let seen = async || {
        let last = api.get("/tokens").await.json["items"][0]["lastUsedAt"].as_str().map(str::to_owned);
        last.map(|time| time.parse::<chrono::DateTime<chrono::Utc>>().unwrap())
    };
    let start = server.state.clock.now();
    assert_eq!(eventually("the first use is noted", seen).await, start);
    server.state.clock.advance(Duration::from_secs(59));
    assert_eq!(seen().await, Some(start));
    server.state.clock.advance(Duration::from_secs(1));
    let later = async || seen().await.filter(|last| *last != start);
    assert_eq!(eventually("the later use is noted", later).await, start + Duration::from_secs(60));
}

#[tokio::test]
async fn a_token_expires_after_ninety_days_by_default() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let default = api.post("/tokens", &json!({"name": "default"})).await.json;
    let endless = api.post("/tokens", &json!({"name": "endless", "neverExpires": true})).await.json;
    assert_eq!((&default["token"]["scope"], &default["token"]["projectId"]), (&json!("admin"), &Value::Null));
    assert_eq!(endless["token"]["expiresAt"], Value::Null);
    let [default, endless] = [default, endless].map(|made| server.with_token(made["secret"].as_str().unwrap()));
    server.state.clock.advance(90 * DAY - Duration::from_millis(1));
    assert_eq!(default.get("/me").await.status, 200);
    server.state.clock.advance(Duration::from_millis(1));
    assert_eq!((default.get("/me").await.status, endless.get("/me").await.status), (401, 200));
    let both = json!({"name": "x", "neverExpires": true, "expiresInDays": 7});
    assert_eq!(api.post("/tokens", &both).await.status, 422);
    let foreign = json!({"name": "x", "projectId": server.state.ids.next::<app::model::id::ProjectId>()});
    assert!(api.post("/tokens", &foreign).await.json["errors"]["projectId"].is_string());
}

#[tokio::test]
async fn an_invite_does_not_reveal_existing_accounts() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    server.user_with_password("Bob").await;
    let links = [invite(&api, project, "bob@example.com").await, invite(&api, project, "eve@example.com").await];
    let mut pages = Vec::new();
    for (link, name) in links.iter().zip(["bob", "eve"]) {
        let page = server.get_with("", link).await.text;
        let form = &page[page.find("<form").unwrap()..page.find("</form>").unwrap()];
        let token = link.rsplit('/').next().unwrap();
        pages.push(form.replace(name, "somebody").replace(token, "token"));
    }
    assert_eq!(pages[0], pages[1]);
    // Nor do responses to a form that creates no account.
    for fields in [[("name", "Mallory"), ("password", "short")], [("name", ""), ("password", "a good long password")]] {
        let mut answers = Vec::new();
        for link in &links {
            answers.push(server.form(link, None, &fields).await.location().replace(link.as_str(), ""));
        }
        assert_eq!(answers[0], answers[1]);
    }
}

#[tokio::test]
async fn a_common_password_is_refused() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let link = invite(&server.api(&ada).await, project, "bob@example.com").await;
    for password in ["password1234", "1q2w3e4r5t6y", "bob@example.com", "BobBobBobBob"] {
        let refused = server.form(&link, None, &[("name", "Bob"), ("password", password)]).await;
        assert_eq!(refused.location(), format!("{link}?error=common_password&name=Bob"), "{password}");
    }
    assert!(server.form(&link, None, &[("name", "Bob"), ("password", PASSWORD)]).await.cookie().is_some());
}

#[tokio::test]
async fn an_invalid_token_is_not_created() {
    let server = TestServer::start().await;
    let api = server.api(&server.user("Ada", false).await).await;
    let reply = api.post("/tokens", &json!({"name": "", "expiresInDays": 0})).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json["errors"].as_object().unwrap().keys().collect::<Vec<_>>(), ["expiresInDays", "name"]);
    assert_eq!(api.post("/tokens", &json!({"name": "x", "expiresInDays": 3651})).await.status, 422);
    assert_eq!(api.get("/tokens").await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_api_token_accepts_no_invite() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user("Ada", false).await, server.user_with_password("Bob").await);
    let project = server.project(&ada, "WEB").await;
    let adas = server.api(&ada).await;
    let link = invite(&adas, project, &bob.email).await;
    for scope in ["read", "write", "admin"] {
        let made = server.api(&bob).await.post("/tokens", &json!({"name": scope, "scope": scope})).await.json;
        let request = server.form_request(&link, None, &[]).bearer_auth(made["secret"].as_str().unwrap());
        let reply = Reply::send(request).await;
        assert_eq!((reply.status, reply.header(SET_COOKIE)), (303, ""), "{scope}");
        assert!(reply.location().contains("error="), "{}", reply.location());
    }
    assert_eq!(adas.all(&format!("/projects/{project}/members"), 50).await.len(), 1);
}

#[tokio::test]
async fn a_token_ends_no_browser_session() {
    let server = TestServer::start().await;
    let (root, bob) = (server.user("Root", true).await, server.user_with_password("Bob").await);
    let secret =
        server.api(&bob).await.post("/tokens", &json!({"name": "t", "scope": "read"})).await.json["secret"].clone();
    let ended = Reply::send(server.form_request("/session/end", None, &[]).bearer_auth(secret.as_str().unwrap())).await;
    assert_eq!(ended.status, 303);
    let log = server.api(&root).await.get("/audit").await;
    assert!(!log.text.contains("session.signed_out"), "{}", log.text);
}

#[tokio::test]
async fn another_invite_gives_no_new_password_attempts() {
    let server = TestServer::start().await;
    let (root, ada, bob) =
        (server.user("Root", true).await, server.user("Ada", false).await, server.user_with_password("Bob").await);
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    for _ in 0..5 {
        let link = invite(&api, project, &bob.email).await;
        let wrong = server.form(&link, None, &[("name", "Mallory"), ("password", "not the password")]).await;
        assert!(wrong.location().contains("error=credentials"), "{}", wrong.location());
    }
    let link = invite(&api, project, &bob.email).await;
    let fields = [("email", bob.email.as_str()), ("password", PASSWORD)];
    for form in [link.as_str(), "/session", link.as_str()] {
        let held_up = server.form(form, None, &fields).await;
        assert!(held_up.location().contains("error=too_many"), "{}", held_up.location());
        assert!(held_up.cookie().is_none());
    }
    let log = server.api(&root).await.get("/audit").await.text;
    let count = |action: &str| log.matches(action).count();
    assert_eq!((count("session.sign_in_failed"), count("session.sign_in_throttled")), (5, 1), "{log}");
    server.state.clock.advance(Duration::from_secs(2));
    assert!(server.form(&link, None, &fields).await.cookie().is_some());
}

#[tokio::test]
async fn a_guess_without_a_name_is_recorded() {
    let server = TestServer::start().await;
    let (root, ada, bob) =
        (server.user("Root", true).await, server.user("Ada", false).await, server.user_with_password("Bob").await);
    let project = server.project(&ada, "WEB").await;
    let link = invite(&server.api(&ada).await, project, &bob.email).await;
    let reply = server.form(&link, None, &[("password", "not the password")]).await;
    assert!(reply.location().contains("error=name"), "{}", reply.location());
    let api = server.api(&root).await;
    let recorded = async || api.get("/audit").await.text.contains("session.sign_in_failed").then_some(());
    eventually("the guess is recorded", recorded).await;
}

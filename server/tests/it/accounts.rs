//! Accounts: profile, email address, password, sessions, reset links, and transfers of a project.

use std::time::Duration;

use app::model::people::Role;
use reqwest::Method;
use reqwest::header::USER_AGENT;
use sea_orm::EntityTrait;
use serde_json::json;
use server::entity::user;

use crate::support::accounts::{call, sign_in, stream};
use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token, run_ok, testbell};
use crate::support::seed::PASSWORD;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NEW_PASSWORD: &str = "another horse of battery";

#[tokio::test]
async fn the_last_active_system_admin_stays() {
    let server = TestServer::start().await;
    let (root, other) = (server.user("Root", true).await, server.user("Other", true).await);
    let (roots, others) = (server.api(&root).await, server.api(&other).await);
    let (path, of_other) = (format!("/users/{}", root.id), format!("/users/{}", other.id));
    // Each deactivates the other at the same moment.
    let change = json!({"systemAdmin": false});
    let (first, second) = tokio::join!(others.patch(&path, &change), roots.patch(&of_other, &change));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert!(matches!(statuses, [200, 403 | 409]), "{statuses:?}");
    let rows = user::Entity::find().all(server.state.store.read()).await.unwrap();
    let admins: Vec<_> = rows.into_iter().filter(|row| row.system_admin).map(|row| row.id).collect();
    assert_eq!(admins.len(), 1);
    let api = if admins[0] == root.id { &roots } else { &others };
    let last = format!("/users/{}", admins[0]);
    for change in [json!({"systemAdmin": false}), json!({"active": false})] {
        let refused = api.patch(&last, &change).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
    }
    assert_eq!(api.patch(&last, &json!({})).await.json["systemAdmin"], true);
}

#[tokio::test]
async fn only_system_admins_list_and_change_users() {
    let server = TestServer::start().await;
    let (root, bob) = (server.user("Root", true).await, server.user("bob", false).await);
    let (roots, bobs) = (server.api(&root).await, server.api(&bob).await);
    let names = |items: Vec<serde_json::Value>| items.iter().map(|user| user["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(roots.all("/users", 1).await), [json!("bob"), json!("Root")]);
    let path = format!("/users/{}", bob.id);
    assert_eq!(bobs.patch(&path, &json!({"systemAdmin": true})).await.status, 403);
    assert_eq!(roots.patch(&path, &json!({"systemAdmin": true, "admin": 1})).await.status, 422);
    assert_eq!(roots.patch(&path, &json!({"systemAdmin": true})).await.status, 200);
    assert_eq!(bobs.get("/users").await.status, 200);
    let log = roots.get("/audit").await.json;
    assert_eq!((&log["items"][0]["action"], &log["items"][0]["subjectName"]), (&json!("user.promoted"), &json!("bob")));
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let project = server.project(&ada, "WEB").await;
    let this = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let other = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let mut ending = stream(&server, &other, project).await;
    let change = |current: &str, new: &str| json!({"currentPassword": current, "newPassword": new});
    let wrong = call(&server, &this, Method::POST, "/me/password", &change("not the password", NEW_PASSWORD)).await;
    assert_eq!((wrong.status, wrong.json["errors"]["currentPassword"].is_string()), (422, true), "{}", wrong.text);
    let short = call(&server, &this, Method::POST, "/me/password", &change(PASSWORD, "short")).await;
    assert_eq!((short.status, short.json["errors"]["newPassword"].is_string()), (422, true), "{}", short.text);
    assert!(server.me(&other).await.is_some());
    let changed = call(&server, &this, Method::POST, "/me/password", &change(PASSWORD, NEW_PASSWORD)).await;
    assert_eq!(changed.status, 204, "{}", changed.text);
    ending.ends().await;
    assert!(server.me(&this).await.is_some() && server.me(&other).await.is_none());
    assert_eq!(sign_in(&server, &ada.email, PASSWORD).await, None);
    assert!(sign_in(&server, &ada.email, NEW_PASSWORD).await.is_some());
}

#[tokio::test]
async fn guesses_of_the_current_password_are_throttled() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let change = |current: &str| json!({"currentPassword": current, "newPassword": NEW_PASSWORD});
    for _ in 0..5 {
        assert_eq!(call(&server, &cookie, Method::POST, "/me/password", &change("a wrong guess")).await.status, 422);
    }
    assert_eq!(call(&server, &cookie, Method::POST, "/me/password", &change(PASSWORD)).await.status, 429);
    server.state.clock.advance(Duration::from_secs(2));
    assert_eq!(call(&server, &cookie, Method::POST, "/me/password", &change(PASSWORD)).await.status, 204);
}

#[tokio::test]
async fn a_new_email_address_needs_the_password() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user_with_password("Ada").await, server.user("Bob", false).await);
    let api = server.api(&ada).await;
    let named = api.patch("/me", &json!({"name": " Ada L. "})).await;
    assert_eq!((named.status, named.json["name"].as_str()), (200, Some("Ada L.")));
    let without = api.patch("/me", &json!({"email": "ada@new.example"})).await;
    assert_eq!((without.status, without.json["errors"]["currentPassword"].is_string()), (422, true));
    let taken = api.patch("/me", &json!({"email": bob.email, "currentPassword": PASSWORD})).await;
    assert_eq!(taken.status, 409, "{}", taken.text);
    let moved = api.patch("/me", &json!({"email": "Ada@New.example", "currentPassword": PASSWORD})).await;
    assert_eq!((moved.status, moved.json["email"].as_str()), (200, Some("ada@new.example")));
    assert_eq!(sign_in(&server, &ada.email, PASSWORD).await, None);
    assert!(sign_in(&server, "ada@new.example", PASSWORD).await.is_some());
    assert_eq!(api.patch("/me", &json!({"systemAdmin": true})).await.status, 422);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.user_with_password("Ada").await, server.user_with_password("Eve").await);
    let project = server.project(&ada, "WEB").await;
    let this = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let fields = [("email", ada.email.as_str()), ("password", PASSWORD)];
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let other = Reply::send(server.form_request("/session", None, &fields).header(USER_AGENT, firefox)).await;
    let other = other.cookie().unwrap();
    server.state.clock.advance(Duration::from_secs(600));
    assert!(server.me(&other).await.is_some());
    let sessions = async || server.get_with(&this, "/api/v1/me/sessions").await.json["items"].clone();
    let now = server.state.clock.now();
    let seen = async || {
        let last = sessions().await[0]["lastSeenAt"].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?;
        (last == now).then_some(())
    };
    eventually("the use of the session is noted", seen).await;
    let listed = sessions().await;
    let actual: Vec<_> = listed.as_array().unwrap().iter().map(|row| (&row["device"], &row["current"])).collect();
    let expected = [(&json!("Firefox on Linux"), &json!(false)), (&json!("Unknown browser"), &json!(true))];
    assert_eq!(actual, expected);
    let path = format!("/me/sessions/{}", listed[0]["id"].as_str().unwrap());
    let cookie = sign_in(&server, &eve.email, PASSWORD).await.unwrap();
    assert_eq!(call(&server, &cookie, Method::DELETE, &path, &json!({})).await.status, 404, "it is not Eve's");
    let mut ending = stream(&server, &other, project).await;
    assert_eq!(call(&server, &this, Method::DELETE, &path, &json!({})).await.status, 204);
    ending.ends().await;
    assert_eq!(server.me(&other).await, None);
    sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    assert_eq!(call(&server, &this, Method::DELETE, "/me/sessions", &json!({})).await.status, 204);
    assert_eq!(sessions().await.as_array().unwrap().len(), 1);
    assert!(server.me(&this).await.is_some() && server.me(&cookie).await.is_some());
}

#[tokio::test]
async fn a_reset_link_works_once_within_a_day() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user_with_password("Ada").await);
    let api = server.api(&root).await;
    let path = format!("/users/{}/password-reset", ada.id);
    let link = async || {
        let made = api.post(&path, &json!({})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let url = made.json["url"].as_str().unwrap().to_owned();
        url[url.find("/password-reset/").unwrap()..].to_owned()
    };
    let use_link = async |link: &str, password: &str| server.form(link, None, &[("password", password)]).await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let replaced = link().await;
    let good = link().await;
    let page = server.get_with("", &good).await;
    assert!(page.status == 200 && page.text.contains(&ada.email), "{}", page.text);
    assert!(use_link(&replaced, NEW_PASSWORD).await.location().contains("error=reset_gone"));
    assert!(use_link(&good, "short").await.location().ends_with("error=password"));
    assert!(server.me(&cookie).await.is_some());
    let done = use_link(&good, NEW_PASSWORD).await;
    assert_eq!((done.status, done.location()), (303, "/"));
    assert_eq!(server.me(&done.cookie().unwrap()).await, Some(ada.email.clone()));
    assert_eq!(server.me(&cookie).await, None);
    assert!(use_link(&good, NEW_PASSWORD).await.location().contains("error=reset_gone"));
    assert_eq!(sign_in(&server, &ada.email, PASSWORD).await, None);
    let late = link().await;
    server.state.clock.advance(DAY);
    assert!(use_link(&late, PASSWORD).await.location().contains("error=reset_gone"));
    let log = api.get("/audit").await.text;
    assert!(log.contains("user.password_reset_created") && log.contains("\"user.password_reset\""), "{log}");
    assert!(!log.contains(good.rsplit('/').next().unwrap()));
}

#[tokio::test]
async fn the_command_line_creates_a_reset_link() {
    let folder = tempfile::tempdir().unwrap();
    create_admin_token(folder.path());
    let reset = ["user", "reset", "--email", "Root@example.com"];
    let url = run_ok(testbell(folder.path()).args(reset));
    let path = url[url.find("/password-reset/").unwrap()..].to_owned();
    let running = ServerProcess::start(folder.path());
    let request = running.http.post(format!("{}{path}", running.base)).header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let reply = Reply::send(request.body("password=another+horse+of+battery")).await;
    assert_eq!((reply.status, reply.location()), (303, "/"), "{}", reply.text);
    assert!(running.terminate());
}

#[tokio::test]
async fn an_owner_transfers_a_project_to_a_member() {
    let server = TestServer::start().await;
    let (ada, bob, eve) =
        (server.user("Ada", false).await, server.user("Bob", false).await, server.user("Eve", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Member).await;
    let (adas, bobs) = (server.api(&ada).await, server.api(&bob).await);
    let path = format!("/projects/{project}/transfer");
    assert_eq!(bobs.post(&path, &json!({"ownerId": bob.id})).await.status, 403);
    assert_eq!(adas.post(&path, &json!({"ownerId": eve.id})).await.status, 422, "a stranger");
    assert_eq!(adas.post(&path, &json!({"ownerId": bob.id})).await.status, 200);
    let members = adas.get(&format!("/projects/{project}/members")).await.json;
    let actual: Vec<_> = members["items"].as_array().unwrap().iter().map(|row| (&row["role"], &row["owner"])).collect();
    assert_eq!(actual, [(&json!("admin"), &json!(false)), (&json!("admin"), &json!(true))]);
    assert_eq!(adas.post(&path, &json!({"ownerId": ada.id})).await.status, 403, "she no longer owns it");
    assert_eq!(bobs.delete(&format!("/projects/{project}/members/{}", ada.id)).await.status, 204);
}

#[tokio::test]
async fn a_system_admin_removes_an_owner_with_a_transfer() {
    let server = TestServer::start().await;
    let (root, ada, bob) =
        (server.user("Root", true).await, server.user("Ada", false).await, server.user("Bob", false).await);
    let project = server.project(&ada, "WEB").await;
    server.join(project, &bob, Role::Admin).await;
    let mut ending = server.stream(&ada, project).await;
    let owner = format!("/projects/{project}/members/{}", ada.id);
    let api = server.api(&root).await;
    assert_eq!(api.delete(&owner).await.status, 409);
    let bobs = server.api(&bob).await;
    assert_eq!(bobs.delete(&format!("{owner}?newOwnerId={}", bob.id)).await.status, 403);
    assert_eq!(api.delete(&format!("{owner}?newOwnerId={}", bob.id)).await.status, 204);
    ending.ends().await;
    let members = api.get(&format!("/projects/{project}/members")).await.json;
    assert_eq!((&members["items"][0]["name"], &members["items"][0]["owner"]), (&json!("Bob"), &json!(true)));
    let log = api.get(&format!("/projects/{project}/audit")).await.json;
    assert_eq!(log["items"][1]["action"], "project.transferred");
}

#[tokio::test]
async fn wrong_current_passwords_are_recorded() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user_with_password("Ada").await);
    let api = server.api(&root).await;
    let cookie = sign_in(&server, &ada.email, PASSWORD).await.unwrap();
    let guess = json!({"currentPassword": "a wrong guess", "newPassword": NEW_PASSWORD});
    for status in [422, 422, 422, 422, 422, 429, 429] {
        assert_eq!(call(&server, &cookie, Method::POST, "/me/password", &guess).await.status, status);
    }
    let log = api.get("/audit").await.json;
    let actual: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["detail"])).collect();
    let throttled = (json!("session.sign_in_throttled"), json!("Too many attempts. Unknown browser."));
    let failed = (json!("session.sign_in_failed"), json!("Wrong current password. Unknown browser."));
    assert_eq!(actual[0], (&throttled.0, &throttled.1));
    assert_eq!(actual[1..6], [(&failed.0, &failed.1); 5]);
    assert_eq!((&log["items"][1]["subjectName"], actual[6].0), (&json!("Ada"), &json!("session.signed_in")), "{log}");
}

#[tokio::test]
async fn wrong_current_passwords_throttle_nobody_else() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let change = |password: &str| json!({"email": "new@example.com", "currentPassword": password});
    for n in 0..31 {
        let api = server.api(&server.user(&format!("Person{n}"), false).await).await;
        assert_eq!(api.patch("/me", &change("not the password")).await.status, 422, "{n}");
    }
    assert_eq!(server.api(&ada).await.patch("/me", &change(PASSWORD)).await.status, 200);
}

#[tokio::test]
async fn system_admins_do_not_reset_their_own_password() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user("Ada", false).await);
    let api = server.api(&root).await;
    let own = api.post(&format!("/users/{}/password-reset", root.id), &json!({})).await;
    assert_eq!(own.status, 409, "{}", own.text);
    assert!(own.json["detail"].as_str().unwrap().contains("account page"), "{}", own.text);
    assert_eq!(api.post(&format!("/users/{}/password-reset", ada.id), &json!({})).await.status, 201);
    let page = server.page(&root, "/admin/people").await;
    assert!(page.contains("Reset password: Ada") && !page.contains("Reset password: Root"), "{page}");
}

#[tokio::test]
async fn a_system_admin_replaces_the_only_member() {
    let server = TestServer::start().await;
    let (root, ada, eve) =
        (server.user("Root", true).await, server.user("Ada", false).await, server.user("Eve", false).await);
    let project = server.project(&ada, "WEB").await;
    let path = format!("/projects/{project}/settings/members");
    let own = server.page(&ada, &path).await;
    assert!(own.contains("ada@example.com") && !own.contains("Transfer ownership: Ada"), "nobody to name");
    let page = server.page(&root, &path).await;
    for text in ["Transfer ownership: Ada", "Remove: Ada"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    // The page contains the candidates for its dialog, including non-members.
    let eves_id = eve.id.to_string();
    assert!(page.contains(&eves_id) && !own.contains(&eves_id), "{page}");
    let owner = format!("/projects/{project}/members/{}", ada.id);
    let removed = server.api(&root).await.delete(&format!("{owner}?newOwnerId={}", root.id)).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
}

#[tokio::test]
async fn email_changes_are_rate_limited() {
    let server = TestServer::start().await;
    let (ada, bob) = (server.user_with_password("Ada").await, server.user("Bob", false).await);
    let api = server.api(&ada).await;
    let taken = json!({"email": bob.email, "currentPassword": PASSWORD});
    let free = json!({"email": "free@example.com", "currentPassword": PASSWORD});
    for _ in 0..5 {
        assert_eq!(api.patch("/me", &taken).await.status, 409);
    }
    for change in [&taken, &free] {
        let refused = api.patch("/me", change).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "3601"));
    }
    assert_eq!(api.patch("/me", &json!({"name": "Ada L."})).await.status, 200);
    server.state.clock.advance(Duration::from_secs(60 * 60));
    assert_eq!(api.patch("/me", &free).await.status, 200);
}

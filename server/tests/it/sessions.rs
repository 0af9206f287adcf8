//! Setting up, signing in and out, and what browsers are protected from.

use std::time::Duration;

use reqwest::header::{ACCEPT, COOKIE, ORIGIN, RETRY_AFTER, SET_COOKIE};
use sea_orm::EntityTrait;
use serde_json::json;
use server::entity::{session, user};

use crate::support::TestServer;
use crate::support::api::Reply;
use crate::support::seed::PASSWORD;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ADMIN: [(&str, &str); 3] = [("name", "Root"), ("email", "root@example.com"), ("password", PASSWORD)];

async fn sign_in(server: &TestServer, email: &str, password: &str) -> Reply {
    server.form("/session", None, &[("email", email), ("password", password)]).await
}

async fn page(server: &TestServer, path: &str) -> Reply {
    Reply::of(server.http.get(server.url(path)).header(ACCEPT, "text/html,*/*")).await
}

#[tokio::test]
async fn while_nobody_exists_pages_lead_to_the_setup_and_then_no_longer() {
    let server = TestServer::start().await;
    for path in ["/", "/projects", "/sign-in"] {
        let reply = page(&server, path).await;
        assert_eq!((reply.status, reply.location()), (303, "/setup"), "{path}");
    }
    let setup = page(&server, "/setup").await;
    assert_eq!(setup.status, 200);
    assert!(setup.text.contains("action=\"/setup\""), "{}", setup.text);
    assert_eq!(server.nobody().get("/me").await.status, 401);
    assert_eq!(page(&server, "/healthz").await.status, 200);
    let made = server.form("/setup", None, &ADMIN).await;
    assert_eq!((made.status, made.location()), (303, "/"));
    let me = server.get_with(&made.cookie().unwrap(), "/api/v1/me").await.json;
    assert_eq!((me["name"].as_str(), me["systemAdmin"].as_bool()), (Some("Root"), Some(true)));
    assert_ne!(page(&server, "/projects").await.location(), "/setup");
    assert_eq!(page(&server, "/setup").await.location(), "/");
    assert_eq!(server.form("/setup", None, &ADMIN).await.location(), "/sign-in?error=already_set_up");
}

#[tokio::test]
async fn of_many_who_set_up_at_once_one_becomes_the_admin() {
    let server = TestServer::start().await;
    let emails: Vec<String> = (0..4).map(|n| format!("{n}@example.com")).collect();
    let tries = emails.iter().map(|email| async {
        server.form("/setup", None, &[("name", "x"), ("email", email), ("password", PASSWORD)]).await
    });
    let replies = futures::future::join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.location() == "/").count(), 1);
    assert_eq!(user::Entity::find().all(server.core.store.read()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_setup_form_that_lacks_something_leads_back_without_the_password() {
    let server = TestServer::start().await;
    let reply = server.form("/setup", None, &[("name", "Root"), ("email", "root"), ("password", PASSWORD)]).await;
    assert_eq!(reply.location(), "/setup?error=email&name=Root&email=root");
    assert_eq!(server.form("/setup", None, &[("name", "Root")]).await.location(), "/setup?error=incomplete");
}

#[tokio::test]
async fn signing_in_gives_a_careful_cookie_and_signing_out_ends_the_session() {
    let server = TestServer::start().await;
    let ada = server.person("Ada").await;
    let reply = sign_in(&server, "ADA@example.com", PASSWORD).await;
    assert_eq!((reply.status, reply.location()), (303, "/"));
    let set = reply.header(SET_COOKIE);
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    let cookie = reply.cookie().unwrap();
    assert_eq!(server.me(&cookie).await, Some(ada.email));
    let out = server.form("/session/end", Some(&cookie), &[]).await;
    assert_eq!((out.status, out.location()), (303, "/sign-in"));
    assert!(out.header(SET_COOKIE).contains("Max-Age=0"), "{}", out.header(SET_COOKIE));
    assert_eq!(server.me(&cookie).await, None);
    assert!(session::Entity::find().all(server.core.store.read()).await.unwrap().is_empty());
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let server = TestServer::start_with(&["--public-url", "https://bell.example.com"]).await;
    server.person("Ada").await;
    assert!(sign_in(&server, "ada@example.com", PASSWORD).await.header(SET_COOKIE).contains("Secure"));
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let wrong = sign_in(&server, "ada@example.com", "not the password").await;
    let unknown = sign_in(&server, "eve@example.com", "not the password").await;
    assert_eq!(wrong.location(), "/sign-in?error=credentials&email=ada%40example.com&next=%2F");
    assert_eq!(unknown.location(), wrong.location().replace("ada", "eve"));
    assert_eq!((wrong.cookie(), unknown.cookie()), (None, None));
    assert!(sign_in(&server, "ada@example.com", &"x".repeat(300)).await.location().contains("credentials"));
}

#[tokio::test]
async fn signing_in_leads_on_to_this_site_only() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    for (next, location) in [
        ("/projects/prj_1?tab=deliveries", "/projects/prj_1?tab=deliveries"),
        ("https://elsewhere.example", "/"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
    ] {
        let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("next", next)];
        assert_eq!(server.form("/session", None, &fields).await.location(), location, "{next}");
    }
}

#[tokio::test]
async fn a_session_that_somebody_knew_before_is_of_no_use_after_signing_in() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let known = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let made_up = "testbell_session=AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    for before in [known, made_up] {
        let fields = [("email", "ada@example.com"), ("password", PASSWORD)];
        let after = server.form("/session", Some(&before), &fields).await.cookie().unwrap();
        assert_ne!(after, before);
        assert_eq!(server.me(&before).await, None);
        assert!(server.me(&after).await.is_some());
    }
}

#[tokio::test]
async fn the_database_does_not_hold_what_the_cookie_carries() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let id = cookie.split_once('=').unwrap().1;
    let rows = session::Entity::find().all(server.core.store.read()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").contains(id));
    assert_eq!(server.me(&format!("testbell_session={}", rows[0].id)).await, None);
}

#[tokio::test]
async fn a_session_lives_for_fourteen_days_after_its_last_use_and_is_not_written_each_time() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let used = server.get_with(&cookie, "/api/v1/me").await;
    assert_eq!((used.status, used.cookie()), (200, None));
    server.core.clock.advance(10 * DAY);
    assert_eq!(server.get_with(&cookie, "/api/v1/me").await.cookie().as_deref(), Some(cookie.as_str()));
    server.core.clock.advance(10 * DAY);
    assert!(server.me(&cookie).await.is_some());
    server.core.clock.advance(14 * DAY);
    assert_eq!(server.me(&cookie).await, None);
}

#[tokio::test]
async fn guessing_is_slowed_down_even_for_the_right_password_until_the_wait_is_over() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    for _ in 0..5 {
        assert!(sign_in(&server, "ada@example.com", "wrong").await.location().contains("error=credentials"));
    }
    let held_up = sign_in(&server, "ada@example.com", PASSWORD).await;
    assert!(held_up.location().starts_with("/sign-in?error=too_many&retryAfter=2&"), "{}", held_up.location());
    assert_eq!(held_up.cookie(), None);
    let fields = [("email", "ada@example.com"), ("password", PASSWORD)];
    let script = Reply::of(server.form_request("/session", None, &fields).header(ACCEPT, "application/json")).await;
    assert_eq!((script.status, script.header(RETRY_AFTER)), (429, "2"));
    assert_eq!(script.json["status"], 429);
    server.core.clock.advance(Duration::from_secs(2));
    assert!(sign_in(&server, "ada@example.com", PASSWORD).await.cookie().is_some());
}

#[tokio::test]
async fn guesses_that_come_all_at_once_are_counted_too() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let replies = futures::future::join_all((0..12).map(|_| sign_in(&server, "ada@example.com", "wrong"))).await;
    let tried = replies.iter().filter(|reply| reply.location().contains("error=credentials")).count();
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn what_another_site_makes_the_browser_send_changes_nothing() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let send = |headers: Vec<(&'static str, String)>| {
        let mut request = server.http.post(server.url("/api/v1/projects")).header(COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Reply::of(request.json(&json!({"key": "WEB", "name": "x"})))
    };
    for headers in [
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
        vec![("origin", "https://elsewhere.example".to_owned())],
        vec![("origin", "null".to_owned())],
    ] {
        let refused = send(headers.clone()).await;
        assert_eq!(refused.status, 403, "{headers:?}");
        assert!(refused.json["detail"].as_str().unwrap().contains("another site"), "{}", refused.text);
    }
    assert_eq!(send(vec![("origin", server.url(""))]).await.status, 201);
    let sign_in = server.http.post(server.url("/session")).header(ORIGIN, "https://elsewhere.example");
    assert_eq!(Reply::of(sign_in.body("email=a&password=b")).await.status, 403);
    let token = send(vec![("sec-fetch-site", "cross-site".into()), ("authorization", "Bearer tb_x".into())]).await;
    assert_eq!(token.status, 401);
}

#[tokio::test]
async fn a_token_that_does_not_work_is_not_made_up_for_by_a_session() {
    let server = TestServer::start().await;
    server.person("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let request = server.http.get(server.url("/api/v1/me")).header(COOKIE, cookie).bearer_auth("tb_x");
    let reply = Reply::of(request).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"));
}

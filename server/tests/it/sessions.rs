//! Setup, sign-in, sign-out, and cross-site protection.

use std::time::Duration;

use reqwest::header::{ACCEPT, COOKIE, ORIGIN, RETRY_AFTER, SET_COOKIE};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait};
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
    Reply::send(server.http.get(server.url(path)).header(ACCEPT, "text/html,*/*")).await
}

#[tokio::test]
async fn pages_redirect_to_setup_until_a_user_exists() {
    let server = TestServer::start().await;
    for path in ["/", "/projects", "/sign-in"] {
        let reply = page(&server, path).await;
        assert_eq!((reply.status, reply.location()), (303, "/setup"), "{path}");
    }
    let setup = page(&server, "/setup").await;
    assert_eq!(setup.status, 200);
    assert!(setup.text.contains("action=\"/setup\""), "{}", setup.text);
    assert_eq!(server.anonymous().get("/me").await.status, 401);
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
async fn concurrent_setups_create_one_admin() {
    let server = TestServer::start().await;
    let emails: Vec<String> = (0..4).map(|n| format!("{n}@example.com")).collect();
    let tries = emails.iter().map(|email| async {
        server.form("/setup", None, &[("name", "x"), ("email", email), ("password", PASSWORD)]).await
    });
    let replies = futures::future::join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.location() == "/").count(), 1);
    assert_eq!(user::Entity::find().all(server.state.store.read()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_invalid_setup_form_does_not_keep_the_password() {
    let server = TestServer::start().await;
    let reply = server.form("/setup", None, &[("name", "Root"), ("email", "root"), ("password", PASSWORD)]).await;
    assert_eq!(reply.location(), "/setup?error=email&name=Root&email=root");
    assert_eq!(server.form("/setup", None, &[("name", "Root")]).await.location(), "/setup?error=incomplete");
}

#[tokio::test]
async fn the_session_cookie_is_protected_and_ends() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
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
    assert!(session::Entity::find().all(server.state.store.read()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_https_cookie_is_secure_and_bound_to_its_host() {
    let server = TestServer::start_with(&["--public-url", "https://bell.example.com"]).await;
    server.user_with_password("Ada").await;
    let reply = sign_in(&server, "ada@example.com", PASSWORD).await;
    let set = reply.header(SET_COOKIE);
    assert!(set.starts_with("__Host-testbell_session="), "{set}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let cookie = set.split(';').next().unwrap();
    assert!(server.me(cookie).await.is_some());
    assert_eq!(server.me(&cookie.replace("__Host-", "")).await, None, "another site of the domain could set it");
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_look_alike() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let wrong = sign_in(&server, "ada@example.com", "not the password").await;
    let unknown = sign_in(&server, "eve@example.com", "not the password").await;
    assert_eq!(wrong.location(), "/sign-in?error=credentials&email=ada%40example.com&next=%2F");
    assert_eq!(unknown.location(), wrong.location().replace("ada", "eve"));
    assert_eq!((wrong.cookie(), unknown.cookie()), (None, None));
    assert!(sign_in(&server, "ada@example.com", &"x".repeat(300)).await.location().contains("credentials"));
    // Text in the wrong field is not put into a URL.
    let mistyped = sign_in(&server, "my secret password", "x").await;
    assert_eq!(mistyped.location(), "/sign-in?error=credentials&next=%2F");
}

#[tokio::test]
async fn signing_in_redirects_only_to_this_site() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
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
async fn signing_in_changes_the_session_id() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
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
async fn the_database_stores_only_the_hash_of_the_cookie() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let id = cookie.split_once('=').unwrap().1;
    let rows = session::Entity::find().all(server.state.store.read()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").contains(id));
    assert_eq!(server.me(&format!("testbell_session={}", rows[0].id)).await, None);
}

#[tokio::test]
async fn a_session_lives_fourteen_days_after_its_last_use() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let used = server.get_with(&cookie, "/api/v1/me").await;
    assert_eq!((used.status, used.cookie()), (200, None));
    server.state.clock.advance(10 * DAY);
    assert_eq!(server.get_with(&cookie, "/api/v1/me").await.cookie().as_deref(), Some(cookie.as_str()));
    server.state.clock.advance(10 * DAY);
    assert!(server.me(&cookie).await.is_some());
    server.state.clock.advance(14 * DAY);
    assert_eq!(server.me(&cookie).await, None);
}

#[tokio::test]
async fn sign_ins_are_throttled_after_wrong_passwords() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    for _ in 0..5 {
        assert!(sign_in(&server, "ada@example.com", "wrong").await.location().contains("error=credentials"));
    }
    let held_up = sign_in(&server, "ada@example.com", PASSWORD).await;
    assert!(held_up.location().starts_with("/sign-in?error=too_many&retryAfter=2&"), "{}", held_up.location());
    assert_eq!(held_up.cookie(), None);
    let fields = [("email", "ada@example.com"), ("password", PASSWORD)];
    let script = Reply::send(server.form_request("/session", None, &fields).header(ACCEPT, "application/json")).await;
    assert_eq!((script.status, script.header(RETRY_AFTER)), (429, "2"));
    assert_eq!(script.json["status"], 429);
    server.state.clock.advance(Duration::from_secs(2));
    assert!(sign_in(&server, "ada@example.com", PASSWORD).await.cookie().is_some());
}

#[tokio::test]
async fn guesses_at_one_account_do_not_block_another() {
    let server = TestServer::start().await;
    for name in ["Ada", "Bob"] {
        server.user_with_password(name).await;
    }
    for _ in 0..35 {
        sign_in(&server, "ada@example.com", "wrong").await;
        server.state.clock.advance(Duration::from_secs(15 * 60));
        sign_in(&server, "ada@example.com", "wrong").await;
    }
    assert!(sign_in(&server, "bob@example.com", PASSWORD).await.cookie().is_some());
}

#[tokio::test]
async fn guesses_from_one_address_are_throttled() {
    let server = TestServer::start().await;
    server.user_with_password("Bob").await;
    for n in 0..30 {
        assert!(sign_in(&server, &format!("{n}@example.com"), "wrong").await.location().contains("error=credentials"));
    }
    assert!(sign_in(&server, "bob@example.com", PASSWORD).await.location().contains("error=too_many"));
    server.state.clock.advance(Duration::from_secs(2));
    assert!(sign_in(&server, "bob@example.com", PASSWORD).await.cookie().is_some());
}

#[tokio::test]
async fn concurrent_guesses_are_counted() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let replies = futures::future::join_all((0..12).map(|_| sign_in(&server, "ada@example.com", "wrong"))).await;
    let tried = replies.iter().filter(|reply| reply.location().contains("error=credentials")).count();
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn cross_site_requests_change_nothing() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let send = |headers: Vec<(&'static str, String)>| {
        let mut request = server.http.post(server.url("/api/v1/projects")).header(COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Reply::send(request.json(&json!({"key": "WEB", "name": "x"})))
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
    assert_eq!(Reply::send(sign_in.body("email=a&password=b")).await.status, 403);
    let token = send(vec![("sec-fetch-site", "cross-site".into()), ("authorization", "Bearer tb_x".into())]).await;
    assert_eq!(token.status, 401);
}

#[tokio::test]
async fn an_invalid_token_does_not_fall_back_to_the_session() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    let cookie = sign_in(&server, "ada@example.com", PASSWORD).await.cookie().unwrap();
    let request = server.http.get(server.url("/api/v1/me")).header(COOKIE, cookie).bearer_auth("tb_x");
    let reply = Reply::send(request).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"));
}

/// Changes all passwords right after a sign-in was recorded, before its session is stored.
const CHANGE_ON_SQLITE: &str = "CREATE TRIGGER password_change AFTER INSERT ON audit \
    WHEN NEW.action = 'session.signed_in' BEGIN UPDATE users SET password_hash = 'changed'; END";
const CHANGE_ON_POSTGRES: &str = "CREATE FUNCTION change_passwords() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN UPDATE users SET password_hash = 'changed'; RETURN NEW; END $$; \
    CREATE TRIGGER password_change AFTER INSERT ON audit FOR EACH ROW \
    WHEN (NEW.action = 'session.signed_in') EXECUTE FUNCTION change_passwords()";

#[tokio::test]
async fn a_password_changed_during_sign_in_allows_no_session() {
    let server = TestServer::start().await;
    server.user_with_password("Ada").await;
    assert!(sign_in(&server, "ada@example.com", PASSWORD).await.cookie().is_some());
    let count = async || session::Entity::find().all(server.state.store.read()).await.unwrap().len();
    assert_eq!(count().await, 1);
    let postgres = server.state.store.read().get_database_backend() == DbBackend::Postgres;
    let sql = if postgres { CHANGE_ON_POSTGRES } else { CHANGE_ON_SQLITE };
    server.insert(move |db| Box::pin(async move { db.execute_unprepared(sql).await.map(drop) })).await;
    let late = sign_in(&server, "ada@example.com", PASSWORD).await;
    assert_eq!((late.cookie(), count().await), (None, 1), "{}", late.status);
}

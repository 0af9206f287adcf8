//! A server with a provider for single sign-on, and a user who signs in there.

use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::page::PageQuery;
use app::model::people::{Actor, Role};
use app::service::{Accounts, Audit, People};
use serde_json::{Value, json};

use super::TestServer;
use super::api::Reply;
use super::identity_provider::IdentityProvider;

const RULES: [&str; 4] =
    ["--oidc-membership-claim", "groups", "--oidc-memberships", "qa=WEB:member,leads=WEB:admin,qa=APP:member"];

pub struct SignInFixture {
    pub server: TestServer,
    pub provider: IdentityProvider,
    pub root: Actor,
}

impl SignInFixture {
    /// A server where the claim `groups` gives memberships.
    pub async fn start() -> Self {
        Self::start_with(&RULES).await
    }

    pub async fn start_with(settings: &[&str]) -> Self {
        let provider = IdentityProvider::start().await;
        let arguments = provider.arguments();
        let all: Vec<_> = arguments.iter().map(String::as_str).chain(settings.iter().copied()).collect();
        let server = TestServer::start_with(&all).await;
        let root = server.user("Root", true).await;
        Self { server, provider, root }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Reply {
        let request = self.server.http.get(self.server.url(path)).header("cookie", cookie);
        Reply::send(request.header("accept", "text/html")).await
    }

    /// Begins a sign-in. Returns the way back from the provider, and the cookie that waits for it.
    pub async fn begin(&self, next: &str) -> (String, String) {
        let query = serde_urlencoded::to_string([("next", next)]).unwrap();
        let begun = self.get(&format!("/session/oidc?{query}"), "").await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let cookie = set_cookie(&begun, "testbell_sign_in");
        assert!(begun.header("set-cookie").contains("HttpOnly") && begun.header("set-cookie").contains("SameSite=Lax"));
        assert_eq!(begun.header("cache-control"), "no-store");
        (self.provider.authorize(&begun.location().parse().unwrap()), cookie)
    }

    /// Signs the provider's user in.
    pub async fn sign_in(&self) -> Reply {
        let (back, cookie) = self.begin("/projects").await;
        self.get(&back, &cookie).await
    }

    /// The account of a successful sign-in.
    pub async fn signed_in(&self) -> Value {
        let reply = self.sign_in().await;
        assert_eq!((reply.status, reply.location()), (303, "/projects"), "{}", reply.text);
        let cleared = "testbell_sign_in=;";
        assert!(reply.headers.get_all("set-cookie").iter().any(|set| set.to_str().unwrap().starts_with(cleared)));
        let me = self.get("/api/v1/me", &set_cookie(&reply, "testbell_session")).await;
        assert_eq!(me.status, 200, "{}", me.text);
        me.json
    }

    /// The kind of error that the sign-in page shows.
    pub async fn refused(&self) -> String {
        error(&self.sign_in().await)
    }

    pub async fn role(&self, project: ProjectId, user: &Value) -> Option<(Role, bool)> {
        let members = self.server.state.list_members(&self.root, project, PageQuery::default()).await.unwrap().items;
        let member = members.into_iter().find(|member| json!(member.user_id) == user["id"]);
        member.map(|member| (member.role, member.by_claim))
    }

    /// The workspace's audit log, oldest entry first.
    pub async fn log(&self) -> Vec<(AuditAction, String)> {
        let page = PageQuery { limit: Some(200), cursor: None };
        let entries = self.server.state.list_audit(&self.root, None, page).await.unwrap().items;
        entries.into_iter().rev().map(|entry| (entry.action, entry.detail.unwrap_or_default())).collect()
    }

    pub async fn users(&self) -> usize {
        self.server.state.list_users(&self.root, PageQuery::default()).await.unwrap().items.len()
    }
}

/// A cookie that a response sets.
pub fn set_cookie(reply: &Reply, name: &str) -> String {
    let set = reply.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let mut own = set.filter(|set| set.starts_with(&format!("{name}=")));
    own.next().unwrap_or_else(|| panic!("no cookie {name}")).split(';').next().unwrap().to_owned()
}

/// The kind of error of a refused sign-in.
pub fn error(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text);
    let sets_session = reply.headers.get_all("set-cookie").iter().any(|set| {
        let set = set.to_str().unwrap();
        set.starts_with("testbell_session=") && !set.starts_with("testbell_session=;")
    });
    assert!(!sets_session);
    let query = reply.location().strip_prefix("/sign-in?").unwrap_or_else(|| panic!("{}", reply.location()));
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    pairs.into_iter().find(|(name, _)| name == "error").unwrap().1
}

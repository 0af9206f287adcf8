//! The audit log: every change of the configuration leaves an entry without secrets.

use std::time::Duration;

use app::model::account::RemoveMember;
use app::model::audit::AuditAction;
use app::model::catalog::Subscription;
use app::model::integration::{Credentials, PutIntegration};
use app::model::page::PageQuery;
use app::model::people::{CreateInvite, CreateToken, Role};
use app::model::project::{CreateProject, UpdateProject};
use app::model::provider::Provider;
use app::model::webhook::{CreateInbound, CreateWebhook, RotateWebhook, UpdateWebhook};
use app::service::{Audit, Integrations, People, Projects, Webhooks};
use serde_json::Value;

use crate::support::outbound::OutboundFixture;
use crate::support::seed::PASSWORD;
use crate::support::{TestServer, eventually};

fn github(token: &str) -> PutIntegration {
    PutIntegration {
        provider: Provider::Github,
        base_url: "https://github.com".into(),
        repository: "acme/checkout".into(),
        only_from_repository: None,
        sync_milestones: None,
        credentials: Some(Credentials { email: None, token: token.into() }),
    }
}

#[tokio::test]
async fn every_admin_action_is_audited_without_secrets() {
    let fixture = OutboundFixture::start().await;
    let (state, ada) = (fixture.state(), &fixture.ada);
    let project =
        state.create_project(ada, CreateProject { key: "AUD".into(), name: "Audited".into() }).await.unwrap().id;
    let rename = UpdateProject { key: None, name: Some("Audited well".into()) };
    state.update_project(ada, project, rename).await.unwrap();
    let bob = fixture.server.user("Bob", false).await;
    let invite = CreateInvite { email: "new@example.com".into(), role: Role::Member };
    let invite = state.create_invite(ada, project, invite).await.unwrap();
    state.delete_invite(ada, project, invite.invite.id).await.unwrap();
    fixture.server.join(project, &bob, Role::Member).await;
    state.update_member(ada, project, bob.id, Role::Admin).await.unwrap();
    state.remove_member(ada, project, bob.id, RemoveMember::default()).await.unwrap();
    state.put_integration(ada, project, github("s3cret-of-github")).await.unwrap();
    let inbound = state.create_inbound(ada, project, CreateInbound::default()).await.unwrap();
    let new = CreateWebhook {
        name: "CI".into(),
        url: "http://127.0.0.1:9/?k=s3cret-of-url".into(),
        events: vec![Subscription::All],
        ..CreateWebhook::default()
    };
    let outbound = state.create_webhook(ada, project, new).await.unwrap();
    let change = UpdateWebhook {
        name: Some("CI 2".into()),
        url: Some("http://127.0.0.1:9/?k=s3cret-too".into()),
        ..UpdateWebhook::default()
    };
    state.update_webhook(ada, outbound.webhook.id, change).await.unwrap();
    let rotated = state.rotate_webhook(ada, outbound.webhook.id, RotateWebhook::default()).await.unwrap();
    state.delete_webhook(ada, outbound.webhook.id).await.unwrap();
    state.delete_integration(ada, project).await.unwrap();

    let page = PageQuery { limit: Some(100), cursor: None };
    let mut entries = state.list_audit(ada, Some(project), page).await.unwrap().items;
    entries.reverse();
    let actual: Vec<_> =
        entries.iter().map(|entry| (entry.action, &*entry.subject_name, entry.detail.as_deref())).collect();
    assert_eq!(
        actual[..11],
        [
            (AuditAction::ProjectCreated, "Audited", None),
            (AuditAction::ProjectUpdated, "Audited well", Some("Key AUD.")),
            (AuditAction::MemberInvited, "new@example.com", Some("Member")),
            (AuditAction::InviteRevoked, "new@example.com", None),
            (AuditAction::MemberUpdated, "Bob", Some("Project admin")),
            (AuditAction::MemberRemoved, "Bob", None),
            (AuditAction::IntegrationSaved, "GitHub", Some("New credentials.")),
            (AuditAction::WebhookCreated, "GitHub issues", None),
            (AuditAction::WebhookCreated, "CI", None),
            (AuditAction::WebhookUpdated, "CI 2", Some("Name, URL")),
            (AuditAction::WebhookRotated, "CI 2", Some("The old secret signs until 6 Jan 2026, 10:00:00 UTC.")),
        ]
    );
    assert_eq!(
        actual[11..],
        [
            (AuditAction::WebhookDeleted, "CI 2", None),
            (AuditAction::WebhookDeleted, "GitHub issues", Some("Removed with the integration.")),
            (AuditAction::IntegrationRemoved, "GitHub", None),
        ]
    );
    assert!(entries.iter().all(|entry| entry.actor_id == Some(ada.id) && entry.actor_name.as_deref() == Some("Ada")));
    assert_eq!(entries[8].subject, outbound.webhook.id.to_string());

    let all = format!("{entries:?}");
    let of_inbound = inbound.reveal.unwrap();
    let link = invite.url.rsplit('/').next().unwrap().to_owned();
    let secrets = [
        of_inbound.url.unwrap().rsplit('/').next().unwrap().to_owned(),
        of_inbound.secret.unwrap(),
        outbound.reveal.unwrap().secret.unwrap(),
        rotated.reveal.unwrap().secret.unwrap(),
        link,
        "s3cret".to_owned(),
    ];
    for secret in secrets {
        assert!(!all.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn joining_by_an_invite_is_audited() {
    let fixture = OutboundFixture::start().await;
    let invite = CreateInvite { email: "bob@example.com".into(), role: Role::Member };
    let url = fixture.state().create_invite(&fixture.ada, fixture.project, invite).await.unwrap().url;
    let path = url.strip_prefix(&fixture.server.url("")).unwrap();
    let form = [("name", "Bob"), ("password", "correct horse battery")];
    let reply = fixture.server.form(path, None, &form).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let entry = fixture.audit_log().await.pop().unwrap();
    assert_eq!((entry.action, entry.actor_name.as_deref()), (AuditAction::MemberJoined, Some("Bob")));
}

#[tokio::test]
async fn token_changes_are_in_the_workspace_log() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user("Ada", false).await);
    let new = CreateToken { name: "CI".into(), never_expires: true, ..CreateToken::default() };
    let created = server.state.create_token(&ada, new).await.unwrap();
    server.state.delete_token(&ada, created.token.id).await.unwrap();
    let entries = server.state.list_audit(&root, None, PageQuery::default()).await.unwrap().items;
    let actual: Vec<_> = entries.iter().map(|entry| (entry.action, &*entry.subject_name)).collect();
    assert_eq!(actual, [(AuditAction::TokenDeleted, "CI"), (AuditAction::TokenCreated, "CI")]);
    assert!(!format!("{entries:?}").contains(&created.secret));
    assert_eq!(server.state.list_audit(&ada, None, PageQuery::default()).await.unwrap_err().status(), 403);
}

#[tokio::test]
async fn sign_ins_are_audited_without_the_password() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user_with_password("Ada").await);
    let sign_in = async |email: &str, password: &str| {
        server.form("/session", None, &[("email", email), ("password", password)]).await.cookie()
    };
    let cookie = sign_in("ada@example.com", PASSWORD).await.unwrap();
    server.form("/session/end", Some(&cookie), &[]).await;
    sign_in("s3cret typed as an address", "s3cret typed").await;
    sign_in("nobody-s3cret@example.com", "s3cret typed").await;
    for _ in 0..8 {
        sign_in("ada@example.com", "s3cret typed").await;
    }
    let entries = server.state.list_audit(&root, None, PageQuery::default()).await.unwrap().items;
    let actual: Vec<_> = entries.iter().rev().map(|entry| (entry.action, &*entry.subject_name)).collect();
    let mut expected = vec![
        (AuditAction::SignedIn, "Ada"),
        (AuditAction::SignedOut, "Ada"),
        (AuditAction::SignInFailed, "Unknown account"),
        (AuditAction::SignInFailed, "Unknown account"),
    ];
    expected.extend([(AuditAction::SignInFailed, "Ada"); 5]);
    // The first of three throttled attempts.
    expected.push((AuditAction::SignInThrottled, "Ada"));
    assert_eq!(actual, expected);
    let of_ada = ada.id.to_string();
    assert!(entries.iter().all(|entry| (entry.subject == of_ada) == (entry.subject_name == "Ada")));
    assert_eq!(entries[1].detail.as_deref(), Some("Wrong password. Unknown browser from 127.0.0.1."));
    let all = format!("{entries:?}");
    assert!(!all.contains("s3cret") && !all.contains(PASSWORD), "{all}");
}

#[tokio::test]
async fn a_project_log_has_no_sign_ins() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let project = server.project(&ada, "WEB").await;
    server.form("/session", None, &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    let api = server.api(&ada).await;
    assert_eq!(api.get(&format!("/projects/{project}/audit")).await.json["items"], serde_json::json!([]));
    assert_eq!(api.get("/audit").await.status, 403);
}

#[tokio::test]
async fn refused_changes_are_not_audited() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook;
    let before = fixture.audit_log().await;
    let state = fixture.state();
    let same = UpdateWebhook { name: Some(webhook.name.clone()), ..UpdateWebhook::default() };
    state.update_webhook(&fixture.ada, webhook.id, same).await.unwrap();
    assert!(state.rotate_webhook(&fixture.ada, state.ids.next(), RotateWebhook::default()).await.is_err());
    assert!(
        state.enable_webhook(&fixture.ada, webhook.id, app::model::webhook::HeldDeliveriesAction::Send).await.is_err()
    );
    assert!(state.delete_invite(&fixture.ada, fixture.project, state.ids.next()).await.is_err());
    assert!(
        state.remove_member(&fixture.ada, fixture.project, state.ids.next(), RemoveMember::default()).await.is_err()
    );
    assert!(state.create_inbound(&fixture.ada, fixture.project, CreateInbound::default()).await.is_err());
    assert_eq!(fixture.audit_log().await, before);
}

#[tokio::test]
async fn only_admins_read_the_log() {
    let fixture = OutboundFixture::start().await;
    for _ in 0..5 {
        fixture.webhook("http://127.0.0.1:9/").await;
    }
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/audit", fixture.project);
    let all = api.all(&path, 2).await;
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|entry| entry["action"] == "webhook.created" && entry["detail"] == Value::Null));
    let bob = fixture.server.user("Bob", false).await;
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    assert_eq!(fixture.server.api(&bob).await.get(&path).await.status, 403);
    let eve = fixture.server.user("Eve", false).await;
    assert_eq!(fixture.server.api(&eve).await.get(&path).await.status, 404);
}

#[tokio::test]
async fn an_audited_change_sends_one_live_message() {
    let fixture = OutboundFixture::start().await;
    let (state, ada) = (fixture.state(), &fixture.ada);
    state.put_integration(ada, fixture.project, PutIntegration { credentials: None, ..github("") }).await.unwrap();
    state.create_inbound(ada, fixture.project, CreateInbound::default()).await.unwrap();
    let bob = fixture.server.user("Bob", false).await;
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    let new = |name: &str| CreateToken { name: name.into(), never_expires: true, ..CreateToken::default() };
    let secret = state.create_token(&bob, new("Bob's")).await.unwrap().secret;
    let url = fixture.server.url(&format!("/api/issues/stream?projectId={}", fixture.project));
    let mut stream = fixture.server.http.get(url).bearer_auth(secret).send().await.unwrap();
    let before = fixture.audit_log().await.len();

    state.delete_integration(ada, fixture.project).await.unwrap();
    assert_eq!(fixture.audit_log().await.len(), before + 2, "it and its webhook, in one change");
    // An entry without a project notifies no stream.
    state.create_token(ada, new("CI")).await.unwrap();
    fixture.issue("The last that is actual").await;
    let mut received = String::new();
    eventually("all of it is actual", async || {
        received.push_str(std::str::from_utf8(&stream.chunk().await.unwrap()?).unwrap());
        received.contains("issue.created").then_some(())
    })
    .await;
    let actual: Vec<_> = received.lines().filter(|line| line.contains("audit")).collect();
    assert_eq!(actual, [format!("data: {{\"projectId\":\"{}\",\"type\":\"audit.written\"}}", fixture.project)]);
}

#[tokio::test]
async fn entries_are_kept_for_two_years() {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let fixture = OutboundFixture::start().await;
    fixture.webhook("http://127.0.0.1:9/").await;
    let entries = async || fixture.audit_log().await.len();
    fixture.advance(YEAR);
    fixture.webhook("http://127.0.0.1:9/").await;
    assert_eq!(entries().await, 2);
    fixture.advance(YEAR + Duration::from_secs(1));
    eventually("the older entry is removed", async || (entries().await == 1).then_some(())).await;
}

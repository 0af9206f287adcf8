//! The audit log: whatever is done to the configuration leaves an entry, and no secret.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::integration::{Credentials, Provider, PutIntegration};
use app::model::page::PageQuery;
use app::model::people::{CreateInvite, CreateToken, Role};
use app::model::project::{CreateProject, UpdateProject};
use app::model::webhook::{CreateInbound, CreateWebhook, UpdateWebhook};
use app::service::{Audit, Integrations, People, Projects, Webhooks};
use serde_json::Value;

use crate::support::outbound::Sender;
use crate::support::{TestServer, eventually};

fn github(token: &str) -> PutIntegration {
    PutIntegration {
        provider: Provider::Github,
        base_url: "https://github.com".into(),
        repository: "acme/checkout".into(),
        credentials: Some(Credentials { email: None, token: token.into() }),
    }
}

#[tokio::test]
async fn every_deed_of_an_admin_is_written_down_with_who_and_what_and_without_a_secret() {
    let sender = Sender::start().await;
    let (core, ada) = (sender.core(), &sender.ada);
    let project =
        core.create_project(ada, CreateProject { key: "AUD".into(), name: "Audited".into() }).await.unwrap().id;
    let rename = UpdateProject { key: None, name: Some("Audited well".into()) };
    core.update_project(ada, project, rename).await.unwrap();
    let bob = sender.server.user("Bob", false).await;
    let invite = CreateInvite { email: "new@example.com".into(), role: Role::Member };
    let invite = core.create_invite(ada, project, invite).await.unwrap();
    core.delete_invite(ada, project, invite.invite.id).await.unwrap();
    sender.server.join(project, &bob, Role::Member).await;
    core.update_member(ada, project, bob.id, Role::Admin).await.unwrap();
    core.remove_member(ada, project, bob.id).await.unwrap();
    core.put_integration(ada, project, github("s3cret-of-github")).await.unwrap();
    let inbound = core.create_inbound(ada, project, CreateInbound::default()).await.unwrap();
    let new = CreateWebhook { name: "CI".into(), url: "http://127.0.0.1:9/?k=s3cret-of-url".into(), events: vec![] };
    let outbound = core.create_webhook(ada, project, new).await.unwrap();
    let change = UpdateWebhook {
        name: Some("CI 2".into()),
        url: Some("http://127.0.0.1:9/?k=s3cret-too".into()),
        ..UpdateWebhook::default()
    };
    core.update_webhook(ada, outbound.webhook.id, change).await.unwrap();
    let rotated = core.rotate_webhook(ada, outbound.webhook.id).await.unwrap();
    core.delete_webhook(ada, outbound.webhook.id).await.unwrap();
    core.delete_integration(ada, project).await.unwrap();

    let page = PageQuery { limit: Some(100), cursor: None };
    let mut entries = core.list_audit(ada, Some(project), page).await.unwrap().items;
    entries.reverse();
    let told: Vec<_> =
        entries.iter().map(|entry| (entry.action, &*entry.subject_name, entry.detail.as_deref())).collect();
    assert_eq!(
        told[..11],
        [
            (AuditAction::ProjectCreated, "Audited", None),
            (AuditAction::ProjectUpdated, "Audited well", Some("Key AUD.")),
            (AuditAction::MemberInvited, "new@example.com", Some("Member")),
            (AuditAction::InviteRevoked, "new@example.com", None),
            (AuditAction::MemberUpdated, "Bob", Some("Project admin")),
            (AuditAction::MemberRemoved, "Bob", None),
            (AuditAction::IntegrationSaved, "GitHub", Some("With new credentials.")),
            (AuditAction::WebhookCreated, "GitHub issues", None),
            (AuditAction::WebhookCreated, "CI", None),
            (AuditAction::WebhookUpdated, "CI 2", Some("Name, Address")),
            (AuditAction::WebhookRotated, "CI 2", Some("The secret before signs until 2026-01-06T10:00:00Z.")),
        ]
    );
    assert_eq!(
        told[11..],
        [
            (AuditAction::WebhookDeleted, "CI 2", None),
            (AuditAction::WebhookDeleted, "GitHub issues", Some("With its integration.")),
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
async fn who_joins_by_an_invitation_is_written_down() {
    let sender = Sender::start().await;
    let invite = CreateInvite { email: "bob@example.com".into(), role: Role::Member };
    let url = sender.core().create_invite(&sender.ada, sender.project, invite).await.unwrap().url;
    let path = url.strip_prefix(&sender.server.url("")).unwrap();
    let form = [("name", "Bob"), ("password", "correct horse battery")];
    let reply = sender.server.form(path, None, &form).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    let entry = sender.audit_log().await.pop().unwrap();
    assert_eq!((entry.action, entry.actor_name.as_deref()), (AuditAction::MemberJoined, Some("Bob")));
}

#[tokio::test]
async fn tokens_are_written_down_for_the_admins_of_the_instance() {
    let server = TestServer::start().await;
    let (root, ada) = (server.user("Root", true).await, server.user("Ada", false).await);
    let new = CreateToken { name: "CI".into(), expires_in_days: None };
    let created = server.core.create_token(&ada, new).await.unwrap();
    server.core.delete_token(&ada, created.token.id).await.unwrap();
    let entries = server.core.list_audit(&root, None, PageQuery::default()).await.unwrap().items;
    let told: Vec<_> = entries.iter().map(|entry| (entry.action, &*entry.subject_name)).collect();
    assert_eq!(told, [(AuditAction::TokenDeleted, "CI"), (AuditAction::TokenCreated, "CI")]);
    assert!(!format!("{entries:?}").contains(&created.secret));
    assert_eq!(server.core.list_audit(&ada, None, PageQuery::default()).await.unwrap_err().status(), 403);
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_leaves_no_entry() {
    let sender = Sender::start().await;
    let webhook = sender.webhook("http://127.0.0.1:9/").await.webhook;
    let before = sender.audit_log().await;
    let core = sender.core();
    let same = UpdateWebhook { name: Some(webhook.name.clone()), ..UpdateWebhook::default() };
    core.update_webhook(&sender.ada, webhook.id, same).await.unwrap();
    assert!(core.rotate_webhook(&sender.ada, core.ids.next()).await.is_err());
    assert!(core.enable_webhook(&sender.ada, webhook.id, app::model::webhook::Held::Send).await.is_err());
    assert!(core.delete_invite(&sender.ada, sender.project, core.ids.next()).await.is_err());
    assert!(core.remove_member(&sender.ada, sender.project, core.ids.next()).await.is_err());
    assert!(core.create_inbound(&sender.ada, sender.project, CreateInbound::default()).await.is_err());
    assert_eq!(sender.audit_log().await, before);
}

#[tokio::test]
async fn members_do_not_read_the_log_and_admins_page_through_it_over_the_api() {
    let sender = Sender::start().await;
    for _ in 0..5 {
        sender.webhook("http://127.0.0.1:9/").await;
    }
    let api = sender.server.api(&sender.ada).await;
    let path = format!("/projects/{}/audit", sender.project);
    let all = api.all(&path, 2).await;
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|entry| entry["action"] == "webhook.created" && entry["detail"] == Value::Null));
    let bob = sender.server.user("Bob", false).await;
    sender.server.join(sender.project, &bob, Role::Member).await;
    assert_eq!(sender.server.api(&bob).await.get(&path).await.status, 403);
    let eve = sender.server.user("Eve", false).await;
    assert_eq!(sender.server.api(&eve).await.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_change_with_entries_is_told_once_to_open_browsers_and_says_nothing_of_them() {
    let sender = Sender::start().await;
    let (core, ada) = (sender.core(), &sender.ada);
    core.put_integration(ada, sender.project, PutIntegration { credentials: None, ..github("") }).await.unwrap();
    core.create_inbound(ada, sender.project, CreateInbound::default()).await.unwrap();
    let bob = sender.server.user("Bob", false).await;
    sender.server.join(sender.project, &bob, Role::Member).await;
    let new = |name: &str| CreateToken { name: name.into(), expires_in_days: None };
    let secret = core.create_token(&bob, new("Bob's")).await.unwrap().secret;
    let url = sender.server.url(&format!("/api/issues/stream?projectId={}", sender.project));
    let mut stream = sender.server.http.get(url).bearer_auth(secret).send().await.unwrap();
    let before = sender.audit_log().await.len();

    core.delete_integration(ada, sender.project).await.unwrap();
    assert_eq!(sender.audit_log().await.len(), before + 2, "it and its webhook, in one change");
    // What belongs to no project is told to nobody.
    core.create_token(ada, new("CI")).await.unwrap();
    sender.issue("The last that is told").await;
    let mut said = String::new();
    eventually("all of it is told", async || {
        said.push_str(std::str::from_utf8(&stream.chunk().await.unwrap()?).unwrap());
        said.contains("issue.created").then_some(())
    })
    .await;
    let told: Vec<_> = said.lines().filter(|line| line.contains("audit")).collect();
    assert_eq!(told, [format!("data: {{\"projectId\":\"{}\",\"type\":\"audit.written\"}}", sender.project)]);
}

#[tokio::test]
async fn entries_are_kept_for_two_years() {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let sender = Sender::start().await;
    sender.webhook("http://127.0.0.1:9/").await;
    let entries = async || sender.audit_log().await.len();
    sender.advance(YEAR);
    sender.webhook("http://127.0.0.1:9/").await;
    assert_eq!(entries().await, 2);
    sender.advance(YEAR + Duration::from_secs(1));
    eventually("the older entry is removed", async || (entries().await == 1).then_some(())).await;
}

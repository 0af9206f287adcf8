//! Setting up the project's connection to its tracker.

use app::error::Error;
use app::model::audit::AuditAction;
use app::model::integration::{Credentials, Provider, PutIntegration};
use app::model::page::PageQuery;
use app::model::people::Role;
use app::service::{Audit, Integrations};
use sea_orm::EntityTrait;
use server::entity::{integration, issue};

use crate::support::TestServer;
use crate::support::inbound::event;

fn put(provider: Provider, base_url: &str, repository: &str, token: Option<&str>) -> PutIntegration {
    PutIntegration {
        provider,
        base_url: base_url.to_owned(),
        repository: repository.to_owned(),
        credentials: token.map(|token| Credentials { email: None, token: token.to_owned() }),
    }
}

fn github(token: Option<&str>) -> PutIntegration {
    put(Provider::Github, "", "acme/checkout", token)
}

#[tokio::test]
async fn an_integration_is_set_up_shown_without_its_credentials_and_removed() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let core = &server.core;
    assert_eq!(core.integration(&owner, project).await.unwrap(), None);
    let made = core.put_integration(&owner, project, github(Some("ghp_secret"))).await.unwrap();
    assert_eq!((made.base_url.as_str(), made.repository.as_str()), ("https://github.com", "acme/checkout"));
    assert!(made.has_credentials);
    let row = integration::Entity::find_by_id(made.id).one(core.store.read()).await.unwrap().unwrap();
    assert!(!row.credentials.unwrap().windows(10).any(|window| window == b"ghp_secret"));
    assert!(!serde_json::to_string(&made).unwrap().contains("ghp_secret"));
    assert_eq!(core.integration(&owner, project).await.unwrap(), Some(made));
    core.delete_integration(&owner, project).await.unwrap();
    assert_eq!(core.integration(&owner, project).await.unwrap(), None);
    assert_eq!(core.delete_integration(&owner, project).await, Err(Error::NotFound));
    server.stop().await;
}

#[tokio::test]
async fn all_four_kinds_can_be_saved_and_a_simple_url_has_no_credentials() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    for (new, base_url, repository) in [
        (put(Provider::Jira, "https://jira.example.com/", "web", Some("t")), "https://jira.example.com", "WEB"),
        (put(Provider::AzureDevops, "", "acme/Checkout", Some("t")), "https://dev.azure.com", "acme/Checkout"),
        (put(Provider::SimpleUrl, "https://bugs.example/{key}", "x", Some("t")), "https://bugs.example/{key}", ""),
    ] {
        let saved = server.core.put_integration(&owner, project, new.clone()).await.unwrap();
        assert_eq!((saved.base_url.as_str(), saved.repository.as_str()), (base_url, repository));
        assert_eq!(saved.has_credentials, new.provider != Provider::SimpleUrl);
    }
    let test = server.core.test_integration(&owner, project).await.unwrap();
    assert!(!test.ok && test.detail.contains("only links"), "{}", test.detail);
    server.stop().await;
}

#[tokio::test]
async fn a_token_of_jira_cloud_needs_the_address_of_its_account() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let mut cloud = put(Provider::Jira, "https://acme.atlassian.net", "WEB", Some("t"));
    let refused = server.core.put_integration(&owner, project, cloud.clone()).await.unwrap_err();
    assert!(refused.of_field("credentials.email").is_some_and(|why| why.contains("e-mail")), "{refused}");
    cloud.credentials.as_mut().unwrap().email = Some("ada@example.com".to_owned());
    assert!(server.core.put_integration(&owner, project, cloud).await.unwrap().has_credentials);
    server.stop().await;
}

#[tokio::test]
async fn what_is_done_to_an_integration_is_in_the_audit_log_without_its_token() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let core = &server.core;
    core.put_integration(&github.owner, github.project, self::github(Some("ghp_secret"))).await.unwrap();
    core.delete_integration(&github.owner, github.project).await.unwrap();
    let entries = core.list_audit(&github.owner, Some(github.project), PageQuery::default()).await.unwrap().items;
    let actions: Vec<_> = entries.iter().map(|entry| entry.action).collect();
    use AuditAction::{IntegrationRemoved, IntegrationSaved, WebhookDeleted};
    assert_eq!(actions, [IntegrationRemoved, WebhookDeleted, IntegrationSaved]);
    assert!(entries.iter().all(|entry| entry.actor_id == Some(github.owner.id)));
    assert!(!serde_json::to_string(&entries).unwrap().contains("ghp_secret"));
    server.stop().await;
}

#[tokio::test]
async fn a_member_looks_an_admin_sets_up_and_a_stranger_finds_nothing() {
    let server = TestServer::start().await;
    let [owner, member, stranger] =
        [server.user("Ada", false).await, server.user("Bob", false).await, server.user("Eve", false).await];
    let project = server.project(&owner, "WEB").await;
    server.join(project, &member, Role::Member).await;
    let core = &server.core;
    core.put_integration(&owner, project, github(None)).await.unwrap();
    assert!(core.integration(&member, project).await.unwrap().is_some());
    assert!(matches!(core.put_integration(&member, project, github(None)).await, Err(Error::Forbidden { .. })));
    assert!(matches!(core.delete_integration(&member, project).await, Err(Error::Forbidden { .. })));
    assert!(matches!(core.test_integration(&member, project).await, Err(Error::Forbidden { .. })));
    assert_eq!(core.integration(&stranger, project).await, Err(Error::NotFound));
    assert_eq!(core.put_integration(&stranger, project, github(None)).await, Err(Error::NotFound));
    server.stop().await;
}

#[tokio::test]
async fn stored_credentials_are_kept_but_never_for_another_address() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let core = &server.core;
    let made = core.put_integration(&owner, project, github(Some("ghp_secret"))).await.unwrap();
    let renamed = put(Provider::Github, "https://github.com", "acme/shop", None);
    let kept = core.put_integration(&owner, project, renamed).await.unwrap();
    assert_eq!((kept.id, kept.has_credentials, kept.repository.as_str()), (made.id, true, "acme/shop"));
    let elsewhere = put(Provider::Github, "https://evil.example", "acme/shop", None);
    let refused = core.put_integration(&owner, project, elsewhere).await.unwrap_err();
    assert!(refused.of_field("credentials.token").is_some());
    assert_eq!(core.integration(&owner, project).await.unwrap().unwrap().base_url, "https://github.com");
    let other = put(Provider::Jira, "https://acme.atlassian.net", "WEB", None);
    assert!(!core.put_integration(&owner, project, other).await.unwrap().has_credentials);
    server.stop().await;
}

#[tokio::test]
async fn another_provider_or_none_closes_the_inbound_webhook_and_keeps_the_issues() {
    for switch in [true, false] {
        let server = TestServer::start().await;
        let github = server.github().await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        if switch {
            let jira = put(Provider::Jira, "https://acme.atlassian.net", "WEB", None);
            server.core.put_integration(&github.owner, github.project, jira).await.unwrap();
        } else {
            server.core.delete_integration(&github.owner, github.project).await.unwrap();
        }
        assert!(server.webhook_row(github.webhook).await.deleted_at.is_some());
        assert_eq!(server.deliver(&github, "issues", event("edited", "Two", 2)).await.0, 404);
        assert_eq!(server.issues(github.project).await.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn the_same_provider_with_other_settings_keeps_the_inbound_webhook() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let renamed = put(Provider::Github, "", "acme/shop", None);
    server.core.put_integration(&github.owner, github.project, renamed).await.unwrap();
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    server.stop().await;
}

#[tokio::test]
async fn leaving_a_tracker_leaves_nothing_to_be_read() {
    let server = TestServer::start().await;
    let github = server.github_with("secret", "http://127.0.0.1:1", Some("t")).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    let due = async || issue::Entity::find().one(server.core.store.read()).await.unwrap().unwrap().sync_due_at;
    assert!(due().await.is_some());
    server.core.delete_integration(&github.owner, github.project).await.unwrap();
    assert_eq!(due().await, None);
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_at_each_field() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let broken = put(Provider::Github, "ftp://github.com", "checkout", Some("two words"));
    let error = server.core.put_integration(&owner, project, broken).await.unwrap_err();
    for field in ["baseUrl", "repository", "credentials.token"] {
        assert!(error.of_field(field).is_some(), "{field}");
    }
    assert_eq!(server.core.integration(&owner, project).await.unwrap(), None);
    server.stop().await;
}

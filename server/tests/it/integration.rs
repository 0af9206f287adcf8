//! The integration of a project.

use app::error::Error;
use app::model::audit::AuditAction;
use app::model::integration::{Credentials, PutIntegration};
use app::model::page::PageQuery;
use app::model::people::Role;
use app::model::provider::Provider;
use app::service::{Audit, Integrations};
use sea_orm::EntityTrait;
use server::entity::{integration, issue};

use crate::support::TestServer;
use crate::support::any_tracker::repository;
use crate::support::inbound::event;

fn put(provider: Provider, base_url: &str, repository: &str, token: Option<&str>) -> PutIntegration {
    PutIntegration {
        provider,
        base_url: base_url.to_owned(),
        repository: repository.to_owned(),
        only_from_repository: None,
        sync_milestones: None,
        credentials: token.map(|token| Credentials { email: None, token: token.to_owned() }),
    }
}

fn github(token: Option<&str>) -> PutIntegration {
    put(Provider::Github, "", "acme/checkout", token)
}

#[tokio::test]
async fn an_integration_is_saved_shown_and_removed() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let state = &server.state;
    assert_eq!(state.integration(&owner, project).await.unwrap(), None);
    let made = state.put_integration(&owner, project, github(Some("ghp_secret"))).await.unwrap();
    assert_eq!((made.base_url.as_str(), made.repository.as_str()), ("https://github.com", "acme/checkout"));
    assert!(made.has_credentials);
    let row = integration::Entity::find_by_id(made.id).one(state.store.read()).await.unwrap().unwrap();
    assert!(!row.credentials.unwrap().windows(10).any(|window| window == b"ghp_secret"));
    assert!(!serde_json::to_string(&made).unwrap().contains("ghp_secret"));
    assert_eq!(state.integration(&owner, project).await.unwrap(), Some(made));
    state.delete_integration(&owner, project).await.unwrap();
    assert_eq!(state.integration(&owner, project).await.unwrap(), None);
    assert_eq!(state.delete_integration(&owner, project).await, Err(Error::NotFound));
    server.stop().await;
}

#[tokio::test]
async fn every_provider_can_be_saved() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    for (new, base_url, repository) in [
        (put(Provider::Jira, "https://jira.example.com/", "web", Some("t")), "https://jira.example.com", "WEB"),
        (
            put(Provider::Linear, "https://linear.app/acme/team/ENG/all", "eng", Some("t")),
            "https://linear.app/acme",
            "ENG",
        ),
        (put(Provider::Gitea, "https://codeberg.org/", "acme/shop", Some("t")), "https://codeberg.org", "acme/shop"),
        (put(Provider::Gitlab, "", "acme/shop/checkout", Some("t")), "https://gitlab.com", "acme/shop/checkout"),
        (put(Provider::AzureDevops, "", "acme/Checkout", Some("t")), "https://dev.azure.com", "acme/Checkout"),
        (put(Provider::SimpleUrl, "https://bugs.example/{key}", "x", Some("t")), "https://bugs.example/{key}", ""),
    ] {
        let saved = server.state.put_integration(&owner, project, new.clone()).await.unwrap();
        assert_eq!((saved.base_url.as_str(), saved.repository.as_str()), (base_url, repository));
        assert_eq!(saved.has_credentials, new.provider != Provider::SimpleUrl);
    }
    let test = server.state.test_integration(&owner, project).await.unwrap();
    assert!(!test.ok && test.detail.contains("only links"), "{}", test.detail);
    server.stop().await;
}

#[tokio::test]
async fn jira_cloud_requires_an_email() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let mut cloud = put(Provider::Jira, "https://acme.atlassian.net", "WEB", Some("t"));
    let refused = server.state.put_integration(&owner, project, cloud.clone()).await.unwrap_err();
    assert!(refused.of_field("credentials.email").is_some_and(|why| why.contains("email")), "{refused}");
    cloud.credentials.as_mut().unwrap().email = Some("ada@example.com".to_owned());
    assert!(server.state.put_integration(&owner, project, cloud).await.unwrap().has_credentials);
    server.stop().await;
}

#[tokio::test]
async fn the_audit_log_has_changes_without_the_token() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let state = &server.state;
    state.put_integration(&github.owner, github.project, self::github(Some("ghp_secret"))).await.unwrap();
    state.delete_integration(&github.owner, github.project).await.unwrap();
    let entries = state.list_audit(&github.owner, Some(github.project), PageQuery::default()).await.unwrap().items;
    let actions: Vec<_> = entries.iter().map(|entry| entry.action).collect();
    use AuditAction::{IntegrationRemoved, IntegrationSaved, WebhookDeleted};
    assert_eq!(actions, [IntegrationRemoved, WebhookDeleted, IntegrationSaved]);
    assert!(entries.iter().all(|entry| entry.actor_id == Some(github.owner.id)));
    assert!(!serde_json::to_string(&entries).unwrap().contains("ghp_secret"));
    server.stop().await;
}

#[tokio::test]
async fn only_admins_change_an_integration() {
    let server = TestServer::start().await;
    let [owner, member, stranger] =
        [server.user("Ada", false).await, server.user("Bob", false).await, server.user("Eve", false).await];
    let project = server.project(&owner, "WEB").await;
    server.join(project, &member, Role::Member).await;
    let state = &server.state;
    state.put_integration(&owner, project, github(None)).await.unwrap();
    assert!(state.integration(&member, project).await.unwrap().is_some());
    assert!(matches!(state.put_integration(&member, project, github(None)).await, Err(Error::Forbidden { .. })));
    assert!(matches!(state.delete_integration(&member, project).await, Err(Error::Forbidden { .. })));
    assert!(matches!(state.test_integration(&member, project).await, Err(Error::Forbidden { .. })));
    assert_eq!(state.integration(&stranger, project).await, Err(Error::NotFound));
    assert_eq!(state.put_integration(&stranger, project, github(None)).await, Err(Error::NotFound));
    server.stop().await;
}

#[tokio::test]
async fn stored_credentials_are_not_kept_for_another_url() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let state = &server.state;
    let made = state.put_integration(&owner, project, github(Some("ghp_secret"))).await.unwrap();
    let renamed = put(Provider::Github, "https://github.com", "acme/shop", None);
    let kept = state.put_integration(&owner, project, renamed).await.unwrap();
    assert_eq!((kept.id, kept.has_credentials, kept.repository.as_str()), (made.id, true, "acme/shop"));
    let elsewhere = put(Provider::Github, "https://evil.example", "acme/shop", None);
    let refused = state.put_integration(&owner, project, elsewhere).await.unwrap_err();
    assert!(refused.of_field("credentials.token").is_some());
    assert_eq!(state.integration(&owner, project).await.unwrap().unwrap().base_url, "https://github.com");
    let other = put(Provider::Jira, "https://acme.atlassian.net", "WEB", None);
    assert!(!state.put_integration(&owner, project, other).await.unwrap().has_credentials);
    server.stop().await;
}

#[tokio::test]
async fn leaving_a_provider_deletes_its_inbound_webhook() {
    for switch in [true, false] {
        let server = TestServer::start().await;
        let github = server.github().await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        if switch {
            let jira = put(Provider::Jira, "https://acme.atlassian.net", "WEB", None);
            server.state.put_integration(&github.owner, github.project, jira).await.unwrap();
        } else {
            server.state.delete_integration(&github.owner, github.project).await.unwrap();
        }
        assert!(server.webhook_row(github.webhook).await.deleted_at.is_some());
        assert_eq!(server.deliver(&github, "issues", event("edited", "Two", 2)).await.0, 404);
        assert_eq!(server.issues(github.project).await.len(), 1);
        server.stop().await;
    }
}

#[tokio::test]
async fn other_settings_keep_the_inbound_webhook() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let renamed = put(Provider::Github, "", "acme/shop", None);
    server.state.put_integration(&github.owner, github.project, renamed).await.unwrap();
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    server.stop().await;
}

#[tokio::test]
async fn leaving_a_provider_clears_the_sync_queue() {
    let server = TestServer::start().await;
    let github = server.github_with("secret", "http://127.0.0.1:1", Some("t")).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    let due = async || issue::Entity::find().one(server.state.store.read()).await.unwrap().unwrap().sync_due_at;
    assert!(due().await.is_some());
    server.state.delete_integration(&github.owner, github.project).await.unwrap();
    assert_eq!(due().await, None);
    server.stop().await;
}

#[tokio::test]
async fn each_invalid_field_has_an_error() {
    let server = TestServer::start().await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let broken = put(Provider::Github, "ftp://github.com", "checkout", Some("two words"));
    let error = server.state.put_integration(&owner, project, broken).await.unwrap_err();
    for field in ["baseUrl", "repository", "credentials.token"] {
        assert!(error.of_field(field).is_some(), "{field}");
    }
    assert_eq!(server.state.integration(&owner, project).await.unwrap(), None);
    server.stop().await;
}

#[tokio::test]
async fn a_host_with_a_private_address_is_rejected() {
    let server = TestServer::start_with(&["--host-overrides", "tracker.example.com=10.1.2.3"]).await;
    let owner = server.user("Ada", false).await;
    let project = server.project(&owner, "WEB").await;
    let state = &server.state;
    for &provider in Provider::ALL.iter().filter(|provider| provider.has_inbound()) {
        let new = put(provider, "https://tracker.example.com", repository(provider), None);
        let error = state.put_integration(&owner, project, new).await.unwrap_err();
        let message = error.of_field("baseUrl").unwrap();
        assert_eq!(message, "tracker.example.com resolves to a private or reserved address, which is not allowed.");
    }
    assert_eq!(state.integration(&owner, project).await.unwrap(), None);
    // Only browsers open such a URL.
    let links = put(Provider::SimpleUrl, "https://tracker.example.com/{key}", "", None);
    state.put_integration(&owner, project, links).await.unwrap();
    server.stop().await;
}

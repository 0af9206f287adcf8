//! Webhooks as admins make, change and delete them, and as members read them.

use std::iter;

use app::error::Error;
use app::model::catalog::EventType;
use app::model::id::{IntegrationId, ProjectId};
use app::model::integration::Provider;
use app::model::live::What;
use app::model::page::PageQuery;
use app::model::people::Role;
use app::model::webhook::{CreateInbound, CreateWebhook, Direction, UpdateWebhook, Webhook, WebhookKind};
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};
use server::crypto;
use server::entity::{integration, webhook, webhook_secret};

use crate::support::outbound::Sender;

fn status<T>(result: Result<T, Error>) -> Result<(), u16> {
    result.map(drop).map_err(|error| error.status())
}

async fn integrate(sender: &Sender, provider: Provider) {
    let row = integration::ActiveModel {
        id: Set(sender.core().ids.next::<IntegrationId>()),
        project_id: Set(sender.project),
        provider: Set(provider),
        base_url: Set("https://github.com".into()),
        repository: Set("ada/engine".into()),
        created_at: Set(sender.core().clock.now()),
        ..Default::default()
    };
    let write = sender.core().store.write::<_, DbErr, _>(|tx| {
        Box::pin(async move { integration::Entity::insert(row).exec_without_returning(tx.db()).await.map(drop) })
    });
    write.await.unwrap();
}

async fn list(sender: &Sender, page: PageQuery) -> (Vec<Webhook>, Option<String>) {
    let page = sender.core().list_webhooks(&sender.ada, sender.project, page).await.unwrap();
    (page.items, page.next_cursor)
}

#[tokio::test]
async fn the_secret_is_revealed_once_and_stored_sealed() {
    let sender = Sender::start().await;
    let url = "http://127.0.0.1:9/hook?token=s3cret";
    let created = sender.webhook(url).await;
    let secret = created.reveal.clone().unwrap().secret.unwrap();
    assert!(standardwebhooks::Webhook::new(&secret).is_ok());
    assert_eq!(secret.len(), "whsec_".len() + 44);
    assert_eq!(created.webhook.url, "http://127.0.0.1:9/hook?token=••••");

    let read = sender.core().webhook(&sender.ada, created.webhook.id).await.unwrap();
    assert_eq!(read, created.webhook);
    assert_eq!(read.secrets.len(), 1);
    let shown = serde_json::to_string(&read).unwrap();
    assert!(!shown.contains(&secret) && !shown.contains("s3cret"));

    let db = sender.core().store.read();
    let row = webhook::Entity::find_by_id(read.id).one(db).await.unwrap().unwrap();
    let sealed = webhook_secret::Entity::find().one(db).await.unwrap().unwrap();
    for (bytes, plain) in [(row.url.as_deref().unwrap(), "s3cret"), (&sealed.secret, &secret)] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain.as_bytes()));
    }
    let keys = &sender.core().keys;
    assert_eq!(keys.open_text(&webhook::url_place(read.id), row.url.as_deref().unwrap()).unwrap(), url);
    assert_eq!(keys.open_text(&webhook_secret::place(sealed.id), &sealed.secret).unwrap(), secret);
}

#[tokio::test]
async fn members_read_admins_configure_and_strangers_find_nothing() {
    let sender = Sender::start().await;
    let id = sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (sender.server.user("Bob", false).await, sender.server.user("Eve", false).await);
    sender.server.join(sender.project, &bob, Role::Member).await;
    for (actor, reads, configures) in [(&bob, Ok(()), Err(403)), (&eve, Err(404), Err(404))] {
        let core = sender.core();
        let new = || CreateWebhook { name: "x".into(), url: "http://127.0.0.1:9/".into(), events: vec![] };
        let rename = || UpdateWebhook { name: Some("y".into()), ..UpdateWebhook::default() };
        assert_eq!(status(core.list_webhooks(actor, sender.project, PageQuery::default()).await), reads);
        assert_eq!(status(core.webhook(actor, id).await), reads);
        assert_eq!(status(core.create_webhook(actor, sender.project, new()).await), configures);
        assert_eq!(status(core.create_inbound(actor, sender.project, CreateInbound::default()).await), configures);
        assert_eq!(status(core.update_webhook(actor, id, rename()).await), configures);
        assert_eq!(status(core.delete_webhook(actor, id).await), configures);
    }
    assert_eq!(list(&sender, PageQuery::default()).await.0.len(), 1);
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_new_webhook_is_told_at_once() {
    let sender = Sender::start().await;
    let new = CreateWebhook { name: " ".into(), url: "ftp://example.com".into(), events: vec![] };
    let error = sender.core().create_webhook(&sender.ada, sender.project, new).await.map(drop).unwrap_err();
    assert_eq!(error.of_field("name"), Some("Enter a name."));
    assert!(error.of_field("url").is_some());
    assert!(list(&sender, PageQuery::default()).await.0.is_empty());
}

#[tokio::test]
async fn a_change_is_saved_and_told_and_one_that_changes_nothing_is_not_told() {
    let sender = Sender::start().await;
    let url = "http://127.0.0.1:9/?token=s3cret";
    let webhook = sender.webhook(url).await.webhook;
    let mut live = sender.core().hub.subscribe(sender.project, None).0;
    let same = UpdateWebhook {
        name: Some(webhook.name.clone()),
        url: Some(url.into()),
        // Twice and in another order is the same set.
        events: Some(vec![EventType::IssueUpdated, EventType::IssueCreated, EventType::IssueUpdated]),
        ..UpdateWebhook::default()
    };
    assert_eq!(sender.core().update_webhook(&sender.ada, webhook.id, same).await.unwrap(), webhook);
    assert!(live.try_recv().is_err(), "nothing to tell");

    let change = UpdateWebhook {
        name: Some("Chat".into()),
        url: Some("http://127.0.0.1:10/?key=other".into()),
        events: Some(vec![EventType::SessionCompleted]),
        ..UpdateWebhook::default()
    };
    let changed = sender.core().update_webhook(&sender.ada, webhook.id, change).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.url.as_str()), ("Chat", "http://127.0.0.1:10/?key=••••"));
    assert_eq!(changed.events, [EventType::SessionCompleted]);
    let told: Vec<_> = iter::from_fn(|| live.try_recv().ok()).map(|told| told.change.what).collect();
    assert_eq!(told, [What::AuditWritten, What::WebhookChanged { webhook_id: webhook.id }]);
    assert_eq!(sender.core().webhook(&sender.ada, webhook.id).await.unwrap(), changed);
}

#[tokio::test]
async fn the_address_as_it_is_shown_is_kept_and_dots_are_no_part_of_another_one() {
    let sender = Sender::start().await;
    let webhook = sender.webhook("http://127.0.0.1:9/?token=s3cret").await.webhook;
    let stored = || async { webhook::Entity::find_by_id(webhook.id).one(sender.core().store.read()).await.unwrap() };
    let before = stored().await.unwrap();
    let rename =
        UpdateWebhook { name: Some("Chat".into()), url: Some(webhook.url.clone()), ..UpdateWebhook::default() };
    let renamed = sender.core().update_webhook(&sender.ada, webhook.id, rename).await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.url, &renamed.secrets), ("Chat", &webhook.url, &webhook.secrets));
    assert_eq!(stored().await.unwrap().url, before.url);

    let url = Some("http://127.0.0.1:10/?token=••••".into());
    let covered = UpdateWebhook { url, ..UpdateWebhook::default() };
    let error = sender.core().update_webhook(&sender.ada, webhook.id, covered).await.unwrap_err();
    assert!(error.of_field("url").is_some_and(|why| why.contains("dots")), "{error}");
}

#[tokio::test]
async fn a_deleted_webhook_is_gone_for_everybody() {
    let sender = Sender::start().await;
    let id = sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    sender.core().delete_webhook(&sender.ada, id).await.unwrap();
    assert_eq!(status(sender.core().webhook(&sender.ada, id).await), Err(404));
    assert_eq!(status(sender.core().delete_webhook(&sender.ada, id).await), Err(404));
    assert_eq!(status(sender.core().update_webhook(&sender.ada, id, UpdateWebhook::default()).await), Err(404));
    assert!(list(&sender, PageQuery::default()).await.0.is_empty());
}

#[tokio::test]
async fn the_inbound_webhook_comes_first_and_the_list_is_paged() {
    let sender = Sender::start().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(sender.webhook("http://127.0.0.1:9/").await.webhook.id);
    }
    integrate(&sender, Provider::Github).await;
    let inbound = sender.core().create_inbound(&sender.ada, sender.project, CreateInbound::default()).await.unwrap();
    expected.insert(0, inbound.webhook.id);

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let (items, next) = list(&sender, PageQuery { limit: Some(1), cursor }).await;
        assert_eq!(items.len(), 1);
        seen.push(items[0].id);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
    let bad = PageQuery { cursor: Some("nonsense".into()), limit: None };
    assert_eq!(status(sender.core().list_webhooks(&sender.ada, sender.project, bad).await), Err(422));
}

#[tokio::test]
async fn the_inbound_address_and_secret_are_revealed_once() {
    let sender = Sender::start().await;
    integrate(&sender, Provider::Github).await;
    let created = sender.core().create_inbound(&sender.ada, sender.project, CreateInbound::default()).await.unwrap();
    let reveal = created.reveal.unwrap();
    let url = reveal.url.unwrap();
    let token = url.strip_prefix(&sender.server.url("/api/webhooks/")).expect("the instance's own address");
    assert!(token.starts_with("whk_") && token.len() > 40);
    assert_eq!(reveal.secret.as_ref().map(String::len), Some(64));

    let webhook = sender.core().webhook(&sender.ada, created.webhook.id).await.unwrap();
    assert_eq!((webhook.direction, webhook.kind), (Direction::Inbound, WebhookKind::Github));
    assert_eq!(webhook.name, "GitHub issues");
    assert_eq!(webhook.url, sender.server.url(&format!("/api/webhooks/{}••••••••", &token[..8])));
    let row = webhook::Entity::find_by_id(webhook.id).one(sender.core().store.read()).await.unwrap().unwrap();
    assert_eq!(row.token_hash, Some(crypto::sha256(token.as_bytes()).to_vec()));
    assert!(!format!("{row:?}").contains(token));
}

#[tokio::test]
async fn a_project_has_at_most_one_inbound_webhook() {
    let sender = Sender::start().await;
    integrate(&sender, Provider::Github).await;
    let make = || sender.core().create_inbound(&sender.ada, sender.project, CreateInbound::default());
    let results = futures::future::join_all((0..4).map(|_| make())).await;
    let statuses: Vec<_> = results.into_iter().map(status).collect();
    assert_eq!(statuses.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(statuses.iter().filter(|result| **result == Err(409)).count(), 3);
    let first = list(&sender, PageQuery::default()).await.0.remove(0);
    sender.core().delete_webhook(&sender.ada, first.id).await.unwrap();
    make().await.map(drop).unwrap();
}

#[tokio::test]
async fn without_a_tracker_that_can_send_there_is_no_inbound_webhook() {
    for (provider, word) in [(None, "integration first"), (Some(Provider::SimpleUrl), "Simple URL")] {
        let sender = Sender::start().await;
        if let Some(provider) = provider {
            integrate(&sender, provider).await;
        }
        let made = sender.core().create_inbound(&sender.ada, sender.project, CreateInbound::default()).await;
        let error = made.map(drop).unwrap_err();
        assert_eq!(error.status(), 409);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn a_webhook_of_jira_reveals_its_address_and_its_secret() {
    let sender = Sender::start().await;
    integrate(&sender, Provider::Jira).await;
    let made = sender.core().create_inbound(&sender.ada, sender.project, CreateInbound::default()).await.unwrap();
    assert_eq!((made.webhook.kind, made.webhook.name.as_str()), (WebhookKind::Jira, "Jira issues"));
    let reveal = made.reveal.unwrap();
    assert!(reveal.url.is_some() && reveal.secret.is_some_and(|secret| secret.len() == 64));
}

#[tokio::test]
async fn a_webhook_of_azure_devops_asks_for_what_its_hook_sends_and_reveals_the_address_alone() {
    let sender = Sender::start().await;
    integrate(&sender, Provider::AzureDevops).await;
    let make = |username: Option<&str>, password: Option<&str>| {
        let new = CreateInbound { username: username.map(Into::into), password: password.map(Into::into) };
        sender.core().create_inbound(&sender.ada, sender.project, new)
    };
    for (username, password, fields) in [
        (None, None, &["username", "password"][..]),
        (Some(" "), Some("p"), &["username"]),
        (Some("ado"), Some(""), &["password"]),
        (Some("a:b"), Some("p"), &["username"]),
        (Some("ado"), Some("pässword"), &["password"]),
    ] {
        let refused = make(username, password).await.map(drop).unwrap_err();
        assert_eq!(refused.status(), 422);
        for field in ["username", "password"] {
            assert_eq!(refused.of_field(field).is_some(), fields.contains(&field), "{username:?} {password:?}");
        }
    }
    let made = make(Some("ado"), Some("hook password")).await.unwrap();
    assert_eq!((made.webhook.kind, made.webhook.name.as_str()), (WebhookKind::AzureDevops, "Azure DevOps issues"));
    let reveal = made.reveal.unwrap();
    assert!(reveal.url.is_some() && reveal.secret.is_none());
    let secret = webhook_secret::Entity::find().one(sender.core().store.read()).await.unwrap().unwrap().secret;
    assert!(!secret.windows(8).any(|window| window == b"password"));
    assert!(!serde_json::to_string(&made.webhook).unwrap().contains("hook password"));
}

#[tokio::test]
async fn a_project_that_is_not_there_has_no_webhooks() {
    let sender = Sender::start().await;
    let nowhere: ProjectId = sender.core().ids.next();
    assert_eq!(status(sender.core().list_webhooks(&sender.ada, nowhere, PageQuery::default()).await), Err(404));
}

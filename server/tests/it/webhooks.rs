//! Webhooks are created, changed and deleted by admins, and read by members.

use std::iter;
use std::time::Duration;

use app::error::Error;
use app::model::catalog::{EventType, Subscription};
use app::model::destination::DestinationKind;
use app::model::id::{IntegrationId, ProjectId};
use app::model::live::ChangeKind;
use app::model::page::PageQuery;
use app::model::people::Role;
use app::model::policy::MAX_WEBHOOKS_PER_PROJECT;
use app::model::provider::Provider;
use app::model::webhook::{CreateInbound, CreateWebhook, Direction, UpdateWebhook, Webhook, WebhookKind};
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use server::crypto;
use server::entity::{integration, webhook, webhook_secret};

use crate::support::outbound::OutboundFixture;

fn status<T>(result: Result<T, Error>) -> Result<(), u16> {
    result.map(drop).map_err(|error| error.status())
}

async fn integrate(fixture: &OutboundFixture, provider: Provider) {
    let row = integration::ActiveModel {
        id: Set(fixture.state().ids.next::<IntegrationId>()),
        project_id: Set(fixture.project),
        provider: Set(provider),
        base_url: Set("https://github.com".into()),
        repository: Set("ada/engine".into()),
        created_at: Set(fixture.state().clock.now()),
        ..Default::default()
    };
    let write = fixture.state().store.write::<_, DbErr, _>(|tx| {
        Box::pin(async move { integration::Entity::insert(row).exec_without_returning(tx.db()).await.map(drop) })
    });
    write.await.unwrap();
}

async fn list(fixture: &OutboundFixture, page: PageQuery) -> (Vec<Webhook>, Option<String>) {
    let page = fixture.state().list_webhooks(&fixture.ada, fixture.project, page).await.unwrap();
    (page.items, page.next_cursor)
}

#[tokio::test]
async fn a_project_with_the_most_webhooks_gets_no_further_one() {
    let fixture = OutboundFixture::start().await;
    let (state, now) = (fixture.state(), fixture.state().clock.now());
    let kind = WebhookKind::Destination(DestinationKind::Generic);
    let rows: Vec<_> =
        iter::repeat_with(|| webhook::Model::new(state.ids.next(), fixture.project, kind, "W".to_owned(), now))
            .take(MAX_WEBHOOKS_PER_PROJECT.try_into().unwrap())
            .collect();
    let first = rows[0].id;
    let rows: Vec<_> = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    fixture
        .server
        .insert(move |db| {
            Box::pin(async move { webhook::Entity::insert_many(rows).exec_without_returning(db).await.map(drop) })
        })
        .await;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks", fixture.project);
    let new = serde_json::json!({"name": "One more", "url": "http://127.0.0.1:9/", "events": ["*"]});
    let refused = api.post(&path, &new).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.text.contains("Delete one"), "{}", refused.text);
    fixture.state().delete_webhook(&fixture.ada, first).await.unwrap();
    assert_eq!(api.post(&path, &new).await.status, 201);
}

#[tokio::test]
async fn the_secret_is_revealed_once_and_encrypted() {
    let fixture = OutboundFixture::start().await;
    let url = "http://127.0.0.1:9/hook?token=s3cret";
    let created = fixture.webhook(url).await;
    let secret = created.reveal.clone().unwrap().secret.unwrap();
    assert!(standardwebhooks::Webhook::new(&secret).is_ok());
    assert_eq!(secret.len(), "whsec_".len() + 44);
    assert_eq!(created.webhook.url, "http://127.0.0.1:9/hook?token=••••");

    let read = fixture.state().webhook(&fixture.ada, created.webhook.id).await.unwrap();
    assert_eq!(read, created.webhook);
    assert_eq!(read.secrets.len(), 1);
    let shown = serde_json::to_string(&read).unwrap();
    assert!(!shown.contains(&secret) && !shown.contains("s3cret"));

    let db = fixture.state().store.read();
    let row = webhook::Entity::find_by_id(read.id).one(db).await.unwrap().unwrap();
    let sealed = webhook_secret::Entity::find().one(db).await.unwrap().unwrap();
    for (bytes, plain) in [(row.url.as_deref().unwrap(), "s3cret"), (&sealed.secret, &secret)] {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain.as_bytes()));
    }
    let keys = &fixture.state().keys;
    assert_eq!(keys.open_text(&webhook::url_aad(read.id), row.url.as_deref().unwrap()).unwrap(), url);
    assert_eq!(keys.open_text(&webhook_secret::secret_aad(sealed.id), &sealed.secret).unwrap(), secret);
}

#[tokio::test]
async fn members_read_webhooks_and_admins_change_them() {
    let fixture = OutboundFixture::start().await;
    let id = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (fixture.server.user("Bob", false).await, fixture.server.user("Eve", false).await);
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    for (actor, reads, configures) in [(&bob, Ok(()), Err(403)), (&eve, Err(404), Err(404))] {
        let state = fixture.state();
        let new = || CreateWebhook {
            name: "x".into(),
            url: "http://127.0.0.1:9/".into(),
            events: vec![Subscription::All],
            ..CreateWebhook::default()
        };
        let rename = || UpdateWebhook { name: Some("y".into()), ..UpdateWebhook::default() };
        assert_eq!(status(state.list_webhooks(actor, fixture.project, PageQuery::default()).await), reads);
        assert_eq!(status(state.webhook(actor, id).await), reads);
        assert_eq!(status(state.create_webhook(actor, fixture.project, new()).await), configures);
        assert_eq!(status(state.create_inbound(actor, fixture.project, CreateInbound::default()).await), configures);
        assert_eq!(status(state.update_webhook(actor, id, rename()).await), configures);
        assert_eq!(status(state.delete_webhook(actor, id).await), configures);
    }
    assert_eq!(list(&fixture, PageQuery::default()).await.0.len(), 1);
}

#[tokio::test]
async fn all_errors_of_a_new_webhook_are_reported() {
    let fixture = OutboundFixture::start().await;
    let new =
        CreateWebhook { name: " ".into(), url: "ftp://example.com".into(), events: vec![], ..CreateWebhook::default() };
    let error = fixture.state().create_webhook(&fixture.ada, fixture.project, new).await.map(drop).unwrap_err();
    assert_eq!(error.of_field("name"), Some("Enter a name."));
    assert!(error.of_field("url").is_some());
    assert_eq!(error.of_field("events"), Some("Select at least one event."));
    assert!(list(&fixture, PageQuery::default()).await.0.is_empty());
}

#[tokio::test]
async fn an_update_without_effect_sends_no_live_message() {
    let fixture = OutboundFixture::start().await;
    let url = "http://127.0.0.1:9/?token=s3cret";
    let webhook = fixture.webhook(url).await.webhook;
    // A webhook changes at most once per second.
    fixture.advance(Duration::from_secs(1));
    let mut live = fixture.server.changes(fixture.project);
    let same = UpdateWebhook {
        name: Some(webhook.name.clone()),
        url: Some(url.into()),
        // Twice and in another order is the same set.
        events: Some(
            [EventType::IssueUpdated, EventType::IssueCreated, EventType::IssueUpdated].map(Into::into).into(),
        ),
        ..UpdateWebhook::default()
    };
    assert_eq!(fixture.state().update_webhook(&fixture.ada, webhook.id, same).await.unwrap(), webhook);
    assert!(live.try_recv().is_err(), "nothing to tell");

    let change = UpdateWebhook {
        name: Some("Chat".into()),
        url: Some("http://127.0.0.1:10/?key=other".into()),
        events: Some(vec![EventType::SessionCompleted.into()]),
        ..UpdateWebhook::default()
    };
    let changed = fixture.state().update_webhook(&fixture.ada, webhook.id, change).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.url.as_str()), ("Chat", "http://127.0.0.1:10/?key=••••"));
    assert_eq!(changed.events, [EventType::SessionCompleted]);
    let told: Vec<_> = iter::from_fn(|| live.try_recv().ok()).map(|told| told.change.kind).collect();
    assert_eq!(told, [ChangeKind::AuditWritten, ChangeKind::WebhookChanged { webhook_id: webhook.id }]);
    assert_eq!(fixture.state().webhook(&fixture.ada, webhook.id).await.unwrap(), changed);
}

#[tokio::test]
async fn the_redacted_url_keeps_the_stored_url() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/?token=s3cret").await.webhook;
    let stored = || async { webhook::Entity::find_by_id(webhook.id).one(fixture.state().store.read()).await.unwrap() };
    let before = stored().await.unwrap();
    let rename =
        UpdateWebhook { name: Some("Chat".into()), url: Some(webhook.url.clone()), ..UpdateWebhook::default() };
    let renamed = fixture.state().update_webhook(&fixture.ada, webhook.id, rename).await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.url, &renamed.secrets), ("Chat", &webhook.url, &webhook.secrets));
    assert_eq!(stored().await.unwrap().url, before.url);

    let url = Some("http://127.0.0.1:10/?token=••••".into());
    let covered = UpdateWebhook { url, ..UpdateWebhook::default() };
    let error = fixture.state().update_webhook(&fixture.ada, webhook.id, covered).await.unwrap_err();
    assert!(error.of_field("url").is_some_and(|why| why.contains("hidden")), "{error}");
}

#[tokio::test]
async fn a_deleted_webhook_is_not_found() {
    let fixture = OutboundFixture::start().await;
    let id = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    fixture.state().delete_webhook(&fixture.ada, id).await.unwrap();
    assert_eq!(status(fixture.state().webhook(&fixture.ada, id).await), Err(404));
    assert_eq!(status(fixture.state().delete_webhook(&fixture.ada, id).await), Err(404));
    assert_eq!(status(fixture.state().update_webhook(&fixture.ada, id, UpdateWebhook::default()).await), Err(404));
    assert!(list(&fixture, PageQuery::default()).await.0.is_empty());
}

#[tokio::test]
async fn webhooks_are_paged_with_the_inbound_one_first() {
    let fixture = OutboundFixture::start().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(fixture.webhook("http://127.0.0.1:9/").await.webhook.id);
    }
    integrate(&fixture, Provider::Github).await;
    let inbound =
        fixture.state().create_inbound(&fixture.ada, fixture.project, CreateInbound::default()).await.unwrap();
    expected.insert(0, inbound.webhook.id);

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let (items, next) = list(&fixture, PageQuery { limit: Some(1), cursor }).await;
        assert_eq!(items.len(), 1);
        seen.push(items[0].id);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
    let bad = PageQuery { cursor: Some("nonsense".into()), limit: None };
    assert_eq!(status(fixture.state().list_webhooks(&fixture.ada, fixture.project, bad).await), Err(422));
}

#[tokio::test]
async fn the_inbound_url_and_secret_are_revealed_once() {
    let fixture = OutboundFixture::start().await;
    integrate(&fixture, Provider::Github).await;
    let created =
        fixture.state().create_inbound(&fixture.ada, fixture.project, CreateInbound::default()).await.unwrap();
    let reveal = created.reveal.unwrap();
    let url = reveal.url.unwrap();
    let token = url.strip_prefix(&fixture.server.url("/api/webhooks/")).expect("the instance's own address");
    assert!(token.starts_with("whk_") && token.len() > 40);
    assert_eq!(reveal.secret.as_ref().map(String::len), Some(64));

    let webhook = fixture.state().webhook(&fixture.ada, created.webhook.id).await.unwrap();
    assert_eq!((webhook.direction, webhook.kind), (Direction::Inbound, WebhookKind::Tracker(Provider::Github)));
    assert_eq!(webhook.name, "GitHub issues");
    assert_eq!(webhook.url, fixture.server.url(&format!("/api/webhooks/{}••••••••", &token[..8])));
    let row = webhook::Entity::find_by_id(webhook.id).one(fixture.state().store.read()).await.unwrap().unwrap();
    assert_eq!(row.token_hash, Some(crypto::sha256(token.as_bytes()).to_vec()));
    assert!(!format!("{row:?}").contains(token));
}

#[tokio::test]
async fn a_project_has_at_most_one_inbound_webhook() {
    let fixture = OutboundFixture::start().await;
    integrate(&fixture, Provider::Github).await;
    let make = || fixture.state().create_inbound(&fixture.ada, fixture.project, CreateInbound::default());
    let results = futures::future::join_all((0..4).map(|_| make())).await;
    let statuses: Vec<_> = results.into_iter().map(status).collect();
    assert_eq!(statuses.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(statuses.iter().filter(|result| **result == Err(409)).count(), 3);
    let first = list(&fixture, PageQuery::default()).await.0.remove(0);
    fixture.state().delete_webhook(&fixture.ada, first.id).await.unwrap();
    make().await.map(drop).unwrap();
}

#[tokio::test]
async fn an_inbound_webhook_needs_a_tracker_with_events() {
    for (provider, word) in [(None, "integration first"), (Some(Provider::SimpleUrl), "Simple URL")] {
        let fixture = OutboundFixture::start().await;
        if let Some(provider) = provider {
            integrate(&fixture, provider).await;
        }
        let made = fixture.state().create_inbound(&fixture.ada, fixture.project, CreateInbound::default()).await;
        let error = made.map(drop).unwrap_err();
        assert_eq!(error.status(), 409);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn a_jira_webhook_reveals_its_url_and_secret() {
    let fixture = OutboundFixture::start().await;
    integrate(&fixture, Provider::Jira).await;
    let made = fixture.state().create_inbound(&fixture.ada, fixture.project, CreateInbound::default()).await.unwrap();
    assert_eq!((made.webhook.kind, made.webhook.name.as_str()), (WebhookKind::Tracker(Provider::Jira), "Jira issues"));
    let reveal = made.reveal.unwrap();
    assert!(reveal.url.is_some() && reveal.secret.is_some_and(|secret| secret.len() == 64));
}

#[tokio::test]
async fn an_azure_devops_webhook_asks_for_credentials() {
    let fixture = OutboundFixture::start().await;
    integrate(&fixture, Provider::AzureDevops).await;
    let make = |username: Option<&str>, password: Option<&str>| {
        let new = CreateInbound { username: username.map(Into::into), password: password.map(Into::into) };
        fixture.state().create_inbound(&fixture.ada, fixture.project, new)
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
    assert_eq!(
        (made.webhook.kind, made.webhook.name.as_str()),
        (WebhookKind::Tracker(Provider::AzureDevops), "Azure DevOps issues")
    );
    let reveal = made.reveal.unwrap();
    assert!(reveal.url.is_some() && reveal.secret.is_none());
    let secret = webhook_secret::Entity::find().one(fixture.state().store.read()).await.unwrap().unwrap().secret;
    assert!(!secret.windows(8).any(|window| window == b"password"));
    assert!(!serde_json::to_string(&made.webhook).unwrap().contains("hook password"));
}

#[tokio::test]
async fn an_unknown_project_has_no_webhooks() {
    let fixture = OutboundFixture::start().await;
    let nowhere: ProjectId = fixture.state().ids.next();
    assert_eq!(status(fixture.state().list_webhooks(&fixture.ada, nowhere, PageQuery::default()).await), Err(404));
}

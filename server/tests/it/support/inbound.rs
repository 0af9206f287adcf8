//! The GitHub side of inbound webhooks: a project with a GitHub webhook, and signed events.

use app::model::id::{IntegrationId, ProjectId, SecretId, WebhookId};
use app::model::integration::Credentials;
use app::model::people::Actor;
use app::model::provider::Provider;
use app::model::webhook::{Direction, Health, WebhookKind};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use server::crypto;
use server::entity::delivery::StoredStatus;
use server::entity::{delivery, integration, issue, receipt, webhook, webhook_secret};

use super::TestServer;

/// An inbound GitHub webhook, as GitHub knows it.
pub struct Github {
    pub owner: Actor,
    pub project: ProjectId,
    pub integration: IntegrationId,
    pub webhook: WebhookId,
    pub token: String,
    pub secret: String,
}

/// The number of rows that inbound events have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    pub receipts: u64,
    pub deliveries: u64,
    pub issues: u64,
}

pub const NOTHING: Rows = Rows { receipts: 0, deliveries: 0, issues: 0 };

/// The value of the signature header.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A recorded payload. They are not part of the repository.
#[allow(clippy::disallowed_methods, reason = "where the recorded files are is no setting of the server")]
pub fn fixture(path: &str) -> String {
    let folder = std::env::var("TESTBELL_FIXTURES").expect(
        "this test replays recorded payloads: set TESTBELL_FIXTURES to the folder that has github/issues.opened.json",
    );
    std::fs::read_to_string(std::path::Path::new(&folder).join(path)).unwrap()
}

impl TestServer {
    /// A project that is connected to the repository `acme/checkout`.
    pub async fn github(&self) -> Github {
        self.github_with("It's a Secret to Everybody", "https://github.com", None).await
    }

    pub async fn github_with(&self, secret: &str, base_url: &str, token: Option<&str>) -> Github {
        let name = format!("Ada{}", self.state.ids.next::<ProjectId>());
        let owner = self.user(&name, false).await;
        let project =
            self.project(&owner, &format!("P{}", hex::encode(crypto::random_bytes::<3>()).to_uppercase())).await;
        let now = self.state.clock.now();
        let (integration, webhook): (IntegrationId, WebhookId) = (self.state.ids.next(), self.state.ids.next());
        let secret_id: SecretId = self.state.ids.next();
        let url_token = crypto::token("whk_");
        let keys = &self.state.keys;
        let credentials = token.map(|token| {
            let json = serde_json::to_vec(&Credentials { email: None, token: token.to_owned() }).unwrap();
            keys.seal(&format!("integrations.credentials:{integration}"), &json).unwrap()
        });
        let integration_row = integration::ActiveModel {
            id: Set(integration),
            project_id: Set(project),
            provider: Set(Provider::Github),
            base_url: Set(base_url.to_owned()),
            repository: Set("acme/checkout".to_owned()),
            credentials: Set(credentials),
            created_at: Set(now),
            ..Default::default()
        };
        let webhook_row = webhook::ActiveModel {
            id: Set(webhook),
            project_id: Set(project),
            direction: Set(Direction::Inbound),
            kind: Set(WebhookKind::Tracker(Provider::Github)),
            name: Set("GitHub".to_owned()),
            display_url: Set(String::new()),
            token_hash: Set(Some(crypto::sha256(url_token.as_bytes()).to_vec())),
            health: Set(Health::Healthy),
            consecutive_failures: Set(0),
            created_at: Set(now),
            ..Default::default()
        };
        let secret_row = webhook_secret::ActiveModel {
            id: Set(secret_id),
            webhook_id: Set(webhook),
            public_key: Set(None),
            secret: Set(keys.seal(&format!("webhook_secrets.secret:{secret_id}"), secret.as_bytes()).unwrap()),
            extended: Set(false),
            created_at: Set(now),
            retires_at: Set(None),
        };
        self.insert(move |db| {
            Box::pin(async move {
                integration::Entity::insert(integration_row).exec_without_returning(db).await?;
                webhook::Entity::insert(webhook_row).exec_without_returning(db).await?;
                webhook_secret::Entity::insert(secret_row).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
        Github { owner, project, integration, webhook, token: url_token, secret: secret.to_owned() }
    }

    /// A request to the webhook of a token, without headers and body.
    pub fn inbound(&self, token: &str) -> reqwest::RequestBuilder {
        self.http.post(self.url(&format!("/api/webhooks/{token}")))
    }

    /// Sends an event as GitHub would; returns the status and the response.
    pub async fn deliver(&self, github: &Github, event: &str, body: impl Into<String>) -> (u16, Value) {
        let body = body.into();
        let request = self
            .inbound(&github.token)
            .header("content-type", "application/json")
            .header("user-agent", "GitHub-Hookshot/044aadd")
            .header("x-github-event", event)
            .header("x-hub-signature-256", sign(&github.secret, body.as_bytes()));
        answer(request.body(body)).await
    }

    /// Sends an event that must be accepted; returns the outcome.
    pub async fn outcome(&self, github: &Github, event: &str, body: impl Into<String>) -> String {
        let (status, answer) = self.deliver(github, event, body).await;
        assert_eq!((status, &answer["ok"]), (200, &Value::Bool(true)), "{answer}");
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
        answer["outcome"].as_str().unwrap().to_owned()
    }

    pub async fn rows(&self) -> Rows {
        let db = self.state.store.read();
        Rows {
            receipts: receipt::Entity::find().count(db).await.unwrap(),
            deliveries: delivery::Entity::find().count(db).await.unwrap(),
            issues: issue::Entity::find().count(db).await.unwrap(),
        }
    }

    /// The issues that are shown, oldest first.
    pub async fn issues(&self, project: ProjectId) -> Vec<issue::Model> {
        issue::Entity::find()
            .filter(issue::Column::ProjectId.eq(project))
            .filter(issue::Column::DeletedAt.is_null())
            .order_by_asc(issue::Column::Id)
            .all(self.state.store.read())
            .await
            .unwrap()
    }

    /// The inbound deliveries, oldest first.
    pub async fn received(&self, project: ProjectId) -> Vec<delivery::Model> {
        delivery::Entity::find()
            .filter(delivery::Column::ProjectId.eq(project))
            .filter(delivery::Column::Direction.eq(Direction::Inbound))
            .order_by_asc(delivery::Column::Id)
            .all(self.state.store.read())
            .await
            .unwrap()
    }

    /// The only inbound delivery, which was rejected; returns its status code and reason.
    pub async fn refused(&self, project: ProjectId) -> (i32, String) {
        let [row] = <[_; 1]>::try_from(self.received(project).await).unwrap();
        assert_eq!((row.status, row.outcome), (StoredStatus::Failed, None));
        assert_eq!(row.body_sha256.as_ref().map(Vec::len), Some(32));
        (row.status_code.unwrap(), row.error.unwrap())
    }

    pub async fn webhook_row(&self, id: WebhookId) -> webhook::Model {
        webhook::Entity::find_by_id(id).one(self.state.store.read()).await.unwrap().unwrap()
    }
}

/// Sends a request to an inbound webhook; returns the status and the response.
pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

/// An `issues` event about issue 42 of `acme/checkout`, changed `second` seconds past ten.
pub fn event(action: &str, title: &str, second: u32) -> String {
    serde_json::json!({
        "action": action,
        "issue": issue_json(title, second),
        "repository": {"full_name": "acme/checkout"},
    })
    .to_string()
}

/// The JSON of that issue.
pub fn issue_json(title: &str, second: u32) -> Value {
    serde_json::json!({
        "id": 4242,
        "number": 42,
        "title": title,
        "html_url": "https://github.com/acme/checkout/issues/42",
        "state": "open",
        "body": "The total is **wrong**.",
        "labels": [{"name": "bug"}],
        "assignees": [{"login": "octocat"}],
        "updated_at": format!("2026-01-05T10:00:{second:02}Z"),
    })
}

//! A tracker in tests: a project set up through the services, and events as the tracker sends them.

use app::model::id::ProjectId;
use app::model::integration::{Credentials, PutIntegration};
use app::model::people::Actor;
use app::model::provider::Provider;
use app::model::webhook::{CreateInbound, RotateWebhook};
use app::service::{Integrations, Webhooks};
use serde_json::Value;
use server::crypto;
use server::entity::delivery::StoredStatus;
use server::entity::{delivery, integration, issue};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::any_tracker::repository;
use super::inbound::{answer, sign};
use super::{TestServer, eventually};

/// The credentials of the Azure DevOps service hook.
pub const BASIC: (&str, &str) = ("ado", "open sesame");

/// The secret that Linear generated.
const LINEAR_SECRET: &str = "lin_wh_Ysk2bmCVvyz1eRYQ0kGqR8fLqDpb7mHn";

/// An inbound webhook as the tracker knows it.
pub struct Tracker {
    pub provider: Provider,
    pub owner: Actor,
    pub project: ProjectId,
    /// The complete URL.
    pub url: String,
    /// Empty for Azure DevOps.
    pub secret: String,
}

impl TestServer {
    /// A project with an integration and its inbound webhook.
    pub async fn tracker(&self, provider: Provider, base_url: &str, credentials: Option<Credentials>) -> Tracker {
        let owner = self.user(&format!("Ada{}", self.state.ids.next::<ProjectId>()), false).await;
        let project =
            self.project(&owner, &format!("P{}", hex::encode(crypto::random_bytes::<3>()).to_uppercase())).await;
        let new = PutIntegration {
            provider,
            base_url: base_url.to_owned(),
            repository: repository(provider).to_owned(),
            only_from_repository: None,
            sync_milestones: None,
            credentials,
        };
        self.state.put_integration(&owner, project, new).await.unwrap();
        let (username, password) = (Some(BASIC.0.to_owned()), Some(BASIC.1.to_owned()));
        let made = self.state.create_inbound(&owner, project, CreateInbound { username, password }).await.unwrap();
        let reveal = made.reveal.unwrap();
        let secret = if made.webhook.has_tracker_secret() {
            let rotate = RotateWebhook { overlap_hours: None, secret: Some(LINEAR_SECRET.to_owned()) };
            self.state.rotate_webhook(&owner, made.webhook.id, rotate).await.unwrap();
            LINEAR_SECRET.to_owned()
        } else {
            reveal.secret.unwrap_or_default()
        };
        Tracker { provider, owner, project, url: reveal.url.unwrap(), secret }
    }

    /// Sends an event as the tracker would; returns the outcome.
    pub async fn send_event(&self, tracker: &Tracker, body: impl ToString) -> String {
        let body = body.to_string();
        let request = self.http.post(&tracker.url).header("content-type", "application/json; charset=utf-8");
        let request = match tracker.provider {
            Provider::AzureDevops => request.basic_auth(BASIC.0, Some(BASIC.1)),
            Provider::Github => request
                .header("x-github-event", "issues")
                .header("x-hub-signature-256", sign(&tracker.secret, body.as_bytes())),
            Provider::Gitlab => {
                request.header("x-gitlab-event", "Issue Hook").header("x-gitlab-token", &tracker.secret)
            }
            Provider::Gitea => {
                let signature = sign(&tracker.secret, body.as_bytes());
                let signature = signature.trim_start_matches("sha256=");
                request.header("x-gitea-event", "issues").header("x-gitea-signature", signature)
            }
            Provider::Linear => {
                let signature = sign(&tracker.secret, body.as_bytes());
                let signature = signature.trim_start_matches("sha256=");
                request.header("linear-event", "Issue").header("linear-signature", signature)
            }
            Provider::Jira => request.header("x-hub-signature", sign(&tracker.secret, body.as_bytes())),
            Provider::SimpleUrl => panic!("Simple URL sends no events"),
        };
        let (status, answer) = answer(request.body(body)).await;
        assert_eq!((status, &answer["ok"]), (200, &Value::Bool(true)), "{answer}");
        answer["outcome"].as_str().unwrap().to_owned()
    }

    /// The only visible issue.
    pub async fn only_issue(&self, tracker: &Tracker) -> issue::Model {
        let issues = self.issues(tracker.project).await;
        let [issue] = <[_; 1]>::try_from(issues).unwrap_or_else(|all| panic!("{} issues", all.len()));
        issue
    }

    /// The visible issue once it matches.
    pub async fn wait_for_issue(
        &self,
        tracker: &Tracker,
        what: &str,
        is: impl Fn(&issue::Model) -> bool,
    ) -> issue::Model {
        eventually(what, async || self.issues(tracker.project).await.into_iter().find(|issue| is(issue))).await
    }

    /// The integration once it shows a failure.
    pub async fn wait_for_sync_error(&self, tracker: &Tracker) -> integration::Model {
        eventually("a failed reading", async || {
            let found = integration::Entity::find().filter(integration::Column::ProjectId.eq(tracker.project));
            found.one(self.state.store.read()).await.unwrap().filter(|row| row.sync_error.is_some())
        })
        .await
    }

    /// The latest inbound delivery, which was accepted.
    pub async fn latest_delivery(&self, tracker: &Tracker) -> delivery::Model {
        let row = self.received(tracker.project).await.pop().unwrap();
        assert_eq!((row.status, row.status_code), (StoredStatus::Delivered, Some(200)));
        row
    }
}

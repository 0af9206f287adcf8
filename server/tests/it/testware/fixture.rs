//! A project with a webhook for all events.

use app::model::catalog::Subscription;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use server::entity::event;

use crate::support::TestServer;
use crate::support::api::{Api, Reply};

pub struct TestwareFixture {
    pub server: TestServer,
    pub ada: Actor,
    pub api: Api,
    pub project: ProjectId,
}

impl TestwareFixture {
    pub async fn new() -> Self {
        let server = TestServer::start().await;
        let ada = server.user("Ada", false).await;
        let project = server.project(&ada, "WEB").await;
        let new = CreateWebhook {
            name: "w".into(),
            url: "http://127.0.0.1:9/".into(),
            events: vec![Subscription::All],
            ..CreateWebhook::default()
        };
        server.state.create_webhook(&ada, project, new).await.unwrap();
        let api = server.api(&ada).await;
        Self { server, ada, api, project }
    }

    /// The URL of a list of the project.
    pub fn of_project(&self, what: &str) -> String {
        format!("/projects/{}/{what}", self.project)
    }

    /// Creates an item, e.g. in `cases`.
    pub async fn create(&self, what: &str, body: Value) -> Value {
        self.post_ok(&self.of_project(what), body).await
    }

    /// Posts a body that must be accepted.
    pub async fn post_ok(&self, path: &str, body: Value) -> Value {
        let reply = self.api.post(path, &body).await;
        assert!([200, 201].contains(&reply.status), "{path}: {}", reply.text);
        reply.json
    }

    pub async fn case(&self, title: &str) -> Value {
        self.create("cases", json!({"title": title})).await
    }

    /// A run of new cases with these titles, and the cases.
    pub async fn run(&self, titles: &[&str]) -> (Value, Vec<Value>) {
        let mut cases = Vec::new();
        for title in titles {
            cases.push(self.case(title).await);
        }
        let ids: Vec<&Value> = cases.iter().map(|case| &case["id"]).collect();
        let run = self.create("runs", json!({"name": "Release 1", "caseIds": ids})).await;
        (run, cases)
    }

    pub async fn change(&self, path: &str, body: Value) -> Value {
        let reply = self.api.patch(path, &body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json
    }

    /// An item or a list, without the rendered HTML that only the page of an item has.
    pub async fn read(&self, path: &str) -> Value {
        let mut reply = self.api.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        if let Some(fields) = reply.json.as_object_mut() {
            fields.retain(|field, _| !["descriptionHtml", "charterHtml"].contains(&field.as_str()));
        }
        reply.json
    }

    /// One field of all items of a list.
    pub async fn column(&self, path: &str, field: &str) -> Vec<String> {
        let items = self.read(path).await["items"].as_array().unwrap().clone();
        items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    }

    /// The envelopes of all events so far, oldest first.
    pub async fn events(&self) -> Vec<Value> {
        let rows = event::Entity::find().order_by_asc(event::Column::Id).all(self.server.state.store.read()).await;
        // Its webhook leads nowhere, so there are also events about its health.
        let rows = rows.unwrap().into_iter().filter(|row| !row.event_type.starts_with("webhook."));
        rows.map(|row| serde_json::from_str(&row.body).unwrap()).collect()
    }

    /// The envelopes of the events since the first `seen` ones.
    pub async fn since(&self, seen: usize) -> Vec<Value> {
        self.events().await.split_off(seen)
    }
}

/// The URL of a created item.
pub fn item_path(what: &str, thing: &Value) -> String {
    format!("/{what}/{}", thing["id"].as_str().unwrap())
}

pub fn event_types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// The invalid fields of a response.
pub fn error_fields(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 422, "{}", reply.text);
    reply.json["errors"].as_object().unwrap().keys().map(String::as_str).collect()
}

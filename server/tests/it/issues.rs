//! Issues, through the API.

use app::error::Error;
use app::model::catalog::Subscription;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::model::provider::Provider;
use app::model::webhook::CreateWebhook;
use app::service::{Issues, Webhooks};
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use server::entity::{event, issue};

use crate::support::api::Api;
use crate::support::{TestServer, eventually};

struct IssuesFixture {
    server: TestServer,
    ada: Actor,
    api: Api,
    project: ProjectId,
    issues: String,
}

impl IssuesFixture {
    /// A project with a webhook for its issues' events.
    async fn new() -> Self {
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
        Self { server, ada, api, project, issues: format!("/projects/{project}/issues") }
    }

    async fn create(&self, body: Value) -> Value {
        let reply = self.api.post(&self.issues, &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json
    }

    async fn events(&self) -> Vec<Value> {
        let rows = event::Entity::find().order_by_asc(event::Column::Id).all(self.server.state.store.read()).await;
        rows.unwrap().iter().map(|row| serde_json::from_str(&row.body).unwrap()).collect()
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let reply = self.api.get(&format!("{}?{query}", self.issues)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let items = reply.json["items"].as_array().unwrap();
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    /// As an inbound event would store it.
    async fn link_to_tracker(&self, id: &str) {
        let id: IssueId = id.parse().unwrap();
        let row = issue::ActiveModel {
            id: Set(id),
            provider: Set(Some(Provider::Github)),
            external_id: Set(Some("1".into())),
            ..Default::default()
        };
        self.server
            .insert(move |db| Box::pin(async move { issue::Entity::update(row).exec(db).await.map(drop) }))
            .await;
    }
}

#[tokio::test]
async fn each_change_of_an_issue_is_an_event() {
    let fixture = IssuesFixture::new().await;
    let made = fixture.create(json!({"title": "Crash", "labels": ["bug", "bug", " "], "priority": "high"})).await;
    assert_eq!(made["status"], "open");
    assert_eq!(made["labels"], json!(["bug"]));
    assert_eq!(made["author"], "Ada");
    let path = format!("/issues/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.api.get(&path).await.json["title"], "Crash");
    let changed = fixture.api.patch(&path, &json!({"statusKind": "closed", "priority": ""})).await.json;
    assert_eq!((changed["status"].as_str(), changed["statusKind"].as_str()), (Some("closed"), Some("closed")));
    assert_eq!(changed["priority"], Value::Null);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);
    assert_eq!(fixture.api.delete(&path).await.status, 404);
    let events = fixture.events().await;
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["issue.created", "issue.updated", "issue.resolved", "issue.deleted"]);
    assert_eq!(events[0]["actor"], json!({"id": fixture.ada.id, "name": "Ada"}));
    assert_eq!(events[0]["data"]["id"], made["id"]);
    assert_eq!(events[0]["data"].get("changed"), None);
    assert_eq!(events[1]["data"]["changed"], json!(["status", "statusKind", "priority"]));
    let link = events[0]["data"]["link"].as_str().unwrap();
    assert!(link.ends_with(&format!("/projects/{}{path}", fixture.project)), "{link}");
}

#[tokio::test]
async fn a_closed_issue_is_resolved() {
    let fixture = IssuesFixture::new().await;
    let made = fixture.create(json!({"title": "Crash"})).await;
    let path = format!("/issues/{}", made["id"].as_str().unwrap());
    for kind in ["closed", "closed", "open", "closed"] {
        assert_eq!(fixture.api.patch(&path, &json!({"statusKind": kind})).await.status, 200);
    }
    let closed = fixture.create(json!({"title": "Known", "statusKind": "closed"})).await;
    assert_eq!(closed["statusKind"], "closed");
    let events = fixture.events().await;
    let types = events.iter().map(|event| event["type"].as_str().unwrap());
    // Its webhook leads nowhere, so there may be an event about its health.
    let types: Vec<_> = types.filter(|event| event.starts_with("issue.")).collect();
    let expected = ["created", "updated", "resolved", "updated", "updated", "resolved", "created"];
    assert_eq!(types, expected.map(|verb| format!("issue.{verb}")));
    assert_eq!((&events[2]["data"]["statusKind"], events[2]["data"].get("changes")), (&json!("closed"), None));
}

#[tokio::test]
async fn an_update_without_effect_is_no_event() {
    let fixture = IssuesFixture::new().await;
    let made = fixture.create(json!({"title": "Crash"})).await;
    let path = format!("/issues/{}", made["id"].as_str().unwrap());
    fixture.server.state.clock.advance(std::time::Duration::from_secs(60));
    for body in [json!({}), json!({"title": " Crash ", "priority": "", "labels": []})] {
        assert_eq!(fixture.api.patch(&path, &body).await.json["updatedAt"], made["updatedAt"]);
    }
    assert_eq!(fixture.events().await.len(), 1);
}

#[tokio::test]
async fn invalid_fields_are_named_and_nothing_is_stored() {
    let fixture = IssuesFixture::new().await;
    let long = "x".repeat(101);
    let body = json!({
        "title": "", "description": "x".repeat(64 * 1024 + 1), "status": long, "priority": long, "type": "a\nb",
        "assignee": long, "key": long, "url": "javascript:alert(1)", "labels": vec!["x".repeat(101)],
    });
    let reply = fixture.api.post(&fixture.issues, &body).await;
    assert_eq!(reply.status, 422);
    let errors: Vec<_> = reply.json["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["assignee", "description", "key", "labels", "priority", "status", "title", "type", "url"];
    assert_eq!(errors, expected);
    let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
    assert_eq!(fixture.api.post(&fixture.issues, &json!({"title": "x", "labels": many})).await.status, 422);
    assert!(fixture.titles("").await.is_empty());
    assert!(fixture.events().await.is_empty());
}

#[tokio::test]
async fn issues_are_found_by_words_of_title_and_key() {
    let fixture = IssuesFixture::new().await;
    fixture.create(json!({"title": "Checkout takes 100% CPU", "key": "acme/shop#42"})).await;
    fixture.create(json!({"title": "snake_case is broken", "key": "acme/shop#7"})).await;
    fixture.create(json!({"title": "Path C:\\temp"})).await;
    for (search, found) in [
        ("checkout", vec!["Checkout takes 100% CPU"]),
        ("CPU%20check", vec!["Checkout takes 100% CPU"]),
        ("SHOP%2342", vec!["Checkout takes 100% CPU"]),
        ("100%25", vec!["Checkout takes 100% CPU"]),
        ("%25", vec!["Checkout takes 100% CPU"]),
        ("_", vec!["snake_case is broken"]),
        ("c:%5Ctemp", vec!["Path C:\\temp"]),
        ("acme", vec!["snake_case is broken", "Checkout takes 100% CPU"]),
        ("checkout%20snake", vec![]),
        ("%27%3B--", vec![]),
    ] {
        assert_eq!(fixture.titles(&format!("search={search}")).await, found, "{search}");
    }
}

#[tokio::test]
async fn issues_are_filtered_by_status_label_and_assignee() {
    let fixture = IssuesFixture::new().await;
    fixture.create(json!({"title": "a", "labels": ["bug", "ui"], "assignee": "Bob"})).await;
    fixture.create(json!({"title": "b", "labels": ["bugfix"], "statusKind": "closed"})).await;
    fixture.create(json!({"title": "c", "labels": ["x\",\"ui", "50%"]})).await;
    for (query, found) in [
        ("status=open", vec!["c", "a"]),
        ("status=closed", vec!["b"]),
        ("label=bug", vec!["a"]),
        ("label=Bug", vec![]),
        ("label=ui", vec!["a"]),
        ("label=50%25", vec!["c"]),
        ("label=%25", vec![]),
        ("assignee=Bob", vec!["a"]),
        ("assignee=bo", vec![]),
        ("status=open&label=ui&search=a", vec!["a"]),
    ] {
        assert_eq!(fixture.titles(query).await, found, "{query}");
    }
}

#[tokio::test]
async fn pages_stay_complete_while_issues_arrive() {
    let fixture = IssuesFixture::new().await;
    for n in 0..7 {
        fixture.create(json!({"title": n.to_string()})).await;
    }
    let first = fixture.api.get(&format!("{}?limit=3", fixture.issues)).await.json;
    fixture.create(json!({"title": "new"})).await;
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = fixture.titles(&format!("limit=200&cursor={cursor}")).await;
    assert_eq!(rest, ["3", "2", "1", "0"]);
    assert_eq!(fixture.api.all(&fixture.issues, 3).await.len(), 8);
}

#[tokio::test]
async fn a_description_is_shown_as_safe_html() {
    let fixture = IssuesFixture::new().await;
    let text = "**bold** <script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>";
    let made = fixture.create(json!({"title": "<b>t</b>", "description": text})).await;
    let detail = fixture.api.get(&format!("/issues/{}", made["id"].as_str().unwrap())).await.json;
    assert_eq!(detail["description"], text);
    let html = detail["descriptionHtml"].as_str().unwrap();
    assert!(html.contains("<strong>bold</strong>"), "{html}");
    for bad in ["<script", "javascript:", "onerror"] {
        assert!(!html.contains(bad), "{html}");
    }
}

#[tokio::test]
async fn a_synced_issue_can_only_be_deleted() {
    let fixture = IssuesFixture::new().await;
    let made = fixture.create(json!({"title": "Crash"})).await;
    let id = made["id"].as_str().unwrap();
    fixture.link_to_tracker(id).await;
    let path = format!("/issues/{id}");
    let reply = fixture.api.patch(&path, &json!({"title": "x", "assignee": "Bob"})).await;
    assert_eq!(reply.status, 422);
    assert!(reply.json["errors"]["title"].as_str().unwrap().contains("GitHub"), "{}", reply.text);
    assert!(reply.json["errors"]["assignee"].is_string());
    assert_eq!(fixture.api.patch(&path, &json!({"title": "Crash"})).await.status, 200);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.events().await.last().unwrap()["type"], "issue.deleted");
}

#[tokio::test]
async fn an_issue_is_synced_only_with_credentials() {
    let fixture = IssuesFixture::new().await;
    let made = fixture.create(json!({"title": "Crash"})).await;
    let id = made["id"].as_str().unwrap();
    let path = format!("/issues/{id}/sync");
    let sync = async || fixture.api.call(reqwest::Method::POST, &path, None).await;
    assert!(sync().await.json["detail"].as_str().unwrap().contains("created in Testbell"));
    fixture.link_to_tracker(id).await;
    let reply = sync().await;
    assert_eq!(reply.status, 422);
    assert!(reply.json["detail"].as_str().unwrap().contains("credentials"), "{}", reply.text);
    // Nothing listens there: the sync fails, and the issue shows the error.
    let put = json!({
        "provider": "github", "baseUrl": "http://127.0.0.1:9", "repository": "acme/shop",
        "credentials": {"token": "ghp_x"},
    });
    let integration = format!("/projects/{}/integration", fixture.project);
    let reply = fixture.api.call(reqwest::Method::PUT, &integration, Some(&put)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(sync().await.status, 202);
    let issue = format!("/issues/{id}");
    let failed = async || fixture.api.get(&issue).await.json["syncError"].as_str().map(str::to_owned);
    assert!(!eventually("the reading is tried", failed).await.is_empty());
}

#[tokio::test]
async fn the_keys_in_a_text_find_issues_of_the_project() {
    let fixture = IssuesFixture::new().await;
    for key in ["acme/shop#1", "acme/shop#12", "acme/app#12", "WEB-1"] {
        fixture.create(json!({"title": key, "key": key})).await;
    }
    let hidden = fixture.create(json!({"title": "gone", "key": "WEB-2"})).await;
    assert_eq!(fixture.api.delete(&format!("/issues/{}", hidden["id"].as_str().unwrap())).await.status, 204);
    let state = &fixture.server.state;
    let find = async |actor: &Actor, keys: &[&str]| {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        let found = state.issues_with_keys(actor, fixture.project, keys).await?;
        Ok::<_, Error>(found.into_iter().map(|issue| (issue.key, issue.title)).collect::<Vec<_>>())
    };
    let pair = |key: &str, title: &str| (key.to_owned(), title.to_owned());
    let found = find(&fixture.ada, &["#1", "WEB-1", "acme/app#12"]).await.unwrap();
    assert_eq!(found, [pair("#1", "acme/shop#1"), pair("WEB-1", "WEB-1"), pair("acme/app#12", "acme/app#12")]);
    // `#12` could mean either; the others are no keys, or a pattern.
    let found = find(&fixture.ada, &["#12", "#2", "WEB-2", "web-1", "WEB-%", "#%", "#", "", "\u{0}"]).await;
    assert_eq!(found.unwrap(), []);
    assert_eq!(find(&fixture.ada, &[]).await.unwrap(), []);
    let many: Vec<String> = (0..1000).map(|number| format!("#{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(find(&fixture.ada, &many).await.unwrap(), [pair("#1", "acme/shop#1")]);
    let stranger = fixture.server.user("Eve", false).await;
    assert_eq!(find(&stranger, &["WEB-1"]).await, Err(Error::NotFound));
}

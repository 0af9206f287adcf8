//! The recipes of `docs/ci-jobs.md`: what Jenkins and GitHub get when a job is queued, and how their pipelines report
//! back.

use app::model::body_template::{BodyTemplate, TemplateContentType};
use app::model::catalog::EventType;
use app::model::custom_header::CustomHeader;
use app::model::delivery::DeliveryStatus;
use app::model::destination::DestinationKind;
use app::model::webhook::{CreateWebhook, SendTest};
use app::service::Webhooks;
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::outbound::OutboundFixture;
use crate::support::platform::{Platform, TOKEN};
use crate::support::receiver::Receiver;

const GUIDE: &str = include_str!("../../../docs/ci-jobs.md");

/// The first block of the guide in a language.
fn code_block(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let code = GUIDE.split_once(&begin).unwrap_or_else(|| panic!("no block of {language}")).1;
    code.split_once("\n```").unwrap().0
}

async fn queue_job(api: &Api, fixture: &OutboundFixture) -> Value {
    let new = json!({
        "name": "Nightly \"checkout\"", "branch": "main", "commit": "4f2a91c",
        "parameters": {"BROWSER": "firefox", "SHARDS": "4"},
    });
    let queued = api.post(&format!("/projects/{}/ci-jobs", fixture.project), &new).await;
    assert_eq!(queued.status, 201, "{}", queued.text);
    queued.json
}

/// What a pipeline does with the ID that it got.
async fn run_pipeline(api: &Api, id: &str) {
    let running = json!({"status": "running", "url": "https://ci.example.org/job/7/"});
    let started = api.patch(&format!("/ci-jobs/{id}"), &running).await;
    assert_eq!((started.status, started.json["status"].as_str()), (200, Some("running")), "{}", started.text);
    let completed = api.post(&format!("/ci-jobs/{id}/complete"), &json!({"outcome": "passed"})).await;
    assert_eq!((completed.status, completed.json["status"].as_str()), (200, Some("passed")), "{}", completed.text);
}

#[tokio::test]
async fn jenkins_gets_a_queued_job_as_flat_variables() {
    let jenkins = Platform::start(DestinationKind::Jenkins).await;
    let fixture = &jenkins.fixture;
    let new = CreateWebhook {
        name: "Jenkins".into(),
        url: jenkins.url(),
        events: vec![EventType::CiJobQueued.into()],
        ..CreateWebhook::default()
    };
    fixture.state().create_webhook(&fixture.ada, fixture.project, new).await.unwrap();
    let api = fixture.server.api(&fixture.ada).await;
    let job = queue_job(&api, fixture).await;

    let request = jenkins.receiver.requests(1).await.pop().unwrap();
    assert_eq!(request.uri.to_string(), "/jenkins/generic-webhook-trigger/invoke");
    assert_eq!((request.header("token"), request.header("content-type")), (TOKEN, "application/json"));
    assert!(!request.headers.contains_key("gwt-dry-run"));
    let body = request.json();
    for (variable, value) in [
        ("event", json!("ci_job.queued")),
        ("id", job["id"].clone()),
        ("key", json!("WEB-J1")),
        ("name", json!("Nightly \"checkout\"")),
        ("branch", json!("main")),
        ("commit", json!("4f2a91c")),
        ("status", json!("queued")),
        ("outcome", json!("")),
        ("parameter_BROWSER", json!("firefox")),
        ("parameter_SHARDS", json!("4")),
        ("project_id", json!(fixture.project)),
    ] {
        assert_eq!(body[variable], value, "{variable}");
    }
    let variables = body.as_object().unwrap();
    assert!(variables.values().all(|value| value.is_string() || value.is_u64()), "the plugin flattens nothing: {body}");
    // The Jenkinsfile uses only variables that there are.
    let used = code_block("groovy")
        .split("testbell_")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap());
    let used: Vec<_> = used.collect();
    assert!(used.len() >= 5 && used.iter().all(|name| variables.contains_key(*name)), "{used:?}");

    run_pipeline(&api, body["id"].as_str().unwrap()).await;
    fixture.dispatch_idle().await;
    assert_eq!(jenkins.receiver.requests_so_far().len(), 1, "a completed job starts no other one");
}

#[tokio::test]
async fn jenkins_gets_the_outcome_of_a_job() {
    let jenkins = Platform::start(DestinationKind::Jenkins).await;
    jenkins.webhook().await;
    let api = jenkins.fixture.server.api(&jenkins.fixture.ada).await;
    let job = queue_job(&api, &jenkins.fixture).await;
    let complete = format!("/ci-jobs/{}/complete", job["id"].as_str().unwrap());
    assert_eq!(api.post(&complete, &json!({"outcome": "cancelled"})).await.status, 200);
    let bodies: Vec<_> = jenkins.receiver.requests(2).await.iter().map(|request| request.json()).collect();
    let completed = bodies.iter().find(|body| body["event"] == "ci_job.completed").unwrap();
    assert_eq!((&completed["outcome"], &completed["status"]), (&json!("cancelled"), &json!("cancelled")));
    assert_eq!(completed["total"], 0);
}

#[tokio::test]
async fn github_gets_a_queued_job_as_a_repository_dispatch() {
    let (fixture, github) = (OutboundFixture::start().await, Receiver::answering(|_| StatusCode::NO_CONTENT).await);
    let header = |name: &str, value: &str| CustomHeader { name: name.into(), value: Some(value.into()) };
    let new = CreateWebhook {
        name: "GitHub Actions".into(),
        url: github.url("/repos/acme/checkout/dispatches"),
        events: vec![EventType::CiJobQueued.into()],
        body_template: Some(BodyTemplate {
            text: code_block("jinja").to_owned(),
            content_type: TemplateContentType::Json,
        }),
        custom_headers: vec![
            header("Authorization", "Bearer github_pat_1"),
            header("Accept", "application/vnd.github+json"),
        ],
        ..CreateWebhook::default()
    };
    let webhook = fixture.state().create_webhook(&fixture.ada, fixture.project, new).await.unwrap().webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let job = queue_job(&api, &fixture).await;

    let request = github.requests(1).await.pop().unwrap();
    assert_eq!(request.uri.path(), "/repos/acme/checkout/dispatches");
    assert_eq!(request.header("authorization"), "Bearer github_pat_1");
    assert_eq!(request.header("accept"), "application/vnd.github+json");
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("Testbell"), "GitHub refuses requests without one");
    let expected = json!({"event_type": "testbell", "client_payload": {
        "project": fixture.project, "job": job["id"], "key": "WEB-J1", "name": "Nightly \"checkout\"",
        "branch": "main", "commit": "4f2a91c", "test": false,
        "parameters": {"BROWSER": "firefox", "SHARDS": "4"},
    }});
    assert_eq!(request.json(), expected);
    assert!(expected["client_payload"].as_object().unwrap().len() <= 10, "GitHub takes no more");
    let detail = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!((detail.delivery.status, detail.delivery.status_code), (DeliveryStatus::Delivered, Some(204)));
    run_pipeline(&api, request.json()["client_payload"]["job"].as_str().unwrap()).await;

    // The workflow skips a test.
    let test = SendTest { event: Some(EventType::CiJobQueued) };
    fixture.state().test_webhook(&fixture.ada, webhook, test).await.unwrap();
    let request = github.requests(2).await.pop().unwrap();
    assert_eq!(request.json()["client_payload"]["test"], true);
    assert!(code_block("yaml").contains("if: ${{ !github.event.client_payload.test }}"));
}

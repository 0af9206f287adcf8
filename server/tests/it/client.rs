//! The client crate against a running server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures::TryStreamExt;
use serde_json::{Value, json};
use testbell_client::model::{
    AddResult, CiJobOutcome, CiJobStatus, CompleteCiJob, CreateCase, CreateCiJob, CreateRun, Priority, PublishEvent,
    ReportOptions, ResultStatus, UpdateCase, WebhookDirection,
};
use testbell_client::{Client, Error, Method, RetryPolicy};

use crate::support::outbound::OutboundFixture;
use crate::support::scripted::{ScriptedReceiver, answer_and_close};

const JUNIT: &str = r#"<testsuite name="pay"><testcase classname="pay" name="card"/></testsuite>"#;

/// A project WEB, and a client of its admin.
async fn client() -> (OutboundFixture, Client, String) {
    let fixture = OutboundFixture::start().await;
    let token = fixture.server.api(&fixture.ada).await.token.unwrap();
    let client = Client::new(&fixture.server.url("").parse().unwrap(), token).unwrap();
    let project = client.find_project("web").await.unwrap();
    assert_eq!(project.id, fixture.project.to_string());
    assert_eq!(client.find_project(&project.id).await.unwrap(), project);
    (fixture, client, project.id)
}

#[tokio::test]
async fn a_script_works_with_cases() {
    let (_fixture, client, project) = client().await;
    for title in ["One", "Two", "Three"] {
        let new = CreateCase { priority: Some(Priority::High), ..CreateCase::new(title) };
        assert_eq!(client.create_case(&project, &new).await.unwrap().priority, Priority::High);
    }
    let all = client.cases(&project).page_size(1).filter("priority", "high").into_stream();
    let all: Vec<_> = all.try_collect().await.unwrap();
    assert_eq!(all.iter().map(|case| &*case.title).collect::<Vec<_>>(), ["Three", "Two", "One"]);
    assert_eq!(client.cases(&project).page_size(2).all().await.unwrap(), all);
    let change = UpdateCase { title: Some("Four".to_owned()), ..UpdateCase::default() };
    let changed = client.update_case(&all[0].id, &change).await.unwrap();
    assert_eq!((&*changed.title, changed.priority), ("Four", Priority::High));
    client.delete_case(&changed.id).await.unwrap();
    assert!(client.case(&changed.id).await.unwrap_err().is_not_found());

    let refused = client.create_case(&project, &CreateCase::new("")).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.status.as_u16(), refused.is_temporary()), (422, false));
    assert!(problem.errors["title"].starts_with("Enter"), "{refused}");
    for id in ["", "../tokens", "cas_1?x"] {
        assert!(matches!(client.case(id).await, Err(Error::Invalid(_))), "{id}");
    }
    assert!(client.find_project("NONE").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_script_reports_results_and_events() {
    let (fixture, client, project) = client().await;
    let case = client.create_case(&project, &CreateCase::new("Pay by card")).await.unwrap();
    let run = client.create_run(&project, &CreateRun::new("Release 1", [case.id.clone()])).await.unwrap();
    let mut results = vec![AddResult::new(case.id.clone(), ResultStatus::Failed); 1_000];
    results.push(AddResult::new(case.id.clone(), ResultStatus::Passed));
    let added = client.add_results(&run.id, &results).await.unwrap();
    assert_eq!(added.iter().map(|submission| submission.result_ids.len()).collect::<Vec<_>>(), [1_000, 1]);
    assert_eq!(client.run(&run.id).await.unwrap().counts.passed, 1, "the last result counts");
    assert!(client.complete_run(&run.id).await.unwrap().completed_at.is_some());
    let failed = client.add_results(&run.id, &results[..1]).await.unwrap_err();
    assert_eq!((failed.added.len(), failed.error.status().unwrap().as_u16()), (0, 409));
    assert_eq!(client.runs(&project).all().await.unwrap().len(), 1);

    let options = ReportOptions { name: Some("CI & co".to_owned()), complete: false, ..ReportOptions::default() };
    let report = client.report(&project, Bytes::from_static(JUNIT.as_bytes()), options).await.unwrap();
    assert_eq!((&*report.name, report.counts.passed, report.completed_at), ("CI & co", 1, None));
    let report = client.add_report(&report.id, Bytes::from_static(JUNIT.as_bytes()), true).await.unwrap();
    assert_eq!((report.counts.passed, report.created_cases), (2, 1));
    assert!(client.complete_automation_run(&report.id).await.unwrap().completed_at.is_some());

    let new = CreateCiJob { name: "Nightly".to_owned(), ..CreateCiJob::default() };
    let job = client.create_ci_job(&project, &new).await.unwrap();
    assert_eq!(job.status, CiJobStatus::Queued);
    let automation_run_id = Some(report.id);
    let complete = CompleteCiJob { outcome: CiJobOutcome::Passed, url: None, automation_run_id };
    client.complete_ci_job(&job.id, &complete).await.unwrap();
    assert_eq!(client.ci_jobs(&project).all().await.unwrap()[0].status, CiJobStatus::Passed);

    fixture.webhook("http://127.0.0.1:9/").await;
    let webhooks = client.webhooks(&project).all().await.unwrap();
    assert_eq!((webhooks.len(), webhooks[0].direction), (1, WebhookDirection::Outbound));
    let event = PublishEvent { event: "custom.deployed".to_owned(), ..PublishEvent::default() };
    assert_eq!(client.publish_event(&project, &event).await.unwrap().event, "custom.deployed");
    assert!(client.events().await.unwrap().iter().any(|event| event.event == "test_run.completed"));
}

#[tokio::test]
async fn a_post_is_sent_again_with_the_same_key() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = ScriptedReceiver::start(move |_, _| {
        let status = ["429 Too Many Requests", "503 Service Unavailable", "201 Created"];
        let status = status[count.fetch_add(1, Ordering::SeqCst).min(2)];
        let head = format!("HTTP/1.1 {status}\r\nretry-after: 0\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
        answer_and_close(head)
    })
    .await;
    let url = server.url().parse().unwrap();
    let client = Client::new(&url, "tb_1".to_owned()).unwrap();
    assert_eq!(
        client.request(Method::POST, "/projects").json(&json!({"a": 1})).send::<Value>().await.unwrap(),
        json!({})
    );
    let requests: Vec<String> = server.requests().into_iter().map(|(_, request)| request).collect();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| *request == requests[0]), "{requests:?}");
    let head = requests[0].to_ascii_lowercase();
    assert!(head.starts_with("post /api/v1/projects http/1.1\r\n") && head.contains("\r\nidempotency-key: "), "{head}");
    assert!(head.contains("\r\nauthorization: bearer tb_1\r\n"), "{head}");

    let never = RetryPolicy { max_retries: 0, ..RetryPolicy::default() };
    let once = Client::builder(&url, "tb_1".to_owned()).retry(never).build().unwrap();
    once.request(Method::POST, "/projects").idempotency_key("mine").send_ignoring_body().await.unwrap();
    assert!(server.requests()[3].1.contains("idempotency-key: mine\r\n"));
}

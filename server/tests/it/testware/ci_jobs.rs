use std::process::Command;
use std::time::Duration;

use app::model::people::Role;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};
use crate::support::TestServer;
use crate::support::binary::testbell;
use crate::support::seed::PASSWORD;

const JUNIT: &str = r#"<testsuite name="cart">
  <testcase classname="cart.CartTest" name="adds"/>
  <testcase classname="cart.CartTest" name="removes"><failure message="expected 1, got 2"/></testcase>
</testsuite>"#;

async fn job(fixture: &TestwareFixture, name: &str) -> Value {
    fixture.create("ci-jobs", json!({"name": name})).await
}

async fn automation_run(fixture: &TestwareFixture) -> Value {
    let reported = fixture.api.raw("POST", &fixture.of_project("automation-runs?name=main"), &[], JUNIT).await;
    assert_eq!(reported.status, 201, "{}", reported.text);
    reported.json
}

#[tokio::test]
async fn a_job_is_queued_started_and_completed() {
    let fixture = TestwareFixture::new().await;
    let new = json!({
        "name": " Nightly ", "branch": "main", "parameters": {"SHARDS": "4", "BROWSER": " firefox ", "EMPTY": ""},
    });
    let job = fixture.create("ci-jobs", new).await;
    let parameters = json!({"BROWSER": "firefox", "EMPTY": "", "SHARDS": "4"});
    assert_eq!((&job["key"], &job["name"], &job["status"]), (&json!("WEB-J1"), &json!("Nightly"), &json!("queued")));
    assert_eq!((&job["branch"], &job["commit"], &job["url"]), (&json!("main"), &json!(""), &Value::Null));
    assert_eq!((&job["parameters"], &job["author"]), (&parameters, &json!("Ada")));
    assert_eq!((&job["startedAt"], &job["completedAt"]), (&Value::Null, &Value::Null));
    let path = item_path("ci-jobs", &job);
    assert_eq!(fixture.read(&path).await, job);

    fixture.server.state.clock.advance(Duration::from_secs(60));
    let change = json!({"status": "running", "url": "https://ci.example/1", "commit": "4f2a91c"});
    let running = fixture.change(&path, change).await;
    assert_eq!((&running["status"], &running["commit"]), (&json!("running"), &json!("4f2a91c")));
    assert!(running["startedAt"].as_str() > job["queuedAt"].as_str());

    fixture.server.state.clock.advance(Duration::from_secs(90));
    let run = automation_run(&fixture).await;
    let complete = json!({"outcome": "failed", "automationRunId": run["id"]});
    let completed = fixture.post_ok(&format!("{path}/complete"), complete).await;
    assert_eq!((&completed["status"], &completed["automationRunId"]), (&json!("failed"), &run["id"]));
    assert_eq!(completed["url"], "https://ci.example/1", "it stays without a new one");

    let events = fixture.events().await;
    assert_eq!(
        event_types(&events),
        ["ci_job.queued", "automation_run.created", "automation_run.completed", "ci_job.completed"]
    );
    let queued = &events[0]["data"];
    assert_eq!((&queued["parameters"], &queued["status"]), (&parameters, &json!("queued")));
    assert_eq!((&queued["id"], &queued["queuedAt"]), (&job["id"], &job["queuedAt"]));
    assert!(queued["link"].as_str().unwrap().ends_with(&format!("/ci-jobs/{}", job["id"].as_str().unwrap())));
    let data = &events[3]["data"];
    assert_eq!((&data["outcome"], &data["durationSeconds"]), (&json!("failed"), &json!(90)));
    assert_eq!((&data["completedAt"], &data["url"]), (&completed["completedAt"], &completed["url"]));
    assert_eq!(
        (&data["counts"]["passed"], &data["counts"]["failed"], &data["total"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!((&data["automationRun"]["key"], &data["automationRun"]["name"]), (&json!("WEB-A1"), &json!("main")));
}

#[tokio::test]
async fn a_job_that_never_started_is_completed_without_results() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    fixture.server.state.clock.advance(Duration::from_secs(30));
    let complete = json!({"outcome": "cancelled", "url": "https://ci.example/2"});
    let completed = fixture.post_ok(&format!("{path}/complete"), complete).await;
    assert_eq!((&completed["status"], &completed["url"]), (&json!("cancelled"), &json!("https://ci.example/2")));
    let data = fixture.events().await[1]["data"].clone();
    assert_eq!((&data["outcome"], &data["durationSeconds"]), (&json!("cancelled"), &json!(30)));
    let results = [&data["automationRun"], &data["counts"], &data["total"]];
    assert_eq!(results, [&Value::Null; 3]);
}

#[tokio::test]
async fn a_change_of_a_job_emits_nothing() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    let change = json!({"status": "running", "url": "https://ci.example/1"});
    let running = fixture.change(&path, change.clone()).await;
    fixture.server.state.clock.advance(Duration::from_secs(60));
    assert_eq!(fixture.change(&path, change).await, running, "the same again changes nothing");
    let removed = fixture.change(&path, json!({"url": ""})).await;
    assert_eq!((&removed["url"], &removed["status"]), (&Value::Null, &json!("running")));
    assert_eq!(event_types(&fixture.events().await), ["ci_job.queued"]);
}

#[tokio::test]
async fn a_completed_job_is_read_only_and_no_job_is_deleted() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    let completed = fixture.post_ok(&format!("{path}/complete"), json!({"outcome": "passed"})).await;
    for reply in [
        fixture.api.patch(&path, &json!({"status": "running"})).await,
        fixture.api.patch(&path, &json!({"url": "https://ci.example/1"})).await,
        fixture.api.post(&format!("{path}/complete"), &json!({"outcome": "failed"})).await,
    ] {
        assert_eq!(reply.status, 409, "{}", reply.text);
        assert!(reply.json["detail"].as_str().unwrap().starts_with("WEB-J1 is completed"), "{}", reply.text);
    }
    assert_eq!(fixture.api.delete(&path).await.status, 405);
    assert_eq!(fixture.read(&path).await, completed);
    assert_eq!(event_types(&fixture.events().await), ["ci_job.queued", "ci_job.completed"]);
}

#[tokio::test]
async fn concurrent_completions_of_a_job_succeed_once() {
    let fixture = TestwareFixture::new().await;
    let path = format!("{}/complete", item_path("ci-jobs", &job(&fixture, "Nightly").await));
    let (passed, failed) = (json!({"outcome": "passed"}), json!({"outcome": "failed"}));
    let calls = [&passed, &failed, &passed, &failed].map(|body| fixture.api.post(&path, body));
    let mut statuses: Vec<_> = futures::future::join_all(calls).await.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    assert_eq!(event_types(&fixture.events().await), ["ci_job.queued", "ci_job.completed"]);
}

#[tokio::test]
async fn invalid_fields_of_a_job_are_named() {
    let fixture = TestwareFixture::new().await;
    let path = fixture.of_project("ci-jobs");
    let many: serde_json::Map<_, _> = (0..21).map(|n| (format!("P{n}"), json!("1"))).collect();
    for (body, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "x", "branch": "a\nb"}), "branch"),
        (json!({"name": "x", "branch": "x".repeat(256)}), "branch"),
        (json!({"name": "x", "commit": "x".repeat(101)}), "commit"),
        (json!({"name": "x", "url": "javascript:alert(1)"}), "url"),
        (json!({"name": "x", "parameters": {"1A": "x"}}), "parameters"),
        (json!({"name": "x", "parameters": {"A-B": "x"}}), "parameters"),
        (json!({"name": "x", "parameters": {"A": "a\nb"}}), "parameters"),
        (json!({"name": "x", "parameters": many}), "parameters"),
    ] {
        assert_eq!(error_fields(&fixture.api.post(&path, &body).await), [field], "{body}");
    }
    let job = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    for status in ["passed", "failed", "cancelled"] {
        let reply = fixture.api.patch(&job, &json!({"status": status, "url": "ftp://x"})).await;
        assert_eq!(error_fields(&reply), ["status", "url"], "{status}");
        assert!(reply.json["errors"]["status"].as_str().unwrap().contains("/complete"), "{}", reply.text);
    }
    fixture.change(&job, json!({"status": "running"})).await;
    assert_eq!(error_fields(&fixture.api.patch(&job, &json!({"status": "queued"})).await), ["status"]);
    let complete = format!("{job}/complete");
    for body in [json!({}), json!({"outcome": "queued"}), json!({"outcome": "passed", "automationRunId": "x"})] {
        assert_eq!(fixture.api.post(&complete, &body).await.status, 422, "{body}");
    }
    assert_eq!(event_types(&fixture.events().await), ["ci_job.queued"]);
}

#[tokio::test]
async fn a_job_belongs_to_its_project() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    let eve = fixture.server.user("Eve", false).await;
    let others = fixture.server.project(&eve, "OTHER").await;
    let api = fixture.server.api(&eve).await;
    let foreign = api.raw("POST", &format!("/projects/{others}/automation-runs"), &[], JUNIT).await.json;
    let outcome = json!({"outcome": "passed"});
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(api.patch(&path, &json!({"status": "running"})).await.status, 404);
    assert_eq!(api.post(&format!("{path}/complete"), &outcome).await.status, 404);

    fixture.server.join(fixture.project, &eve, Role::Member).await;
    let with_run = json!({"outcome": "passed", "automationRunId": foreign["id"]});
    let refused = api.post(&format!("{path}/complete"), &with_run).await;
    assert_eq!(error_fields(&refused), ["automationRunId"], "also if the caller may read the run");
    let deleted = automation_run(&fixture).await;
    assert_eq!(fixture.api.delete(&item_path("automation-runs", &deleted)).await.status, 204);
    let with_run = json!({"outcome": "passed", "automationRunId": deleted["id"]});
    assert_eq!(error_fields(&api.post(&format!("{path}/complete"), &with_run).await), ["automationRunId"]);
    assert_eq!(api.post(&format!("{path}/complete"), &outcome).await.status, 200, "members complete each other's jobs");
}

#[tokio::test]
async fn a_deleted_automation_run_leaves_its_job() {
    let fixture = TestwareFixture::new().await;
    let (path, run) = (item_path("ci-jobs", &job(&fixture, "Nightly").await), automation_run(&fixture).await);
    let complete = json!({"outcome": "failed", "automationRunId": run["id"]});
    fixture.post_ok(&format!("{path}/complete"), complete).await;
    assert_eq!(fixture.api.delete(&item_path("automation-runs", &run)).await.status, 204);
    let left = fixture.read(&path).await;
    assert_eq!((&left["status"], &left["automationRunId"]), (&json!("failed"), &Value::Null));
}

#[tokio::test]
async fn jobs_are_found_by_status_name_and_branch() {
    let fixture = TestwareFixture::new().await;
    for (name, branch) in [("Nightly", "main"), ("Smoke", "feature/Vouchers"), ("Smoke again", "main")] {
        fixture.create("ci-jobs", json!({"name": name, "branch": branch})).await;
    }
    let list = fixture.of_project("ci-jobs");
    let nightly = fixture.read(&format!("{list}?search=nightly")).await["items"][0].clone();
    fixture.change(&item_path("ci-jobs", &nightly), json!({"status": "running"})).await;
    assert_eq!(fixture.column(&format!("{list}?status=running"), "key").await, ["WEB-J1"]);
    assert_eq!(fixture.column(&format!("{list}?status=queued"), "key").await, ["WEB-J3", "WEB-J2"]);
    assert_eq!(fixture.column(&format!("{list}?search=vouchers"), "key").await, ["WEB-J2"]);
    assert_eq!(fixture.column(&format!("{list}?search=smoke+main"), "key").await, ["WEB-J3"]);
    assert_eq!(fixture.column(&format!("{list}?search=j1"), "name").await, ["Nightly"]);
    assert_eq!(fixture.api.get(&format!("{list}?status=lost")).await.status, 422);
    let first = fixture.read(&format!("{list}?limit=2")).await;
    let next = format!("{list}?limit=2&cursor={}", first["nextCursor"].as_str().unwrap());
    assert_eq!(fixture.column(&next, "key").await, ["WEB-J1"]);
}

#[tokio::test]
async fn a_token_that_only_reads_starts_no_job() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("ci-jobs", &job(&fixture, "Nightly").await);
    let token = fixture.post_ok("/tokens", json!({"name": "Reader", "scope": "read"})).await;
    let reader = fixture.server.with_token(token["secret"].as_str().unwrap());
    assert_eq!(reader.get(&path).await.status, 200);
    for reply in [
        reader.post(&fixture.of_project("ci-jobs"), &json!({"name": "x"})).await,
        reader.patch(&path, &json!({"status": "running"})).await,
        reader.post(&format!("{path}/complete"), &json!({"outcome": "passed"})).await,
    ] {
        assert_eq!(reply.status, 403, "{}", reply.text);
    }
}

#[tokio::test]
async fn the_command_for_ci_completes_a_job_with_its_report() {
    let fixture = TestwareFixture::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (failing, passing) = (folder.path().join("failing.xml"), folder.path().join("passing.xml"));
    std::fs::write(&failing, JUNIT).unwrap();
    std::fs::write(&passing, "<testsuite><testcase name=\"pays\"/></testsuite>").unwrap();
    let token = fixture.api.token.clone().unwrap();
    let base = fixture.server.url("");
    let report = async |job: &Value, file: &std::path::Path| {
        let mut command: Command = testbell(folder.path());
        command.env("TESTBELL_SERVER", &base).env("TESTBELL_TOKEN", &token);
        command.args(["ci", "report", "--project", "web", "--url", "https://ci.example/7", "--job"]);
        command.arg(job["id"].as_str().unwrap()).arg(file);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let done = job(&fixture, "Passes").await;
    let (code, stdout, stderr) = report(&done, &passing).await;
    assert_eq!((code, stdout.trim()), (Some(0), "WEB-J1: passed\nWEB-A1: 1 passed, 0 failed, 0 skipped"), "{stderr}");
    let completed = fixture.read(&item_path("ci-jobs", &done)).await;
    assert_eq!((&completed["status"], &completed["url"]), (&json!("passed"), &json!("https://ci.example/7")));
    let run = fixture.read(&item_path("automation-runs", &json!({"id": completed["automationRunId"]}))).await;
    assert_eq!(run["key"], "WEB-A1");

    let (code, stdout, stderr) = report(&done, &passing).await;
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("WEB-J1 is completed"), "{stderr}");

    let fails = job(&fixture, "Fails").await;
    let (code, stdout, stderr) = report(&fails, &failing).await;
    assert!(code == Some(1) && stdout.starts_with("WEB-J2: failed\n"), "{code:?} {stdout} {stderr}");

    let lost = job(&fixture, "Without a report").await;
    let (code, _, stderr) = report(&lost, &folder.path().join("none.xml")).await;
    assert!(code == Some(2) && stderr.contains("none.xml"), "{code:?} {stderr}");
    let completed = fixture.read(&item_path("ci-jobs", &lost)).await;
    assert_eq!((&completed["status"], &completed["automationRunId"]), (&json!("failed"), &Value::Null));
}

#[tokio::test]
async fn the_forms_start_and_complete_a_job() {
    let server = TestServer::start().await;
    let ada = server.user_with_password("Ada").await;
    let (api, project) = (server.api(&ada).await, server.project(&ada, "WEB").await.to_string());
    let signed_in = server.form("/session", None, &[("email", &ada.email), ("password", PASSWORD)]).await;
    let cookie = signed_in.cookie().unwrap();
    let start = async |parameters: &str| {
        let fields =
            [("project", project.as_str()), ("name", "Nightly"), ("branch", "main"), ("parameters", parameters)];
        server.form("/ui/ci-jobs/start", Some(&cookie), &fields).await
    };
    let refused = start("BROWSER=firefox\r\nfirefox").await;
    assert!(refused.status == 422 && refused.text.contains("Line 2 has no ="), "{} {}", refused.status, refused.text);
    let started = start("BROWSER=firefox\r\nSHARDS=4\r\n").await;
    let list = format!("/projects/{project}/ci-jobs");
    assert!(started.location().starts_with(&format!("{list}/job_")), "{} {}", started.status, started.text);
    let jobs = api.get(&list).await.json["items"].clone();
    assert_eq!(jobs.as_array().unwrap().len(), 1);
    assert_eq!(jobs[0]["parameters"], json!({"BROWSER": "firefox", "SHARDS": "4"}));

    // A job has no outcome without its own form, and can't be deleted.
    let id = jobs[0]["id"].as_str().unwrap();
    for action in ["complete", "delete", "duplicate", "abort"] {
        server.form("/ui/testware/apply-action", Some(&cookie), &[("id", id), ("action", action)]).await;
        assert_eq!(api.get(&format!("/ci-jobs/{id}")).await.json, jobs[0], "{action}");
    }
    let completed = server.form("/ui/ci-jobs/complete", Some(&cookie), &[("id", id), ("outcome", "cancelled")]).await;
    assert!(completed.location().ends_with(id), "{} {}", completed.status, completed.text);
    assert_eq!(api.get(&format!("/ci-jobs/{id}")).await.json["status"], "cancelled");
}

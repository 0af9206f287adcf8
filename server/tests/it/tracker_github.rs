//! Reading issues from GitHub after an event, against a server that answers as GitHub does.

use std::time::Duration;

use app::error::Error;
use app::model::integration::{Credentials, Provider, PutIntegration};
use app::service::{Integrations, Issues};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::entity::{integration, issue};

use crate::support::fake_tracker::{Answer, FakeTracker};
use crate::support::inbound::{Github, event, issue_json};
use crate::support::{TestServer, eventually};

const TOKEN: &str = "ghp_token";
const PATH: &str = "/api/v3/repos/acme/checkout/issues/42";

async fn start(answers: impl IntoIterator<Item = Answer>) -> (TestServer, FakeTracker, Github) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    (server, fake, github)
}

/// Lets the time pass that an issue waits for more events.
fn gathered(server: &TestServer) {
    server.core.clock.advance(Duration::from_secs(1));
}

async fn issue_when(
    server: &TestServer,
    github: &Github,
    what: &str,
    is: impl Fn(&issue::Model) -> bool,
) -> issue::Model {
    eventually(what, async || {
        let found = server.issues(github.project).await.into_iter().next()?;
        is(&found).then_some(found)
    })
    .await
}

async fn integration_row(server: &TestServer, github: &Github) -> integration::Model {
    integration::Entity::find_by_id(github.integration).one(server.core.store.read()).await.unwrap().unwrap()
}

/// Whether nothing is left to do for an issue.
fn settled(issue: &issue::Model) -> bool {
    issue.sync_due_at.is_none() && issue.sync_lease_until.is_none()
}

#[tokio::test]
async fn many_events_of_an_issue_come_to_one_reading_with_what_github_asks_of_its_clients() {
    let (server, fake, github) = start([Answer::json(&issue_json("As it is now", 59))]).await;
    for n in 0..20 {
        server.outcome(&github, "issues", event("edited", &format!("State {n}"), n)).await;
    }
    gathered(&server);
    let read = issue_when(&server, &github, "the issue is read", |issue| issue.title == "As it is now").await;
    assert!(settled(&read));
    assert_eq!((read.sync_error, read.synced_at), (None, Some(server.core.clock.now())));
    assert_eq!(fake.paths(), [PATH]);
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer ghp_token"));
    assert_eq!(fake.header("accept").as_deref(), Some("application/vnd.github+json"));
    assert_eq!(fake.header("x-github-api-version").as_deref(), Some("2022-11-28"));
    assert!(fake.header("user-agent").unwrap().starts_with("Testbell/"));
    let shown = server.core.integration(&github.owner, github.project).await.unwrap().unwrap();
    assert_eq!((shown.sync_error, shown.sync_waiting), (None, 0));
    assert_eq!(shown.synced_at, Some(server.core.clock.now()));
    server.stop().await;
}

#[tokio::test]
async fn without_credentials_nothing_is_read() {
    let server = TestServer::start().await;
    let github = server.github().await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    assert!(settled(&server.issues(github.project).await[0]));
    server.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_during_a_reading_leads_to_another_one() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start_closed([1, 2].map(|n| Answer::json(&issue_json(&format!("Read {n}"), 30 + n)))).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    eventually("the first reading", async || (fake.paths().len() == 1).then_some(())).await;
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    server.outcome(&github, "issues", event("edited", "Three", 3)).await;
    fake.let_pass(1);
    issue_when(&server, &github, "the first reading is applied", |issue| issue.title == "Read 1").await;
    fake.let_pass(1);
    gathered(&server);
    let read = issue_when(&server, &github, "the second reading is applied", |issue| issue.title == "Read 2").await;
    assert!(settled(&read));
    assert_eq!(fake.paths().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_during_a_reading_that_finds_nothing_leads_to_another_one() {
    let server = TestServer::start().await;
    let answers = [Answer::of(404, "{}"), Answer::json(&issue_json("Read", 59))];
    let fake = FakeTracker::start_closed(answers).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    eventually("the first reading", async || (fake.paths().len() == 1).then_some(())).await;
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    fake.let_pass(1);
    issue_when(&server, &github, "the first reading is applied", |issue| issue.sync_error.is_some()).await;
    fake.let_pass(1);
    gathered(&server);
    let read = issue_when(&server, &github, "the second reading is applied", |issue| issue.title == "Read").await;
    assert!(settled(&read));
    server.stop().await;
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_by_all_issues_of_the_project_and_by_no_other_project() {
    let server = TestServer::start().await;
    let reset = server.core.clock.now().timestamp() + 600;
    let limited = Answer::of(403, r#"{"message":"API rate limit exceeded"}"#)
        .with("x-ratelimit-remaining", 0)
        .with("x-ratelimit-reset", reset);
    let fake = FakeTracker::start([limited, Answer::json(&issue_json("Read", 59))]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    gathered(&server);
    let shown = issue_when(&server, &github, "the limit is shown", |issue| issue.sync_error.is_some()).await;
    assert!(shown.sync_error.unwrap().contains("rate limit"));
    let until = integration_row(&server, &github).await.paused_until.unwrap();
    assert_eq!(until.timestamp(), reset + 1);

    // Time passes, more events come, and another project is read: this one is not.
    server.core.clock.advance(Duration::from_secs(590));
    assert_eq!(server.outcome(&github, "issues", event("edited", "Two", 2)).await, "applied");
    let other_fake = FakeTracker::start([Answer::json(&issue_json("Other", 59))]).await;
    let other = server.github_with("secret", &other_fake.base, Some(TOKEN)).await;
    server.outcome(&other, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    issue_when(&server, &other, "the other project is read", |issue| issue.title == "Other").await;
    assert_eq!(fake.paths().len(), 1);

    server.core.clock.advance(Duration::from_secs(11));
    let read = issue_when(&server, &github, "reading goes on", |issue| issue.title == "Read").await;
    assert_eq!((read.sync_error, fake.paths().len()), (None, 2));
    assert_eq!(integration_row(&server, &github).await.sync_error, None);
    server.stop().await;
}

#[tokio::test]
async fn the_last_request_that_is_granted_pauses_before_a_refusal() {
    let server = TestServer::start().await;
    let reset = server.core.clock.now().timestamp() + 300;
    let last = Answer::json(&issue_json("Read", 59)).with("x-ratelimit-remaining", 0).with("x-ratelimit-reset", reset);
    let fake = FakeTracker::start([last]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    issue_when(&server, &github, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(integration_row(&server, &github).await.paused_until.unwrap().timestamp(), reset + 1);
    server.stop().await;
}

#[tokio::test]
async fn a_failure_is_shown_retried_and_forgotten_after_a_success() {
    let (server, fake, github) = start([Answer::of(502, "bad gateway"), Answer::json(&issue_json("Read", 59))]).await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    gathered(&server);
    let failed = issue_when(&server, &github, "the failure is shown", |issue| issue.sync_error.is_some()).await;
    assert!(failed.sync_error.unwrap().contains("502"));
    assert_eq!(failed.sync_attempts, 1);
    let shown = server.core.integration(&github.owner, github.project).await.unwrap().unwrap();
    assert!(shown.sync_error.unwrap().contains("acme/checkout#42"));
    assert_eq!(shown.sync_waiting, 1);
    let wait = failed.sync_due_at.unwrap() - server.core.clock.now();
    assert!((30..38).contains(&wait.num_seconds()), "{wait}");
    server.core.clock.advance(Duration::from_secs(38));
    let read = issue_when(&server, &github, "the retry", |issue| issue.title == "Read").await;
    assert_eq!((read.sync_error.as_deref(), read.sync_attempts), (None, 0));
    assert_eq!(integration_row(&server, &github).await.sync_error, None);
    assert_eq!(fake.paths().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn an_issue_that_can_not_be_read_is_left_after_eight_attempts_until_its_next_event() {
    let (server, fake, github) = start([Answer::of(500, "")]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    for attempt in 1..8 {
        let what = format!("attempt {attempt}");
        issue_when(&server, &github, &what, |issue| issue.sync_attempts == attempt).await;
        server.core.clock.advance(Duration::from_secs(75 * 60));
    }
    let left = issue_when(&server, &github, "the last attempt", settled).await;
    assert!(left.sync_error.unwrap().contains("8 times"));
    assert_eq!(fake.paths().len(), 8);
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    gathered(&server);
    eventually("a reading after the next event", async || (fake.paths().len() == 9).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn an_issue_that_github_shows_no_more_is_marked_and_stays() {
    for (status, word) in [(404, "404"), (410, "deleted")] {
        let (server, fake, github) = start([Answer::of(status, "{}")]).await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        gathered(&server);
        let gone = issue_when(&server, &github, "the mark", |issue| issue.sync_error.is_some()).await;
        assert!(gone.sync_error.as_ref().unwrap().contains(word));
        assert!(settled(&gone));
        assert_eq!((gone.title.as_str(), fake.paths().len()), ("One", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_new_token_reads_at_once_what_the_old_one_could_not() {
    let (server, fake, github) = start([Answer::of(401, r#"{"message":"Bad credentials"}"#)]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    let refused = issue_when(&server, &github, "the refusal is shown", |issue| issue.sync_error.is_some()).await;
    assert!(refused.sync_error.unwrap().contains("token"));
    assert!(integration_row(&server, &github).await.paused_until.is_some());
    fake.answer([Answer::json(&issue_json("Read", 59))]);
    let put = PutIntegration {
        provider: Provider::Github,
        base_url: fake.base.clone(),
        repository: "acme/checkout".to_owned(),
        credentials: Some(Credentials { email: None, token: "ghp_new".to_owned() }),
    };
    server.core.put_integration(&github.owner, github.project, put).await.unwrap();
    issue_when(&server, &github, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer ghp_new"));
    server.stop().await;
}

fn moved() -> Value {
    let mut issue = issue_json("Moved", 59);
    issue["id"] = json!(9000);
    issue["number"] = json!(7);
    issue["html_url"] = json!("https://github.com/acme/shop/issues/7");
    issue
}

#[tokio::test]
async fn a_redirection_within_the_api_is_followed_to_the_issues_new_place() {
    let redirect = Answer::of(301, "{}").with("location", "/api/v3/repositories/5/issues/7");
    let (server, fake, github) = start([redirect, Answer::json(&moved())]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    let known = server.issues(github.project).await[0].id;
    gathered(&server);
    let read = issue_when(&server, &github, "the new place", |issue| issue.title == "Moved").await;
    assert_eq!((read.id, read.key.as_deref(), read.external_id.as_deref()), (known, Some("acme/shop#7"), Some("9000")));
    assert!(settled(&read));
    assert_eq!(fake.paths(), [PATH, "/api/v3/repositories/5/issues/7"]);
    assert_eq!(server.outcome(&github, "issues", event("edited", "Late", 3)).await, "ignored");
    server.stop().await;
}

#[tokio::test]
async fn the_token_follows_no_redirection_to_another_server() {
    let elsewhere = FakeTracker::start([Answer::json(&moved())]).await;
    let redirect = Answer::of(301, "{}").with("location", format!("{}{PATH}", elsewhere.base));
    let (server, fake, github) = start([redirect]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    issue_when(&server, &github, "the failure is shown", |issue| issue.sync_error.is_some()).await;
    assert_eq!((fake.paths().len(), elsewhere.paths().len()), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_issue_is_not_applied_but_shown() {
    let html = Answer::of(200, "<!doctype html><title>Sign in</title>");
    let huge = Answer::of(200, vec![b' '; 2 * 1024 * 1024]);
    let pull_request = json!({"id": 1, "number": 1347, "title": "Found a bug", "state": "open", "pull_request": {}});
    let pull_request = Answer::of(200, pull_request.to_string());
    for (answer, word) in [(html, "JSON"), (huge, "1 MiB"), (pull_request, "pull request")] {
        let (server, _fake, github) = start([answer]).await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        gathered(&server);
        let shown = issue_when(&server, &github, word, |issue| issue.sync_error.is_some()).await;
        assert!(shown.sync_error.as_ref().unwrap().contains(word), "{:?}", shown.sync_error);
        assert_eq!(shown.title, "One");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_tracker_that_does_not_answer_is_given_ten_seconds() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start_closed([Answer::of(200, "{}")]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    eventually("the request", async || (fake.paths().len() == 1).then_some(())).await;
    server.core.clock.advance(Duration::from_secs(10));
    let shown = issue_when(&server, &github, "the failure", |issue| issue.sync_error.is_some()).await;
    assert!(shown.sync_error.unwrap().contains("Timed out after 10 s"));
    server.stop().await;
}

#[tokio::test]
async fn a_person_can_ask_for_a_reading() {
    let (server, fake, github) = start([Answer::json(&issue_json("Read", 59))]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    gathered(&server);
    issue_when(&server, &github, "the first reading", |issue| issue.title == "Read" && settled(issue)).await;
    fake.answer([Answer::json(&issue_json("Read again", 59))]);
    let id = server.issues(github.project).await[0].id;
    server.core.sync_issue(&github.owner, id).await.unwrap();
    issue_when(&server, &github, "the second reading", |issue| issue.title == "Read again").await;
    server.stop().await;
}

#[tokio::test]
async fn a_test_of_the_connection_says_what_is_wrong() {
    let found = |name: &str| Answer::json(&json!({"full_name": name, "has_issues": true}));
    for (answer, ok, word) in [
        (found("acme/checkout"), true, "can be read"),
        (found("acme/renamed"), true, "acme/renamed"),
        (Answer::json(&json!({"full_name": "acme/checkout", "has_issues": false})), false, "switched off"),
        (Answer::of(401, "{}"), false, "token"),
        (Answer::of(403, "{}"), false, "read access"),
        (Answer::of(404, "{}"), false, "access"),
        (Answer::of(429, "{}").with("retry-after", 30), false, "rate limit"),
        (Answer::of(503, "{}"), false, "503"),
        (Answer::of(200, "<html>"), false, "does not look like GitHub"),
    ] {
        let (server, fake, github) = start([answer]).await;
        let test = server.core.test_integration(&github.owner, github.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/api/v3/repos/acme/checkout"]);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_integration_tells_what_its_latest_test_came_to_until_it_is_set_up_anew() {
    let found = Answer::json(&json!({"full_name": "acme/checkout", "has_issues": true}));
    let (server, _fake, github) = start([Answer::of(401, "{}"), found]).await;
    let shown = async || server.core.integration(&github.owner, github.project).await.unwrap().unwrap();
    let test = async || server.core.test_integration(&github.owner, github.project).await.unwrap();
    assert_eq!((shown().await.synced_at, shown().await.sync_error), (None, None));
    let failed = test().await;
    assert_eq!((shown().await.synced_at, shown().await.sync_error), (None, Some(failed.detail)));
    assert!(test().await.ok);
    let read = shown().await;
    assert_eq!((read.synced_at, read.sync_error), (Some(server.core.clock.now()), None));
    let anew = PutIntegration {
        provider: Provider::Github,
        base_url: read.base_url,
        repository: read.repository,
        credentials: Some(Credentials { email: None, token: "another".to_owned() }),
    };
    server.core.put_integration(&github.owner, github.project, anew).await.unwrap();
    assert_eq!(shown().await.synced_at, None);
    server.stop().await;
}

#[tokio::test]
async fn a_test_of_a_connection_to_nowhere_says_so_and_is_for_admins() {
    let server = TestServer::start().await;
    let github = server.github_with("secret", "http://127.0.0.1:1", Some(TOKEN)).await;
    let test = server.core.test_integration(&github.owner, github.project).await.unwrap();
    assert!(!test.ok && test.detail.contains("nothing listens there"), "{}", test.detail);
    let stranger = server.user("Mallory", false).await;
    let refused = server.core.test_integration(&stranger, github.project).await;
    assert_eq!(refused, Err(Error::NotFound));
    server.stop().await;
}

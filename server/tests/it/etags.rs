//! `ETag`, `If-Match` and `If-None-Match`. `access/etags.rs` tries them with each item.

use serde_json::json;

use crate::support::api::Reply;
use crate::testware::fixture::{TestwareFixture, error_fields, item_path};

async fn patch(fixture: &TestwareFixture, path: &str, if_match: &str, body: &str) -> Reply {
    let headers = [("if-match", if_match), ("content-type", "application/json")];
    fixture.api.raw("PATCH", path, &headers, body.to_owned()).await
}

async fn etag(fixture: &TestwareFixture, path: &str) -> String {
    fixture.api.get(path).await.header("etag").to_owned()
}

#[tokio::test]
async fn a_condition_is_a_list_of_etags_or_an_asterisk() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("cases", &fixture.case("Pay").await);
    let first = etag(&fixture, &path).await;
    let changed = patch(&fixture, &path, &format!("\"other\", {first}"), r#"{"title":"Pay 2"}"#).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_ne!(changed.header("etag"), first);
    let refused = patch(&fixture, &path, &first, r#"{"title":"Pay 3"}"#).await;
    let detail = "The case has changed since you read it. Read it again, and send your change with its new ETag.";
    assert_eq!((refused.status, refused.json["detail"].as_str()), (412, Some(detail)));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let changed = patch(&fixture, &path, changed.header("etag"), r#"{"title":"Pay 4"}"#).await;
    assert_eq!(changed.json["title"], "Pay 4");
    assert_eq!(patch(&fixture, &path, "*", r#"{"title":"Pay 5"}"#).await.status, 200);
    for malformed in ["Pay", "\"a", "\"a\" \"b\"", "*, \"a\"", ""] {
        assert_eq!(patch(&fixture, &path, malformed, "{}").await.status, 400, "{malformed}");
        let read = fixture.api.raw("GET", &path, &[("if-none-match", malformed)], "").await;
        assert_eq!(read.status, 400, "{malformed}");
    }
    // What was refused left no event.
    assert_eq!(fixture.events().await.len(), 4);
}

#[tokio::test]
async fn other_errors_come_before_a_failed_condition() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("cases", &fixture.case("Pay").await);
    let invalid = patch(&fixture, &path, "\"stale\"", r#"{"title":""}"#).await;
    assert_eq!(error_fields(&invalid), ["title"]);
    let stranger = fixture.server.user("Eve", false).await;
    let theirs = fixture.server.api(&stranger).await;
    for condition in ["*", "\"stale\""] {
        let headers = [("if-match", condition), ("content-type", "application/json")];
        assert_eq!(theirs.raw("PATCH", &path, &headers, r#"{"title":"x"}"#).await.status, 404);
        assert_eq!(fixture.server.anonymous().raw("DELETE", &path, &headers, "").await.status, 401);
    }
    // Nothing is written, so the condition is checked on its own.
    assert_eq!(patch(&fixture, &path, "\"stale\"", "{}").await.status, 412);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(patch(&fixture, &path, "*", r#"{"title":"x"}"#).await.status, 404);
}

#[tokio::test]
async fn an_etag_changes_with_all_that_is_shown() {
    let fixture = TestwareFixture::new().await;
    let field = fixture.create("custom-fields", json!({"name": "Browser", "type": "text"})).await;
    let case = item_path("cases", &fixture.case("Pay").await);
    let before = etag(&fixture, &case).await;
    assert_eq!(etag(&fixture, &case).await, before);
    let id = field["id"].as_str().unwrap();
    fixture.change(&case, json!({"customFields": {id: "Firefox"}})).await;
    let after = etag(&fixture, &case).await;
    assert_ne!(after, before);
    let head = fixture.api.raw("HEAD", &case, &[], "").await;
    assert_eq!((head.status, head.header("etag"), head.text.as_str()), (200, &*after, ""));
    let known = fixture.api.raw("GET", &case, &[("if-none-match", &format!("\"x\", W/{after}"))], "").await;
    assert_eq!((known.status, known.header("cache-control")), (304, "no-store"));

    let (run, cases) = fixture.run(&["Refund"]).await;
    let run = item_path("runs", &run);
    let before = etag(&fixture, &run).await;
    fixture.post_ok(&format!("{run}/results"), json!({"status": "passed", "caseId": cases[0]["id"]})).await;
    assert_ne!(etag(&fixture, &run).await, before, "its counts changed");
}

#[tokio::test]
async fn one_of_many_concurrent_changes_succeeds() {
    let fixture = TestwareFixture::new().await;
    let path = item_path("cases", &fixture.case("Pay").await);
    let first = etag(&fixture, &path).await;
    let bodies: Vec<_> = (0..8).map(|n| json!({"title": format!("Pay {n}")}).to_string()).collect();
    let all = bodies.iter().map(|body| patch(&fixture, &path, &first, body));
    let replies = futures::future::join_all(all).await;
    let (done, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(done.len(), 1);
    assert!(refused.iter().all(|reply| reply.status == 412));
    assert_eq!(fixture.read(&path).await["title"], done[0].json["title"]);
    assert_eq!(fixture.events().await.len(), 2);
}

#[tokio::test]
async fn a_condition_that_nothing_checks_is_refused() {
    let fixture = TestwareFixture::new().await;
    let cases = fixture.of_project("cases");
    let headers = [("if-match", "*"), ("content-type", "application/json")];
    let refused = fixture.api.raw("POST", &cases, &headers, r#"{"title":"Pay"}"#).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let list = fixture.api.get(&cases).await;
    assert_eq!((list.header("etag"), &list.json["items"]), ("", &json!([])));
}

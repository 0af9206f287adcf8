//! Files that are attached to results.

use std::time::Duration;

use app::testware::attachment::{MAX_ATTACHMENT_BYTES, MAX_PROJECT_BYTES};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::testware::attachment::chunks::table as chunk;
use server::testware::attachment::table as attachment;

use super::fixture::{TestwareFixture, error_fields, item_path};
use crate::support::api::Reply;
use crate::support::eventually;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot really";

/// The path of a run and of a result in it.
async fn result(fixture: &TestwareFixture) -> (String, String) {
    let (run, cases) = fixture.run(&["Pay"]).await;
    let path = item_path("runs", &run);
    let new = json!({"caseId": cases[0]["id"], "status": "failed"});
    let result = fixture.post_ok(&format!("{path}/results"), new).await;
    (path, item_path("results", &result))
}

async fn attach(fixture: &TestwareFixture, result: &str, name: &str, content: impl Into<Vec<u8>>) -> Reply {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let path = format!("{result}/attachments?name={name}");
    fixture.api.raw("POST", &path, &[("content-type", "text/html")], content.into()).await
}

async fn attached(fixture: &TestwareFixture, result: &str, name: &str, content: impl Into<Vec<u8>>) -> Value {
    let reply = attach(fixture, result, name, content).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json
}

fn content(attachment: &Value) -> String {
    format!("{}/content", item_path("attachments", attachment))
}

async fn chunk_count(fixture: &TestwareFixture) -> u64 {
    chunk::Entity::find().count(fixture.server.state.store.read()).await.unwrap()
}

#[tokio::test]
async fn an_attachment_is_downloaded_as_it_was_sent() {
    let fixture = TestwareFixture::new().await;
    let (_, result) = result(&fixture).await;
    // More than two chunks.
    let log: Vec<u8> = (0..600_000_u32).map(|at| b'a' + (at % 23) as u8).collect();
    let added = attached(&fixture, &result, "../logs/träce.log", log.clone()).await;
    assert_eq!((&added["name"], &added["size"]), (&json!("träce.log"), &json!(600_000)));
    assert_eq!(added["contentType"], "application/octet-stream");
    let reply = fixture.api.get(&content(&added)).await;
    assert_eq!(reply.text.as_bytes(), log);
    assert_eq!(reply.header("content-length"), "600000");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"tr_ce.log\"; filename*=UTF-8''tr%C3%A4ce.log"
    );
    let image = attached(&fixture, &result, "a.png", PNG).await;
    assert_eq!(image["contentType"], "image/png");
    let listed = fixture.read(&format!("{result}/attachments")).await["items"].clone();
    assert_eq!(listed, json!([image, added]), "newest first");
    assert_eq!(fixture.read(&result).await["attachments"], json!([added, image]));
    assert_eq!(fixture.read(&item_path("attachments", &added)).await, added);
}

#[tokio::test]
async fn a_browser_runs_nothing_of_an_attachment() {
    let fixture = TestwareFixture::new().await;
    let (_, result) = result(&fixture).await;
    for (name, bytes, shown) in [
        ("x.html", &b"<script>alert(1)</script>"[..], false),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", false),
        ("x.svg\r\nSet-Cookie: a=b", b"<svg/>", false),
        ("x.html", PNG, true),
    ] {
        let added = attached(&fixture, &result, name, bytes).await;
        let reply = fixture.api.get(&content(&added)).await;
        let kind = if shown { "image/png" } else { "application/octet-stream" };
        assert_eq!(reply.header("content-type"), kind, "{name}");
        let disposition = if shown { "inline" } else { "attachment" };
        assert!(reply.header("content-disposition").starts_with(disposition), "{name}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(reply.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn attachments_are_limited() {
    let fixture = TestwareFixture::new().await;
    let (run, first) = result(&fixture).await;
    let state = &fixture.server.state;
    let reply = attach(&fixture, &first, "big", vec![b'x'; MAX_ATTACHMENT_BYTES + 1]).await;
    assert_eq!((reply.status, reply.json["detail"].as_str()), (413, Some("Attach at most 10 MiB.")));
    // The size is not declared.
    let parts = futures::stream::iter((0..11).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1024 * 1024])));
    let path = format!("{first}/attachments");
    let reply = fixture.api.raw("POST", &path, &[], reqwest::Body::wrap_stream(parts)).await;
    assert_eq!(reply.status, 413);
    assert_eq!(attach(&fixture, &first, "empty", "").await.status, 422);
    assert_eq!(error_fields(&attach(&fixture, &first, &"x".repeat(201), "x").await), ["name"]);
    let reply = fixture.api.raw("POST", &path, &[("content-encoding", "gzip")], "x").await;
    assert_eq!(reply.status, 415);
    assert_eq!(fixture.read(&first).await["attachments"], json!([]), "nothing is left");
    for at in 0..10 {
        attached(&fixture, &first, &format!("{at}.txt"), "x").await;
    }
    let reply = attach(&fixture, &first, "11.txt", "x").await;
    assert_eq!(reply.status, 409, "{}", reply.text);

    let second = fixture
        .post_ok(&format!("{run}/results"), json!({"caseId": case_of(&fixture, &run).await, "status": "passed"}))
        .await;
    let second = item_path("results", &second);
    let full = attached(&fixture, &second, "full", "x").await;
    let size = Expr::value(i64::try_from(MAX_PROJECT_BYTES).unwrap() - 100);
    let id: app::testware::attachment::AttachmentId = full["id"].as_str().unwrap().parse().unwrap();
    state
        .store
        .write::<_, sea_orm::DbErr, _>(move |tx| {
            let update = attachment::Entity::update_many().col_expr(attachment::Column::Size, size);
            Box::pin(async move { update.filter(attachment::Column::Id.eq(id)).exec(tx.db()).await })
        })
        .await
        .unwrap();
    attached(&fixture, &second, "fits", vec![b'x'; 50]).await;
    let reply = attach(&fixture, &second, "too much", vec![b'x'; 90]).await;
    assert_eq!(reply.status, 409);
    assert!(reply.text.contains("2 GiB"), "{}", reply.text);
}

async fn case_of(fixture: &TestwareFixture, run: &str) -> Value {
    fixture.read(&format!("{run}/cases")).await["items"][0]["caseId"].clone()
}

#[tokio::test]
async fn attachments_are_deleted_with_what_they_belong_to() {
    let fixture = TestwareFixture::new().await;
    let (run, first) = result(&fixture).await;
    let (other_run, second) = result(&fixture).await;
    let one = attached(&fixture, &first, "one", "x").await;
    let two = attached(&fixture, &first, "two", "x").await;
    let three = attached(&fixture, &second, "three", "x").await;
    assert_eq!(fixture.api.delete(&item_path("attachments", &one)).await.status, 204);
    assert_eq!(fixture.api.delete(&item_path("attachments", &one)).await.status, 404);
    assert_eq!(fixture.api.get(&content(&one)).await.status, 404);
    assert_eq!(fixture.api.delete(&first).await.status, 204);
    assert_eq!(fixture.api.get(&content(&two)).await.status, 404);
    assert_eq!(fixture.api.delete(&other_run).await.status, 204);
    assert_eq!(fixture.api.get(&content(&three)).await.status, 404);
    assert_eq!(fixture.api.post(&format!("{run}/complete"), &Value::Null).await.status, 200);
    // Of a completed session: read-only.
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let session = item_path("sessions", &session);
    let kept = fixture.post_ok(&format!("{session}/results"), json!({"status": "passed"})).await;
    let kept = item_path("results", &kept);
    let four = attached(&fixture, &kept, "four", "x").await;
    fixture.post_ok(&format!("{session}/complete"), Value::Null).await;
    assert_eq!(attach(&fixture, &kept, "five", "x").await.status, 409);
    assert_eq!(fixture.api.delete(&item_path("attachments", &four)).await.status, 409);
    assert_eq!(fixture.api.get(&content(&four)).await.text, "x");
    assert_eq!(chunk_count(&fixture).await, 4);
    fixture.server.state.clock.advance(Duration::from_secs(3600));
    eventually("the content is deleted", async || (chunk_count(&fixture).await == 1).then_some(())).await;
    assert_eq!(fixture.api.delete(&format!("/projects/{}", fixture.project)).await.status, 204);
    fixture.server.state.clock.advance(Duration::from_secs(3600));
    eventually("the project's content is deleted", async || (chunk_count(&fixture).await == 0).then_some(())).await;
}

#[tokio::test]
async fn an_abandoned_upload_leaves_nothing() {
    let fixture = TestwareFixture::new().await;
    let (_, result) = result(&fixture).await;
    let (sender, body) = futures::channel::mpsc::unbounded::<Result<Vec<u8>, std::io::Error>>();
    let url = fixture.server.url(&format!("/api/v1{result}/attachments"));
    let request = fixture.server.http.post(url).bearer_auth(fixture.api.token.as_ref().unwrap());
    let sending = tokio::spawn(request.body(reqwest::Body::wrap_stream(body)).send());
    sender.unbounded_send(Ok(vec![b'x'; 300 * 1024])).unwrap();
    eventually("a part is stored", async || (chunk_count(&fixture).await == 1).then_some(())).await;
    sender.unbounded_send(Err(std::io::Error::other("gone"))).unwrap();
    assert!(sending.await.unwrap().is_err());
    let state = &fixture.server.state;
    eventually("the upload is removed", async || {
        let left = attachment::Entity::find().filter(attachment::Column::ResultId.is_not_null());
        let all = attachment::Entity::find().count(state.store.read()).await.unwrap();
        (all == 1 && left.count(state.store.read()).await.unwrap() == 0).then_some(())
    })
    .await;
    assert_eq!(fixture.read(&result).await["attachments"], json!([]));
}

//! Public links of test runs: what anyone with the link sees, and when the link ends.

use app::model::audit::AuditAction;
use app::testware::run::RunId;
use reqwest::header::{CACHE_CONTROL, REFERRER_POLICY, SET_COOKIE};
use scraper::{Html, Selector};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::service::key_rotation;
use server::testware::run::table;

use super::fixture::{TestwareFixture, event_types, item_path};
use crate::support::api::Reply;
use crate::support::receiver::Receiver;

fn link_path(run: &Value) -> String {
    format!("{}/public-link", item_path("runs", run))
}

/// Enables the public link of a run, and returns its URL.
async fn enable(fixture: &TestwareFixture, run: &Value) -> String {
    fixture.post_ok(&link_path(run), Value::Null).await["url"].as_str().unwrap().to_owned()
}

/// Opens a page as anybody does who is not signed in.
async fn open(fixture: &TestwareFixture, url: &str) -> Reply {
    Reply::send(fixture.server.http.get(url)).await
}

/// The text of a part of a page.
fn text(reply: &Reply, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    page.select(&Selector::parse(selector).unwrap()).map(|element| element.text().collect()).collect()
}

async fn audited(fixture: &TestwareFixture) -> Vec<(String, String)> {
    let log = fixture.read(&fixture.of_project("audit")).await;
    let field = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = log["items"].as_array().unwrap().iter().rev();
    let entries = entries.map(|entry| (field(entry, "action"), field(entry, "subjectName")));
    entries.filter(|(action, _)| action.starts_with("run.")).collect()
}

#[tokio::test]
async fn a_public_link_shows_progress_without_signing_in() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay by card", "Refund"]).await;
    let path = item_path("runs", &run);
    fixture.change(&path, json!({"description": "Secret description", "state": "in_progress"})).await;
    let issue = fixture.create("issues", json!({"title": "Secret issue"})).await;
    let result = json!({
        "caseId": cases[0]["id"], "status": "failed", "comment": "Secret comment", "issueIds": [issue["id"]],
    });
    fixture.post_ok(&format!("{path}/results"), result).await;
    fixture.create("comments", json!({"itemId": run["id"], "text": "Secret remark"})).await;

    let page = open(&fixture, &enable(&fixture, &run).await).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(text(&page, "h1"), ["Release 1"]);
    assert_eq!(text(&page, "main header p"), ["Project WEB · WEB-R1"]);
    assert_eq!(text(&page, "main .badge"), ["In progress"]);
    assert_eq!(text(&page, "main .progress"), ["1 failed, 1 untested"]);
    assert_eq!(text(&page, "td .title"), ["Pay by card", "Refund"]);
    assert_eq!(text(&page, "td .st"), ["Failed", "Untested"]);
    assert!(text(&page, "main").concat().contains("Page loaded "), "{}", page.text);
    for hidden in ["Secret", "sidebar"] {
        assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
    }
    assert!(!text(&page, "main").concat().contains("Ada"), "the name of a member");
    assert!(!page.text.contains(fixture.ada.id.to_string().as_str()));

    assert_eq!(page.header(CACHE_CONTROL), "no-store");
    assert_eq!(page.header(REFERRER_POLICY), "no-referrer");
    assert_eq!(page.header("x-robots-tag"), "noindex");
    assert_eq!(page.headers.get(SET_COOKIE), None);
    assert!(page.text.contains(r#"<meta name="robots" content="noindex""#), "{}", page.text);
}

#[tokio::test]
async fn a_public_page_shows_how_a_run_ended() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let path = item_path("runs", &run);
    let url = enable(&fixture, &run).await;
    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[0]["id"], "status": "passed"})).await;
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(text(&open(&fixture, &url).await, "main .badge"), ["Passed", "Completed"]);
    // The link of a completed run can still be revoked and enabled.
    assert_eq!(fixture.api.delete(&link_path(&run)).await.status, 204);
    assert_eq!(open(&fixture, &enable(&fixture, &run).await).await.status, 200);
}

#[tokio::test]
async fn the_cases_of_a_public_page_are_paged() {
    let fixture = TestwareFixture::new().await;
    let titles: Vec<String> = (0..201).map(|n| format!("Case {n}")).collect();
    let (run, _) = fixture.run(&titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let url = enable(&fixture, &run).await;
    let first = open(&fixture, &url).await;
    assert_eq!(text(&first, "td .title"), titles[..200]);
    let page = Html::parse_document(&first.text);
    let next = page.select(&Selector::parse(".pager a").unwrap()).next().unwrap().attr("href").unwrap();
    let second = open(&fixture, &fixture.server.url(next)).await;
    assert_eq!(text(&second, "td .title"), titles[200..]);
    assert_eq!(open(&fixture, &format!("{url}?cases=x")).await.status, 422);
}

#[tokio::test]
async fn enabling_a_public_link_again_changes_nothing() {
    let fixture = TestwareFixture::new().await;
    let (run, _) = fixture.run(&["Pay"]).await;
    assert_eq!(run["hasPublicLink"], false);
    assert_eq!(fixture.api.get(&link_path(&run)).await.status, 404);
    let seen = fixture.events().await.len();
    let (first, second) = tokio::join!(enable(&fixture, &run), enable(&fixture, &run));
    assert_eq!(first, second);
    assert_eq!(enable(&fixture, &run).await, first);
    assert_eq!(fixture.read(&link_path(&run)).await, json!({"url": first}));
    assert!(first.len() - first.find("/public/runs/pub_").unwrap() == "/public/runs/pub_".len() + 43, "{first}");
    let now = fixture.read(&item_path("runs", &run)).await;
    assert_eq!((&now["hasPublicLink"], &now["updatedAt"]), (&json!(true), &run["updatedAt"]));
    assert_eq!(event_types(&fixture.since(seen).await), ["test_run.public_link_enabled"]);

    for _ in 0..2 {
        assert_eq!(fixture.api.delete(&link_path(&run)).await.status, 204);
    }
    assert_eq!(fixture.since(seen).await.len(), 1);
    let entry = |action: AuditAction| (action.to_string(), "Release 1".to_owned());
    let expected = [entry(AuditAction::PublicLinkEnabled), entry(AuditAction::PublicLinkRevoked)];
    assert_eq!(audited(&fixture).await, expected);
}

#[tokio::test]
async fn the_event_of_a_public_link_does_not_contain_it() {
    let fixture = TestwareFixture::new().await;
    let receiver = Receiver::start().await;
    let webhook = json!({"name": "r", "url": receiver.url("/"), "events": ["test_run.public_link_enabled"]});
    fixture.create("webhooks", webhook).await;
    let (run, _) = fixture.run(&["Pay"]).await;
    let url = enable(&fixture, &run).await;
    let requests = receiver.requests(1).await;
    let envelope = requests[0].json();
    assert_eq!(envelope["type"], "test_run.public_link_enabled");
    assert_eq!((&envelope["data"]["key"], &envelope["actor"]["name"]), (&json!("WEB-R1"), &json!("Ada")));
    assert_eq!(envelope["data"]["counts"]["untested"], 1);
    let (_, token) = url.rsplit_once('/').unwrap();
    let sent = String::from_utf8(requests[0].body.to_vec()).unwrap();
    assert!(!sent.contains(token) && !sent.contains("/public/"), "{sent}");
}

#[tokio::test]
async fn a_link_that_ended_looks_like_an_unknown_one() {
    let fixture = TestwareFixture::new().await;
    let unknown = open(&fixture, &fixture.server.url("/public/runs/pub_unknown")).await;
    assert_eq!(unknown.status, 404);
    let expect_not_found = async |url: &str| {
        let page = open(&fixture, url).await;
        assert_eq!((page.status, text(&page, "main")), (404, text(&unknown, "main")), "{url}");
        assert_eq!(page.header("x-robots-tag"), "noindex");
        assert!(!page.text.contains("Release 1"), "{}", page.text);
    };
    let (run, _) = fixture.run(&["Pay"]).await;
    let revoked = enable(&fixture, &run).await;
    assert_eq!(fixture.api.delete(&link_path(&run)).await.status, 204);
    expect_not_found(&revoked).await;
    let second = enable(&fixture, &run).await;
    assert_ne!(second, revoked);
    assert_eq!(open(&fixture, &second).await.status, 200);
    expect_not_found(&revoked).await;

    assert_eq!(fixture.api.delete(&item_path("runs", &run)).await.status, 204);
    expect_not_found(&second).await;
    let (other, _) = fixture.run(&["Refund"]).await;
    let third = enable(&fixture, &other).await;
    assert_eq!(fixture.api.delete(&format!("/projects/{}", fixture.project)).await.status, 204);
    expect_not_found(&third).await;
}

#[tokio::test]
async fn a_copy_of_a_run_has_no_public_link() {
    let fixture = TestwareFixture::new().await;
    let (run, _) = fixture.run(&["Pay"]).await;
    enable(&fixture, &run).await;
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("runs", &run)), Value::Null).await;
    assert_eq!(copy["hasPublicLink"], false);
    assert_eq!(fixture.api.get(&link_path(&copy)).await.status, 404);
}

#[tokio::test]
async fn only_members_who_may_write_share_a_run() {
    let fixture = TestwareFixture::new().await;
    let (run, _) = fixture.run(&["Pay"]).await;
    let url = enable(&fixture, &run).await;
    let stranger = fixture.server.api(&fixture.server.user("Eve", false).await).await;
    for reply in [
        stranger.get(&link_path(&run)).await,
        stranger.post(&link_path(&run), &Value::Null).await,
        stranger.delete(&link_path(&run)).await,
    ] {
        assert_eq!(reply.status, 404, "{}", reply.text);
    }
    let token = fixture.post_ok("/tokens", json!({"name": "reader", "scope": "read"})).await;
    let reader = fixture.server.with_token(token["secret"].as_str().unwrap());
    assert_eq!(reader.get(&link_path(&run)).await.json["url"], url.as_str());
    assert_eq!(reader.post(&link_path(&run), &Value::Null).await.status, 403);
    assert_eq!(reader.delete(&link_path(&run)).await.status, 403);
    assert_eq!(open(&fixture, &url).await.status, 200);
}

#[tokio::test]
async fn the_token_of_a_public_link_is_stored_encrypted() {
    let fixture = TestwareFixture::new().await;
    let (run, _) = fixture.run(&["Pay"]).await;
    let state = &fixture.server.state;
    let sealed = async || key_rotation::usage(state).await.unwrap().values().sum::<u64>();
    let before = sealed().await;
    let url = enable(&fixture, &run).await;
    assert_eq!(sealed().await, before + 1, "it is re-encrypted when keys are rotated");
    let id: RunId = run["id"].as_str().unwrap().parse().unwrap();
    let row = table::Entity::find_by_id(id).one(state.store.read()).await.unwrap().unwrap();
    let (_, token) = url.rsplit_once('/').unwrap();
    let stored = [row.public_token.unwrap(), row.public_token_hash.unwrap()].concat();
    assert!(!String::from_utf8_lossy(&stored).contains(token));
}

#[tokio::test]
async fn a_public_page_shows_hostile_names_as_they_are_stored() {
    let fixture = TestwareFixture::new().await;
    let hostile = r#"</title><script>x</script>"'&amp;<meta http-equiv=refresh content=0>"#;
    fixture.change(&format!("/projects/{}", fixture.project), json!({"name": hostile})).await;
    let (run, _) = fixture.run(&[hostile]).await;
    fixture.change(&item_path("runs", &run), json!({"name": hostile})).await;
    let page = open(&fixture, &enable(&fixture, &run).await).await;
    assert_eq!(text(&page, "head > title"), [format!("WEB-R1 {hostile} · Testbell")]);
    assert_eq!(text(&page, "h1"), [hostile]);
    assert_eq!(text(&page, "td .title"), [hostile]);
    assert_eq!(text(&page, "main header p"), [format!("{hostile} · WEB-R1")]);
    assert!(text(&page, "meta[http-equiv]").is_empty());
}

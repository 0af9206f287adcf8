//! The filter of deliveries by the digest that covers them.

use app::model::people::Role;
use app::service::Deliveries as _;

use super::projects::{Projects, echoing, two_projects};
use super::*;
use crate::support::api::Api;

/// Two events of the first project and one of the second in a digest, and a later one that is not in it.
async fn start() -> (Projects, DeliveryId) {
    let projects = two_projects(echoing().await).await;
    let platform = &projects.platform;
    platform.fixture.issue("Total is wrong").await;
    platform.fixture.issue("Tax is wrong").await;
    projects.issue_of_second("Secret of the app").await;
    platform.fixture.advance(5 * MINUTE);
    messages(platform, 1).await;
    let digest = digest_of(&wait_for(platform, projects.webhook, StoredStatus::Delivered, 4).await);
    platform.fixture.issue("Later").await;
    (projects, digest)
}

async fn subjects(api: &Api, path: &str) -> Vec<String> {
    let reply = api.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    let items = reply.json["items"].as_array().unwrap().iter();
    items.map(|item| item["subject"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_digest_selects_the_deliveries_that_it_covers() {
    let (projects, digest) = start().await;
    let (fixture, first, second) = (&projects.platform.fixture, projects.platform.fixture.project, projects.second);
    let api = fixture.server.api(&fixture.ada).await;
    let of = |project| format!("/projects/{project}/deliveries?digest={digest}");
    assert_eq!(subjects(&api, &of(first)).await, ["Tax is wrong", "Total is wrong"]);
    assert_eq!(subjects(&api, &of(second)).await, ["Secret of the app"]);
    let count = api.get(&format!("/projects/{first}/deliveries/count?digest={digest}")).await;
    assert_eq!(count.json["count"], 2, "{}", count.text);
    let exported = api.get(&format!("/projects/{first}/deliveries/export?format=json&digest={digest}")).await;
    assert_eq!(exported.json.as_array().map(Vec::len), Some(2), "{}", exported.text);
    let pages = format!("/webhooks/{}/deliveries?digest={digest}", projects.webhook);
    assert_eq!(subjects(&api, &pages).await, ["Secret of the app", "Tax is wrong", "Total is wrong"]);
    let first_page = api.get(&format!("{pages}&limit=2")).await.json;
    let next = format!("{pages}&limit=2&cursor={}", first_page["nextCursor"].as_str().unwrap());
    assert_eq!(subjects(&api, &next).await, ["Total is wrong"]);
    let part = api.get(&format!("/deliveries/{digest}")).await.json["digestPart"].clone();
    assert_eq!((&part["covered"], &part["projectCount"]), (&json!(3), &json!(2)), "{part}");

    // A replay covers the same.
    let replay = fixture.state().replay_delivery(&fixture.ada, digest).await.unwrap().id;
    assert_eq!(subjects(&api, &format!("/projects/{first}/deliveries?digest={replay}")).await.len(), 2);
    let covered = api.get(&of(first)).await.json["items"][0]["id"].clone();
    for other in [covered.as_str().unwrap(), &DeliveryId(uuid::Uuid::from_u128(7)).to_string()] {
        let reply = api.get(&format!("/projects/{first}/deliveries?digest={other}")).await;
        assert_eq!(reply.status, 404, "no digest: {}", reply.text);
    }
    let replayed = api.post(&format!("/projects/{first}/deliveries/replay"), &json!({"digest": digest})).await;
    assert_eq!(replayed.json["queued"].as_array().map(Vec::len), Some(2), "{}", replayed.text);
}

#[tokio::test]
async fn who_cannot_see_all_projects_of_a_digest_cannot_filter_by_it() {
    let (projects, digest) = start().await;
    let (fixture, first) = (&projects.platform.fixture, projects.platform.fixture.project);
    let eve = fixture.server.user("Eve", false).await;
    fixture.server.join(first, &eve, Role::Admin).await;
    let ada = fixture.server.api(&fixture.ada).await;
    let made = ada.post("/tokens", &json!({"name": "ci", "scope": "admin", "projectId": first})).await.json;
    let limited = fixture.server.with_token(made["secret"].as_str().unwrap());
    let api = fixture.server.api(&eve).await;
    let paths = [
        format!("/projects/{first}/deliveries?digest={digest}"),
        format!("/projects/{first}/deliveries/count?digest={digest}"),
        format!("/projects/{first}/deliveries/export?digest={digest}"),
        format!("/webhooks/{}/deliveries?digest={digest}", projects.webhook),
    ];
    for api in [&api, &limited] {
        for path in &paths {
            assert_eq!(api.get(path).await.status, 404, "{path}");
        }
        let replay = api.post(&format!("/projects/{first}/deliveries/replay"), &json!({"digest": digest})).await;
        assert_eq!(replay.status, 404, "{}", replay.text);
        let part = api.get(&format!("/deliveries/{digest}")).await.json["digestPart"].clone();
        assert_eq!((&part["hidden"], &part["projectCount"]), (&json!(true), &json!(null)), "{part}");
    }
    fixture.server.join(projects.second, &eve, Role::Member).await;
    for path in &paths {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
}

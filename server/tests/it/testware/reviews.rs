//! Reviews of test cases: the whole story, its events as a receiver gets them, and the lists.

use app::model::catalog::{Subject, Subscription};
use app::model::people::{Actor, Role};
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};
use crate::support::api::Api;
use crate::support::receiver::Receiver;

/// A project with a case, and with Grace and Bob as further members.
pub struct ReviewFixture {
    pub testware: TestwareFixture,
    pub case: Value,
    pub grace: (Actor, Api),
    pub bob: (Actor, Api),
}

impl ReviewFixture {
    pub async fn new() -> Self {
        let testware = TestwareFixture::new().await;
        let grace = member(&testware, "Grace").await;
        let bob = member(&testware, "Bob").await;
        let new = json!({
            "title": "Pay by card", "preconditions": "A cart.\nA card.", "labels": ["ui"],
            "steps": [{"action": "Open the cart", "expected": ""}, {"action": "Pay", "expected": "It works"}],
        });
        let case = testware.create("cases", new).await;
        Self { testware, case, grace, bob }
    }

    /// The content of the case, with other values for some of the fields.
    pub fn proposal(&self, changes: Value) -> Value {
        let mut proposal = json!({});
        for field in ["title", "preconditions", "steps", "priority", "labels"] {
            proposal[field] = changes.get(field).unwrap_or(&self.case[field]).clone();
        }
        proposal
    }

    /// A review by Ada that changes the title.
    pub async fn review(&self, reviewers: &[&Actor]) -> Value {
        let reviewers: Vec<_> = reviewers.iter().map(|reviewer| reviewer.id).collect();
        let proposal = self.proposal(json!({"title": "Pay by voucher"}));
        let new =
            json!({"title": "Vouchers", "caseId": self.case["id"], "proposal": proposal, "reviewerIds": reviewers});
        self.testware.create("reviews", new).await
    }

    pub async fn decide(&self, api: &Api, review: &Value, decision: &str) -> Value {
        let path = format!("{}/decision", item_path("reviews", review));
        let reply = api.post(&path, &json!({"decision": decision})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json
    }
}

async fn member(testware: &TestwareFixture, name: &str) -> (Actor, Api) {
    let user = testware.server.user(name, false).await;
    testware.server.join(testware.project, &user, Role::Member).await;
    let api = testware.server.api(&user).await;
    (user, api)
}

#[tokio::test]
async fn a_receiver_gets_the_events_of_a_review_in_order() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    testware.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let new = CreateWebhook {
        name: "r".into(),
        url: receiver.url("/"),
        events: vec![Subscription::Subject(Subject::Review), Subscription::Subject(Subject::Case)],
        ..CreateWebhook::default()
    };
    testware.server.state.create_webhook(&testware.ada, testware.project, new).await.unwrap();

    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "changes_requested").await;
    let proposal = fixture.proposal(json!({"title": "Pay by gift voucher"}));
    testware.change(&path, json!({"proposal": proposal})).await;
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    testware.post_ok(&format!("{path}/merge"), Value::Null).await;

    let expected = [
        "review.created",
        "review.status_changed",
        "review.updated",
        "review.status_changed",
        "review.status_changed",
        "case.updated",
        "review.merged",
    ];
    let mut received: Vec<Value> =
        receiver.requests(expected.len()).await.iter().map(|request| request.json()).collect();
    // IDs sort by creation.
    received.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    assert_eq!(event_types(&received), expected);

    let case = json!({"id": fixture.case["id"], "key": "WEB-C1", "title": "Pay by card"});
    let grace = json!({"id": fixture.grace.0.id, "name": "Grace", "decision": "pending", "decidedAt": null});
    let created = &received[0]["data"];
    assert_eq!((&created["key"], &created["title"]), (&json!("WEB-V1"), &json!("Vouchers")));
    assert_eq!((&created["status"], &created["case"]), (&json!("open"), &case));
    assert_eq!(created["reviewers"], json!([grace]));
    assert!(created["link"].as_str().unwrap().ends_with(&path), "{}", created["link"]);
    let statuses: Vec<_> = [1, 3, 4]
        .map(|at: usize| {
            let data = &received[at]["data"];
            assert_eq!(data["changes"]["status"], json!({"from": data["previousStatus"], "to": data["status"]}));
            (data["previousStatus"].as_str().unwrap(), data["status"].as_str().unwrap())
        })
        .to_vec();
    assert_eq!(statuses, [("open", "changes_requested"), ("changes_requested", "open"), ("open", "approved")]);
    assert_eq!(received[1]["data"]["reviewers"][0]["decision"], "changes_requested");
    assert_eq!(received[2]["data"]["changed"], json!(["proposal"]));
    assert_eq!(received[2]["data"]["reviewers"][0]["decision"], "pending");
    assert_eq!(received[5]["data"]["changes"]["title"], json!({"from": "Pay by card", "to": "Pay by gift voucher"}));
    let merged = &received[6]["data"];
    assert_eq!((&merged["previousStatus"], &merged["status"]), (&json!("approved"), &json!("merged")));
    assert_eq!(merged["case"]["title"], "Pay by gift voucher");
    assert_eq!(testware.read(&item_path("cases", &fixture.case)).await["title"], "Pay by gift voucher");
}

#[tokio::test]
async fn a_review_shows_what_it_changes() {
    let fixture = ReviewFixture::new().await;
    let proposal = fixture.proposal(json!({
        "title": "Pay by voucher", "preconditions": "A cart.\nA voucher.", "priority": "high", "labels": ["ui", "voucher"],
        "steps": [{"action": "Open the cart", "expected": ""}, {"action": "Pay twice", "expected": "It works"}],
    }));
    let new =
        json!({"title": "Vouchers", "description": "**Why**", "caseId": fixture.case["id"], "proposal": proposal});
    let review = fixture.testware.create("reviews", new).await;
    let reply = fixture.testware.api.get(&item_path("reviews", &review)).await;
    let shown = reply.json;
    assert_eq!(shown["descriptionHtml"], "<p><strong>Why</strong></p>\n");
    assert_eq!((&shown["proposal"], &shown["base"]["title"]), (&proposal, &json!("Pay by card")));
    let part = |kind: &str, text: &str| json!({"kind": kind, "text": text});
    let changes = shown["changes"].as_array().unwrap();
    let fields: Vec<_> = changes.iter().map(|change| change["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["title", "preconditions", "steps", "priority", "labels"]);
    let title = json!([part("same", "Pay by "), part("removed", "card"), part("added", "voucher")]);
    assert_eq!(changes[0]["parts"], title);
    let preconditions =
        json!([part("same", "A cart.\nA "), part("removed", "card"), part("added", "voucher"), part("same", ".")]);
    assert_eq!(changes[1]["parts"], preconditions);
    let step = &changes[2]["steps"][0];
    assert_eq!(changes[2]["steps"].as_array().unwrap().len(), 1, "only steps that differ");
    assert_eq!(
        (&step["change"], &step["numberBefore"], &step["numberAfter"]),
        (&json!("changed"), &json!(2), &json!(2))
    );
    assert_eq!(step["action"], json!([part("same", "Pay"), part("added", " twice")]));
    assert_eq!(changes[3]["parts"], json!([part("removed", "medium"), part("added", "high")]));
    assert_eq!(changes[4]["parts"], json!([part("same", "ui"), part("added", "voucher")]));
    // A list has neither the proposal nor its parts.
    let listed = fixture.testware.read(&fixture.testware.of_project("reviews")).await["items"][0].clone();
    assert_eq!((listed.get("proposal"), listed.get("changes")), (None, None));
}

#[tokio::test]
async fn the_list_has_filters() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    fixture.review(&[&fixture.grace.0]).await;
    let declined = fixture.review(&[&fixture.bob.0]).await;
    testware.post_ok(&format!("{}/decline", item_path("reviews", &declined)), Value::Null).await;
    let other = testware.case("Refund").await;
    let proposal = json!({"title": "Refund it", "preconditions": "", "steps": [], "priority": "medium", "labels": []});
    let of_grace = json!({"title": "Refunds", "caseId": other["id"], "proposal": proposal});
    let created = fixture.grace.1.post(&testware.of_project("reviews"), &of_grace).await;
    assert_eq!(created.status, 201, "{}", created.text);

    let path = |query: String| testware.of_project(&format!("reviews?{query}"));
    for (query, keys) in [
        (String::new(), vec!["WEB-V3", "WEB-V2", "WEB-V1"]),
        ("status=declined".into(), vec!["WEB-V2"]),
        (format!("case={}", other["id"].as_str().unwrap()), vec!["WEB-V3"]),
        (format!("reviewer={}", fixture.grace.0.id), vec!["WEB-V1"]),
        ("mine=true".into(), vec!["WEB-V2", "WEB-V1"]),
        ("mine=false&search=refunds".into(), vec!["WEB-V3"]),
    ] {
        assert_eq!(testware.column(&path(query.clone()), "key").await, keys, "{query}");
    }
    let of_grace = fixture.grace.1.get(&path("mine=true".into())).await.json;
    let keys: Vec<_> = of_grace["items"].as_array().unwrap().iter().map(|item| &item["key"]).collect();
    assert_eq!(keys, ["WEB-V3", "WEB-V1"], "its author or a reviewer");
    assert_eq!(testware.api.all(&testware.of_project("reviews"), 2).await.len(), 3);
    let refused = testware.api.get(&path("status=done".into())).await;
    assert_eq!(error_fields(&refused), ["status"]);
}

#[tokio::test]
async fn a_comment_on_a_review_is_an_event() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let seen = testware.events().await.len();
    let new = json!({"itemId": review["id"], "text": "@Grace, please"});
    let comment = testware.create("comments", new).await;
    let decision = json!({"decision": "approved", "comment": "Fine, @Ada"});
    let path = format!("{}/decision", item_path("reviews", &review));
    assert_eq!(fixture.grace.1.post(&path, &decision).await.status, 200);

    let events = testware.since(seen).await;
    let types = ["review.commented", "user.mentioned", "review.status_changed", "review.commented", "user.mentioned"];
    assert_eq!(event_types(&events), types);
    assert_eq!(events[0]["data"]["comment"], json!({"id": comment["id"], "text": "@Grace, please"}));
    assert_eq!(events[0]["data"]["key"], "WEB-V1");
    assert_eq!(events[1]["data"]["item"]["type"], "review");
    assert_eq!((&events[3]["actor"]["name"], &events[3]["data"]["status"]), (&json!("Grace"), &json!("approved")));
    let comments = format!("{}?item={}", testware.of_project("comments"), review["id"].as_str().unwrap());
    assert_eq!(testware.column(&comments, "text").await, ["Fine, @Ada", "@Grace, please"]);

    // A comment on another item is no event of a review.
    let seen = testware.events().await.len();
    testware.create("comments", json!({"itemId": fixture.case["id"], "text": "Old"})).await;
    assert!(testware.since(seen).await.is_empty());
}

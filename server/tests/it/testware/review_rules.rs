//! The rules of reviews: who decides, what a merge needs, and what is refused.

use futures::future::join_all;
use serde_json::{Value, json};

use super::fixture::{error_fields, event_types, item_path};
use super::reviews::ReviewFixture;

#[tokio::test]
async fn a_review_is_approved_when_all_reviewers_approve() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0, &fixture.bob.0]).await;
    let path = item_path("reviews", &review);
    let merge = async || testware.api.post(&format!("{path}/merge"), &Value::Null).await;
    let seen = testware.events().await.len();

    assert_eq!(fixture.decide(&fixture.grace.1, &review, "approved").await["status"], "open");
    assert!(testware.since(seen).await.is_empty(), "the status is the same");
    let refused = merge().await;
    assert_eq!((refused.status, &refused.json["detail"]), (409, &json!("WEB-V1 is not approved yet. Pending: Bob.")));
    fixture.decide(&fixture.bob.1, &review, "changes_requested").await;
    let refused = merge().await;
    assert_eq!(refused.json["detail"], "WEB-V1 is not approved. Changes requested by: Bob.");
    assert_eq!(fixture.decide(&fixture.bob.1, &review, "approved").await["status"], "approved");
    let seen = testware.events().await.len();
    fixture.decide(&fixture.bob.1, &review, "approved").await;
    assert!(testware.since(seen).await.is_empty(), "the decision is the same");
    assert_eq!(merge().await.json["status"], "merged");
}

#[tokio::test]
async fn reviewers_come_and_go_with_events() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    let seen = testware.events().await.len();
    let bob = json!({"userId": fixture.bob.0.id});
    let added = testware.post_ok(&format!("{path}/reviewers"), bob.clone()).await;
    assert_eq!((&added["status"], added["reviewers"].as_array().unwrap().len()), (&json!("open"), 2));
    // Once more changes nothing.
    testware.post_ok(&format!("{path}/reviewers"), bob).await;
    let remove = format!("{path}/reviewers/{}", fixture.bob.0.id);
    let removed = testware.api.delete(&remove).await;
    assert_eq!((removed.status, &removed.json["status"]), (200, &json!("approved")), "{}", removed.text);
    assert_eq!(testware.api.delete(&remove).await.status, 404);

    let events = testware.since(seen).await;
    let types = ["review.reviewer_added", "review.status_changed", "review.reviewer_removed", "review.status_changed"];
    assert_eq!(event_types(&events), types);
    let bob = json!({"id": fixture.bob.0.id, "name": "Bob", "decision": "pending", "decidedAt": null});
    assert_eq!((&events[0]["data"]["reviewer"], &events[2]["data"]["reviewer"]), (&bob, &bob));
    assert_eq!(events[0]["data"]["reviewers"].as_array().unwrap().len(), 2);
    assert_eq!(events[2]["data"]["reviewers"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&events[1]["data"]["previousStatus"], &events[1]["data"]["status"]),
        (&json!("approved"), &json!("open"))
    );
}

#[tokio::test]
async fn only_reviewers_who_are_not_the_author_decide() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    let decision = json!({"decision": "approved"});
    let by_author = testware.api.post(&format!("{path}/decision"), &decision).await;
    assert_eq!((by_author.status, by_author.text.contains("author")), (403, true), "{}", by_author.text);
    assert_eq!(fixture.bob.1.post(&format!("{path}/decision"), &decision).await.status, 403);
    let pending = testware.api.post(&format!("{path}/decision"), &json!({"decision": "pending"})).await;
    assert_eq!(pending.status, 422, "{}", pending.text);

    let author = json!({"userId": testware.ada.id});
    assert_eq!(error_fields(&testware.api.post(&format!("{path}/reviewers"), &author).await), ["userId"]);
    let stranger = testware.server.user("Eve", false).await;
    let stranger = json!({"userId": stranger.id});
    assert_eq!(error_fields(&testware.api.post(&format!("{path}/reviewers"), &stranger).await), ["userId"]);
}

#[tokio::test]
async fn a_review_has_at_most_twenty_reviewers() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let mut ids = Vec::new();
    for n in 0..21 {
        let user = testware.server.user(&format!("Member{n}"), false).await;
        testware.server.join(testware.project, &user, app::model::people::Role::Member).await;
        ids.push(user.id);
    }
    let proposal = fixture.proposal(json!({"title": "Other"}));
    let mut new = json!({"title": "All", "caseId": fixture.case["id"], "proposal": proposal, "reviewerIds": ids});
    let refused = testware.api.post(&testware.of_project("reviews"), &new).await;
    assert_eq!(error_fields(&refused), ["reviewerIds"]);
    new["reviewerIds"] = json!(ids[..20]);
    let review = testware.create("reviews", new).await;
    assert_eq!(review["reviewers"].as_array().unwrap().len(), 20);
    let one_more = json!({"userId": ids[20]});
    let path = format!("{}/reviewers", item_path("reviews", &review));
    assert_eq!(error_fields(&testware.api.post(&path, &one_more).await), ["userId"]);
}

#[tokio::test]
async fn a_changed_proposal_needs_new_decisions() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    // The title of the review is not part of the proposal, and the same proposal changes nothing.
    let seen = testware.events().await.len();
    let same = fixture.proposal(json!({"title": "Pay by voucher"}));
    let changed = testware.change(&path, json!({"title": "All vouchers", "proposal": same})).await;
    assert_eq!(changed["status"], "approved");
    assert_eq!(event_types(&testware.since(seen).await), ["review.updated"]);
    let other = fixture.proposal(json!({"title": "Pay by gift voucher"}));
    let changed = testware.change(&path, json!({"proposal": other})).await;
    assert_eq!((&changed["status"], &changed["reviewers"][0]["decision"]), (&json!("open"), &json!("pending")));
    assert_eq!(changed["reviewers"][0]["decidedAt"], Value::Null);
}

#[tokio::test]
async fn a_merge_refuses_what_changed_since_the_proposal() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let (path, case) = (item_path("reviews", &review), item_path("cases", &fixture.case));
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    testware.change(&case, json!({"title": "Pay by credit card", "priority": "low"})).await;
    let seen = testware.events().await.len();
    let refused = testware.api.post(&format!("{path}/merge"), &Value::Null).await;
    let expected =
        "WEB-C1 has changed since the proposal was made, in: title. Edit the proposal, and have it approved again.";
    assert_eq!((refused.status, &refused.json["detail"]), (409, &json!(expected)));
    assert!(testware.since(seen).await.is_empty());

    // The same proposal for the case as it is now.
    let proposal = fixture.proposal(json!({"title": "Pay by voucher", "priority": "low"}));
    testware.change(&path, json!({"proposal": proposal})).await;
    let updated = testware.since(seen).await;
    assert_eq!(updated[0]["data"]["changed"], json!(["base", "proposal"]));
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    // A field that the proposal leaves as it was may change.
    testware.change(&case, json!({"labels": ["ui", "slow"]})).await;
    assert_eq!(testware.post_ok(&format!("{path}/merge"), Value::Null).await["status"], "merged");
    let merged = testware.read(&case).await;
    assert_eq!((&merged["title"], &merged["priority"]), (&json!("Pay by voucher"), &json!("low")));
    assert_eq!(merged["labels"], json!(["ui", "slow"]));
}

#[tokio::test]
async fn a_merged_review_is_read_only() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    testware.post_ok(&format!("{path}/merge"), Value::Null).await;
    let seen = testware.events().await.len();
    assert_eq!(testware.api.patch(&path, &json!({"title": "Later"})).await.status, 409);
    let bob = json!({"userId": fixture.bob.0.id});
    for (action, body) in
        [("merge", Value::Null), ("decline", Value::Null), ("reopen", Value::Null), ("reviewers", bob)]
    {
        let refused = testware.api.post(&format!("{path}/{action}"), &body).await;
        assert_eq!(refused.status, 409, "{action}: {}", refused.text);
    }
    let decision = json!({"decision": "changes_requested"});
    assert_eq!(fixture.grace.1.post(&format!("{path}/decision"), &decision).await.status, 409);
    assert!(testware.since(seen).await.is_empty());
}

#[tokio::test]
async fn a_declined_review_can_be_reopened() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    let seen = testware.events().await.len();
    assert_eq!(testware.post_ok(&format!("{path}/decline"), Value::Null).await["status"], "declined");
    let merge = testware.api.post(&format!("{path}/merge"), &Value::Null).await;
    assert_eq!(merge.json["detail"], "WEB-V1 was declined. Reopen it first.");
    assert_eq!(testware.post_ok(&format!("{path}/reopen"), Value::Null).await["status"], "approved");
    assert_eq!(testware.api.post(&format!("{path}/reopen"), &Value::Null).await.status, 409);
    assert_eq!(testware.api.delete(&path).await.status, 204);
    assert_eq!(testware.api.get(&path).await.status, 404);
    let events = testware.since(seen).await;
    assert_eq!(event_types(&events), ["review.declined", "review.reopened", "review.deleted"]);
    let previous: Vec<_> = events[..2].iter().map(|event| &event["data"]["previousStatus"]).collect();
    assert_eq!(previous, ["approved", "declined"]);
}

#[tokio::test]
async fn an_invalid_proposal_says_which_field_is_wrong() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let other = testware.server.project(&testware.ada, "APP").await;
    let foreign = testware.post_ok(&format!("/projects/{other}/cases"), json!({"title": "Elsewhere"})).await;
    let case = &fixture.case["id"];
    let valid = fixture.proposal(json!({"title": "Pay by voucher"}));
    let mut incomplete = valid.clone();
    incomplete.as_object_mut().unwrap().remove("steps");
    for (title, case, proposal, fields) in [
        (" ".to_owned(), case, valid.clone(), vec!["title"]),
        ("x".repeat(201), case, valid.clone(), vec!["title"]),
        ("Title".into(), &foreign["id"], valid.clone(), vec!["caseId"]),
        ("Title".into(), case, fixture.proposal(json!({})), vec!["proposal"]),
        ("Title".into(), case, fixture.proposal(json!({"title": ""})), vec!["proposal.title"]),
        ("Title".into(), case, fixture.proposal(json!({"labels": ["x".repeat(101)]})), vec!["proposal.labels"]),
        ("Title".into(), case, incomplete, vec!["proposal.steps"]),
    ] {
        let new = json!({"title": title, "caseId": case, "proposal": proposal});
        let reply = testware.api.post(&testware.of_project("reviews"), &new).await;
        assert_eq!(error_fields(&reply), fields, "{}", reply.text);
    }
    let review = fixture.review(&[]).await;
    let merge = testware.api.post(&format!("{}/merge", item_path("reviews", &review)), &Value::Null).await;
    assert_eq!(merge.json["detail"], "WEB-V1 has no reviewers. Add at least one, who approves it.");
    // The case is fixed.
    let moved = testware.api.patch(&item_path("reviews", &review), &json!({"caseId": case})).await;
    assert_eq!(error_fields(&moved), ["caseId"]);
}

#[tokio::test]
async fn a_review_of_a_deleted_case_stays_and_cannot_be_merged() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    let path = item_path("reviews", &review);
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    assert_eq!(testware.api.delete(&item_path("cases", &fixture.case)).await.status, 204);
    let shown = testware.read(&path).await;
    assert_eq!((&shown["case"]["key"], &shown["case"]["deleted"]), (&json!("WEB-C1"), &json!(true)));
    let merge = testware.api.post(&format!("{path}/merge"), &Value::Null).await;
    assert_eq!((merge.status, merge.text.contains("deleted")), (409, true), "{}", merge.text);
    testware.post_ok(&format!("{path}/decline"), Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_merges_at_the_same_time_change_the_case_once() {
    let fixture = ReviewFixture::new().await;
    let testware = &fixture.testware;
    let review = fixture.review(&[&fixture.grace.0]).await;
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    let path = format!("{}/merge", item_path("reviews", &review));
    let replies = join_all((0..4).map(|_| testware.api.post(&path, &Value::Null))).await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    let events = testware.events().await;
    assert_eq!(events.iter().filter(|event| event["type"] == "case.updated").count(), 1);
}

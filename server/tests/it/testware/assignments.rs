use app::model::people::{Actor, Role};
use app::service::ProjectOverview;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, item_path};

async fn member(fixture: &TestwareFixture, name: &str) -> Actor {
    let user = fixture.server.user(name, false).await;
    fixture.server.join(fixture.project, &user, Role::Member).await;
    user
}

/// The assignees of the cases of a run, in order.
async fn assignees(fixture: &TestwareFixture, run: &str) -> Vec<Value> {
    let cases = fixture.read(&format!("{run}/cases")).await["items"].take();
    cases.as_array().unwrap().iter().map(|case| case["assignee"].clone()).collect()
}

/// The titles on the dashboard of a user, and how many cases are assigned.
async fn dashboard(fixture: &TestwareFixture, user: &Actor) -> (Vec<String>, u32) {
    let shown = fixture.server.state.dashboard(user, fixture.project).await.unwrap();
    (shown.assigned.into_iter().map(|case| case.title).collect(), shown.assigned_count)
}

#[tokio::test]
async fn cases_of_a_run_are_assigned_and_shown_to_their_assignee() {
    let fixture = TestwareFixture::new().await;
    let grace = member(&fixture, "Grace").await;
    let (run, cases) = fixture.run(&["Pay", "Refund", "Cancel"]).await;
    let path = item_path("runs", &run);
    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[0]["id"], "status": "passed"})).await;
    let seen = fixture.events().await.len();
    let assign = format!("{path}/assign");

    // Without cases, it is what still has to be tested.
    let unfinished = json!({"assigneeId": grace.id});
    assert_eq!(fixture.post_ok(&assign, unfinished.clone()).await, json!({"changed": 2}));
    assert_eq!(fixture.post_ok(&assign, unfinished).await, json!({"changed": 0}));
    assert_eq!(assignees(&fixture, &path).await, [json!(null), json!("Grace"), json!("Grace")]);
    let one = json!({"assigneeId": fixture.ada.id, "caseIds": [cases[0]["id"], cases[1]["id"]]});
    assert_eq!(fixture.post_ok(&assign, one).await, json!({"changed": 2}));
    assert_eq!(assignees(&fixture, &path).await, [json!("Ada"), json!("Ada"), json!("Grace")]);
    assert_eq!(fixture.since(seen).await, Vec::<Value>::new());

    let of_run = async |query: &str| fixture.column(&format!("{path}/cases?{query}"), "title").await;
    assert_eq!(of_run("mine=true").await, ["Pay", "Refund"]);
    assert_eq!(of_run(&format!("assignee={}", grace.id)).await, ["Cancel"]);
    assert!(of_run(&format!("mine=true&assignee={}", grace.id)).await.is_empty());
    // "Pay" passed.
    assert_eq!(dashboard(&fixture, &fixture.ada).await, (vec!["Refund".to_owned()], 1));
    assert_eq!(dashboard(&fixture, &grace).await, (vec!["Cancel".to_owned()], 1));

    // Editing the list of cases keeps the assignments, and a copy has none.
    let reversed = json!({"caseIds": [cases[2]["id"], cases[1]["id"], cases[0]["id"]]});
    fixture.change(&path, reversed).await;
    assert_eq!(assignees(&fixture, &path).await, [json!("Grace"), json!("Ada"), json!("Ada")]);
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(assignees(&fixture, &item_path("runs", &copy)).await, [Value::Null, Value::Null, Value::Null]);

    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[1]["id"], "status": "retest"})).await;
    assert_eq!(dashboard(&fixture, &fixture.ada).await.1, 1);
    let nobody = json!({"assigneeId": "", "caseIds": [cases[2]["id"]]});
    assert_eq!(fixture.post_ok(&assign, nobody).await, json!({"changed": 1}));
    assert_eq!(dashboard(&fixture, &grace).await, (Vec::new(), 0));
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(dashboard(&fixture, &fixture.ada).await, (Vec::new(), 0));
    let reply = fixture.api.post(&assign, &json!({"assigneeId": grace.id})).await;
    assert_eq!((reply.status, assignees(&fixture, &path).await[1].clone()), (409, json!("Ada")));
}

#[tokio::test]
async fn only_cases_of_the_run_are_assigned_and_only_to_members() {
    let fixture = TestwareFixture::new().await;
    let stranger = fixture.server.user("Eve", false).await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let other = fixture.case("Refund").await;
    let assign = format!("{}/assign", item_path("runs", &run));
    let ada = &fixture.ada.id;
    let many: Vec<_> = (0..501).map(|number| format!("cas_{number:026}")).collect();
    for (body, fields) in [
        (json!({"assigneeId": stranger.id}), vec!["assigneeId"]),
        (json!({"assigneeId": "x"}), vec!["assigneeId"]),
        (json!({"caseIds": [cases[0]["id"]]}), vec!["assigneeId"]),
        (json!({"assigneeId": ada, "caseIds": []}), vec!["caseIds"]),
        (json!({"assigneeId": ada, "caseIds": [cases[0]["id"], other["id"]]}), vec!["caseIds"]),
        (json!({"assigneeId": ada, "caseIds": many}), vec!["caseIds"]),
        (json!({"assigneeId": ada, "case": cases[0]["id"]}), vec!["case"]),
    ] {
        let reply = fixture.api.post(&assign, &body).await;
        assert_eq!(error_fields(&reply), fields, "{body}: {}", reply.text);
    }
    assert_eq!(assignees(&fixture, &item_path("runs", &run)).await, [Value::Null]);
    let foreign = fixture.server.api(&stranger).await;
    assert_eq!(foreign.post(&assign, &json!({"assigneeId": ada})).await.status, 404);
}

#[tokio::test]
async fn a_member_who_leaves_keeps_no_case_of_an_open_run() {
    let fixture = TestwareFixture::new().await;
    let grace = member(&fixture, "Grace").await;
    let (open, _) = fixture.run(&["Pay"]).await;
    let (completed, _) = fixture.run(&["Refund"]).await;
    let (open, completed) = (item_path("runs", &open), item_path("runs", &completed));
    for run in [&open, &completed] {
        fixture.post_ok(&format!("{run}/assign"), json!({"assigneeId": grace.id})).await;
    }
    fixture.post_ok(&format!("{completed}/complete"), Value::Null).await;
    let removed = fixture.api.delete(&fixture.of_project(&format!("members/{}", grace.id))).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(assignees(&fixture, &open).await, [Value::Null]);
    assert_eq!(assignees(&fixture, &completed).await, [json!("Grace")]);
}

//! The export of a whole project, and the import of an export.

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};

/// Texts that spreadsheets run, and that separate the parts of a cell.
const HOSTILE: [&str; 8] =
    ["=1+1", "+1", "-1", "@SUM(A1)", "'quoted'", "a, \"b\"; c", "line\nbreak\r\nand\ttab", "<b>&amp;</b>"];

/// What an import can give again: without IDs, keys and times.
fn content(cases: &[Value]) -> Vec<Value> {
    let fields = ["title", "preconditions", "steps", "priority", "labels", "state", "automationLinks"];
    let content = |case: &Value| -> Value {
        let custom =
            case["customFields"].as_array().unwrap().iter().map(|field| json!([field["name"], field["value"]]));
        let custom: Vec<Value> = custom.collect();
        let fields: Vec<&Value> = fields.iter().map(|field| &case[*field]).collect();
        json!([fields, custom])
    };
    cases.iter().map(content).collect()
}

async fn all_cases(fixture: &TestwareFixture) -> Vec<Value> {
    let mut cases = fixture.api.all(&fixture.of_project("cases"), 200).await;
    cases.extend(fixture.api.all(&fixture.of_project("cases?state=archived"), 200).await);
    cases
}

#[tokio::test]
async fn an_exported_table_is_imported_as_it_was() {
    let source = TestwareFixture::new().await;
    let top = source.create("suites", json!({"name": "iOS / Android > web"})).await;
    let inner = source.create("suites", json!({"name": "Back\\slash", "parentId": top["id"]})).await;
    let fields = [
        json!({"name": "Note", "type": "text"}),
        json!({"name": "Count", "type": "number"}),
        json!({"name": "Seen", "type": "checkbox"}),
        json!({"name": "Browser", "type": "choice", "options": ["=Firefox", "Chrome"]}),
        json!({"name": "Day", "type": "date"}),
    ];
    let mut ids = Vec::new();
    for field in &fields {
        ids.push(source.create("custom-fields", field.clone()).await["id"].as_str().unwrap().to_owned());
    }
    let shared = source.create("shared-steps", json!({"name": "Sign in", "steps": [{"action": "Sign in"}]})).await;
    for (at, text) in HOSTILE.iter().enumerate() {
        let values =
            json!({&ids[0]: text, &ids[1]: -1.5, &ids[2]: at % 2 == 0, &ids[3]: "=Firefox", &ids[4]: "2026-12-24"});
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let case = json!({
            "title": one_line, "preconditions": text, "suiteId": inner["id"], "priority": "low", "customFields": values,
            "steps": [{"action": text, "expected": "1. one\n2. two"}, {"action": "", "expected": text}],
            "labels": [one_line], "automationLinks": [format!("test[{at}, {one_line}]")],
        });
        source.create("cases", case).await;
    }
    let archived = source.create("cases", json!({"title": "Old", "steps": []})).await;
    source.change(&item_path("cases", &archived), json!({"state": "archived"})).await;
    let expected = content(&all_cases(&source).await);
    source.create("cases", json!({"title": "Shared", "steps": [{"sharedStepId": shared["id"]}]})).await;

    let export = source.api.get(&source.of_project("export?format=csv")).await;
    assert_eq!((export.status, export.header("content-type")), (200, "text/csv; charset=utf-8"), "{}", export.text);
    assert!(export.header("content-disposition").starts_with("attachment; filename=\"testbell-"));
    let mut reader = csv::ReaderBuilder::new().from_reader(export.text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a spreadsheet would run {cell}");
        }
    }

    let target = TestwareFixture::new().await;
    for field in fields {
        target.create("custom-fields", field).await;
    }
    let import = target.import("", export.text).await;
    assert_eq!(
        (&import["status"], &import["format"], &import["suites"]),
        (&json!("completed"), &json!("testbell_csv"), &json!(2))
    );
    let cases = all_cases(&target).await;
    let shared = cases.iter().find(|case| case["title"] == "Shared").unwrap();
    assert_eq!(shared["steps"], json!([{"action": "Sign in", "expected": ""}]));
    let others: Vec<Value> = cases.iter().filter(|case| case["title"] != "Shared").cloned().collect();
    assert_eq!(content(&others), expected);
    let suites = target.column(&target.of_project("suites"), "name").await;
    assert_eq!(suites, ["Back\\slash", "iOS / Android > web"]);
}

#[tokio::test]
async fn an_exported_document_has_all_of_the_project() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Look"]).await;
    let result = json!({"caseId": cases[0]["id"], "status": "passed"});
    fixture.post_ok(&format!("{}/results", item_path("runs", &run)), result).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    fixture.post_ok(&format!("{}/notes", item_path("sessions", &session)), json!({"text": "Slow"})).await;
    fixture.create("issues", json!({"title": "Broken"})).await;
    fixture.create("comments", json!({"itemId": run["id"], "text": "Done"})).await;
    fixture.create("milestones", json!({"name": "1.0"})).await;
    fixture.post_ok(&format!("{}/public-link", item_path("runs", &run)), Value::Null).await;
    fixture.change(&item_path("cases", &cases[1]), json!({"state": "archived"})).await;
    let report = r#"<testsuite><testcase name="pays"/></testsuite>"#;
    assert_eq!(fixture.api.raw("POST", &fixture.of_project("automation-runs"), &[], report).await.status, 201);

    let export = fixture.api.get(&fixture.of_project("export")).await;
    assert_eq!((export.status, export.header("content-type")), (200, "application/json"), "{}", export.text);
    let document = &export.json;
    assert_eq!(
        (&document["format"], &document["version"], &document["project"]["key"]),
        (&json!("testbell-project"), &json!(1), &json!("WEB"))
    );
    for (list, count) in [
        ("cases", 2),
        ("runs", 1),
        ("runCases", 2),
        ("results", 1),
        ("sessions", 1),
        ("sessionNotes", 1),
        ("issues", 1),
        ("comments", 1),
        ("milestones", 1),
        ("automationRuns", 1),
        ("automationResults", 1),
        ("suites", 0),
        ("plans", 0),
        ("reviews", 0),
        ("ciJobs", 0),
        ("sharedSteps", 0),
        ("customFields", 0),
    ] {
        let items = document[list].as_array().unwrap_or_else(|| panic!("{list}: {document}"));
        assert_eq!(items.len(), count, "{list}");
    }
    let link = fixture.read(&format!("{}/public-link", item_path("runs", &run))).await;
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert!(!export.text.contains(&token), "the export has no secrets");
    assert_eq!(fixture.api.get(&fixture.of_project("export?format=pdf")).await.status, 422);
}

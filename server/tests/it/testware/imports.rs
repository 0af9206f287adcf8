//! Imports of test cases from files.

use std::process::Command;

use app::imports::{ImportFormat, ImportStatus};
use app::model::people::Role;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use server::imports::table;

use super::fixture::{TestwareFixture, item_path};
use crate::support::api::Reply;
use crate::support::binary::testbell;
use crate::support::eventually;

const CSV: &str = "Title,Suite,Steps,Expected Result,Priority,Tags,Automation ID,Browser\n\
    Pay by card,Shop > Checkout,\"1. Open the cart\n2. Pay\",\"1. It opens\n2. It is paid\",High,\"smoke, web\",shop.pays,firefox\n\
    Look around,Shop,Look,,,,,\n";

impl TestwareFixture {
    async fn upload(&self, path: &str, file: impl Into<String>) -> Reply {
        self.api.raw("POST", &self.of_project(path), &[], file.into()).await
    }

    /// Imports a file and waits for the end.
    pub async fn import(&self, query: &str, file: impl Into<String>) -> Value {
        let started = self.upload(&format!("imports{query}"), file).await;
        assert_eq!(started.status, 201, "{}", started.text);
        self.ended(&started.json).await
    }

    async fn ended(&self, import: &Value) -> Value {
        let path = item_path("imports", import);
        eventually("the import ends", async || {
            let import = self.read(&path).await;
            (import["status"] != "running").then_some(import)
        })
        .await
    }

    async fn case_count(&self) -> usize {
        self.api.all(&self.of_project("cases"), 200).await.len()
    }
}

fn mapping(columns: &Value) -> String {
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("mapping", &columns.to_string()).finish();
    format!("?{query}")
}

#[tokio::test]
async fn an_import_creates_cases_in_their_suites_without_events() {
    let fixture = TestwareFixture::new().await;
    let shop = fixture.create("suites", json!({"name": "Shop"})).await;
    let field = json!({"name": "Browser", "type": "choice", "options": ["Firefox", "Chrome"]});
    let field = fixture.create("custom-fields", field).await;
    let seen = fixture.events().await.len();
    let preview = fixture.upload("imports/preview", CSV).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    let counts =
        ["caseCount", "suiteCount", "stepCount", "errorCount", "warningCount"].map(|name| preview.json[name].clone());
    assert_eq!(json!(counts), json!([2, 1, 3, 0, 0]), "{}", preview.text);
    assert_eq!(preview.json["columns"][7]["target"], field["id"]);
    assert_eq!(preview.json["cases"][0]["customFields"], json!(["Browser: firefox"]));
    assert_eq!(fixture.case_count().await, 0, "a preview writes nothing");

    let import = fixture.import("?fileName=cases.csv", CSV).await;
    assert_eq!(import["status"], "completed", "{import}");
    assert_eq!((&import["total"], &import["done"], &import["suites"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!(fixture.since(seen).await.len(), 0, "an import emits no events");

    let cases = fixture.read(&fixture.of_project("cases")).await["items"].clone();
    let (look, pay) = (&cases[0], &cases[1]);
    assert_eq!((&look["key"], &pay["key"]), (&json!("WEB-C2"), &json!("WEB-C1")));
    assert_eq!((&look["suiteId"], &look["priority"]), (&shop["id"], &json!("medium")));
    let steps =
        json!([{"action": "Open the cart", "expected": "It opens"}, {"action": "Pay", "expected": "It is paid"}]);
    assert_eq!((&pay["steps"], &pay["labels"]), (&steps, &json!(["smoke", "web"])));
    assert_eq!((&pay["priority"], &pay["automationLinks"]), (&json!("high"), &json!(["shop.pays"])));
    assert_eq!(pay["customFields"][0]["value"], "Firefox");
    let checkout = fixture.read(&format!("/suites/{}", pay["suiteId"].as_str().unwrap())).await;
    assert_eq!((&checkout["name"], &checkout["parentId"]), (&json!("Checkout"), &shop["id"]));
    let found = fixture.column(&fixture.of_project("cases?automationLink=shop.pays"), "title").await;
    assert_eq!(found, ["Pay by card"]);
    let history = fixture.read(&format!("{}/history", item_path("cases", pay))).await;
    assert_eq!((history["items"].as_array().unwrap().len(), &history["items"][0]["created"]), (1, &json!(true)));
    let audit = fixture.read(&fixture.of_project("audit")).await["items"].clone();
    let entries: Vec<_> =
        audit.as_array().unwrap().iter().filter(|entry| entry["action"] == "cases.imported").collect();
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0]["subjectName"], &entries[0]["subject"]), (&json!("cases.csv"), &import["id"]));
    assert_eq!(entries[0]["detail"], "2 cases and 1 new suites from CSV.");
    assert_eq!(fixture.column(&fixture.of_project("imports"), "fileName").await, ["cases.csv"]);
}

#[tokio::test]
async fn one_error_keeps_all_cases_out() {
    let fixture = TestwareFixture::new().await;
    fixture.create("cases", json!({"title": "Taken", "automationLinks": ["taken"]})).await;
    fixture.create("custom-fields", json!({"name": "Count", "type": "number"})).await;
    let long = "x".repeat(501);
    let file = format!(
        "Title,ID,Suite,Automation links,Count,Priority\nGood,1,,a,1,\n,2,,,,\n{long},3,,,,\nTwice,4,,a,,\nTaken,5,,taken,,\n\
         Deep,6,{},,,\nWord,7,,,many,\nGood,8,,,,purple\n",
        "a > ".repeat(11)
    );
    let preview = fixture.upload("imports/preview", file.clone()).await.json;
    let rows = |kind: &str| -> Vec<u64> {
        let all = preview["problems"].as_array().unwrap().iter().filter(|problem| problem["kind"] == kind);
        all.map(|problem| problem["row"].as_u64().unwrap()).collect()
    };
    let mut errors = rows("error");
    errors.sort_unstable();
    assert_eq!(errors, [3, 4, 5, 6, 7, 8], "{preview}");
    assert_eq!(rows("warning"), [9, 9], "{preview}");
    let refused = fixture.upload("imports", file).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.json["detail"], "The file has 6 errors. Nothing was imported.");
    assert_eq!(refused.json["errors"]["row 6"], "WEB-C1 already has the automation link taken.");
    assert_eq!(
        (fixture.case_count().await, fixture.read(&fixture.of_project("suites")).await["items"].clone()),
        (1, json!([]))
    );
    assert_eq!(fixture.read(&fixture.of_project("imports")).await["items"], json!([]));
}

#[tokio::test]
async fn a_mapping_and_a_format_can_be_chosen() {
    let fixture = TestwareFixture::new().await;
    let file = "Was;Bereich;Title\nBezahlen;Shop;x\n";
    let query = mapping(&json!({"Was": "title", "Title": "ignore", "Bereich": "suite"}));
    let import = fixture.import(&query, file).await;
    assert_eq!((&import["status"], &import["suites"]), (&json!("completed"), &json!(1)));
    assert_eq!(fixture.column(&fixture.of_project("cases"), "title").await, ["Bezahlen"]);
    for (query, field) in [
        (mapping(&json!({"Other": "title"})), "mapping"),
        (mapping(&json!({"Was": "colour"})), "mapping"),
        (mapping(&json!(["title"])), "mapping"),
        ("?format=qase_json".to_owned(), "format"),
        ("?format=word".to_owned(), "format"),
        (format!("?fileName={}", "x".repeat(201)), "fileName"),
        ("?dryRun=true".to_owned(), "dryRun"),
    ] {
        let refused = fixture.upload(&format!("imports{query}"), file).await;
        assert_eq!((refused.status, super::fixture::error_fields(&refused)), (422, vec![field]), "{query}");
    }
    let qase = json!({"suites": [{"title": "S", "cases": [{"title": "Pay", "priority": "high"}]}]});
    assert_eq!(fixture.import("?format=qase_json", qase.to_string()).await["format"], "qase_json");
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused() {
    let fixture = TestwareFixture::new().await;
    let too_many = format!("Title\n{}", "Pay\n".repeat(10_001));
    for file in ["", "<html/>", "{\"other\": 1}", "{", "Title\n", "Title\n\"Pay\n", "a\u{0}b\nc\n", &*too_many] {
        let refused = fixture.upload("imports", file.to_owned()).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let large = fixture.upload("imports/preview", "x".repeat(20 * 1024 * 1024 + 1)).await;
    assert_eq!((large.status, large.json["detail"].as_str()), (413, Some("Send at most 20 MiB.")));
    assert_eq!(fixture.case_count().await, 0);
}

#[tokio::test]
async fn ten_thousand_cases_are_imported_at_once() {
    let fixture = TestwareFixture::new().await;
    let rows: String = (0..10_000).map(|n| format!("Case {n:05},Suite {},\"1. a\n2. b\",label\n", n % 40)).collect();
    let import = fixture.import("", format!("Title,Suite,Steps,Labels\n{rows}")).await;
    assert_eq!(
        (&import["status"], &import["done"], &import["suites"]),
        (&json!("completed"), &json!(10_000), &json!(40))
    );
    assert_eq!(fixture.case_count().await, 10_000);
    let next = fixture.case("Next").await;
    assert_eq!(next["key"], "WEB-C10001");
}

#[tokio::test]
async fn an_interrupted_import_is_found_after_a_restart() {
    let TestwareFixture { server, ada, project, .. } = TestwareFixture::new().await;
    let row = table::Model {
        id: server.state.ids.next(),
        project_id: project,
        format: ImportFormat::Csv,
        file_name: "cases.csv".into(),
        status: ImportStatus::Running,
        total: 7,
        suites: 0,
        error: None,
        actor_id: ada.id,
        actor_name: "Ada".into(),
        requested_at: server.state.clock.now() - chrono::TimeDelta::minutes(5),
        finished_at: None,
    };
    let id = row.id;
    let server = server
        .restart(async |state| {
            let insert = row.into_active_model().reset_all();
            state.store.write(|tx| Box::pin(async move { insert.insert(tx.db()).await })).await.unwrap();
        })
        .await;
    let api = server.api(&ada).await;
    let fixture = TestwareFixture { server, ada, api, project };
    let import = fixture.ended(&json!({"id": id})).await;
    assert_eq!((&import["status"], &import["done"]), (&json!("interrupted"), &json!(0)), "{import}");
    assert!(import["error"].as_str().unwrap().contains("No case was created"), "{import}");
    assert_eq!(fixture.import("", CSV).await["status"], "completed");
}

#[tokio::test]
async fn a_project_has_one_import_at_a_time() {
    let fixture = TestwareFixture::new().await;
    let state = &fixture.server.state;
    let row = table::Model {
        id: state.ids.next(),
        project_id: fixture.project,
        format: ImportFormat::Csv,
        file_name: String::new(),
        status: ImportStatus::Running,
        total: 7,
        suites: 0,
        error: None,
        actor_id: fixture.ada.id,
        actor_name: "Ada".into(),
        requested_at: state.clock.now(),
        finished_at: None,
    };
    let insert = row.into_active_model().reset_all();
    state.store.write(|tx| Box::pin(async move { insert.insert(tx.db()).await })).await.unwrap();
    let refused = fixture.upload("imports", CSV).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(fixture.upload("imports/preview", CSV).await.status, 200);
    assert_eq!(table::Entity::find().count(state.store.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn an_import_is_for_members_of_its_project() {
    let fixture = TestwareFixture::new().await;
    let import = fixture.import("", CSV).await;
    let eve = fixture.server.user("Eve", false).await;
    let strangers = fixture.server.api(&eve).await;
    for path in ["imports", "imports/preview"] {
        let reply = strangers.raw("POST", &fixture.of_project(path), &[], CSV).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    for path in [item_path("imports", &import), fixture.of_project("imports"), fixture.of_project("export")] {
        assert_eq!(strangers.get(&path).await.status, 404, "{path}");
    }
    fixture.server.join(fixture.project, &eve, Role::Member).await;
    assert_eq!(strangers.raw("POST", &fixture.of_project("imports/preview"), &[], CSV).await.status, 200);
}

#[tokio::test]
async fn the_command_line_imports_a_file() {
    let fixture = TestwareFixture::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.csv"), folder.path().join("bad.csv"));
    std::fs::write(&good, "What,Area\nPay,Shop\nLook,Shop\n").unwrap();
    std::fs::write(&bad, "Title,ID\nPay,1\n,2\n").unwrap();
    let (base, token) = (fixture.server.url(""), fixture.api.token.clone().unwrap());
    let run = async |args: &[&str]| {
        let mut command: Command = testbell(folder.path());
        command.env("TESTBELL_SERVER", &base).env("TESTBELL_TOKEN", &token);
        command.args(["import", "--project", "web"]).args(args);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let good = [good.to_str().unwrap(), "--map", "What=title", "--map", "Area=suite"];
    let (code, stdout, stderr) = run(&[&good[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        (code, stdout.trim()),
        (Some(0), "Would import 2 cases with 0 steps and 1 new suites from CSV"),
        "{stderr}"
    );
    assert_eq!(fixture.case_count().await, 0);
    let (code, stdout, stderr) = run(&good).await;
    assert_eq!((code, stdout.trim()), (Some(0), "Imported 2 cases and 1 new suites from CSV"), "{stderr}");
    assert_eq!(fixture.case_count().await, 2);
    let (code, _, stderr) = run(&[bad.to_str().unwrap()]).await;
    assert!(code == Some(1) && stderr.contains("Error in row 3: The title is missing."), "{code:?} {stderr}");
    let (code, _, stderr) = run(&["none.csv"]).await;
    assert!(code == Some(2) && stderr.contains("none.csv"), "{code:?} {stderr}");
    assert_eq!(fixture.case_count().await, 2);
}

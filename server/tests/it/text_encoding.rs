//! Invalid characters: U+0000, which PostgreSQL can't store, and lone surrogates. Users get an
//! error; tracker data loses these characters and nothing else.

use app::model::integration::Credentials;
use app::model::provider::Provider;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use server::entity::{event, issue};

use sea_orm::EntityTrait;

use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::{TestServer, inbound};
use crate::testware::fixture::{TestwareFixture, error_fields, item_path};

/// Every body with U+0000 in one of its texts, and the name of that field.
fn with_invalid_text(body: &Value) -> Vec<(String, Value)> {
    let of_field = |(name, value): (&String, &Value)| {
        let spoil = |value: Value| {
            let mut body = body.clone();
            body[name] = value;
            (name.clone(), body)
        };
        invalid_texts(value).into_iter().map(spoil).collect::<Vec<_>>()
    };
    body.as_object().unwrap().iter().flat_map(of_field).collect()
}

fn invalid_texts(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            let (before, last) = text.split_at(text.len() - 1);
            vec![json!(format!("{before}\0{last}"))]
        }
        Value::Array(items) => {
            let spoil = |(place, item)| invalid_texts(item).into_iter().map(move |item| (place, item));
            let put = |(place, item): (usize, Value)| {
                let mut items = items.clone();
                items[place] = item;
                Value::Array(items)
            };
            items.iter().enumerate().flat_map(spoil).map(put).collect()
        }
        Value::Object(_) => with_invalid_text(value).into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_nul_character_is_rejected_at_its_field() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["One"]).await;
    let issue = fixture.create("issues", json!({"title": "One"})).await;
    let session = fixture.create("sessions", json!({"name": "One"})).await;
    let webhooks = fixture.read(&fixture.of_project("webhooks")).await;
    let url = "http://127.0.0.1:9/two";
    let of_issue = json!({
        "title": "Two", "description": "wrong", "status": "waiting", "priority": "high", "type": "bug",
        "labels": ["checkout"], "assignee": "ada", "key": "X-1", "url": "https://example.com/1",
    });
    let of_case = json!({
        "title": "Two", "preconditions": "open", "labels": ["checkout"],
        "steps": [{"action": "pay", "expected": "paid"}],
    });
    let (of_run, of_session) = (json!({"name": "Two", "description": "d"}), json!({"name": "Two", "charter": "c"}));
    let result = json!({"caseId": cases[0]["id"], "status": "passed", "comment": "works"});
    let integration = json!({
        "provider": "jira", "baseUrl": "https://jira.example.com", "repository": "WEB",
        "credentials": {"email": "ada@example.com", "token": "secret"},
    });
    let all = [
        (Method::POST, fixture.of_project("issues"), of_issue.clone()),
        (Method::PATCH, item_path("issues", &issue), of_issue),
        (Method::POST, fixture.of_project("cases"), of_case.clone()),
        (Method::PATCH, item_path("cases", &cases[0]), of_case),
        (Method::POST, fixture.of_project("runs"), of_run.clone()),
        (Method::PATCH, item_path("runs", &run), of_run),
        (Method::POST, fixture.of_project("sessions"), of_session.clone()),
        (Method::PATCH, item_path("sessions", &session), of_session),
        (Method::POST, format!("{}/results", item_path("runs", &run)), result),
        (
            Method::POST,
            format!("{}/results", item_path("sessions", &session)),
            json!({"status": "passed", "comment": "c"}),
        ),
        (Method::POST, "/projects".to_owned(), json!({"key": "TWO", "name": "Two"})),
        (Method::PATCH, format!("/projects/{}", fixture.project), json!({"key": "WEC", "name": "Two"})),
        (Method::POST, fixture.of_project("invites"), json!({"email": "grace@example.com", "role": "member"})),
        (Method::POST, "/tokens".to_owned(), json!({"name": "Two"})),
        (Method::PUT, fixture.of_project("integration"), integration),
        (Method::POST, fixture.of_project("webhooks"), json!({"name": "Two", "url": url, "events": ["issue.created"]})),
        (Method::PATCH, item_path("webhooks", &webhooks["items"][0]), json!({"name": "Two"})),
    ];
    for (method, path, body) in all {
        let with_invalid_text = with_invalid_text(&body);
        assert!(!with_invalid_text.is_empty(), "{path}");
        for (field, body) in with_invalid_text {
            let reply = fixture.api.call(method.clone(), &path, Some(&body)).await;
            assert_eq!(reply.status, 422, "{path} {field}: {}", reply.text);
            let is_named = reply.json["errors"].get(&field).is_some() || reply.text.contains(&field);
            assert!(is_named, "{path} {field}: {}", reply.text);
        }
        let reply = fixture.api.call(method, &path, Some(&body)).await;
        assert!([200, 201].contains(&reply.status), "{path}: {}", reply.text);
    }
    fixture.server.stop().await;
}

#[tokio::test]
async fn a_nul_character_in_a_filter_is_rejected() {
    let fixture = TestwareFixture::new().await;
    for (list, parameters) in [
        ("issues", ["search", "label", "assignee"].as_slice()),
        ("cases", &["search", "label"]),
        ("runs", &["search"]),
        ("sessions", &["search"]),
        ("deliveries", &["event"]),
    ] {
        for parameter in parameters {
            let path = format!("{}?{parameter}", fixture.of_project(list));
            assert_eq!(error_fields(&fixture.api.get(&format!("{path}=a%00")).await), [*parameter], "{list}");
            assert_eq!(fixture.api.get(&format!("{path}=a")).await.status, 200, "{list} {parameter}");
        }
    }
    let replay = format!("{}/replay", fixture.of_project("deliveries"));
    assert_eq!(error_fields(&fixture.api.post(&replay, &json!({"event": "a\0"})).await), ["event"]);
    assert_eq!(fixture.api.post(&replay, &json!({"event": "a"})).await.status, 200);
    let cursor = URL_SAFE_NO_PAD.encode([[7; 16].as_slice(), b"a\0"].concat());
    for list in ["/projects".to_owned(), fixture.of_project("members"), fixture.of_project("webhooks")] {
        assert_eq!(error_fields(&fixture.api.get(&format!("{list}?cursor={cursor}")).await), ["cursor"], "{list}");
    }
    fixture.server.stop().await;
}

#[tokio::test]
async fn every_list_rejects_nul_in_every_parameter() {
    let fixture = TestwareFixture::new().await;
    let root = fixture.server.api(&fixture.server.user("Root", true).await).await;
    let description = fixture.read("/openapi.json").await;
    let mut asked = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        let path =
            path.trim_start_matches("/api/v1").replace("/projects/{id}", &format!("/projects/{}", fixture.project));
        let Some(parameters) = operations["get"]["parameters"].as_array().filter(|_| !path.contains('{')) else {
            continue;
        };
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            let is_for_admins =
                ["/audit", "/users", "/webhook-pause/webhooks", "/deliveries/export"].contains(&path.as_str());
            let api = if is_for_admins { &root } else { &fixture.api };
            let reply = api.get(&format!("{path}?{name}=%00")).await;
            assert_eq!(reply.status, 422, "{path} {name}: {}", reply.text);
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked} parameters");
    fixture.server.stop().await;
}

#[tokio::test]
async fn forms_reject_nul_characters() {
    let server = TestServer::start().await;
    let reply =
        server.form("/setup", None, &[("name", "Ada\0"), ("email", "a@b"), ("password", "long enough pass")]).await;
    assert!(reply.location().contains("error=name"), "{}", reply.location());
    server.user_with_password("Ada").await;
    let fields = [("email", "ada\0@example.com"), ("password", "x\0"), ("next", "/\0")];
    let reply = server.form("/session", None, &fields).await;
    assert!(reply.location().contains("error=credentials"), "{}", reply.location());
    server.stop().await;
}

/// Neither an issue nor its deliveries contain invalid characters.
async fn assert_clean(server: &TestServer, issue: &issue::Model) {
    let events = event::Entity::find().all(server.state.store.read()).await.unwrap();
    let bodies: Vec<_> = events.into_iter().map(|event| event.body).collect();
    let all = format!("{issue:?} {bodies:?}");
    assert!(!all.contains("\\0") && !all.contains("u0000"), "{all}");
}

/// Replaces `#` by U+0000 and `~` by a lone surrogate, as JSON escapes.
fn with_no_text(body: &Value) -> String {
    body.to_string().replace('#', "\\u0000").replace('~', "\\ud83d")
}

#[tokio::test]
async fn a_github_event_loses_only_invalid_characters() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = json!({"action": "ope#ned", "repository": {"full_name": "acme/check#out"}, "issue": {
        "id": 1, "number": 2, "title": "On#e ~", "body": "Wro#ng ~", "state": "op#en", "labels": [{"name": "bu#g"}, "~"],
        "html_url": "https://github.com/acme/checkout/issues/2#", "assignees": [{"login": "octo#cat"}],
        "type": {"name": "B#ug"},
    }});
    assert_eq!(server.outcome(&github, "issues", with_no_text(&body)).await, "created");
    let issue = server.issues(github.project).await.pop().unwrap();
    assert_eq!((issue.title.as_str(), issue.description.as_str()), ("On e \u{fffd}", "Wrong \u{fffd}"));
    assert_eq!((issue.key.as_deref(), issue.status.as_str()), (Some("acme/checkout#2"), "open"));
    assert_eq!(
        (issue.labels.0.as_slice(), issue.assignee.as_deref()),
        (&["bug".to_owned(), "\u{fffd}".into()][..], Some("octocat"))
    );
    assert_clean(&server, &issue).await;
    server.stop().await;
}

#[tokio::test]
async fn a_jira_event_loses_only_invalid_characters() {
    let server = TestServer::start().await;
    let jira = server.tracker(Provider::Jira, "https://jira.example.com", None).await;
    let body = json!({"webhookEvent": "jira:issue_created#", "issue": {"id": "7", "key": "WEB-#7", "fields": {
        "summary": "On#e ~", "description": "Wro#ng ~", "status": {"name": "Do#ne"}, "priority": {"name": "Hi#gh"},
        "issuetype": {"name": "B#ug"}, "labels": ["bu#g"], "assignee": {"displayName": "Gr#ace"},
    }}});
    assert_eq!(server.send_event(&jira, with_no_text(&body)).await, "created");
    let issue = server.only_issue(&jira).await;
    assert_eq!((issue.title.as_str(), issue.description.as_str()), ("On e \u{fffd}", "Wrong \u{fffd}"));
    assert_eq!((issue.key.as_deref(), issue.status.as_str()), (Some("WEB-7"), "Done"));
    assert_eq!((issue.labels.0.as_slice(), issue.assignee.as_deref()), (&["bug".to_owned()][..], Some("Grace")));
    assert_clean(&server, &issue).await;
    server.stop().await;
}

#[tokio::test]
async fn an_azure_devops_event_loses_only_invalid_characters() {
    let server = TestServer::start().await;
    let azure = server.tracker(Provider::AzureDevops, "", None).await;
    let body = json!({"eventType": "workitem.created#", "resource": {"id": 5, "fields": {
        "System.Title": "On#e ~", "System.State": "Ne#w", "System.Tags": "bu#g; total", "System.WorkItemType": "Ta#sk",
        "System.AssignedTo": "A#da <ada@example.com>", "System.Description": "<p>Wro#ng ~</p>",
    }}});
    assert_eq!(server.send_event(&azure, with_no_text(&body)).await, "created");
    let issue = server.only_issue(&azure).await;
    assert_eq!((issue.title.as_str(), issue.status.as_str()), ("On e \u{fffd}", "New"));
    assert!(
        issue.description.starts_with("Wro") && issue.description.ends_with("ng \u{fffd}"),
        "{}",
        issue.description
    );
    assert_eq!((issue.labels.0.len(), issue.assignee.as_deref()), (2, Some("Ada")));
    assert_clean(&server, &issue).await;
    server.stop().await;
}

#[tokio::test]
async fn a_fetched_issue_loses_only_invalid_characters() {
    let server = TestServer::start().await;
    let fields =
        json!({"summary": "Re#ad ~", "description": "Wro#ng ~", "labels": ["bu#g"], "assignee": {"name": "gr#ace"}});
    let answer = with_no_text(&json!({"id": "7", "key": "WEB-7", "fields": fields}));
    let fake = FakeTracker::start([FakeResponse::new(200, answer)]).await;
    let token = Some(Credentials { email: None, token: "pat".to_owned() });
    let jira = server.tracker(Provider::Jira, &fake.base, token).await;
    let body = json!({"webhookEvent": "jira:issue_created", "issue": {"id": "7", "fields": {"summary": "Told"}}});
    assert_eq!(server.send_event(&jira, body).await, "created");
    server.state.clock.advance(std::time::Duration::from_secs(1));
    let issue = server.wait_for_issue(&jira, "the issue is read", |issue| issue.title.starts_with("Re")).await;
    assert_eq!((issue.title.as_str(), issue.description.as_str()), ("Re ad \u{fffd}", "Wrong \u{fffd}"));
    assert_eq!((issue.labels.0.as_slice(), issue.assignee.as_deref()), (&["bug".to_owned()][..], Some("grace")));
    assert_clean(&server, &issue).await;
    server.stop().await;
}

#[tokio::test]
async fn a_lone_surrogate_from_a_user_is_invalid_json() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let token = server.api(&ada).await.post("/tokens", &json!({"name": "raw"})).await.json["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let request = server.http.post(server.url(&format!("/api/v1/projects/{project}/issues"))).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(r#"{"title":"a\ud83d"}"#);
    assert_eq!(inbound::answer(request).await.0, 400);
    server.stop().await;
}

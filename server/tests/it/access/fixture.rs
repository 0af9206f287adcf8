//! One object of each kind, with which the routes are called.

use app::comments::AddComment;
use app::custom_events::{CreateCustomEvent, CustomEventId};
use app::imports::ImportOptions;
use app::model::catalog::EventType;
use app::model::delivery::ManualAction;
use app::model::id::{BrowserSessionId, ProjectId, SecretId};
use app::model::issue::CreateIssue;
use app::model::people::{Actor, CreateInvite, Role};
use app::model::range_replay::{ReplayRange, ReplaySource};
use app::model::webhook::CreateWebhook;
use app::service::{
    AutomationRuns, Comments, CustomEvents, Deliveries, Executions, Imports, Inspector, Issues, People, PublicLinks,
    RangeReplays, SessionNotes, Testware, Webhooks,
};
use app::testware::automation::ReportOptions;
use app::testware::case::{CaseContent, CreateCase, Step, TestCase};
use app::testware::ci_job::{CiJob, CreateCiJob};
use app::testware::custom_field::{CreateCustomField, CustomField};
use app::testware::milestone::{CreateMilestone, Milestone};
use app::testware::plan::{CreatePlan, TestPlan};
use app::testware::review::{CreateReview, Review};
use app::testware::run::{CreateRun, TestRun};
use app::testware::session::notes::AddSessionNote;
use app::testware::session::{CreateSession, TestSession};
use app::testware::shared_step::{CreateSharedStep, SharedStep};
use app::testware::suite::{CreateSuite, Suite};
use chrono::DateTime;
use reqwest::Method;
use serde_json::json;

use super::table::table;
use crate::support::{TestServer, eventually};

/// One object of each kind in a project.
pub struct AccessFixture {
    pub server: TestServer,
    pub owner: Actor,
    pub member: Actor,
    pub stranger: Actor,
    pub project: ProjectId,
}

impl AccessFixture {
    pub async fn new() -> Self {
        let server = TestServer::start().await;
        let [owner, member, stranger] =
            [server.user("Owner", false).await, server.user("Member", false).await, server.user("Eve", false).await];
        let project = server.project(&owner, "TAKEN").await;
        server.join(project, &member, Role::Member).await;
        server.state.create_inspector_url(&owner, project, Default::default()).await.unwrap();
        Self { server, owner, member, stranger, project }
    }

    /// The path with IDs of objects that were created for this call.
    pub async fn fill_ids(&self, path: &str) -> String {
        let state = &self.server.state;
        let ends = path.contains("{ended}");
        let path = &path.replace("{ended}", "{delivery}");
        let mut filled = path.replace("{id}", &self.project.to_string());
        if path.contains("{userId}") {
            let user = self.server.user(&format!("U{}", filled.len()), false).await;
            self.server.join(self.project, &user, Role::Member).await;
            filled = filled.replace("{userId}", &user.id.to_string());
        }
        if path.contains("{inviteId}") {
            let new = CreateInvite { email: "i@example.com".into(), role: Role::Member };
            let invite = state.create_invite(&self.owner, self.project, new).await.unwrap().invite;
            filled = filled.replace("{inviteId}", &invite.id.to_string());
        }
        if path.contains("{tokenOfAnother}") {
            let admin = self.server.user("Admin", true).await;
            let _ = self.server.api(&admin).await;
            let tokens = state.list_tokens(&admin, Default::default()).await.unwrap();
            filled = filled.replace("{tokenOfAnother}", &tokens.items[0].id.to_string());
        }
        let browser_session = state.ids.next::<BrowserSessionId>().to_string();
        filled = filled.replace("{browserSession}", &browser_session).replace("{user}", &self.stranger.id.to_string());
        filled = filled.replace("{unique}", &state.ids.next::<uuid::Uuid>().to_string());
        filled = filled.replace("{owner}", &self.owner.id.to_string());
        filled = filled.replace("{secret}", &state.ids.next::<SecretId>().to_string());
        if path.contains("{inspectorUrl}") || path.contains("{inspectorRequest}") {
            let urls = state.list_inspector_urls(&self.owner, self.project, Default::default()).await.unwrap();
            let url = urls.items.last().unwrap();
            filled = filled.replace("{inspectorUrl}", &url.id.to_string());
            assert_eq!(self.server.http.get(&url.url).send().await.unwrap().status(), 200);
            let requests = state.list_inspector_requests(&self.owner, url.id, Default::default()).await.unwrap();
            filled = filled.replace("{inspectorRequest}", &requests.items[0].id.to_string());
        }
        if path.contains("{webhook}") || path.contains("{delivery}") || path.contains("{replay}") {
            let url = "http://127.0.0.1:9/".into();
            let new = CreateWebhook {
                name: "w".into(),
                url,
                events: vec![EventType::IssueCreated.into()],
                ..CreateWebhook::default()
            };
            let webhook = state.create_webhook(&self.owner, self.project, new).await.unwrap().webhook;
            filled = filled.replace("{webhook}", &webhook.id.to_string());
            if path.contains("{replay}") {
                let range = ReplayRange { source: ReplaySource::Failed, since: DateTime::UNIX_EPOCH, until: None };
                let replay = state.start_range_replay(&self.owner, webhook.id, range).await.unwrap().id;
                eventually("an empty replay ends", async || {
                    let replay = state.range_replay(&self.owner, replay).await.unwrap();
                    replay.finished_at.map(drop)
                })
                .await;
                filled = filled.replace("{replay}", &replay.to_string());
            }
        }
        if path.contains("{issue}") || path.contains("{delivery}") {
            let new = CreateIssue { title: "t".into(), ..Default::default() };
            let issue = state.create_issue(&self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{issue}", &issue.id.to_string());
        }
        if ["{case}", "{comment}", "/comments"].iter().any(|part| path.contains(part)) {
            let new = CreateCase { title: "t".into(), ..Default::default() };
            let case = Testware::<TestCase>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{case}", &case.id.to_string());
            let new = AddComment { item_id: case.id.into(), text: "t".into() };
            let comment = state.add_comment(&self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{comment}", &comment.id.to_string());
        }
        if path.contains("{customEvent}") {
            // Each has a name of its own.
            let event = format!("custom.{}", &state.ids.next::<CustomEventId>().to_string());
            let new = CreateCustomEvent { event, ..Default::default() };
            let created = state.create_custom_event(&self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{customEvent}", &created.id.to_string());
        }
        if path.contains("{run}") {
            let new = CreateRun { name: "n".into(), ..Default::default() };
            let run = Testware::<TestRun>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{run}", &run.id.to_string());
            if path.ends_with("/public-link") {
                state.enable_public_link(&self.owner, run.id).await.unwrap();
            }
        }
        if ["{session}", "{result}", "{attachment}"].iter().any(|part| path.contains(part)) {
            let new = CreateSession { name: "n".into(), ..Default::default() };
            let session = Testware::<TestSession>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{session}", &session.id.to_string());
            let new = serde_json::from_value(json!({"status": "passed"})).unwrap();
            let result = Executions::<TestSession>::add_result(state, &self.owner, session.id, new).await.unwrap();
            filled = filled.replace("{result}", &result.id.to_string());
            if path.contains("{attachment}") {
                let api = self.server.api(&self.owner).await;
                let attached = api.raw("POST", &format!("/results/{}/attachments", result.id), &[], "log").await;
                filled = filled.replace("{attachment}", attached.json["id"].as_str().unwrap());
            }
        }
        if path.contains("{sessionNote}") {
            let new = CreateSession { name: "n".into(), ..Default::default() };
            let session = Testware::<TestSession>::create(state, &self.owner, self.project, new).await.unwrap();
            let note = state.add_note(&self.owner, session.id, AddSessionNote { text: "t".into() }).await.unwrap();
            filled = filled.replace("{sessionNote}", &note.id.to_string());
        }
        if path.contains("{automationRun}") {
            let options = ReportOptions { complete: Some(false), ..Default::default() };
            let report = br#"<testsuite><testcase name="pays"/></testsuite>"#.as_slice().into();
            let run = state.report_automation(&self.owner, self.project, options, report).await.unwrap();
            filled = filled.replace("{automationRun}", &run.id.to_string());
        }
        if path.contains("{import}") {
            // A project has one import at a time, and a route of the table has started one.
            eventually("no import runs", async || {
                let imports = state.list_imports(&self.owner, self.project, Default::default()).await.unwrap();
                imports.items.iter().all(|import| import.finished_at.is_some()).then_some(())
            })
            .await;
            let file = "Title\nPay\n".into();
            let import =
                state.start_import(&self.owner, self.project, ImportOptions::default(), file).await.unwrap().id;
            eventually("the import ends", async || {
                let import = state.import(&self.owner, import).await.unwrap();
                import.finished_at.map(drop)
            })
            .await;
            filled = filled.replace("{import}", &import.to_string());
        }
        if path.contains("{ciJob}") {
            let new = CreateCiJob { name: "n".into(), ..Default::default() };
            let job = Testware::<CiJob>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{ciJob}", &job.id.to_string());
        }
        if path.contains("{milestone}") {
            let new = CreateMilestone { name: "n".into(), ..Default::default() };
            let milestone = Testware::<Milestone>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{milestone}", &milestone.id.to_string());
        }
        if path.contains("{plan}") {
            let new = CreatePlan { name: "n".into(), ..Default::default() };
            let plan = Testware::<TestPlan>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{plan}", &plan.id.to_string());
        }
        if path.contains("{suite}") {
            let new = CreateSuite { name: "n".into(), ..Default::default() };
            let suite = Testware::<Suite>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{suite}", &suite.id.to_string());
        }
        if path.contains("{sharedStep}") {
            let steps = vec![Step { action: "a".into(), ..Default::default() }];
            let new = CreateSharedStep { name: "n".into(), steps };
            let shared = Testware::<SharedStep>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{sharedStep}", &shared.id.to_string());
        }
        if path.contains("{customField}") {
            let name = state.ids.next::<uuid::Uuid>().to_string();
            let new = CreateCustomField { name, ..Default::default() };
            let field = Testware::<CustomField>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{customField}", &field.id.to_string());
        }
        if path.contains("{review}") {
            let new = CreateCase { title: "t".into(), ..Default::default() };
            let case = Testware::<TestCase>::create(state, &self.owner, self.project, new).await.unwrap();
            let proposal = CaseContent { title: "u".into(), ..CaseContent::from(case.clone()) };
            let (title, description) = ("n".to_owned(), String::new());
            let new = CreateReview { title, description, case_id: case.id, proposal, reviewer_ids: Vec::new() };
            let review = Testware::<Review>::create(state, &self.owner, self.project, new).await.unwrap();
            filled = filled.replace("{review}", &review.id.to_string());
        }
        if path.contains("{delivery}") {
            let deliveries = state.list_deliveries(&self.owner, self.project, Default::default()).await.unwrap();
            let id = deliveries.items[0].id;
            if ends {
                self.server.dispatch_idle(0).await;
                state.change_delivery(&self.owner, id, ManualAction::Cancel).await.unwrap();
            }
            filled = filled.replace("{delivery}", &id.to_string());
        }
        filled
    }

    pub async fn check(&self, who: Option<(&Actor, usize)>) {
        let api = match who {
            Some((actor, _)) => self.server.api(actor).await,
            None => self.server.anonymous(),
        };
        for (method, path, body, expected) in table() {
            // Users with the same email address would conflict.
            if who.is_some_and(|(_, column)| column > 0) && path.contains("{tokenOfAnother}") {
                continue;
            }
            let filled = if who.is_some() { self.fill_once(path).await } else { path.to_owned() };
            let body = match body.map(|body| body.to_string()) {
                Some(text)
                    if ["{case}", "{delivery}", "{id}", "{owner}", "{unique}", "{webhook}"]
                        .iter()
                        .any(|id| text.contains(id)) =>
                {
                    serde_json::from_str(&self.fill_ids(&text).await).ok()
                }
                text => text.and_then(|text| serde_json::from_str(&text).ok()),
            };
            let reply = api.call(Method::from_bytes(method.as_bytes()).unwrap(), &filled, body.as_ref()).await;
            let expected = who.map_or(401, |(_, column)| expected[column]);
            assert_eq!(reply.status, expected, "{method} {path}: {}", reply.text);
            if reply.status >= 400 {
                assert_eq!(reply.header("content-type"), "application/problem+json", "{method} {path}");
                assert_eq!(reply.json["status"], expected, "{method} {path}");
            }
        }
    }

    pub async fn fill_once(&self, path: &str) -> String {
        if !path.contains("{userId}") {
            return self.fill_ids(path).await;
        }
        // One more member each time, with a new email address.
        let name = format!("u{}", self.server.state.ids.next::<uuid::Uuid>().simple());
        let user = self.server.user(&name, false).await;
        self.server.join(self.project, &user, Role::Member).await;
        path.replace("{id}", &self.project.to_string()).replace("{userId}", &user.id.to_string())
    }
}

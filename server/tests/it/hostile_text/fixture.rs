//! A project in which every text is the same.

use app::model::people::Actor;
use reqwest::header::{ACCEPT, COOKIE};
use scraper::Html;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use server::entity::user;

use super::review;
use crate::support::api::{Api, Reply};
use crate::support::seed::PASSWORD;
use crate::support::{TestServer, eventually};

/// A project in which every text from a user or tracker is the same.
pub struct HostileTextFixture {
    pub server: TestServer,
    pub api: Api,
    pub cookie: String,
    pub project: String,
    pub issue: Value,
    pub case: Value,
    pub run: Value,
    /// The path of the run's public page.
    pub public_run: String,
    pub session: Value,
    pub milestone: Value,
    pub plan: Value,
    pub suite: Value,
    pub shared_step: Value,
    pub custom_field: Value,
    pub review: Value,
    pub automation_run: Value,
    pub ci_jobs: [Value; 2],
    pub webhook: Value,
}

/// The value of a list's subject in URLs.
pub fn param(list: &str) -> String {
    list.trim_end_matches('s').replace('-', "_")
}

impl HostileTextFixture {
    pub async fn with(text: &str) -> Self {
        let server = TestServer::start().await;
        let ada = server.user_with_password("Ada").await;
        let api = server.api(&ada).await;
        let project = server.project(&ada, "WEB").await.to_string();
        rename(&server, &ada, text).await;
        let long = format!("\n\n{text}\r\n  {text}\n");
        let word = text.replace(',', "");
        let post = async |path: &str, body: Value| {
            let reply = api.post(path, &body).await;
            assert!([200, 201].contains(&reply.status), "{path}: {}", reply.text);
            reply.json
        };
        let in_project = |path: &str| format!("/projects/{project}/{path}");
        let renamed = api.patch(&format!("/projects/{project}"), &json!({"name": text})).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text);
        let issue = json!({"title": text, "description": long, "status": word, "priority": word, "type": word,
            "labels": [word], "assignee": word});
        let issue = post(&in_project("issues"), issue).await;
        let steps = json!([{"action": long, "expected": long}]);
        let suite = post(&in_project("suites"), json!({"name": text, "description": long})).await;
        let shared_step = post(&in_project("shared-steps"), json!({"name": text, "steps": steps})).await;
        let steps = json!([{"action": long, "expected": long}, {"sharedStepId": shared_step["id"]}]);
        let custom_field = json!({"name": text, "type": "choice", "options": [word]});
        let custom_field = post(&in_project("custom-fields"), custom_field).await;
        let case = json!({
            "customFields": {custom_field["id"].as_str().unwrap(): word},
            "title": text, "preconditions": long, "labels": [word], "steps": steps, "suiteId": suite["id"],
        });
        let case = post(&in_project("cases"), case).await;
        let review = post(&in_project("reviews"), review::new(text, &long, &word, &case)).await;
        review::add_history(&api, &case, text).await;
        let milestone = json!({"name": text, "description": long, "dueOn": "2026-12-24"});
        let milestone = post(&in_project("milestones"), milestone).await;
        let plan = post(&in_project("plans"), json!({"name": text, "description": long})).await;
        let run = json!({
            "name": text, "description": long, "caseIds": [case["id"]], "milestoneId": milestone["id"],
            "planId": plan["id"],
        });
        let run = post(&in_project("runs"), run).await;
        post(&format!("/runs/{}/assign", run["id"].as_str().unwrap()), json!({"assigneeId": ada.id})).await;
        for status in ["retest", "passed"] {
            let result = json!({"caseId": case["id"], "status": status, "elapsedSeconds": 5});
            post(&format!("/runs/{}/results", run["id"].as_str().unwrap()), result).await;
        }
        let result = json!({"caseId": case["id"], "status": "failed", "comment": long, "issueIds": [issue["id"]]});
        post(&format!("/runs/{}/results", run["id"].as_str().unwrap()), result).await;
        let link = post(&format!("/runs/{}/public-link", run["id"].as_str().unwrap()), Value::Null).await;
        let (_, token) = link["url"].as_str().unwrap().rsplit_once('/').unwrap();
        let public_run = format!("/public/runs/{token}");
        let session = post(&in_project("sessions"), json!({"name": text, "charter": long})).await;
        post(&format!("/sessions/{}/notes", session["id"].as_str().unwrap()), json!({"text": long})).await;
        let result = json!({"status": "failed", "comment": long});
        post(&format!("/sessions/{}/results", session["id"].as_str().unwrap()), result).await;
        let report =
            json!({"Time": "2026-01-05T10:00:00Z", "Action": "fail", "Package": word, "Test": word, "Elapsed": 1});
        let output =
            json!({"Time": "2026-01-05T10:00:00Z", "Action": "output", "Package": word, "Test": word, "Output": long});
        let options = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", text)
            .append_pair("url", "https://ci.example/?\"><b>")
            .finish();
        let path = format!("{}?{options}", in_project("automation-runs"));
        let automation_run = api.raw("POST", &path, &[], format!("{output}\n{report}\n")).await;
        assert_eq!(automation_run.status, 201, "{}", automation_run.text);
        let automation_run = automation_run.json;
        let ci_job = json!({"name": text, "branch": text, "commit": text, "url": "https://ci.example/?\"><b>",
            "parameters": {"TEXT": text}});
        let jobs = in_project("ci-jobs");
        let ci_jobs = [post(&jobs, ci_job.clone()).await, post(&jobs, ci_job).await];
        let complete = json!({"outcome": "failed", "automationRunId": automation_run["id"]});
        post(&format!("/ci-jobs/{}/complete", ci_jobs[0]["id"].as_str().unwrap()), complete).await;
        for item in [&issue, &case, &run, &session, &milestone, &plan, &suite, &shared_step, &custom_field, &review] {
            post(&in_project("comments"), json!({"itemId": item["id"], "text": long})).await;
        }
        let custom = json!({"type": "custom.deploy", "description": text, "schema": {"title": text}});
        post(&in_project("custom-events"), custom).await;
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("fileName", text).finish();
        let import = api.raw("POST", &in_project(&format!("imports?{query}")), &[], "Title\nImported\n").await;
        assert_eq!(import.status, 201, "{}", import.text);
        let import = format!("/imports/{}", import.json["id"].as_str().unwrap());
        eventually("the import ends", async || (api.get(&import).await.json["status"] == "completed").then_some(()))
            .await;
        let webhook = json!({"name": text, "url": "http://127.0.0.1:9/", "events": ["issue.created"]});
        let webhook = post(&in_project("webhooks"), webhook).await["webhook"].take();
        let github = json!({"provider": "github", "repository": "octocat/hello"});
        let integration = api.call(reqwest::Method::PUT, &in_project("integration"), Some(&github)).await;
        assert_eq!(integration.status, 200, "{}", integration.text);
        let inspected = post(&in_project("inspector-urls"), json!({"body": text})).await;
        let query = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = server.http.post(format!("{}/hook?{query}", inspected["url"].as_str().unwrap()));
        let request = request.header("x-own", text).body(json!({"type": text, "text": long}).to_string());
        assert_eq!(request.send().await.unwrap().status(), 200);
        post("/tokens", json!({"name": text})).await;
        let cookie = server.form("/session", None, &[("email", &ada.email), ("password", PASSWORD)]).await;
        let cookie = cookie.cookie().unwrap();
        Self {
            server,
            api,
            cookie,
            project,
            issue,
            case,
            run,
            public_run,
            session,
            milestone,
            plan,
            suite,
            shared_step,
            custom_field,
            review,
            automation_run,
            ci_jobs,
            webhook,
        }
    }

    /// The items, each with the path of its list.
    pub fn items(&self) -> [(&'static str, &Value); 10] {
        [
            ("issues", &self.issue),
            ("cases", &self.case),
            ("runs", &self.run),
            ("sessions", &self.session),
            ("milestones", &self.milestone),
            ("plans", &self.plan),
            ("suites", &self.suite),
            ("shared-steps", &self.shared_step),
            ("custom-fields", &self.custom_field),
            ("reviews", &self.review),
        ]
    }

    /// The URLs of all pages, and of those with an open form.
    pub fn pages(&self) -> Vec<String> {
        let of = |path: &str| format!("/projects/{}{path}", self.project);
        let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
        let run = of(&format!("/runs/{}", id(&self.run)));
        let session = of(&format!("/sessions/{}", id(&self.session)));
        let mut pages = vec![of(""), of("/dashboard")];
        pages.extend(["/", "/?new=project", "/account", "/account/tokens", "/notifications"].map(str::to_owned));
        pages.extend(
            ["/admin/people", "/admin/email", "/admin/audit", "/admin/settings", "/admin/webhook-pause"]
                .map(str::to_owned),
        );
        for (list, item) in self.items() {
            let kind = param(list);
            pages.extend([of(&format!("/{list}")), of(&format!("/{list}?new={kind}"))]);
            pages.push(of(&format!("/{list}?search=%3C%2Ftitle%3E%3Cscript%3E&label=%22%3E%3Cb%3E")));
            let page = of(&format!("/{list}/{}", id(item)));
            pages.extend([page.clone(), format!("{page}?edit={kind}")]);
        }
        let case = of(&format!("/cases/{}", id(&self.case)));
        pages.extend([format!("{case}?propose=review"), format!("{case}?history=open")]);
        let automation_runs = of("/automation-runs");
        pages.extend([automation_runs.clone(), format!("{automation_runs}?new=automation_run")]);
        pages.push(format!("{automation_runs}/{}", id(&self.automation_run)));
        pages.extend(["", "?new=ci_job", "?search=%3Cb%3E"].map(|end| of(&format!("/ci-jobs{end}"))));
        pages.extend(self.ci_jobs.iter().map(|job| of(&format!("/ci-jobs/{}?complete=ci_job", id(job)))));
        pages.extend([format!("{run}?result=new"), format!("{session}?result=new")]);
        pages.extend([format!("{run}?share=link"), self.public_run.clone()]);
        pages.push(format!("{run}?assign={}&mine=true", id(&self.case)));
        let reports = [("runs", &self.run), ("plans", &self.plan), ("milestones", &self.milestone)];
        pages.extend(reports.map(|(list, item)| of(&format!("/{list}/{}/report", id(item)))));
        for settings in [
            "",
            "/events",
            "/events?new=event",
            "/integration",
            "/webhooks",
            "/webhooks?add=outbound",
            "/members",
            "/audit",
        ] {
            pages.push(of(&format!("/settings{settings}")));
        }
        pages.push(of("/import"));
        pages.push(of("/settings/webhooks?tab=deliveries"));
        pages.push(of(&format!("/settings/webhooks/{}", id(&self.webhook))));
        pages.push(of("/settings/webhooks?tab=inspector"));
        pages
    }

    pub async fn page(&self, path: &str) -> Html {
        let request =
            self.server.http.get(self.server.url(path)).header(ACCEPT, "text/html").header(COOKIE, &self.cookie);
        let reply = Reply::send(request).await;
        assert!([200, 302].contains(&reply.status), "{path}: {}", reply.status);
        Html::parse_document(&reply.text)
    }
}

async fn rename(server: &TestServer, person: &Actor, name: &str) {
    let row = user::ActiveModel {
        id: Set(person.id),
        name: Set(name.to_owned()),
        // Also opens the pages of system admins.
        system_admin: Set(true),
        ..Default::default()
    };
    server.insert(move |db| Box::pin(async move { user::Entity::update(row).exec(db).await.map(drop) })).await;
}

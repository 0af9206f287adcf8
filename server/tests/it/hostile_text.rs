//! Text that tries to break out of the page. Every page and form is rendered with it in every
//! field, parsed as a browser does, and compared with the same page of harmless text.

mod fixture;
mod review;

use app::model::catalog::Subject;
use ego_tree::NodeRef;
use fixture::{HostileTextFixture, param};
use scraper::node::Node;
use scraper::{ElementRef, Html, Selector};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::event;

/// Fits into a name of 100 characters.
const HOSTILE: &str = r#"</title></textarea><script>x</script>"'&amp;&lt;<meta http-equiv=refresh content=0>"#;
const HARMLESS: &str = "words";

/// The routes of the app that this test opens.
const ROUTES: [&str; 34] = [
    "/setup",
    "/sign-in",
    "/invites/:token",
    "/password-reset/:token",
    "/public/runs/:token",
    "/",
    "",
    "account",
    "account/tokens",
    "webhooks",
    "webhooks/:webhook",
    "notifications",
    "admin/people",
    "admin/email",
    "admin/audit",
    "admin/settings",
    "admin/webhook-pause",
    "projects/:project",
    "dashboard",
    "issues",
    "issues/:issue",
    "settings",
    "settings/events",
    "settings/integration",
    "settings/webhooks",
    "settings/webhooks/:webhook",
    "import",
    "cases/:item",
    "reviews/:item",
    "runs/:item",
    "sessions/:item",
    ":subject",
    ":subject/:item",
    ":subject/:item/report",
];

/// The subjects whose pages are opened.
const SUBJECTS: [&str; 12] = [
    "cases",
    "suites",
    "shared-steps",
    "custom-fields",
    "issues",
    "runs",
    "sessions",
    "plans",
    "milestones",
    "reviews",
    "automation-runs",
    "ci-jobs",
];

/// The elements of a page in order, by name and depth. Markdown is left out, because its elements
/// depend on the text.
fn outline(node: NodeRef<'_, Node>, depth: usize, out: &mut Vec<String>) {
    for child in node.children() {
        let Node::Element(element) = child.value() else { continue };
        out.push(format!("{depth} {}", element.name()));
        if element.attr("class") != Some("prose") {
            outline(child, depth + 1, out);
        }
    }
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

/// What a browser sends for an untouched form
/// (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#constructing-the-form-data-set>).
fn untouched(form: ElementRef<'_>) -> Vec<(String, String)> {
    let controls = Selector::parse("input, select, textarea").unwrap();
    let mut fields = Vec::new();
    for control in form.select(&controls) {
        let Some(name) = control.attr("name").filter(|_| control.attr("disabled").is_none()) else { continue };
        let value = match control.value().name() {
            "textarea" => text(control),
            "select" => {
                let option = |selector| control.select(&Selector::parse(selector).unwrap()).next();
                let option = option("option[selected]").or_else(|| option("option"));
                option.and_then(|option| option.attr("value")).unwrap_or_default().to_owned()
            }
            _ => {
                let kind = control.attr("type").unwrap_or("text");
                if matches!(kind, "checkbox" | "radio") && control.attr("checked").is_none() {
                    continue;
                }
                control.attr("value").unwrap_or_default().to_owned()
            }
        };
        fields.push((name.to_owned(), value.replace('\n', "\r\n")));
    }
    fields
}

#[test]
fn every_route_of_the_app_is_opened_with_hostile_text() {
    let app = include_str!("../../../app/src/app.rs");
    let routes: Vec<&str> = app.split("path!(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let unknown: Vec<_> = routes
        .iter()
        .filter(|route| !ROUTES.contains(route) && !matches!(**route, "settings/members" | "settings/audit"))
        .collect();
    assert!(unknown.is_empty(), "open these pages in this test, too: {unknown:?}");
    let subjects = Subject::ALL.iter().filter(|subject| subject.is_testware() || **subject == Subject::Issue);
    let paths: Vec<_> = subjects.map(|subject| subject.spec().path).collect();
    assert_eq!(paths, SUBJECTS, "open the pages of each subject in this test, too");
}

#[tokio::test]
async fn hostile_text_changes_no_page() {
    let (hostile, harmless) = (HostileTextFixture::with(HOSTILE).await, HostileTextFixture::with(HARMLESS).await);
    for (path, same) in hostile.pages().into_iter().zip(harmless.pages()) {
        let (page, expected) = (hostile.page(&path).await, harmless.page(&same).await);
        let (mut found, mut wanted) = (Vec::new(), Vec::new());
        outline(page.tree.root(), 0, &mut found);
        outline(expected.tree.root(), 0, &mut wanted);
        assert!(wanted.len() > 20 || path.ends_with(&hostile.project), "{path} is not a page");
        assert_eq!(found, wanted, "{path}");
        assert!(all(&page, "meta[http-equiv]").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn hostile_text_is_shown_as_it_is_stored() {
    let fixture = HostileTextFixture::with(HOSTILE).await;
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    for (list, item) in fixture.items() {
        let kind = param(list);
        let path = format!("/projects/{}/{list}/{}?edit={kind}", fixture.project, id(item));
        let page = fixture.page(&path).await;
        assert_eq!(text(all(&page, "head > title")[0]), format!("{HOSTILE} · Testbell"), "{path}");
        assert_eq!(text(all(&page, "h1")[0]), HOSTILE, "{path}");
        let stored = fixture.api.get(&format!("/{list}/{}", id(item))).await.json;
        let form = all(&page, "dialog form:not([method=dialog])")[0];
        let fields = untouched(form);
        let value = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.replace("\r\n", "\n")).unwrap_or_else(|| panic!("{path} has no {name}"))
        };
        let (title, field, long) = match kind.as_str() {
            "custom_field" => ("name", "options", &stored["options"][0]),
            "shared_step" => ("name", "steps[0][action]", &stored["steps"][0]["action"]),
            "issue" => ("title", "description", &stored["description"]),
            "case" => ("title", "preconditions", &stored["preconditions"]),
            "review" => ("review_title", "review_description", &stored["description"]),
            "run" => ("name", "text", &stored["description"]),
            "milestone" | "plan" | "suite" => ("name", "description", &stored["description"]),
            _ => ("name", "text", &stored["charter"]),
        };
        assert_eq!(value(title), HOSTILE, "{path}");
        assert_eq!(value(field), long.as_str().unwrap().replace("\r\n", "\n"), "{path}");
    }
}

#[tokio::test]
async fn saving_an_unchanged_form_changes_nothing() {
    let fixture = HostileTextFixture::with(HOSTILE).await;
    let db = fixture.server.state.store.read();
    let state = async || {
        let mut state = Vec::new();
        for (list, item) in fixture.items() {
            state.push(fixture.api.get(&format!("/{list}/{}", item["id"].as_str().unwrap())).await.json);
        }
        state.push(fixture.api.get(&format!("/projects/{}", fixture.project)).await.json);
        state.push(fixture.api.get(&format!("/projects/{}/integration", fixture.project)).await.json);
        (state, event::Entity::find().count(db).await.unwrap())
    };
    let before = state().await;
    fixture.server.state.clock.advance(std::time::Duration::from_secs(60));
    let mut saved = 0;
    for path in fixture.pages().iter().filter(|path| path.contains("?edit=") || path.ends_with("/settings")) {
        let page = fixture.page(path).await;
        let main = if path.contains("?edit=") { "dialog form[action]" } else { "main form[action]" };
        let forms = all(&page, main);
        let form = forms.first().unwrap_or_else(|| panic!("{path} has no form"));
        let fields = untouched(*form);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = fixture.server.form(form.attr("action").unwrap(), Some(&fixture.cookie), &fields).await;
        assert!(reply.status < 400, "{path}: {} {}", reply.status, reply.text);
        assert!(!reply.location().contains("__err"), "{path}: {}", reply.location());
        saved += 1;
    }
    assert_eq!(saved, 12);
    assert_eq!(state().await, before);
}

#[tokio::test]
async fn names_that_show_nothing_are_rejected() {
    let fixture = HostileTextFixture::with(HARMLESS).await;
    let blank = "\u{200b}\u{3164}\u{2800} \u{ad}\u{e0041}";
    let named = ["runs", "sessions", "milestones", "plans", "suites", "shared-steps", "custom-fields"]
        .map(|path| (path, "name"));
    for (path, field) in named.into_iter().chain([("issues", "title"), ("cases", "title")]) {
        let mut body = json!({field: blank});
        match path {
            "shared-steps" => body["steps"] = json!([{"action": "Pay"}]),
            "custom-fields" => body["type"] = json!("text"),
            _ => {}
        }
        let reply = fixture.api.post(&format!("/projects/{}/{path}", fixture.project), &body).await;
        assert_eq!(reply.status, 422, "{path}: {}", reply.text);
        assert!(reply.json["errors"][field].to_string().contains("visible character"), "{}", reply.text);
    }
    let named = fixture.api.patch(&format!("/projects/{}", fixture.project), &json!({"name": blank})).await;
    assert_eq!(named.status, 422, "{}", named.text);
    let kept = fixture.api.patch(&format!("/projects/{}", fixture.project), &json!({"name": "a\u{200b}b"})).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
}

#[tokio::test]
async fn charters_and_comments_are_rendered_as_markdown() {
    let fixture = HostileTextFixture::with("**bold** <script>x</script>").await;
    for (list, item, html) in [("runs", &fixture.run, "descriptionHtml"), ("sessions", &fixture.session, "charterHtml")]
    {
        let path = format!("/{list}/{}", item["id"].as_str().unwrap());
        let shown = fixture.api.get(&path).await.json;
        assert!(shown[html].as_str().unwrap().contains("<strong>bold</strong>"), "{shown}");
        let results = fixture.api.get(&format!("{path}/results")).await.json;
        let comment = results["items"][0]["commentHtml"].as_str().unwrap();
        assert!(comment.contains("<strong>bold</strong>") && !comment.contains("<script"), "{comment}");
        let page = fixture.page(&format!("/projects/{}{path}", fixture.project)).await;
        let bold: Vec<_> = all(&page, ".prose strong").into_iter().map(text).collect();
        assert!(bold.len() >= 4 && bold.iter().all(|text| text == "bold"), "{path}: {bold:?}");
    }
}

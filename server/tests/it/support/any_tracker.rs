//! The same issue in the format of each tracker, for rules that apply to all of them.

use app::model::integration::Credentials;
use app::model::provider::Provider;
use serde_json::{Value, json};

/// The trackers that send events.
pub fn trackers() -> impl Iterator<Item = Provider> {
    Provider::ALL.iter().copied().filter(|provider| provider.has_inbound())
}

/// Credentials to read an issue from any of them.
pub fn credentials() -> Option<Credentials> {
    Some(Credentials { email: None, token: "t".to_owned() })
}

/// A URL to enter: blank where there is a default.
pub fn base_url(provider: Provider) -> &'static str {
    provider.spec().base_url.default.map_or("https://tracker.example.com", |_| "")
}

/// The repository or project of [`TestServer::tracker`](super::TestServer::tracker).
pub fn own(provider: Provider) -> &'static str {
    match provider {
        Provider::Github | Provider::Gitlab | Provider::Gitea => "acme/Shop",
        Provider::Jira => "WEB",
        Provider::AzureDevops => "Shop",
        Provider::Linear => "ENG",
        Provider::SimpleUrl => no_events(),
    }
}

/// The repository or project to enter.
pub fn repository(provider: Provider) -> &'static str {
    match provider {
        Provider::Jira | Provider::Linear => own(provider),
        _ => "acme/Shop",
    }
}

/// The issue in an event, changed at `time` (RFC 3339).
pub fn event_of(provider: Provider, title: &str, time: &str) -> Value {
    event_about(provider, issue_in(provider, own(provider), title, time))
}

/// An event with an issue's state.
pub fn event_about(provider: Provider, issue: Value) -> Value {
    match provider {
        Provider::Github => json!({"action": "edited", "issue": issue}),
        Provider::Gitlab => {
            let mut attributes = issue;
            attributes["action"] = json!("update");
            json!({"object_kind": "issue", "object_attributes": attributes})
        }
        Provider::Gitea => {
            let repository = issue["repository"].clone();
            json!({"action": "edited", "issue": issue, "repository": repository})
        }
        Provider::Jira => json!({"webhookEvent": "jira:issue_updated", "issue": issue}),
        Provider::Linear => json!({"type": "Issue", "action": "update", "data": issue}),
        Provider::AzureDevops => json!({"eventType": "workitem.commented", "resource": issue}),
        Provider::SimpleUrl => no_events(),
    }
}

/// The issue in a REST response.
pub fn issue_of(provider: Provider, title: &str, time: &str) -> Value {
    let issue = issue_in(provider, own(provider), title, time);
    if provider == Provider::Linear { json!({"data": {"issue": issue}}) } else { issue }
}

/// The same in any repository or project.
pub fn issue_in(provider: Provider, origin: &str, title: &str, time: &str) -> Value {
    match provider {
        Provider::Github => json!({
            "id": 5, "number": 7, "title": title, "state": "open", "updated_at": time,
            "html_url": format!("https://github.com/{origin}/issues/7"),
        }),
        Provider::Gitlab => json!({
            "id": 5, "iid": 7, "title": title, "state": "opened", "updated_at": time,
            "web_url": format!("https://gitlab.com/{origin}/-/issues/7"),
        }),
        Provider::Gitea => json!({
            "id": 5, "number": 7, "title": title, "state": "open", "updated_at": time,
            "repository": {"full_name": origin},
        }),
        Provider::Jira => {
            json!({"id": "5", "key": format!("{origin}-7"), "fields": {"summary": title, "updated": time}})
        }
        Provider::AzureDevops => json!({"id": 5, "fields": {
            "System.Title": title, "System.ChangedDate": time, "System.TeamProject": origin,
        }}),
        Provider::Linear => json!({
            "id": "5", "identifier": format!("{origin}-7"), "title": title, "updatedAt": time,
            "state": {"name": "Todo", "type": "unstarted"},
        }),
        Provider::SimpleUrl => no_events(),
    }
}

fn no_events() -> ! {
    panic!("Simple URL sends no events")
}

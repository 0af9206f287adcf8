//! An event as a message for people, neutral and unescaped. A destination only lays it out within
//! the limits of its platform, and escapes it.
//!
//! The envelope is read leniently, because another version may have stored it with fewer fields.
//! Absent fields are left out, and an event that this version doesn't know is named by its type.

use std::sync::OnceLock;

use app::model::catalog::{EventType, Subject, Verb};
use app::model::delivery::TEST_EVENT;
use app::model::digest::DIGEST_EVENT;
use app::testware::ci_job::CiJobOutcome;
use app::testware::execution::{ResultStatus, State};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::digest::digest_message;
use super::event_data::EventData;

/// An event to send: its envelope and its message.
pub struct EventMessage {
    envelope: Bytes,
    content: OnceLock<MessageContent>,
}

/// The message of an event.
#[derive(Clone, Debug, Default)]
pub struct MessageContent {
    /// What happened, e.g. "Test run completed".
    pub headline: String,
    /// The key and name of the subject.
    pub subject: String,
    /// The subject's page in Testbell; `None` if it was deleted.
    pub link: Option<String>,
    /// The subject's page in the tracker.
    pub tracker_link: Option<String>,
    /// The outcome in a few words.
    pub summary: String,
    /// A sentence by Testbell.
    pub notice: Option<&'static str>,
    /// Text by a user, possibly with several lines.
    pub text: Option<String>,
    /// Counts, a line each.
    pub counts: Vec<String>,
    /// Other events, and their pages.
    pub events: Vec<(String, Option<String>)>,
    /// Labels and values.
    pub fields: Vec<(&'static str, String)>,
    /// The outcome; `None` if the event is neither about tests nor about a webhook's health.
    pub outcome: Option<MessageOutcome>,
    /// The added result.
    pub result: Option<MessageResult>,
    /// The user.
    pub actor: Option<String>,
    /// The name of the project.
    pub project: Option<String>,
    /// When it happened.
    pub time: Option<DateTime<Utc>>,
}

/// The outcome of a run or session, or the health of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// All passed.
    Good,
    /// Something is blocked or to be tested again.
    Warning,
    /// Something failed.
    Bad,
    /// There are no results yet, or something is untested.
    Open,
}

/// A result of a test.
#[derive(Clone, Debug, Default)]
pub struct MessageResult {
    /// Its status.
    pub status: Option<ResultStatus>,
    /// Key and title of the case.
    pub case: Option<String>,
    /// The duration of the test.
    pub duration: Option<String>,
    /// The comment.
    pub comment: Option<String>,
    /// The linked issues: key and title, and the page of each.
    pub issues: Vec<(String, Option<String>)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StoredEnvelope {
    #[serde(rename = "type")]
    event: String,
    timestamp: String,
    project: Value,
    actor: Value,
    data: Value,
}

impl EventMessage {
    /// Creates the message of a stored envelope.
    #[must_use]
    pub fn new(envelope: Bytes) -> Self {
        Self { envelope, content: OnceLock::new() }
    }

    /// Whether it is a sample or another test, whose data is about nothing in the project.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let envelope: StoredEnvelope = serde_json::from_slice(&self.envelope).unwrap_or_default();
        EventData(&envelope.data).flag("test")
    }

    /// The envelope's bytes.
    #[must_use]
    pub fn envelope(&self) -> &Bytes {
        &self.envelope
    }

    /// The message, created on first use.
    pub fn content(&self) -> &MessageContent {
        self.content.get_or_init(|| {
            let envelope: StoredEnvelope = serde_json::from_slice(&self.envelope).unwrap_or_default();
            content_of(&envelope)
        })
    }
}

fn content_of(envelope: &StoredEnvelope) -> MessageContent {
    let data = EventData(&envelope.data);
    let content = match envelope.event.parse::<EventType>() {
        Ok(event) if data.flag("test") => {
            let message = event_message(event, data);
            MessageContent { headline: format!("Test: {}", message.headline), ..message }
        }
        Ok(event) => event_message(event, data),
        Err(_) if envelope.event == TEST_EVENT => test_message(data),
        Err(_) if envelope.event == DIGEST_EVENT => digest_message(data),
        Err(_) => unknown_message(&envelope.event, data),
    };
    let project = EventData(&envelope.project);
    MessageContent {
        actor: EventData(&envelope.actor).text("name").map(str::to_owned),
        project: content.project.or_else(|| project.text("name").or(project.text("key")).map(str::to_owned)),
        time: DateTime::parse_from_rfc3339(&envelope.timestamp).ok().map(|time| time.to_utc()),
        ..content
    }
}

fn test_message(data: EventData<'_>) -> MessageContent {
    MessageContent {
        headline: "Test from Testbell".to_owned(),
        link: data.address("link"),
        notice: Some("This is a test. The webhook works. Subscribed events will appear here."),
        ..MessageContent::default()
    }
}

fn unknown_message(event: &str, data: EventData<'_>) -> MessageContent {
    MessageContent {
        headline: if event.is_empty() { "Event".to_owned() } else { event.to_owned() },
        subject: data.name(),
        link: data.address("link"),
        ..MessageContent::default()
    }
}

fn custom_message(event: EventType, data: EventData<'_>) -> MessageContent {
    MessageContent {
        headline: event.headline(),
        subject: data.text("title").unwrap_or_default().to_owned(),
        link: data.address("link"),
        text: data.text("description").map(str::to_owned),
        ..MessageContent::default()
    }
}

fn event_message(event: EventType, data: EventData<'_>) -> MessageContent {
    if event.is_custom() {
        return custom_message(event, data);
    }
    let counts = counts(data);
    let tally = tally(&counts);
    let is_result = event.subject() == Subject::Result;
    let result = if is_result { Some(result(data)) } else { data.object("result").map(result) };
    let status = result.as_ref().and_then(|result| result.status);
    let has_outcome = result.is_some() || data.object("counts").is_some();
    let outcome_of_event = outcome_of_verb(event.verb()).or(outcome_of_job(data));
    let summary = match status {
        Some(status) => status.label().to_lowercase(),
        None if has_outcome => tally.clone(),
        None => data.text("status").unwrap_or_default().to_owned(),
    };
    MessageContent {
        headline: event.headline(),
        subject: data.name(),
        // A deleted subject has no page.
        link: data.address("link").filter(|_| event.verb() != Verb::Deleted),
        // The URL of a webhook is its endpoint.
        tracker_link: data.address("url").filter(|_| event.subject() == Subject::Issue),
        summary,
        text: match result {
            Some(_) => None,
            None => {
                let own = data.text("description").or(data.text("charter")).filter(|_| has_outcome);
                own.or(data.object("comment").and_then(|comment| comment.text("text"))).map(str::to_owned)
            }
        },
        fields: fields(data, tally),
        outcome: outcome_of_event.or(has_outcome.then(|| status.map_or_else(|| outcome_of(&counts), outcome))),
        result,
        ..MessageContent::default()
    }
}

/// The outcome of an event that is good or bad whatever its data says.
const fn outcome_of_verb(verb: Verb) -> Option<MessageOutcome> {
    match verb {
        Verb::Degraded => Some(MessageOutcome::Warning),
        Verb::Disabled | Verb::DeliveryExhausted => Some(MessageOutcome::Bad),
        Verb::Enabled | Verb::Recovered | Verb::Resolved => Some(MessageOutcome::Good),
        _ => None,
    }
}

/// The outcome of a CI job, whatever its results are.
fn outcome_of_job(data: EventData<'_>) -> Option<MessageOutcome> {
    Some(match data.text("outcome")?.parse().ok()? {
        CiJobOutcome::Passed => MessageOutcome::Good,
        CiJobOutcome::Failed => MessageOutcome::Bad,
        CiJobOutcome::Cancelled => MessageOutcome::Warning,
    })
}

fn fields(data: EventData<'_>, tally: String) -> Vec<(&'static str, String)> {
    let text = |name: &str| data.text(name).map(str::to_owned);
    let all = [
        ("Changed", changed(data)),
        ("Copied from", data.object("duplicatedFrom").map(EventData::name)),
        ("Reason", text("reason")),
        ("In", data.object("item").map(EventData::name)),
        ("Delivery", data.object("delivery").and_then(|delivery| delivery.text("subject")).map(str::to_owned)),
        ("Status", text("status")),
        ("Branch", text("branch")),
        ("Commit", text("commit")),
        ("Parameters", data.object("parameters").and_then(parameters)),
        ("State", state(data)),
        ("Priority", text("priority")),
        ("Type", text("type")),
        ("Assignee", text("assignee")),
        ("Labels", data.list("labels")),
        ("Results", Some(tally).filter(|tally| !tally.is_empty())),
        ("Pass rate", data.number("passRate").map(|rate| format!("{rate}%"))),
        ("Total", data.count("total").map(|total| total.to_string())),
        ("Time box", data.count("timeBoxMinutes").map(|minutes| format!("{minutes} min"))),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// "title, steps", or with the values if they are short: "priority: medium → high".
fn changed(data: EventData<'_>) -> Option<String> {
    let Some(changes) = data.object("changes") else { return data.list("changed") };
    // Without a list of names, the event is about the state, which has a field of its own.
    data.list("changed")?;
    let is_short = |text: &str| text.chars().count() <= 60;
    let one = |name: &str| {
        let values = changes.object(name).and_then(|change| change.text("from").zip(change.text("to")));
        match values.filter(|(from, to)| is_short(from) && is_short(to)) {
            Some((from, to)) => format!("{}: {from} → {to}", words(name)),
            None => words(name),
        }
    };
    // The kind follows from the status.
    let names = changes.names().filter(|name| *name != "statusKind" || changes.object("status").is_none());
    Some(names.map(one).collect::<Vec<_>>().join(", "))
}

/// "time box minutes" for "timeBoxMinutes".
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// "BROWSER=firefox, SHARDS=4".
fn parameters(data: EventData<'_>) -> Option<String> {
    let one = |name: &str| format!("{name}={}", data.text(name).unwrap_or_default());
    let all = data.names().map(one).collect::<Vec<_>>().join(", ");
    (!all.is_empty()).then_some(all)
}

/// "New → In progress".
fn state(data: EventData<'_>) -> Option<String> {
    let label = |text: &str| text.parse::<State>().map_or_else(|_| text.to_owned(), |state| state.label().to_owned());
    let now = data.text("state").map(label)?;
    Some(match data.text("previousState").map(label) {
        Some(before) => format!("{before} → {now}"),
        None => now,
    })
}

fn counts(data: EventData<'_>) -> Vec<(ResultStatus, u64)> {
    let Some(counts) = data.object("counts") else { return Vec::new() };
    let count = |status: &ResultStatus| Some((*status, counts.count(status.as_str()).filter(|count| *count > 0)?));
    ResultStatus::ALL.iter().filter_map(count).collect()
}

/// "12 passed, 1 failed".
fn tally(counts: &[(ResultStatus, u64)]) -> String {
    let one = |(status, count): &(ResultStatus, u64)| format!("{count} {}", status.label().to_lowercase());
    counts.iter().map(one).collect::<Vec<_>>().join(", ")
}

const fn outcome(status: ResultStatus) -> MessageOutcome {
    match status {
        ResultStatus::Passed => MessageOutcome::Good,
        ResultStatus::Failed => MessageOutcome::Bad,
        ResultStatus::Blocked | ResultStatus::Retest => MessageOutcome::Warning,
        ResultStatus::Untested | ResultStatus::Skipped => MessageOutcome::Open,
    }
}

/// The worst status; good only if nothing is untested.
fn outcome_of(counts: &[(ResultStatus, u64)]) -> MessageOutcome {
    use ResultStatus::{Blocked, Failed, Passed, Retest, Untested};
    let worst = [Failed, Blocked, Retest, Untested, Passed]
        .into_iter()
        .find(|worst| counts.iter().any(|(status, _)| status == worst));
    worst.map_or(MessageOutcome::Open, outcome)
}

fn result(data: EventData<'_>) -> MessageResult {
    // The page in the tracker, or else in Testbell.
    let issue = |issue: EventData<'_>| (issue.name(), issue.address("url").or(issue.address("link")));
    MessageResult {
        status: data.text("status").and_then(|status| status.parse().ok()),
        case: data.object("case").map(EventData::name),
        duration: data.count("elapsedSeconds").map(duration),
        comment: data.text("comment").map(str::to_owned),
        issues: data.objects("issues").map(issue).collect(),
    }
}

/// "2 min 5 s".
fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests;

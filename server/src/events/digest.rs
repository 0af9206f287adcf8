//! The digest: one message about many events of a chat tool. It is an event of its own, which no webhook can
//! subscribe to, so that retries send the same content.

use app::model::catalog::{EventType, Subject};
use app::model::id::ProjectId;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::event_data::EventData;
use super::message::{MessageContent, MessageOutcome};

/// The newest events that a digest names.
const MAX_NAMED: usize = 5;
/// The types of events that a digest counts one by one, the most frequent ones.
const MAX_TYPES: usize = 8;

/// The outcomes, each with its name in the payload and the word of the message.
const OUTCOMES: [(MessageOutcome, &str, &str); 4] = [
    (MessageOutcome::Good, "passed", "passed"),
    (MessageOutcome::Bad, "failed", "failed"),
    (MessageOutcome::Warning, "warning", "to check"),
    (MessageOutcome::Open, "open", "open"),
];

type Counts = [u64; OUTCOMES.len()];

/// An event that a digest covers.
#[derive(Clone, Copy)]
pub struct CoveredEvent<'a> {
    /// Its project.
    pub project: ProjectId,
    /// Its type.
    pub event: &'a str,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What it says; `None` if its payload is no longer stored.
    pub content: Option<&'a MessageContent>,
}

/// A project of a digest.
pub struct DigestProject {
    /// Its ID.
    pub id: ProjectId,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// Sums up events, in their order.
#[derive(Default)]
pub struct DigestSummary {
    total: u64,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    outcomes: Counts,
    /// In the order of their first events.
    types: Vec<TypeCount>,
    /// The newest, oldest first.
    newest: Vec<(ProjectId, Value)>,
}

struct TypeCount {
    project: ProjectId,
    event: String,
    count: u64,
    outcomes: Counts,
}

impl DigestSummary {
    /// How many events were added.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The projects of the events.
    #[must_use]
    pub fn projects(&self) -> Vec<ProjectId> {
        let mut projects: Vec<_> = self.types.iter().map(|counted| counted.project).collect();
        projects.sort_unstable();
        projects.dedup();
        projects
    }

    /// Adds an event. Without its payload, it is only counted.
    pub fn add(&mut self, covered: CoveredEvent<'_>) {
        let CoveredEvent { project, event, at, content } = covered;
        self.total += 1;
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
        self.until = Some(self.until.map_or(at, |until| until.max(at)));
        let is_same = |known: &TypeCount| known.event == event && known.project == project;
        let position = self.types.iter().position(is_same).unwrap_or_else(|| {
            self.types.push(TypeCount { project, event: event.to_owned(), count: 0, outcomes: Counts::default() });
            self.types.len() - 1
        });
        let Some(counted) = self.types.get_mut(position) else { return };
        counted.count += 1;
        let Some(content) = content else { return };
        let outcome = OUTCOMES.iter().position(|(outcome, ..)| Some(*outcome) == content.outcome);
        // The health of a webhook is not the outcome of a test.
        if let Some(position) = outcome.filter(|_| !is_about_webhook(event)) {
            for counts in [&mut counted.outcomes, &mut self.outcomes] {
                counts.get_mut(position).into_iter().for_each(|count| *count += 1);
            }
        }
        if self.newest.len() == MAX_NAMED {
            self.newest.remove(0);
        }
        let (subject, link, outcome) = (&content.subject, &content.link, &content.summary);
        let named = json!({"headline": content.headline, "subject": subject, "outcome": outcome, "link": link});
        self.newest.push((project, named));
    }

    /// The `data` of the event. `link` leads to the digest. Events of several projects name theirs.
    #[must_use]
    pub fn data(mut self, projects: &[DigestProject], link: &str) -> Value {
        let name_of = |id: ProjectId| {
            let found = projects.iter().find(|project| project.id == id).filter(|_| projects.len() > 1);
            found.map(|project| project.name.as_str())
        };
        // Stable, so the order of the first events decides between equal counts.
        self.types.sort_by_key(|counted| std::cmp::Reverse(counted.count));
        let other_types = self.types.split_off(self.types.len().min(MAX_TYPES));
        let types = self.types.iter().map(|counted| {
            let (event, project) = (&counted.event, name_of(counted.project));
            let outcomes = outcomes_json(&counted.outcomes);
            json!({"type": event, "project": project, "count": counted.count, "outcomes": outcomes})
        });
        let newest = self.newest.iter().rev().map(|(project, event)| {
            let mut event = event.clone();
            event["project"] = json!(name_of(*project));
            event
        });
        let named = projects.iter().map(|project| json!({"id": project.id, "key": project.key, "name": project.name}));
        json!({
            "total": self.total,
            "since": self.since,
            "until": self.until,
            "projects": named.collect::<Vec<_>>(),
            "outcomes": outcomes_json(&self.outcomes),
            "events": types.collect::<Vec<_>>(),
            "otherEvents": other_types.iter().map(|counted| counted.count).sum::<u64>(),
            "newest": newest.collect::<Vec<_>>(),
            "link": link,
        })
    }
}

fn outcomes_json(counts: &Counts) -> Value {
    let counted = OUTCOMES.iter().zip(counts).filter(|(_, count)| **count > 0);
    Value::Object(counted.map(|((_, name, _), count)| ((*name).to_owned(), json!(count))).collect())
}

fn is_about_webhook(event: &str) -> bool {
    event.parse::<EventType>().is_ok_and(|event| event.subject() == Subject::Webhook)
}

/// The projects of a stored digest.
#[must_use]
pub fn digest_projects(envelope: &[u8]) -> Vec<ProjectId> {
    let envelope: Value = serde_json::from_slice(envelope).unwrap_or_default();
    let projects = EventData(&envelope["data"]).objects("projects");
    projects.filter_map(|project| project.text("id")?.parse().ok()).collect()
}

/// The message of a digest.
pub fn digest_message(data: EventData<'_>) -> MessageContent {
    let counts = outcomes(data);
    let worst = [MessageOutcome::Bad, MessageOutcome::Warning, MessageOutcome::Open, MessageOutcome::Good]
        .into_iter()
        .find(|worst| OUTCOMES.iter().zip(counts).any(|((outcome, ..), count)| outcome == worst && count > 0));
    let other = data.count("otherEvents").filter(|count| *count > 0);
    let projects = data.objects("projects").count();
    MessageContent {
        headline: events_text(data.count("total").unwrap_or_default()),
        link: data.address("link"),
        summary: words(&counts),
        counts: data
            .objects("events")
            .map(count_line)
            .chain(other.map(|count| format!("Other events: {count}")))
            .collect(),
        events: data.objects("newest").map(newest).collect(),
        outcome: worst,
        project: (projects > 1).then(|| format!("{projects} projects")),
        ..MessageContent::default()
    }
}

/// "12 events".
#[must_use]
pub fn events_text(count: u64) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

/// "Shop · Test run completed: 12 (10 passed, 2 failed)".
fn count_line(event: EventData<'_>) -> String {
    let name = event.text("type").unwrap_or("event");
    let headline = name.parse::<EventType>().map_or_else(|_| name.to_owned(), EventType::headline);
    let count = event.count("count").unwrap_or_default();
    let outcomes = words(&outcomes(event));
    let outcomes = if outcomes.is_empty() { outcomes } else { format!(" ({outcomes})") };
    format!("{}{headline}: {count}{outcomes}", project_prefix(event))
}

/// "Shop · ", if there are several projects.
fn project_prefix(event: EventData<'_>) -> String {
    event.text("project").map(|project| format!("{project} · ")).unwrap_or_default()
}

fn outcomes(data: EventData<'_>) -> Counts {
    let counted = data.object("outcomes");
    OUTCOMES.map(|(_, name, _)| counted.and_then(|counted| counted.count(name)).unwrap_or_default())
}

/// "12 passed, 1 failed".
fn words(counts: &Counts) -> String {
    let counted = OUTCOMES.iter().zip(counts).filter(|(_, count)| **count > 0);
    counted.map(|((.., word), count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// What happened to which subject, and its page.
fn newest(event: EventData<'_>) -> (String, Option<String>) {
    let headline = event.text("headline").unwrap_or("Event");
    let subject = event.text("subject").map(|subject| format!(": {subject}")).unwrap_or_default();
    let outcome = event.text("outcome").map(|outcome| format!(" ({outcome})")).unwrap_or_default();
    (format!("{}{headline}{subject}{outcome}", project_prefix(event)), event.address("link"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn content(subject: &str, outcome: Option<MessageOutcome>) -> MessageContent {
        MessageContent {
            headline: "Run completed".into(),
            subject: subject.into(),
            outcome,
            ..MessageContent::default()
        }
    }

    fn project(number: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(number))
    }

    fn named(number: u128, name: &str) -> DigestProject {
        DigestProject { id: project(number), key: name.to_uppercase(), name: name.into() }
    }

    fn add(summary: &mut DigestSummary, number: u128, event: &str, content: Option<&MessageContent>) {
        let at = DateTime::UNIX_EPOCH;
        summary.add(CoveredEvent { project: project(number), event, at, content });
    }

    #[test]
    fn a_digest_counts_by_type_and_outcome() {
        let mut summary = DigestSummary::default();
        add(&mut summary, 1, "issue.created", None);
        add(&mut summary, 1, "test_run.completed", Some(&content("R1", Some(MessageOutcome::Good))));
        add(&mut summary, 1, "test_run.completed", Some(&content("R2", Some(MessageOutcome::Bad))));
        let data = summary.data(&[named(1, "Shop")], "https://testbell.example.com/projects/x");
        let message = digest_message(EventData(&data));
        assert_eq!((&*message.headline, &*message.summary), ("3 events", "1 passed, 1 failed"));
        assert_eq!(message.outcome, Some(MessageOutcome::Bad));
        assert_eq!(message.counts, ["Test run completed: 2 (1 passed, 1 failed)", "Issue created: 1"]);
        let named: Vec<_> = message.events.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(named, ["Run completed: R2", "Run completed: R1"]);
        assert_eq!(message.project, None);
    }

    #[test]
    fn a_digest_of_several_projects_names_them() {
        let mut summary = DigestSummary::default();
        add(&mut summary, 1, "issue.created", Some(&content("I1", None)));
        add(&mut summary, 2, "issue.created", Some(&content("I2", None)));
        assert_eq!(summary.projects(), [project(1), project(2)]);
        let data = summary.data(&[named(1, "Shop"), named(2, "App")], "https://testbell.example.com/");
        let message = digest_message(EventData(&data));
        assert_eq!(message.counts, ["Shop · Issue created: 1", "App · Issue created: 1"]);
        assert_eq!(message.events[0].0, "App · Run completed: I2");
        assert_eq!(message.project.as_deref(), Some("2 projects"));
        let envelope = json!({"data": data}).to_string();
        assert_eq!(digest_projects(envelope.as_bytes()), [project(1), project(2)]);
    }

    #[test]
    fn a_digest_names_the_newest_and_the_most_frequent() {
        let mut summary = DigestSummary::default();
        for nth in 0..20 {
            add(&mut summary, 1, &format!("kind.{nth}"), Some(&content(&nth.to_string(), None)));
        }
        add(&mut summary, 1, "kind.19", None);
        let data = summary.data(&[named(1, "Shop")], "https://testbell.example.com/");
        let message = digest_message(EventData(&data));
        assert_eq!((message.events.len(), message.events[0].0.as_str()), (MAX_NAMED, "Run completed: 19"));
        assert_eq!(message.counts[0], "kind.19: 2");
        assert_eq!(message.counts.last().map(String::as_str), Some("Other events: 12"));
    }
}

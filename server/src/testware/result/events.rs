//! The events of results, and results as the events of runs and sessions contain them.

use app::model::catalog::{EventType, PAYLOAD_VERSION, Subject, Verb};
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::testware::result::{LinkedIssue, TestResult};
use sea_orm::DbErr;
use serde_json::{Value, json};

use crate::app_state::AppState;
use crate::config::Config;
use crate::entity::project;
use crate::events::changes::{self, FieldChange};
use crate::events::{cut_text, outbox};
use crate::issues::view::link_to;
use crate::storage::Tx;
use crate::testware::events::reference;
use crate::testware::row::TestwareRow;

/// The maximum length of a tracker's URL in a result's event, in bytes of JSON. Longer ones are
/// omitted, so that twenty of them fit into an envelope.
const MAX_URL_BYTES: usize = 250;

/// What happened to a result.
pub enum ResultEvent<'a> {
    Created,
    Updated(&'a [FieldChange]),
    Deleted,
    /// These issues, which are also among the issues of the result, were linked.
    IssueLinked(&'a [LinkedIssue]),
}

impl ResultEvent<'_> {
    const fn verb(&self) -> Verb {
        match self {
            Self::Created => Verb::Created,
            Self::Updated(_) => Verb::Updated,
            Self::Deleted => Verb::Deleted,
            Self::IssueLinked(_) => Verb::IssueLinked,
        }
    }
}

/// The run or session of the results of events.
pub struct ParentPart {
    subject: Subject,
    reference: Value,
    link: String,
}

impl ParentPart {
    pub fn new<R: TestwareRow>(state: &AppState, project: &project::Model, row: &R) -> Self {
        let id: ItemId = row.id().into();
        let link = state.config.link(&id.path(project.id));
        Self { subject: id.subject(), reference: reference(project, row), link }
    }

    /// Adds it to the `data` of an event.
    pub fn add_to(&self, data: &mut Value) {
        let of = |subject| if self.subject == subject { self.reference.clone() } else { Value::Null };
        data["testRun"] = of(Subject::TestRun);
        data["session"] = of(Subject::Session);
        data["link"] = json!(self.link);
    }

    /// The key and the name.
    pub fn key_and_name(&self) -> [Value; 2] {
        ["key", "name"].map(|field| self.reference[field].clone())
    }
}

/// Stores the same event of several results, in their order.
pub async fn emit_all<'a>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    parent: &ParentPart,
    events: impl IntoIterator<Item = (&'a TestResult, ResultEvent<'a>)>,
    actor: &Actor,
) -> Result<(), DbErr> {
    let mut verb = None;
    let mut all = Vec::new();
    for (result, event) in events {
        verb = Some(event.verb());
        all.push(data(result, event, project.id, parent, &state.config));
    }
    let Some(event) = verb.and_then(|verb| EventType::find(Subject::Result, verb)) else { return Ok(()) };
    outbox::publish_all(state, tx, (project, event, Some(actor)), all).await
}

fn data(
    result: &TestResult,
    event: ResultEvent<'_>,
    project: ProjectId,
    parent: &ParentPart,
    config: &Config,
) -> Value {
    let mut data = result_data(result, project, config);
    let [key, name] = match (&result.case_key, &result.case_title) {
        (Some(key), Some(title)) => [json!(key), json!(title)],
        _ => parent.key_and_name(),
    };
    if result.case_id.is_none() {
        data["case"] = Value::Null;
    }
    data["key"] = key;
    data["title"] = name;
    data["version"] = json!(PAYLOAD_VERSION);
    parent.add_to(&mut data);
    match event {
        ResultEvent::Created | ResultEvent::Deleted => {}
        ResultEvent::Updated(changes) => {
            data["changed"] = json!(changes::changed(changes));
            data["changes"] = changes::changes(changes);
        }
        ResultEvent::IssueLinked(issues) => {
            data["linkedIssues"] = issues.iter().map(|issue| linked_issue(issue, project, config)).collect();
        }
    }
    data
}

/// A result. Its case is absent in a session.
pub fn result_data(result: &TestResult, project: ProjectId, config: &Config) -> Value {
    let mut data = json!({
        "id": result.id,
        "status": result.status,
        "comment": cut_text(&result.comment),
        "elapsedSeconds": result.elapsed_seconds,
        "author": result.author,
        "issues": result.issues.iter().map(|issue| linked_issue(issue, project, config)).collect::<Vec<_>>(),
    });
    if let Some(case) = result.case_id {
        data["case"] = json!({"id": case, "key": result.case_key, "title": result.case_title});
    }
    data
}

/// An issue linked to a result.
pub fn linked_issue(issue: &LinkedIssue, project: ProjectId, config: &Config) -> Value {
    json!({
        "id": issue.id,
        "key": issue.key,
        "title": issue.title,
        "url": issue.url.as_deref().filter(|url| json!(url).to_string().len() <= MAX_URL_BYTES),
        "link": link_to(project, issue.id, config),
    })
}

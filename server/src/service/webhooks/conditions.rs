//! Checks the conditions of a webhook, and tries them on samples and on past events.

use app::error::{Error, Result};
use app::model::catalog::{EventType, Subject, Subscription, is_custom_field, is_known_field};
use app::model::condition::{
    Condition, Conditions, MAX_CONDITION_PATH_CHARS, MAX_CONDITION_VALUE_CHARS, MAX_CONDITIONS, MAX_TRIED_EVENTS,
    TriedConditions, TriedEvent, TriedSample, TryConditions,
};
use app::model::id::{EventId, ProjectId};
use app::model::people::Actor;
use app::model::webhook_scope::{ScopeKind, SelectScope};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::Value;

use super::scope;
use crate::app_state::AppState;
use crate::entity::event::{Column, Entity};
use crate::entity::project;
use crate::events::condition::{Bound, matches};
use crate::events::subject::event_subject;
use crate::service::text;
use crate::storage::internal;

/// How many of the latest events are searched for those that are subscribed to.
const MAX_SCANNED_EVENTS: u64 = 2_000;
/// How many of the latest events of each of several projects are searched at least.
const MIN_SCANNED_EVENTS: u64 = 200;
/// How many past events are listed.
const MAX_LISTED_EVENTS: usize = 10;

/// Checks conditions on the events of subscriptions. Custom events can have any field below `data`. So that a misspelled
/// field is found, this needs a subscription to them and not only to all events.
///
/// # Errors
/// A message for the user, with the number of the condition.
pub fn check(conditions: &Conditions, events: &[Subscription]) -> std::result::Result<(), String> {
    let has_custom = events.iter().any(|entry| match entry {
        Subscription::All => false,
        Subscription::Subject(subject) => *subject == Subject::Custom,
        Subscription::Event(event) => event.is_custom(),
    });
    if conditions.rules.len() > MAX_CONDITIONS {
        return Err(format!("Use at most {MAX_CONDITIONS} conditions."));
    }
    for (rule, number) in conditions.rules.iter().zip(1..) {
        check_rule(rule, has_custom).map_err(|problem| format!("Condition {number}: {problem}"))?;
    }
    Ok(())
}

fn check_rule(Condition { path, operator, value }: &Condition, has_custom: bool) -> std::result::Result<(), String> {
    if path.is_empty() {
        return Err("Enter a field, e.g. data.counts.failed.".to_owned());
    }
    let is_known = is_known_field(path) || (has_custom && is_custom_field(path));
    if path.len() > MAX_CONDITION_PATH_CHARS || !is_known {
        let shown: String = path.chars().take(MAX_CONDITION_PATH_CHARS).collect();
        return Err(format!(
            "No event has the field {shown}. Fields begin with data., project., actor., type or timestamp."
        ));
    }
    text::storable(value)?;
    match operator.has_value() {
        false if !value.is_empty() => Err(format!("\"{}\" has no value.", operator.label())),
        false => Ok(()),
        true if value.trim().is_empty() => Err("Enter a value, or select \"is not set\".".to_owned()),
        true if value.chars().nth(MAX_CONDITION_VALUE_CHARS).is_some() => {
            Err(format!("Use at most {MAX_CONDITION_VALUE_CHARS} characters."))
        }
        true if operator.is_ordering() && Bound::parse(value).is_none() => {
            Err(format!("Enter a number, a date or a time after {}, e.g. 0 or 2026-11-20.", operator.label()))
        }
        true => Ok(()),
    }
}

/// The projects whose past events conditions are tried on.
pub(super) enum TriedProjects {
    /// These, maybe none.
    Named(Vec<ProjectId>),
    /// All.
    All,
}

/// The projects that the caller selected, or else the one of the path.
///
/// # Errors
/// Those of [`scope::selected`]: who may try conditions on the events of projects may also give them to a webhook.
pub(super) async fn tried_projects(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    select: Option<&SelectScope>,
) -> Result<TriedProjects> {
    let Some(select) = select else { return Ok(TriedProjects::Named(vec![project])) };
    if select.kind != ScopeKind::All && select.project_ids.is_empty() {
        return Ok(TriedProjects::Named(Vec::new()));
    }
    let selected = scope::selected(state, actor, select).await?;
    Ok(match selected.kind {
        ScopeKind::All => TriedProjects::All,
        ScopeKind::Project | ScopeKind::Projects => TriedProjects::Named(selected.projects),
    })
}

/// Tries conditions on the samples of subscribed events, and on the latest ones of projects.
///
/// # Errors
/// [`Error::Invalid`] for the field `conditions`.
pub(super) async fn try_out(
    state: &AppState,
    projects: &TriedProjects,
    tried: TryConditions,
) -> Result<TriedConditions> {
    let TryConditions { conditions, events, .. } = tried;
    check(&conditions, &events).map_err(|message| Error::field("conditions", message))?;
    let samples = subscribed(&events).map(|event| {
        let sample = serde_json::to_value(event.sample()).unwrap_or_default();
        TriedSample { event, matches: matches(&conditions, &sample) }
    });
    let mut result = TriedConditions { samples: samples.collect(), ..TriedConditions::default() };
    for (event, occurred_at, envelope) in past_events(state, projects, &events).await? {
        let matches = matches(&conditions, &envelope);
        result.past_count += 1;
        result.past_matched += u32::from(matches);
        if result.past.len() < MAX_LISTED_EVENTS {
            let subject = event_subject(event.as_str(), &envelope["data"]);
            result.past.push(TriedEvent { event, subject, occurred_at, matches });
        }
    }
    Ok(result)
}

/// The events with a sample that are subscribed to. What is in a custom event isn't known.
fn subscribed(events: &[Subscription]) -> impl Iterator<Item = EventType> {
    EventType::ALL.iter().copied().filter(move |event| events.iter().any(|entry| entry.matches(*event)))
}

/// The latest events of projects that are subscribed to, newest first, without tests.
async fn past_events(
    state: &AppState,
    projects: &TriedProjects,
    events: &[Subscription],
) -> Result<Vec<(EventType, DateTime<Utc>, Value)>> {
    let db = state.store.read();
    let scanned = match projects {
        TriedProjects::Named(projects) => scan_projects(db, projects).await,
        TriedProjects::All => scan_all(db).await,
    };
    let scanned = scanned.map_err(internal)?;
    let is_wanted =
        |name: &str| name.parse::<EventType>().is_ok_and(|event| events.iter().any(|entry| entry.matches(event)));
    // Some of them may be tests.
    let ids = scanned.into_iter().filter(|(_, event)| is_wanted(event)).map(|(id, _)| id);
    let ids: Vec<_> = ids.take(2 * MAX_TRIED_EVENTS as usize).collect();
    let select = Entity::find().filter(Column::Id.is_in(ids)).filter(Column::ErasedAt.is_null());
    let mut rows = select.all(db).await.map_err(internal)?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.occurred_at, row.id)));
    let parsed = rows.into_iter().filter_map(|row| {
        let envelope: Value = serde_json::from_str(&row.body).ok()?;
        let is_test = envelope["data"]["test"] == Value::Bool(true);
        (!is_test).then_some((row.event_type.parse().ok()?, row.occurred_at, envelope))
    });
    Ok(parsed.take(MAX_TRIED_EVENTS as usize).collect())
}

/// The IDs and types of the latest events of projects, newest first. The index serves one project at a time.
async fn scan_projects(
    db: &impl ConnectionTrait,
    projects: &[ProjectId],
) -> std::result::Result<Vec<(EventId, String)>, DbErr> {
    let share = MAX_SCANNED_EVENTS / u64::try_from(projects.len()).unwrap_or(u64::MAX).max(1);
    let limit = share.max(MIN_SCANNED_EVENTS);
    let (mut all, mut horizon) = (Vec::new(), None::<EventId>);
    for project in projects {
        let rows = latest_events(*project, limit).into_tuple::<(EventId, String)>().all(db).await?;
        // What else this project has is older than its last row, and so is what is not counted of the others.
        if u64::try_from(rows.len()).is_ok_and(|count| count == limit) {
            horizon = horizon.max(rows.last().map(|row| row.0));
        }
        all.extend(rows);
    }
    all.retain(|(id, _)| horizon.is_none_or(|horizon| *id >= horizon));
    all.sort_unstable_by_key(|row| std::cmp::Reverse(row.0));
    Ok(all)
}

/// The IDs and types of the latest events of all projects that are not deleted, newest first.
async fn scan_all(db: &impl ConnectionTrait) -> std::result::Result<Vec<(EventId, String)>, DbErr> {
    let deleted = project::Entity::find().select_only().column(project::Column::Id);
    let deleted = deleted.filter(project::Column::DeletedAt.is_not_null()).into_tuple::<ProjectId>().all(db).await?;
    let latest = Entity::find().select_only().columns([Column::Id, Column::EventType, Column::ProjectId]);
    let latest = latest.order_by_desc(Column::Id).limit(MAX_SCANNED_EVENTS);
    let rows = latest.into_tuple::<(EventId, String, ProjectId)>().all(db).await?;
    let is_active = |(.., project): &(_, _, ProjectId)| !deleted.contains(project);
    Ok(rows.into_iter().filter(is_active).map(|(id, event, _)| (id, event)).collect())
}

/// The IDs and types of the latest events of a project.
fn latest_events(project: ProjectId, limit: u64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::EventType])
        .filter(Column::ProjectId.eq(project))
        // IDs ascend with the time.
        .order_by_desc(Column::Id)
        .limit(limit)
}

#[cfg(test)]
mod tests {
    use app::model::condition::ConditionMatch;
    use migrations::Migrator;
    use sea_orm::{Database, DbBackend, QueryTrait};
    use sea_orm_migration::MigratorTrait;
    use uuid::Uuid;

    use super::*;

    fn check_one(path: &str, operator: &str, value: &str) -> std::result::Result<(), String> {
        check_with(path, operator, value, &[Subscription::Subject(Subject::TestRun)])
    }

    fn check_with(path: &str, operator: &str, value: &str, events: &[Subscription]) -> std::result::Result<(), String> {
        let rule = Condition { path: path.into(), operator: operator.parse().unwrap(), value: value.into() };
        check(&Conditions { mode: ConditionMatch::All, rules: vec![rule] }, events)
    }

    #[test]
    fn a_custom_event_can_have_any_field_of_its_data() {
        for events in ["custom.*", "custom.deploy_finished"] {
            let events = [events.parse().unwrap()];
            assert_eq!(check_with("data.environment", "equals", "staging", &events), Ok(()));
            assert!(check_with("environment", "equals", "staging", &events).is_err());
        }
        for events in ["*", "issue.*"] {
            assert!(check_with("data.environment", "equals", "staging", &[events.parse().unwrap()]).is_err());
        }
    }

    #[test]
    fn invalid_conditions_are_refused_with_their_number() {
        assert_eq!(check_one("data.counts.failed", "greater_than", "0"), Ok(()));
        assert_eq!(check_one("timestamp", "at_least", "2026-11-20"), Ok(()));
        assert_eq!(check_one("data.labels", "not_exists", ""), Ok(()));
        let long = "x".repeat(501);
        for (path, operator, value, expected) in [
            ("", "equals", "1", "Enter a field"),
            ("data.counts.faild", "equals", "1", "No event has the field data.counts.faild."),
            ("data.title", "equals", " ", "Enter a value"),
            ("data.title", "equals", &long, "at most 500"),
            ("data.title", "equals", "a\0", "U+0000"),
            ("data.title", "exists", "1", "has no value"),
            ("data.total", "at_most", "many", "Enter a number"),
            ("data.total", "at_most", "inf", "Enter a number"),
        ] {
            let error = check_one(path, operator, value).unwrap_err();
            assert!(error.starts_with("Condition 1: ") && error.contains(expected), "{path} {value}: {error}");
        }
        let rule = Condition { path: "type".into(), operator: "exists".parse().unwrap(), value: String::new() };
        let many = Conditions { mode: ConditionMatch::Any, rules: vec![rule; MAX_CONDITIONS + 1] };
        assert!(check(&many, &[]).is_err_and(|error| error.contains("20")));
    }

    #[tokio::test]
    async fn the_latest_events_are_found_by_their_index() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let mut explain = latest_events(ProjectId(Uuid::from_u128(1)), MAX_SCANNED_EVENTS).build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let rows = db.query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(plan.iter().any(|step| step.contains("INDEX events_by_project")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
}

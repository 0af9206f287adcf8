//! Reports of runs, plans and milestones. [`figures`] counts in the database, so that no report loads results.

mod figures;
mod rest;

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::UserId;
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::service::Reports;
use app::testware::case::CaseId;
use app::testware::execution::Counts;
use app::testware::item::TestwareItem;
use app::testware::milestone::Milestone;
use app::testware::plan::TestPlan;
use app::testware::report::{FlakyCase, Report, ReportPeriod, ReportSuite, ReportTester, SlowCase};
use app::testware::run::TestRun;
use app::testware::suite::SuiteId;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use figures::{Figures, Grouped, Scope, Timeline};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

pub use rest::routes;

use super::case::table as test_case;
use super::items;
use super::key::key;
use super::row::Stored;
use super::suite::table as suite;
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::people::names::user_names;
use crate::storage::internal;

#[async_trait]
impl Reports for AppState {
    async fn report(&self, actor: &Actor, id: ItemId) -> Result<Report> {
        let uuid = id.uuid();
        match id.subject() {
            Subject::TestRun => read::<TestRun>(self, actor, uuid.into(), Scope::Run(uuid)).await,
            Subject::Plan => read::<TestPlan>(self, actor, uuid.into(), Scope::Plan(uuid)).await,
            Subject::Milestone => read::<Milestone>(self, actor, uuid.into(), Scope::Milestone(uuid)).await,
            _ => Err(Error::NotFound),
        }
    }
}

async fn read<T: Stored>(state: &AppState, actor: &Actor, id: T::Id, scope: Scope) -> Result<Report> {
    let (row, project) = items::active::<T::Row>(state, actor, id).await?;
    let item: TestwareItem = items::view(state, &project, row).await?.into();
    let now = state.clock.now();
    report(state.store.read(), &project, (item, now), scope).await.map_err(internal)
}

async fn report<C: ConnectionTrait>(
    db: &C,
    project: &project::Model,
    (item, now): (TestwareItem, DateTime<Utc>),
    scope: Scope,
) -> Result<Report, DbErr> {
    let figures = Figures { db, scope };
    let (results, span) = figures.totals().await?;
    let timeline = span.map(|(first, last)| Timeline::spanning(first, last));
    let suites = figures.suites().await?;
    let (periods, testers, flaky, slowest) = match timeline {
        Some(timeline) => (
            figures.periods(timeline).await?,
            figures.testers().await?,
            figures.flaky_cases().await?,
            figures.slowest_cases().await?,
        ),
        None => Default::default(),
    };
    let other_suites = if suites.is_complete() { None } else { Some(rest(figures.cases().await?, &suites)) };
    let other_testers = if testers.is_complete() { None } else { Some(rest(results, &testers)) };
    let cases = flaky.iter().map(|row| row.case).chain(slowest.iter().map(|row| row.case));
    let cases = Cases::read(db, project, cases.collect()).await?;
    let slowest = slowest.into_iter().map(|row| {
        let (key, title) = cases.names(row.case);
        SlowCase {
            case_id: row.case,
            key,
            title,
            average_seconds: row.average_seconds,
            longest_seconds: row.longest_seconds,
            results: row.results,
        }
    });
    let flaky = flaky.into_iter().map(|row| {
        let (key, title) = cases.names(row.case);
        FlakyCase { case_id: row.case, key, title, passed: row.passed, failed: row.failed }
    });
    Ok(Report {
        id: item.id,
        project_id: item.project_id,
        key: item.key,
        name: item.title,
        completed_at: item.completed_at,
        generated_at: now,
        progress: item.counts,
        results,
        period_hours: timeline.map_or(1, Timeline::hours),
        timeline: timeline.map(|timeline| filled(timeline, &periods)).unwrap_or_default(),
        suites: suite_views(db, project, suites).await?,
        other_suites,
        testers: tester_views(db, testers).await?,
        other_testers,
        flaky_cases: flaky.collect(),
        slowest_cases: slowest.collect(),
    })
}

/// All periods of a timeline, also those without results.
fn filled(timeline: Timeline, periods: &[(i64, Counts)]) -> Vec<ReportPeriod> {
    let counts: HashMap<i64, Counts> = periods.iter().copied().collect();
    let all = (0..).zip(timeline.starts());
    all.map(|(at, from)| ReportPeriod { from, counts: counts.get(&at).copied().unwrap_or_default() }).collect()
}

/// What is not in the listed groups. Results that were added between two queries don't make it negative.
fn rest<K>(mut total: Counts, listed: &Grouped<K>) -> Counts {
    for (_, counts) in &listed.groups {
        total = total.without(counts);
    }
    total
}

async fn suite_views<C: ConnectionTrait>(
    db: &C,
    project: &project::Model,
    rows: Grouped<Option<SuiteId>>,
) -> Result<Vec<ReportSuite>, DbErr> {
    let ids: Vec<SuiteId> = rows.groups.iter().filter_map(|(id, _)| *id).collect();
    let suites = suite::Entity::find().filter(suite::Column::Id.is_in(ids)).all(db).await?;
    let suites: HashMap<SuiteId, suite::Model> = suites.into_iter().map(|row| (row.id, row)).collect();
    let view = |(id, counts): (Option<SuiteId>, Counts)| {
        let suite = id.and_then(|id| suites.get(&id));
        ReportSuite {
            suite_id: suite.map(|suite| suite.id),
            key: suite.map(|suite| key(project, Subject::Suite, suite.number)),
            name: suite.map_or_else(|| "No suite".to_owned(), |suite| suite.name.clone()),
            counts,
        }
    };
    Ok(rows.groups.into_iter().map(view).collect())
}

async fn tester_views<C: ConnectionTrait>(db: &C, rows: Grouped<UserId>) -> Result<Vec<ReportTester>, DbErr> {
    let names = user_names(db, rows.groups.iter().map(|(id, _)| *id)).await?;
    let view = |(user_id, counts): (UserId, Counts)| {
        let name = names.get(&user_id).cloned().unwrap_or_default();
        ReportTester { user_id, name, counts }
    };
    Ok(rows.groups.into_iter().map(view).collect())
}

/// The keys and titles of cases.
struct Cases(HashMap<CaseId, (String, String)>);

impl Cases {
    async fn read<C: ConnectionTrait>(db: &C, project: &project::Model, ids: Vec<CaseId>) -> Result<Self, DbErr> {
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let rows = test_case::Entity::find().filter(test_case::Column::Id.is_in(ids)).all(db).await?;
        let names = |row: test_case::Model| (row.id, (key(project, Subject::Case, row.number), row.title));
        Ok(Self(rows.into_iter().map(names).collect()))
    }

    fn names(&self, id: CaseId) -> (String, String) {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}

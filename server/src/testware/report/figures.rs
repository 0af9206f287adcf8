//! The figures of reports: grouped and limited in the database.

use std::fmt::Write;

use app::model::id::UserId;
use app::testware::case::CaseId;
use app::testware::execution::{Counts, ResultStatus};
use app::testware::report::{MAX_REPORT_CASES, MAX_REPORT_PERIODS, MAX_REPORT_ROWS};
use app::testware::suite::SuiteId;
use chrono::{DateTime, Utc};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// What a report is about.
#[derive(Clone, Copy)]
pub enum Scope {
    Run(Uuid),
    Plan(Uuid),
    Milestone(Uuid),
}

impl Scope {
    const fn id(self) -> Uuid {
        match self {
            Self::Run(id) | Self::Plan(id) | Self::Milestone(id) => id,
        }
    }

    /// The condition of a column with the ID of a run.
    fn is_run(self, column: &str) -> String {
        match self {
            Self::Run(_) => format!("{column} = $1"),
            Self::Plan(_) => {
                format!("{column} IN (SELECT id FROM test_runs WHERE plan_id = $1 AND deleted_at IS NULL)")
            }
            Self::Milestone(_) => {
                format!("{column} IN (SELECT id FROM test_runs WHERE milestone_id = $1 AND deleted_at IS NULL)")
            }
        }
    }

    /// All results. Two queries instead of one with `OR`, so that both use an index.
    fn results(self) -> String {
        const COLUMNS: &str = "SELECT case_id, status, author_id, elapsed_seconds, created_at FROM results";
        let mut sql = format!("{COLUMNS} WHERE {}", self.is_run("run_id"));
        if matches!(self, Self::Milestone(_)) {
            let sessions = "SELECT id FROM test_sessions WHERE milestone_id = $1 AND deleted_at IS NULL";
            let _ = write!(sql, " UNION ALL {COLUMNS} WHERE session_id IN ({sessions})");
        }
        sql
    }

    /// The cases of all runs with their status.
    fn cases(self) -> String {
        format!("run_cases INNER JOIN test_cases ON test_cases.id = run_cases.case_id WHERE {}", self.is_run("run_id"))
    }
}

/// The parts of the time from the first to the last result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Seconds since 1970.
    start: i64,
    /// The length of a part in seconds.
    step: i64,
    count: i64,
}

impl Timeline {
    /// From the first to the last result, in seconds since 1970: hours if they span at most 2 days, otherwise the
    /// smallest number of whole days that leads to at most [`MAX_REPORT_PERIODS`] parts.
    pub fn spanning(first: i64, last: i64) -> Self {
        let last = last.max(first);
        let unit = if last - first <= 2 * DAY { HOUR } else { DAY };
        let start = first.div_euclid(unit) * unit;
        let units = (last - start) / unit + 1;
        let max = i64::from(MAX_REPORT_PERIODS);
        let per_part = (units + max - 1) / max;
        Self { start, step: unit * per_part, count: (units + per_part - 1) / per_part }
    }

    /// The length of a part in hours.
    pub fn hours(self) -> u32 {
        u32::try_from(self.step / HOUR).unwrap_or(u32::MAX)
    }

    /// When each part begins.
    pub fn starts(self) -> impl Iterator<Item = DateTime<Utc>> {
        (0..self.count).filter_map(move |part| DateTime::from_timestamp(self.start + part * self.step, 0))
    }
}

/// The largest groups with their counts, and how many groups there are.
pub struct Grouped<K> {
    pub groups: Vec<(K, Counts)>,
    all: i64,
}

impl<K> Default for Grouped<K> {
    fn default() -> Self {
        Self { groups: Vec::new(), all: 0 }
    }
}

impl<K> Grouped<K> {
    /// Whether no group was left out.
    pub fn is_complete(&self) -> bool {
        self.all <= i64::from(MAX_REPORT_ROWS)
    }
}

/// How often a case passed and failed.
pub struct FlakyRow {
    pub case: CaseId,
    pub passed: u32,
    pub failed: u32,
}

/// How long a case takes.
pub struct SlowRow {
    pub case: CaseId,
    pub average_seconds: u32,
    pub longest_seconds: u32,
    pub results: u32,
}

/// Reads figures.
pub struct Figures<'a, C> {
    pub db: &'a C,
    pub scope: Scope,
}

impl<C: ConnectionTrait> Figures<'_, C> {
    /// All results by status, and when the first and the last were added, in seconds since 1970; `None` without results.
    pub async fn totals(&self) -> Result<(Counts, Option<(i64, i64)>), DbErr> {
        let counts = counts_sql("status");
        let (first, last) = (self.seconds("MIN(created_at)"), self.seconds("MAX(created_at)"));
        let sql =
            format!("SELECT {counts}, {first} AS first_at, {last} AS last_at FROM ({}) AS found", self.scope.results());
        let Some(row) = self.rows(sql, []).await?.pop() else { return Ok(Default::default()) };
        let first: Option<i64> = row.try_get("", "first_at")?;
        let last: Option<i64> = row.try_get("", "last_at")?;
        Ok((counts_of(&row)?, first.zip(last)))
    }

    /// The results in each part of the timeline that has some, with the number of the part.
    pub async fn periods(&self, timeline: Timeline) -> Result<Vec<(i64, Counts)>, DbErr> {
        let (counts, time) = (counts_sql("status"), self.seconds("created_at"));
        let sql = format!(
            "SELECT ({time} - $2) / $3 AS part, {counts} FROM ({}) AS found GROUP BY ({time} - $2) / $3",
            self.scope.results()
        );
        let rows = self.rows(sql, [timeline.start.into(), timeline.step.into()]).await?;
        rows.iter().map(|row| Ok((row.try_get("", "part")?, counts_of(row)?))).collect()
    }

    /// The results by the user who added them.
    pub async fn testers(&self) -> Result<Grouped<UserId>, DbErr> {
        let from = format!("({}) AS found", self.scope.results());
        self.grouped("author_id", "status", &from).await
    }

    /// The cases by their suite.
    pub async fn suites(&self) -> Result<Grouped<Option<SuiteId>>, DbErr> {
        self.grouped("test_cases.suite_id", "run_cases.status", &self.scope.cases()).await
    }

    /// The cases of all suites.
    pub async fn cases(&self) -> Result<Counts, DbErr> {
        let sql = format!("SELECT {} FROM {}", counts_sql("run_cases.status"), self.scope.cases());
        self.rows(sql, []).await?.pop().map_or_else(|| Ok(Counts::default()), |row| counts_of(&row))
    }

    /// The cases that passed and failed. Those with the most results that contradict the others come first.
    pub async fn flaky_cases(&self) -> Result<Vec<FlakyRow>, DbErr> {
        let sql = format!(
            "SELECT case_id, passed, failed FROM (
                SELECT case_id, COUNT(*) FILTER (WHERE status = 'passed') AS passed,
                    COUNT(*) FILTER (WHERE status = 'failed') AS failed
                FROM ({}) AS found WHERE case_id IS NOT NULL GROUP BY case_id
             ) AS tested WHERE passed > 0 AND failed > 0
             ORDER BY CASE WHEN passed < failed THEN passed ELSE failed END DESC, passed + failed DESC, case_id
             LIMIT {MAX_REPORT_CASES}",
            self.scope.results()
        );
        let rows = self.rows(sql, []).await?;
        let flaky = |row: &QueryResult| {
            Ok(FlakyRow {
                case: row.try_get("", "case_id")?,
                passed: count(row, "passed")?,
                failed: count(row, "failed")?,
            })
        };
        rows.iter().map(flaky).collect()
    }

    /// The cases with the longest average duration.
    pub async fn slowest_cases(&self) -> Result<Vec<SlowRow>, DbErr> {
        let sql = format!(
            "SELECT case_id, COUNT(*) AS timed, CAST(SUM(elapsed_seconds) AS BIGINT) AS spent,
                CAST(MAX(elapsed_seconds) AS BIGINT) AS longest
             FROM ({}) AS found WHERE case_id IS NOT NULL AND elapsed_seconds IS NOT NULL
             GROUP BY case_id ORDER BY SUM(elapsed_seconds) * 1.0 / COUNT(*) DESC, case_id LIMIT {MAX_REPORT_CASES}",
            self.scope.results()
        );
        let rows = self.rows(sql, []).await?;
        let slow = |row: &QueryResult| {
            let (spent, results): (i64, i64) = (row.try_get("", "spent")?, row.try_get("", "timed")?);
            let average = (spent + results / 2) / results.max(1);
            Ok(SlowRow {
                case: row.try_get("", "case_id")?,
                average_seconds: u32::try_from(average).unwrap_or(u32::MAX),
                longest_seconds: count(row, "longest")?,
                results: count(row, "timed")?,
            })
        };
        rows.iter().map(slow).collect()
    }

    async fn grouped<K: TryGetable>(&self, key: &str, status: &str, from: &str) -> Result<Grouped<K>, DbErr> {
        let counts = counts_sql(status);
        let sql = format!(
            "SELECT {key} AS group_key, {counts}, COUNT(*) OVER () AS all_groups FROM {from}
             GROUP BY {key} ORDER BY COUNT(*) DESC, {key} LIMIT {MAX_REPORT_ROWS}"
        );
        let rows = self.rows(sql, []).await?;
        let all = rows.first().map_or(Ok(0), |row| row.try_get("", "all_groups"))?;
        let groups = rows.iter().map(|row| Ok((row.try_get("", "group_key")?, counts_of(row)?)));
        Ok(Grouped { groups: groups.collect::<Result<_, DbErr>>()?, all })
    }

    /// A time in seconds since 1970.
    fn seconds(&self, time: &str) -> String {
        match self.db.get_database_backend() {
            DbBackend::Sqlite => format!("CAST(strftime('%s', {time}) AS INTEGER)"),
            _ => format!("CAST(FLOOR(EXTRACT(EPOCH FROM {time})) AS BIGINT)"),
        }
    }

    /// Runs a query whose `$1` is the ID of the scope.
    async fn rows<const N: usize>(&self, sql: String, values: [Value; N]) -> Result<Vec<QueryResult>, DbErr> {
        let values = [self.scope.id().into()].into_iter().chain(values);
        self.db.query_all_raw(Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)).await
    }
}

/// A column with the count of each status, named after it.
fn counts_sql(status: &str) -> String {
    let columns = ResultStatus::ALL.iter().map(|one| format!("COUNT(*) FILTER (WHERE {status} = '{one}') AS {one}"));
    columns.collect::<Vec<_>>().join(", ")
}

fn counts_of(row: &QueryResult) -> Result<Counts, DbErr> {
    let mut counts = Counts::default();
    for &status in ResultStatus::ALL {
        *counts.of_mut(status) = count(row, status.as_str())?;
    }
    Ok(counts)
}

fn count(row: &QueryResult, column: &str) -> Result<u32, DbErr> {
    let count: i64 = row.try_get("", column)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(first: i64, last: i64) -> (i64, u32, i64) {
        let timeline = Timeline::spanning(first, last);
        (timeline.start, timeline.hours(), timeline.count)
    }

    #[test]
    fn a_timeline_has_hours_up_to_two_days() {
        let noon = 20_000 * DAY + 12 * HOUR;
        assert_eq!(parts(noon + 59, noon + 59), (noon, 1, 1));
        assert_eq!(parts(noon + 1, noon + HOUR), (noon, 1, 2));
        assert_eq!(parts(noon + HOUR - 1, noon + HOUR - 1 + 2 * DAY), (noon, 1, 49));
        assert_eq!(parts(noon, noon + 2 * DAY + 1), (20_000 * DAY, 24, 3));
        // The clock was set back.
        assert_eq!(parts(noon, noon - DAY), (noon, 1, 1));
    }

    #[test]
    fn a_timeline_has_at_most_sixty_parts() {
        for days in 3..4000 {
            let timeline = Timeline::spanning(7, 7 + days * DAY);
            assert!(timeline.count <= 60 && timeline.step % DAY == 0, "{days}: {timeline:?}");
            assert!(timeline.start + timeline.count * timeline.step > 7 + days * DAY, "{days}: {timeline:?}");
            assert_eq!(timeline.starts().count(), usize::try_from(timeline.count).unwrap());
        }
        assert_eq!(parts(0, 59 * DAY).1, 24);
        assert_eq!(parts(0, 60 * DAY).1, 48);
    }
}

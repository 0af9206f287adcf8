//! The time for due times and leases in the database. Pure.
//!
//! It is a time of day, because processes and restarts must agree on it. When the system clock is set back,
//! it continues: what was due in a minute stays due in a minute. If nodes share a database, it is the
//! database's time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// Smaller steps back are followed: due work waits that much longer.
const MAX_FOLLOWED_STEP_BACK: Duration = Duration::from_secs(10);

/// A time that continues evenly from a known moment.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    known_at: Instant,
    known: DateTime<Utc>,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Wall,
    Database,
}

impl Schedule {
    /// A schedule that follows the system's time of day.
    #[must_use]
    pub fn following_system(at: Instant, wall: DateTime<Utc>) -> Self {
        Self { known_at: at, known: wall, source: Source::Wall }
    }

    /// The time at `at`, where the time of day is `wall`.
    pub fn time(&mut self, at: Instant, wall: DateTime<Utc>) -> DateTime<Utc> {
        if self.source == Source::Wall {
            self.follow(at, wall);
        }
        self.at(at)
    }

    /// Follows the database's time.
    pub fn follow_database(&mut self, at: Instant, time: DateTime<Utc>) {
        if self.source == Source::Wall {
            *self = Self { known_at: at, known: time, source: Source::Database };
        } else {
            self.follow(at, time);
        }
    }

    fn follow(&mut self, at: Instant, time: DateTime<Utc>) {
        if time + MAX_FOLLOWED_STEP_BACK >= self.at(at) {
            (self.known_at, self.known) = (at, time);
        }
    }

    fn at(&self, at: Instant) -> DateTime<Utc> {
        self.known + at.saturating_duration_since(self.known_at)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn seconds(seconds: i64) -> TimeDelta {
        TimeDelta::seconds(seconds)
    }

    #[tokio::test]
    async fn a_step_back_does_not_stop_the_schedule() {
        let began = Instant::now();
        let mut schedule = Schedule::following_system(began, START);
        let later = began + Duration::from_secs(60);
        assert_eq!(schedule.time(later, START - seconds(3540)), START + seconds(60));
        let much_later = began + Duration::from_secs(3700);
        assert_eq!(schedule.time(much_later, START + seconds(100)), START + seconds(3700));
    }

    #[tokio::test]
    async fn steps_forward_and_small_steps_back_are_followed() {
        let began = Instant::now();
        let mut schedule = Schedule::following_system(began, START);
        assert_eq!(schedule.time(began, START + seconds(3600)), START + seconds(3600));
        assert_eq!(schedule.time(began, START + seconds(3591)), START + seconds(3591));
    }

    #[tokio::test]
    async fn the_databases_time_replaces_the_systems() {
        let began = Instant::now();
        let mut schedule = Schedule::following_system(began, START);
        schedule.follow_database(began, START - seconds(3600));
        assert_eq!(schedule.time(began, START + seconds(7200)), START - seconds(3600));
        let later = began + Duration::from_secs(60);
        schedule.follow_database(later, START - seconds(3500));
        assert_eq!(schedule.time(later, START), START - seconds(3500));
        schedule.follow_database(later, START - seconds(9000));
        assert_eq!(schedule.time(later, START), START - seconds(3500), "a step back of the database");
    }
}

//! The health of a webhook: what its attempts in a row make of it. Pure; [`tally`](super::tally)
//! and the inbound side carry it over to the row.
//!
//! Every failed attempt counts as one failure, a retry and a test sent by hand like any other;
//! one success resets. [`Health::Disabled`] is left by nobody but a person: an attempt that was
//! under way when it came to that, or a test of the mended endpoint, may succeed, and says so on
//! the card, but what is held waits until somebody looks.

use app::model::webhook::{Direction, Health};

/// Failures in a row from which on a webhook is degraded.
pub const DEGRADED_AFTER: i32 = 5;
/// Failures in a row from which on an outbound webhook is disabled.
pub const DISABLED_AFTER: i32 = 10;

/// How an attempt ended; for an inbound webhook, how a verified event fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It arrived.
    Well,
    /// It did not.
    Badly,
    /// The endpoint answered 410: it wants nothing more. Standard Webhooks asks to disable it.
    Gone,
}

/// How a webhook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its health.
    pub health: Health,
    /// Failed attempts since the latest success.
    pub failures: i32,
}

/// A change of health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What it was.
    pub from: Health,
    /// How it stands now.
    pub to: State,
    /// What brought it about.
    pub by: Ended,
}

impl State {
    /// How it stands after one more attempt, and the turn if it took one. An inbound webhook is
    /// never disabled: what the tracker sends would be lost.
    #[must_use]
    pub fn after(self, ended: Ended, direction: Direction) -> (Self, Option<Turn>) {
        let failures = if ended == Ended::Well { 0 } else { self.failures.saturating_add(1) };
        let may_end = direction == Direction::Outbound;
        let health = match self.health {
            Health::Disabled => Health::Disabled,
            _ if may_end && (ended == Ended::Gone || failures >= DISABLED_AFTER) => Health::Disabled,
            _ if failures >= DEGRADED_AFTER => Health::Degraded,
            _ => Health::Healthy,
        };
        let to = Self { health, failures };
        (to, (health != self.health).then_some(Turn { from: self.health, to, by: ended }))
    }
}

impl Turn {
    /// The turn in words, for the audit log.
    #[must_use]
    pub fn sentence(&self) -> String {
        let why = match (self.by, self.to.failures) {
            (Ended::Well, _) => "an attempt succeeded".to_owned(),
            (Ended::Gone, _) => "the endpoint answered 410 Gone".to_owned(),
            (Ended::Badly, 1) => "an attempt failed".to_owned(),
            (Ended::Badly, failures) => format!("{failures} attempts in a row have failed"),
        };
        format!("{} -> {}: {why}.", self.from.label(), self.to.health.label())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW: State = State { health: Health::Healthy, failures: 0 };

    fn after(state: State, ended: &[Ended], direction: Direction) -> State {
        ended.iter().fold(state, |state, ended| state.after(*ended, direction).0)
    }

    fn failing(times: usize) -> State {
        after(NEW, &vec![Ended::Badly; times], Direction::Outbound)
    }

    #[test]
    fn five_failures_in_a_row_degrade_and_ten_disable() {
        for (times, health) in [
            (0, Health::Healthy),
            (1, Health::Healthy),
            (4, Health::Healthy),
            (5, Health::Degraded),
            (9, Health::Degraded),
            (10, Health::Disabled),
            (11, Health::Disabled),
        ] {
            let failures = i32::try_from(times).unwrap();
            assert_eq!(failing(times), State { health, failures }, "{times}");
        }
    }

    #[test]
    fn one_success_makes_healthy_and_the_count_begins_anew() {
        for times in [1, 4, 5, 9] {
            let (state, turn) = failing(times).after(Ended::Well, Direction::Outbound);
            assert_eq!(state, NEW);
            assert_eq!(turn.is_some(), times >= 5, "{times}");
        }
        let again = after(failing(9), &[Ended::Well, Ended::Badly], Direction::Outbound);
        assert_eq!(again, State { health: Health::Healthy, failures: 1 });
    }

    #[test]
    fn a_disabled_webhook_stays_disabled_whatever_its_attempts_come_to() {
        for ended in [Ended::Well, Ended::Badly, Ended::Gone] {
            let (state, turn) = failing(10).after(ended, Direction::Outbound);
            assert_eq!((state.health, turn), (Health::Disabled, None));
            assert_eq!(state.failures, if ended == Ended::Well { 0 } else { 11 });
        }
    }

    #[test]
    fn gone_disables_at_once() {
        for times in [0, 7] {
            let (state, turn) = failing(times).after(Ended::Gone, Direction::Outbound);
            assert_eq!(state.health, Health::Disabled);
            assert!(turn.unwrap().sentence().ends_with("-> Disabled: the endpoint answered 410 Gone."));
        }
    }

    #[test]
    fn an_inbound_webhook_degrades_but_is_never_disabled() {
        let state = after(NEW, &[Ended::Badly; 30], Direction::Inbound);
        assert_eq!(state, State { health: Health::Degraded, failures: 30 });
        assert_eq!(after(NEW, &[Ended::Gone], Direction::Inbound).health, Health::Healthy);
    }

    #[test]
    fn a_turn_says_from_where_to_where_and_why() {
        let said = |times, ended| failing(times).after(ended, Direction::Outbound).1.map(|turn| turn.sentence());
        assert_eq!(said(3, Ended::Badly), None);
        let degraded = "Healthy -> Degraded: 5 attempts in a row have failed.";
        assert_eq!(said(4, Ended::Badly).as_deref(), Some(degraded));
        let disabled = "Degraded -> Disabled: 10 attempts in a row have failed.";
        assert_eq!(said(9, Ended::Badly).as_deref(), Some(disabled));
        assert_eq!(said(5, Ended::Well).as_deref(), Some("Degraded -> Healthy: an attempt succeeded."));
    }

    proptest! {
        #[test]
        fn without_410_the_health_is_that_of_the_failures_at_the_end_and_of_the_longest_row(
            succeeded in proptest::collection::vec(any::<bool>(), 0..60),
        ) {
            let rows: Vec<usize> = succeeded.split(|ok| *ok).map(<[bool]>::len).collect();
            let (longest, last) = (rows.iter().max().copied().unwrap_or(0), rows.last().copied().unwrap_or(0));
            let expected = match (longest, last) {
                (10.., _) => Health::Disabled,
                (_, 5..) => Health::Degraded,
                _ => Health::Healthy,
            };
            let ended: Vec<_> = succeeded.iter().map(|ok| if *ok { Ended::Well } else { Ended::Badly }).collect();
            let state = after(NEW, &ended, Direction::Outbound);
            prop_assert_eq!(state.health, expected);
            prop_assert_eq!(usize::try_from(state.failures).unwrap(), last);
        }
    }
}

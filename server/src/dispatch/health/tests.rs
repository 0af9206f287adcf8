use proptest::prelude::*;

use super::*;

const NEW: HealthState = HealthState {
    health: Health::Healthy,
    failures: 0,
    streak: 0,
    streak_started_at: None,
    failing_since: None,
    degraded_pauses: 0,
    degraded_pause_until: None,
    paused_until: None,
    total_pause: Duration::ZERO,
};

fn at(seconds: u64) -> DateTime<Utc> {
    "2026-01-05T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::from_secs(seconds)
}

/// An attempt without a duration, of a delivery that was never counted.
fn attempt(result: HealthSignal, seconds: u64) -> AttemptReport<'static> {
    AttemptReport {
        result,
        pause: None,
        test: false,
        counted_in: None,
        started_at: at(seconds),
        ended_at: at(seconds),
        error: (result == HealthSignal::Failure).then_some("The endpoint responded with 500."),
    }
}

fn failure(seconds: u64) -> AttemptReport<'static> {
    attempt(HealthSignal::Failure, seconds)
}

fn success(seconds: u64) -> AttemptReport<'static> {
    attempt(HealthSignal::Success, seconds)
}

/// The state after failures at these seconds.
fn failed_at(seconds: &[u64]) -> HealthState {
    seconds.iter().fold(NEW, |state, seconds| state.after(&failure(*seconds), &DeliveryPolicy::default()).state)
}

fn degraded() -> HealthState {
    failed_at(&[0; 5])
}

fn disabled() -> HealthState {
    failed_at(&[0, 0, 0, 0, 0, 2, 6, 14, 30, 60])
}

#[test]
fn a_webhook_can_have_its_own_thresholds() {
    let never = DeliveryPolicy { disabled_after: 0, degraded_after: 2, ..DeliveryPolicy::default() };
    let mut state = NEW;
    for (number, expected) in [(1, Health::Healthy), (2, Health::Degraded), (50, Health::Degraded)] {
        while state.failures < number {
            // Far apart, so that each counts.
            state = state.after(&failure(u64::from(state.failures) * 100), &never).state;
        }
        assert_eq!(state.health, expected, "{number}");
    }
}

#[test]
fn a_webhook_can_be_disabled_after_a_period_of_failures() {
    let two_days = DeliveryPolicy { disabled_after: 0, disabled_after_hours: 48, ..DeliveryPolicy::default() };
    let period = 48 * 3_600;
    let first = NEW.after(&failure(0), &two_days).state;
    assert_eq!(first.after(&failure(period - 1), &two_days).state.health, Health::Healthy);
    assert_eq!(first.after(&failure(period), &two_days).state.health, Health::Disabled);
    let recovered = first.after(&success(period - 10), &two_days).state;
    assert_eq!(recovered.after(&failure(period), &two_days).state.health, Health::Healthy);
}

#[test]
fn five_failures_degrade_and_ten_disable() {
    let times = [0, 0, 0, 0, 0, 2, 6, 14, 30, 60];
    for count in 0..=times.len() {
        let state = failed_at(&times[..count]);
        let expected = match count {
            0..5 => Health::Healthy,
            5..10 => Health::Degraded,
            _ => Health::Disabled,
        };
        assert_eq!((state.health, state.failures as usize), (expected, count));
    }
}

#[test]
fn pauses_of_a_degraded_webhook_grow() {
    let (mut state, mut now, mut pauses) = (degraded(), 0, Vec::new());
    for _ in 0..7 {
        let pause = (state.degraded_pause_until.unwrap() - at(now)).num_seconds().unsigned_abs();
        assert!(state.is_paused(at(now + pause - 1)) && !state.is_paused(at(now + pause)));
        pauses.push(pause);
        now += pause;
        let retry = AttemptReport { counted_in: Some(state.streak), ..failure(now) };
        state = state.after(&retry, &DeliveryPolicy::default()).state;
    }
    assert_eq!(pauses, [2, 4, 8, 16, 30, 30, 30]);
    assert_eq!((state.health, state.failures), (Health::Degraded, 5), "retries are not counted again");
}

#[test]
fn a_burst_of_failures_degrades_and_no_more() {
    let state = failed_at(&[0; 64]);
    assert_eq!((state.health, state.failures), (Health::Degraded, 5));
    let in_flight = AttemptReport { started_at: at(1), ..failure(11) };
    assert_eq!(
        degraded().after(&in_flight, &DeliveryPolicy::default()).state,
        degraded(),
        "it began before the pause was over"
    );
}

#[test]
fn a_delivery_counts_once_in_a_streak() {
    let first = NEW.after(&failure(0), &DeliveryPolicy::default());
    assert!(first.counted);
    let retry = AttemptReport { counted_in: Some(first.state.streak), ..failure(5) };
    let again = first.state.after(&retry, &DeliveryPolicy::default());
    assert_eq!((again.counted, again.state.failures), (false, 1));
    let after_success = again.state.after(&success(6), &DeliveryPolicy::default()).state;
    let in_next_streak = after_success
        .after(&AttemptReport { counted_in: Some(first.state.streak), ..failure(300) }, &DeliveryPolicy::default());
    assert_eq!((in_next_streak.counted, in_next_streak.state.failures), (true, 1));
}

#[test]
fn one_success_resets() {
    for count in [1, 4, 5] {
        let update = failed_at(&vec![0; count]).after(&success(1), &DeliveryPolicy::default());
        assert_eq!((update.state.health, update.state.failures), (Health::Healthy, 0));
        assert_eq!(update.state.degraded_pause_until, None);
        assert_eq!(update.transition.is_some(), count >= 5);
    }
    assert_eq!(
        failed_at(&[0; 5])
            .after(&success(1), &DeliveryPolicy::default())
            .state
            .after(&failure(2), &DeliveryPolicy::default())
            .state
            .failures,
        1
    );
}

#[test]
fn a_success_that_ended_before_the_streak_resets_nothing() {
    let state = failed_at(&[10, 11, 12, 13, 14]);
    let late = state.after(&success(9), &DeliveryPolicy::default());
    assert_eq!((late.state.failures, late.state.health, late.transition), (5, Health::Degraded, None));
    assert_eq!(state.after(&success(10), &DeliveryPolicy::default()).state.failures, 0, "within the streak it does");
}

#[test]
fn a_failure_that_ended_before_the_streak_is_not_counted() {
    let state = NEW.after(&success(10), &DeliveryPolicy::default()).state;
    assert_eq!(state.after(&failure(9), &DeliveryPolicy::default()).state.failures, 0);
    assert_eq!(state.after(&attempt(HealthSignal::Gone, 9), &DeliveryPolicy::default()).state.health, Health::Healthy);
    assert_eq!(state.after(&failure(10), &DeliveryPolicy::default()).state.failures, 1);
}

#[test]
fn a_clock_step_back_neither_pauses_nor_hides_results() {
    let state = HealthState { paused_until: Some(at(20_000)), ..failed_at(&[10_000; 5]) };
    assert!(!state.is_paused(at(100)), "nobody pauses that long");
    assert_eq!(state.after(&success(100), &DeliveryPolicy::default()).state.failures, 0);
    assert_eq!(
        NEW.after(&success(10_000), &DeliveryPolicy::default())
            .state
            .after(&failure(100), &DeliveryPolicy::default())
            .state
            .failures,
        1
    );
    assert!(state.after(&failure(100), &DeliveryPolicy::default()).counted);
}

#[test]
fn gone_disables_at_once_but_not_a_test() {
    let gone = attempt(HealthSignal::Gone, 0);
    for state in [NEW, degraded()] {
        let update = state.after(
            &AttemptReport { error: Some("The endpoint responded with 410 Gone."), ..gone },
            &DeliveryPolicy::default(),
        );
        assert_eq!(update.state.health, Health::Disabled);
        assert!(update.transition.unwrap().sentence().ends_with("→ Disabled: The endpoint responded with 410 Gone."));
        assert_eq!(state.after(&AttemptReport { test: true, ..gone }, &DeliveryPolicy::default()).state, state);
    }
}

#[test]
fn a_delivery_that_failed_before_gone_counts_once() {
    let failed = NEW.after(&failure(0), &DeliveryPolicy::default()).state;
    let gone = AttemptReport { counted_in: Some(failed.streak), ..attempt(HealthSignal::Gone, 5) };
    let update = failed.after(&gone, &DeliveryPolicy::default());
    assert_eq!((update.state.health, update.state.failures, update.counted), (Health::Disabled, 1, false));
    let another = failed.after(&attempt(HealthSignal::Gone, 5), &DeliveryPolicy::default());
    assert_eq!((another.state.failures, another.counted), (2, true));
}

#[test]
fn a_disabled_webhook_keeps_its_state() {
    for result in [HealthSignal::Success, HealthSignal::Failure, HealthSignal::Gone] {
        for test in [false, true] {
            let update = disabled().after(&AttemptReport { test, ..attempt(result, 100) }, &DeliveryPolicy::default());
            assert_eq!((update.state, update.transition), (disabled(), None));
        }
    }
}

#[test]
fn a_test_counts_only_as_a_success() {
    let test = |result| AttemptReport { test: true, ..attempt(result, 1) };
    assert_eq!(degraded().after(&test(HealthSignal::Failure), &DeliveryPolicy::default()).state, degraded());
    let update = degraded().after(&test(HealthSignal::Success), &DeliveryPolicy::default());
    assert_eq!(update.state.failures, 0);
    assert_eq!(update.transition.unwrap().sentence(), "Degraded → Healthy: A test succeeded.");
}

#[test]
fn requests_to_wait_are_added_up_and_not_counted() {
    let wait = |seconds, pause| AttemptReport {
        pause: Some(Duration::from_secs(pause)),
        ..attempt(HealthSignal::NotCounted, seconds)
    };
    let state = [wait(0, 10), wait(0, 10), wait(1, 10), wait(2, 3)]
        .iter()
        .fold(NEW, |state, wait| state.after(wait, &DeliveryPolicy::default()).state);
    assert_eq!((state.failures, state.paused_until), (0, Some(at(11))));
    assert_eq!(state.total_pause, Duration::from_secs(11), "side by side they are one pause");
    assert!(state.is_paused(at(10)) && !state.is_paused(at(11)) && state.is_one_at_a_time());
    let resumed = state.after(&success(11), &DeliveryPolicy::default()).state;
    assert!(!resumed.is_one_at_a_time() && resumed.total_pause.is_zero());
}

#[test]
fn a_successful_test_ends_a_pause() {
    let wait = AttemptReport { pause: Some(Duration::from_secs(60)), ..attempt(HealthSignal::NotCounted, 0) };
    let paused = NEW.after(&wait, &DeliveryPolicy::default()).state;
    assert!(
        paused.after(&success(1), &DeliveryPolicy::default()).state.is_paused(at(2)),
        "what was in flight says nothing"
    );
    let test = AttemptReport { test: true, ..success(1) };
    assert!(!paused.after(&test, &DeliveryPolicy::default()).state.is_paused(at(2)));
}

#[test]
fn an_inbound_webhook_degrades_but_is_never_disabled() {
    let mut state = NEW;
    for count in 1..=30 {
        let update = state.after_event(Some("Not JSON."), at(0));
        state = update.state;
        if count == 5 {
            let sentence = "Healthy → Degraded: 5 consecutive events were refused. The last reason: Not JSON.";
            assert_eq!(update.transition.unwrap().sentence(), sentence);
        }
    }
    assert_eq!((state.health, state.failures), (Health::Degraded, 30));
    assert_eq!(state.after_event(None, at(1)).state.health, Health::Healthy);
}

#[test]
fn a_transition_says_why() {
    let sentence = |state: HealthState, attempt| {
        state.after(&attempt, &DeliveryPolicy::default()).transition.map(|change| change.sentence())
    };
    assert_eq!(sentence(failed_at(&[0; 3]), failure(0)), None);
    let degraded_by =
        "Healthy → Degraded: 5 consecutive deliveries failed. The last error: The endpoint responded with 500.";
    assert_eq!(sentence(failed_at(&[0; 4]), failure(0)).as_deref(), Some(degraded_by));
    let disabled_by =
        "Degraded → Disabled: 10 consecutive deliveries failed. The last error: The endpoint responded with 500.";
    let nine = failed_at(&[0, 0, 0, 0, 0, 2, 6, 14, 30]);
    assert_eq!(sentence(nine, failure(60)).as_deref(), Some(disabled_by));
    assert_eq!(sentence(degraded(), success(2)).as_deref(), Some("Degraded → Healthy: A delivery succeeded."));
}

proptest! {
    /// Whatever fails in whatever order, nothing is disabled within a minute after the fifth
    /// failure.
    #[test]
    fn less_than_a_minute_of_trouble_never_disables(
        attempts in proptest::collection::vec((0u64..59, 0u64..10, any::<bool>()), 0..300),
    ) {
        let mut attempts = attempts;
        attempts.sort_by_key(|(started, duration, _)| started + duration);
        let mut state = NEW;
        for (started, duration, counted_before) in attempts {
            let ended = (started + duration).min(59);
            let counted_in = counted_before.then_some(state.streak);
            state = state.after(&AttemptReport { started_at: at(started), counted_in, ..failure(ended) }, &DeliveryPolicy::default()).state;
            prop_assert!(state.health != Health::Disabled && state.failures < 10);
        }
    }

    /// One at a time and each delivery new, the health follows the failures since the last success.
    #[test]
    fn health_follows_the_failures_since_the_last_success(
        succeeded in proptest::collection::vec(any::<bool>(), 0..60),
    ) {
        let mut state = NEW;
        for (number, succeeded) in succeeded.iter().enumerate() {
            let seconds = 100 * number as u64;
            state = state.after(&if *succeeded { success(seconds) } else { failure(seconds) }, &DeliveryPolicy::default()).state;
        }
        let rows: Vec<usize> = succeeded.split(|ok| *ok).map(<[bool]>::len).collect();
        let expected = match (rows.iter().max().copied().unwrap_or(0), rows.last().copied().unwrap_or(0)) {
            (10.., _) => Health::Disabled,
            (_, 5..) => Health::Degraded,
            _ => Health::Healthy,
        };
        prop_assert_eq!(state.health, expected);
    }
}

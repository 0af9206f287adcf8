//! Formats times and durations. All times on pages are formatted here.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_humanize::{Accuracy, HumanTime, Tense};

/// Times closer than this are not shown in seconds.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);

/// `20 Nov 2026, 14:01 UTC`.
#[must_use]
pub fn absolute(time: DateTime<Utc>) -> String {
    format!("{}, {:02}:{:02} UTC", date(time), time.hour(), time.minute())
}

/// `20 Nov 2026, 14:01:07 UTC`.
#[must_use]
pub fn exact(time: DateTime<Utc>) -> String {
    format!("{}, {} UTC", date(time), clock(time))
}

/// `14:01:07`.
#[must_use]
pub fn clock(time: DateTime<Utc>) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// `20 Nov 2026`. Written by hand, because a formatter with patterns would be larger than a page.
#[must_use]
pub fn date(time: impl Datelike) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(time.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", time.day(), time.year())
}

/// `2 minutes ago`, `in an hour`. A few seconds away is `just now`, because the clocks of browser
/// and server may differ by that much.
#[must_use]
pub fn humanized(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let away = time - now;
    // Whole seconds, as they are shown.
    if TimeDelta::seconds(away.num_seconds()).abs() <= JUST_NOW {
        return "just now".to_owned();
    }
    let tense = if away < TimeDelta::zero() { Tense::Past } else { Tense::Future };
    HumanTime::from(away).to_text_en(Accuracy::Rough, tense)
}

/// [`humanized`] for a future time. An overdue one is `in a moment`.
#[must_use]
pub fn due(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if time - now <= JUST_NOW { "in a moment".to_owned() } else { humanized(time, now) }
}

/// `45 s`, `2 min`, `2 min 30 s`, `1 h 5 min`.
#[must_use]
pub fn duration_text(seconds: u32) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).take(2).map(|(count, unit)| format!("{count} {unit}")).collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// The time on a timer: `0:05`, `12:34`, `1:02:03`.
#[must_use]
pub fn timer_text(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `84 ms`, `10.0 s`.
#[must_use]
pub fn duration(ms: u32) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_183_267 + seconds, 0).unwrap()
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(absolute(at(0)), "20 Nov 2026, 14:01 UTC");
        assert_eq!(exact(at(0)), "20 Nov 2026, 14:01:07 UTC");
        assert_eq!(clock(at(0)), "14:01:07");
    }

    #[test]
    fn relative_times_have_one_unit() {
        assert_eq!(humanized(at(-3), at(0)), "just now");
        assert_eq!(humanized(at(10), at(0)), "just now");
        assert_eq!(humanized(at(-10) - TimeDelta::milliseconds(900), at(0)), "just now");
        assert_eq!(humanized(at(-11), at(0)), "11 seconds ago");
        for seconds in -70..70 {
            let text = humanized(at(seconds), at(0));
            let far = text.strip_suffix(" ago").or(text.strip_prefix("in "));
            assert!(text == "just now" || far.is_some_and(|far| far != "now"), "{text}");
        }
        assert_eq!(humanized(at(-120), at(0)), "2 minutes ago");
        assert_eq!(humanized(at(3600), at(0)), "in an hour");
    }

    #[test]
    fn a_due_time_is_never_in_the_past() {
        for seconds in -70..=10 {
            assert_eq!(due(at(seconds), at(0)), "in a moment");
        }
        assert_eq!(due(at(11), at(0)), "in 11 seconds");
        assert_eq!(due(at(120), at(0)), "in 2 minutes");
    }

    #[test]
    fn durations_switch_to_seconds() {
        assert_eq!(duration(84), "84 ms");
        assert_eq!(duration(999), "999 ms");
        assert_eq!(duration(10_049), "10.0 s");
    }

    #[test]
    fn a_duration_has_its_two_largest_units() {
        assert_eq!(duration_text(0), "0 s");
        assert_eq!(duration_text(45), "45 s");
        assert_eq!(duration_text(150), "2 min 30 s");
        assert_eq!(duration_text(3600), "1 h");
        assert_eq!(duration_text(3905), "1 h 5 min");
    }

    #[test]
    fn a_timer_shows_minutes_and_seconds() {
        let shown = [0, 5, 754, 3_723].map(timer_text);
        assert_eq!(shown, ["0:00", "0:05", "12:34", "1:02:03"]);
    }
}

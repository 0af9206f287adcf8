//! Times and durations as people read them. Everything that a page says about time comes from here.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_humanize::{Accuracy, HumanTime, Tense};

/// `20 Nov 2026, 14:01 UTC`: what stands on the page until the browser has taken over.
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

/// `20 Nov 2026`. By hand: a formatter that takes patterns would weigh more than a page.
fn date(time: DateTime<Utc>) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.get(time.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {}", time.day(), time.year())
}

/// `2 minutes ago`, `in an hour`. What is up to ten seconds away is `just now`: the clocks of browser
/// and server differ by as much, and the library's rough word for it is a bare `now`.
#[must_use]
pub fn humanised(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let away = time - now;
    if away.abs() <= TimeDelta::seconds(10) {
        return "just now".to_owned();
    }
    let tense = if away < TimeDelta::zero() { Tense::Past } else { Tense::Future };
    HumanTime::from(away).to_text_en(Accuracy::Rough, tense)
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
    fn times_are_told_in_utc() {
        assert_eq!(absolute(at(0)), "20 Nov 2026, 14:01 UTC");
        assert_eq!(exact(at(0)), "20 Nov 2026, 14:01:07 UTC");
        assert_eq!(clock(at(0)), "14:01:07");
    }

    #[test]
    fn distances_are_told_in_words() {
        assert_eq!(humanised(at(-3), at(0)), "just now");
        assert_eq!(humanised(at(2), at(0)), "just now");
        for seconds in -70..70 {
            let text = humanised(at(seconds), at(0));
            assert!(
                text == "just now"
                    || text.strip_suffix(" ago").or(text.strip_prefix("in ")).is_some_and(|far| far != "now"),
                "{text}"
            );
        }
        assert_eq!(humanised(at(-120), at(0)), "2 minutes ago");
        assert_eq!(humanised(at(3600), at(0)), "in an hour");
    }

    #[test]
    fn durations_change_their_unit_at_a_second() {
        assert_eq!(duration(84), "84 ms");
        assert_eq!(duration(999), "999 ms");
        assert_eq!(duration(10_049), "10.0 s");
    }
}

//! Dates in the user's time zone, in the format of date fields: `2026-11-30T07:21`. The server
//! doesn't know the time zone and renders UTC.

use chrono::{DateTime, Timelike, Utc};

/// The value of a date field.
#[must_use]
pub fn field_value(time: DateTime<Utc>, local: bool) -> String {
    if !local {
        let (date, minutes) = (time.date_naive(), time.num_seconds_from_midnight() / 60);
        return format!("{date}T{:02}:{:02}", minutes / 60, minutes % 60);
    }
    let date = date(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// Converts the value of a date field to RFC 3339 in UTC. Only in the browser.
#[must_use]
pub fn instant(field: &str) -> Option<String> {
    let date = js_sys::Date::new(&field.into());
    // An invalid date has the time NaN.
    (!date.get_time().is_nan()).then(|| date.to_iso_string().into())
}

/// The user's UTC offset at a time, or now, e.g. `UTC+1` or `UTC-3:30`. Only in the browser.
#[must_use]
pub fn zone(time: Option<DateTime<Utc>>) -> String {
    let date = time.map_or_else(js_sys::Date::new_0, date);
    #[allow(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let behind = date.get_timezone_offset() as i32;
    offset(-behind)
}

/// The time of day some seconds from now, e.g. `14:05:07`, or `02:05:07 (+1 d)` on another day. Only in
/// the browser.
#[must_use]
pub fn clock_after(seconds: u32) -> String {
    let now = js_sys::Date::new_0();
    let then = js_sys::Date::new(&(now.get_time() + f64::from(seconds) * 1_000.0).into());
    let clock = format!("{:02}:{:02}:{:02}", then.get_hours(), then.get_minutes(), then.get_seconds());
    let midnight = |date: &js_sys::Date| {
        let (year, month) = (date.get_full_year(), date.get_month());
        js_sys::Date::new_with_year_month_day(year, month.cast_signed(), date.get_date().cast_signed()).get_time()
    };
    match ((midnight(&then) - midnight(&now)) / 86_400_000.0).round() {
        days if days >= 1.0 => format!("{clock} (+{days} d)"),
        _ => clock,
    }
}

/// The time some hours before now. Only in the browser.
#[must_use]
pub fn hours_ago(hours: u32) -> Option<DateTime<Utc>> {
    #[allow(clippy::cast_possible_truncation, reason = "milliseconds")]
    let now = js_sys::Date::now() as i64;
    DateTime::from_timestamp_millis(now - i64::from(hours) * 3_600_000)
}

fn date(time: DateTime<Utc>) -> js_sys::Date {
    #[allow(clippy::cast_precision_loss, reason = "milliseconds of any year that is shown")]
    js_sys::Date::new(&(time.timestamp_millis() as f64).into())
}

fn offset(minutes: i32) -> String {
    let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_hours_and_minutes() {
        assert_eq!(offset(0), "UTC");
        assert_eq!(offset(60), "UTC+1");
        assert_eq!(offset(-210), "UTC-3:30");
        assert_eq!(offset(345), "UTC+5:45");
    }
}

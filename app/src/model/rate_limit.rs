//! The rate limit of a webhook: how many messages it gets in a second or a minute.

use std::time::Duration;

use super::string_enum;

string_enum! {
    /// The period of a rate limit.
    RatePeriod {
        /// A second.
        Second = "second", "per second";
        /// A minute.
        Minute = "minute", "per minute";
    }
}

impl RatePeriod {
    /// The highest limit. More would be slowed by the database.
    #[must_use]
    pub const fn max_limit(self) -> u32 {
        match self {
            Self::Second => 100,
            Self::Minute => 1_000,
        }
    }

    /// Its duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_secs(60),
        }
    }
}

/// A rate limit such as `10 per second` or `30/min`; an empty text stands for none.
///
/// # Errors
/// A message for the user.
pub fn rate_of(text: &str) -> Result<(u32, RatePeriod), String> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("none") {
        return Ok((0, RatePeriod::Second));
    }
    let (number, period) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let period = period.trim().trim_start_matches("per").trim_start_matches('/').trim();
    let period = match period {
        "s" | "second" => Some(RatePeriod::Second),
        "min" | "minute" => Some(RatePeriod::Minute),
        _ => None,
    };
    match (number.parse(), period) {
        (Ok(number), Some(period)) => Ok((number, period)),
        _ => Err("Enter a limit such as 10 per second or 30 per minute.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery_policy::DeliveryPolicy;

    #[test]
    fn a_rate_limit_is_read_as_it_is_written() {
        for (text, expected) in [
            ("10 per second", (10, RatePeriod::Second)),
            (" 30/min", (30, RatePeriod::Minute)),
            ("5 / s", (5, RatePeriod::Second)),
            ("", (0, RatePeriod::Second)),
        ] {
            assert_eq!(rate_of(text), Ok(expected), "{text}");
        }
        for wrong in ["10", "per second", "10 per hour", "-1 per second", "99999999999 per second"] {
            assert!(rate_of(wrong).is_err(), "{wrong}");
        }
        let policy = DeliveryPolicy { rate_limit: 30, rate_period: RatePeriod::Minute, ..DeliveryPolicy::default() };
        assert_eq!(policy.rate_text().as_deref().map(rate_of), Some(Ok((30, RatePeriod::Minute))));
        assert_eq!(policy.send_interval(), Some(Duration::from_secs(2)));
        assert_eq!(DeliveryPolicy::default().send_interval(), None);
    }
}

//! Parses durations in forms.

use crate::error::{Error, Result};
use crate::testware::result::MAX_ELAPSED_SECONDS;

/// Parses whole minutes; `None` for an empty text.
pub fn minutes(text: &str) -> Result<Option<u32>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::field("timeBoxMinutes", "Enter whole minutes, e.g. 90."))
}

/// Parses minutes into seconds; `None` for an empty text.
pub fn seconds(text: &str) -> Result<Option<u32>> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = text.parse::<f64>().map(|minutes| (minutes * 60.0).round()).unwrap_or(-1.0);
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(Error::field("elapsedSeconds", "Enter minutes, e.g. 5 or 2.5."));
    }
    if seconds > f64::from(MAX_ELAPSED_SECONDS) {
        return Err(Error::field("elapsedSeconds", format!("Enter at most {} minutes.", MAX_ELAPSED_SECONDS / 60)));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    Ok(Some(seconds as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_parsed_leniently() {
        assert_eq!(minutes(" 90 "), Ok(Some(90)));
        assert_eq!(minutes(""), Ok(None));
        assert!(minutes("an hour").is_err());
        assert_eq!(seconds("2.5"), Ok(Some(150)));
        assert_eq!(seconds("2,5"), Ok(Some(150)));
        assert_eq!(seconds(" "), Ok(None));
        assert_eq!(seconds("166666"), Ok(Some(9_999_960)));
        for long in ["166667", "99999999", "1e300"] {
            assert_eq!(seconds(long).unwrap_err().to_string(), "Enter at most 166666 minutes.", "{long}");
        }
        for wrong in ["-1", "NaN", "inf", "soon"] {
            assert_eq!(seconds(wrong).unwrap_err().status(), 422, "{wrong}");
        }
    }
}

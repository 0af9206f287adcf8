//! The priorities and states of other tools.

use app::testware::case::{CaseState, Priority};

/// The priority that a name stands for: `Ok(None)` if the file has none, and an error for an unknown one.
pub fn priority(text: &str) -> Result<Option<Priority>, ()> {
    let name: String = text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    // TestRail writes a number before the name: "4 - Must Test".
    let word = name.trim_start_matches(|char: char| char.is_ascii_digit());
    match if word.is_empty() { name.as_str() } else { word } {
        "" | "undefined" | "notset" | "none" | "unset" | "null" => Ok(None),
        "critical" | "blocker" | "highest" | "urgent" | "p0" | "veryhigh" => Ok(Some(Priority::Critical)),
        "high" | "major" | "important" | "p1" | "musttest" => Ok(Some(Priority::High)),
        "medium" | "normal" | "moderate" | "average" | "p2" => Ok(Some(Priority::Medium)),
        "low" | "minor" | "trivial" | "lowest" | "p3" | "p4" | "verylow" | "testiftime" | "donttest" => {
            Ok(Some(Priority::Low))
        }
        _ => Err(()),
    }
}

/// The state that a name stands for. The states of other tools say how far the writing of a case is, which Testbell doesn't
/// know.
pub fn state(text: &str) -> CaseState {
    let is_archived =
        ["archived", "retired", "deprecated", "obsolete"].iter().any(|name| text.eq_ignore_ascii_case(name));
    if is_archived { CaseState::Archived } else { CaseState::Active }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_priorities_of_other_tools_are_known() {
        for (text, expected) in [
            ("High", Ok(Some(Priority::High))),
            ("4 - Must Test", Ok(Some(Priority::High))),
            ("1 - Don't Test", Ok(Some(Priority::Low))),
            ("Highest", Ok(Some(Priority::Critical))),
            ("P2", Ok(Some(Priority::Medium))),
            ("Not set", Ok(None)),
            (" ", Ok(None)),
            ("3", Err(())),
            ("purple", Err(())),
        ] {
            assert_eq!(priority(text), expected, "{text}");
        }
        assert_eq!(
            [state("Archived"), state("Draft"), state("")],
            [CaseState::Archived, CaseState::Active, CaseState::Active]
        );
    }
}

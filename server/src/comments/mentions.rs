//! The members that a text mentions: `@` at the beginning of a word, and then the name of a member in any case.

use app::model::id::UserId;

/// How many `@` of a text are compared with the names. Each costs as much as the project has members.
const MAX_COMPARED: usize = 100;

/// A member by name.
pub type Named = (UserId, String);

/// The members in the order in which the text mentions them, each once. Of names that begin alike, the longest counts;
/// members of the same name are all mentioned.
pub fn mentioned(text: &str, members: &[Named]) -> Vec<UserId> {
    let mut found = Vec::new();
    let (mut before, mut compared) = (None, 0);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '@' && compared < MAX_COMPARED && !before.is_some_and(char::is_alphanumeric) {
            compared += 1;
            for id in at_start(chars.as_str(), members) {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        before = Some(c);
    }
    found
}

/// The members with the longest name that the text begins with.
fn at_start(text: &str, members: &[Named]) -> Vec<UserId> {
    let mut longest = 0;
    let mut found = Vec::new();
    for (id, name) in members {
        let length = name.chars().count();
        if length < longest || !begins_with(text, name, length) {
            continue;
        }
        if length > longest {
            longest = length;
            found.clear();
        }
        found.push(*id);
    }
    found
}

/// Whether the text begins with a name in any case, and the name ends there.
fn begins_with(text: &str, name: &str, length: usize) -> bool {
    let mut rest = text.chars();
    let start: String = rest.by_ref().take(length).collect();
    length > 0 && start.to_lowercase() == name.to_lowercase() && !rest.next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn members() -> Vec<Named> {
        let names = ["Ada", "Ada Lovelace", "Grace Hopper", "Ünal", "Grace Hopper"];
        (1..).zip(names).map(|(number, name)| (UserId(Uuid::from_u128(number)), name.to_owned())).collect()
    }

    fn numbers(text: &str) -> Vec<u128> {
        mentioned(text, &members()).into_iter().map(|id| id.0.as_u128()).collect()
    }

    #[test]
    fn a_member_is_mentioned_by_name_in_any_case() {
        assert_eq!(numbers("@ada, please"), [1]);
        assert_eq!(numbers("ask @ADA LOVELACE!"), [2], "the longest name");
        assert_eq!(numbers("(@ünal) and @Ada"), [4, 1]);
        assert_eq!(numbers("@Grace Hopper"), [3, 5], "the same name twice");
        assert_eq!(numbers("@Ada @ada"), [1], "once");
    }

    #[test]
    fn the_work_for_a_text_is_bounded() {
        let text = "@x ".repeat(99);
        assert_eq!(numbers(&format!("{text}@Ada")), [1]);
        assert!(numbers(&format!("{text}@x @Ada")).is_empty());
    }

    #[test]
    fn other_text_with_an_at_sign_mentions_nobody() {
        for text in ["", "@", "@ Ada", "me@ada", "@Adam", "@Bob", "Ada", "@Grace"] {
            assert!(numbers(text).is_empty(), "{text}");
        }
    }
}

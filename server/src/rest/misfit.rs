//! What does not fit the type of a field, in words for whoever sent it: the parsers tell what they
//! met in the words of the code.

use app::error::Error;

/// What stands for a whole number.
const NUMBER: &str = "Send a whole number within its bounds.";
/// What stands for a time.
const TIME: &str = "Send a time as in RFC 3339, such as 2026-11-20T14:01:07Z.";
/// What the reader of times says.
const OF_TIMES: [&str; 6] = [
    "premature end of input",
    "trailing input",
    "input contains invalid characters",
    "input is out of range",
    "input is not enough for unique date and time",
    "no possible date and time matching input",
];

/// A parser's error at a path as one of the field.
pub fn error(path: &str, message: &str) -> Error {
    let message = place_left_out(message);
    let within = Some(path).filter(|path| !matches!(*path, "" | "." | "?"));
    let missing = quoted(message, "missing field `");
    let field = match (within, missing) {
        (Some(path), Some(field)) => Some(format!("{path}.{field}")),
        (None, Some(field)) => Some(field.to_owned()),
        (path, None) => path.map(str::to_owned),
    };
    let said = words(message);
    match field {
        Some(field) => Error::Invalid { detail: format!("{field}: {said}"), errors: [(field, said)].into() },
        None => Error::invalid(said),
    }
}

/// Without `at line 1 column 9`: the field says where.
fn place_left_out(message: &str) -> &str {
    let message = message.trim_end();
    message.rfind(" at line ").map_or(message, |at| &message[..at])
}

/// What stands in backticks after the beginning.
fn quoted<'a>(message: &'a str, beginning: &str) -> Option<&'a str> {
    message.strip_prefix(beginning)?.split('`').next()
}

fn words(message: &str) -> String {
    if message.starts_with("missing field") {
        return "This field is missing.".to_owned();
    }
    if let Some((found, expected)) = message.split_once(", expected ") {
        let expected = expected.replace('`', "");
        if let Some(found) = quoted(found, "unknown variant `") {
            let expected = expected.strip_prefix("one of ").unwrap_or(&expected);
            return format!("There is no {found} here. Send one of {expected}.");
        }
        let expected = if expected.starts_with("struct ") { "an object".to_owned() } else { expected };
        let found = found.split_once(": ").map_or(found, |(_, found)| found).replace('`', "");
        return format!("Send {expected}, not {found}.");
    }
    match message {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => NUMBER.to_owned(),
        "provided string was not `true` or `false`" => "Send true or false.".to_owned(),
        message if OF_TIMES.contains(&message) => TIME.to_owned(),
        other => capital(other),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, message: &str) -> (String, String) {
        let Error::Invalid { errors, .. } = error(path, message) else { panic!("it is a broken rule") };
        errors.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn a_field_is_told_what_to_send_in_plain_words() {
        for (path, message, field, said) in [
            (
                "events[0]",
                "unknown variant `x`, expected `issue.created` or `issue.updated` at line 1 column 9",
                "events[0]",
                "There is no x here. Send one of issue.created or issue.updated.",
            ),
            ("key", "invalid type: integer `7`, expected a string", "key", "Send a string, not integer 7."),
            (".", "missing field `url` at line 1 column 2", "url", "This field is missing."),
            ("credentials", "missing field `token`", "credentials.token", "This field is missing."),
            ("limit", "invalid digit found in string", "limit", NUMBER),
            ("since", "premature end of input", "since", TIME),
            ("id", "must be an id", "id", "Must be an id."),
        ] {
            assert_eq!(told(path, message), (field.to_owned(), said.to_owned()), "{message}");
        }
    }

    #[test]
    fn what_belongs_to_no_field_is_told_as_a_whole() {
        let error = error(".", "invalid type: sequence, expected struct X at line 1 column 0");
        assert_eq!(error, Error::invalid("Send an object, not sequence."));
    }
}

//! Turns errors of parsers, which use Rust's terms, into messages for API clients.

const NUMBER: &str = "Send a whole number within the allowed range.";
const TIME: &str = "Send an RFC 3339 time, e.g. 2026-11-20T14:01:07Z.";
/// The errors of the time parser.
const TIME_ERRORS: [&str; 6] = [
    "premature end of input",
    "trailing input",
    "input contains invalid characters",
    "input is out of range",
    "input is not enough for unique date and time",
    "no possible date and time matching input",
];

const MAX_QUOTED_CHARS: usize = 60;

/// Explains a parser's error: the field, unless it is about the whole body, and the message.
pub fn explain(path: &str, message: &str) -> (Option<String>, String) {
    let message = without_position(message);
    let within = Some(path).filter(|path| !matches!(*path, "" | "." | "?"));
    let named = quoted(message, "missing field `").or_else(|| quoted(message, "duplicate field `"));
    let field = match (within, named) {
        (Some(path), Some(field)) => Some(format!("{path}.{field}")),
        (None, Some(field)) => Some(field.to_owned()),
        (path, None) => path.map(str::to_owned),
    };
    (field, words(message))
}

/// Whether a syntax error of serde_json is about a value: a number too large for any type, a wrong
/// type for an enum, or too deep nesting.
pub fn is_unfit_value(message: &str) -> bool {
    ["number out of range", "expected value", "recursion limit exceeded"].contains(&without_position(message))
}

/// Without `at line 1 column 9`: the field says where.
fn without_position(message: &str) -> &str {
    let message = message.trim_end();
    message.rfind(" at line ").map_or(message, |at| &message[..at])
}

/// The text in backticks after the prefix.
fn quoted<'a>(message: &'a str, beginning: &str) -> Option<&'a str> {
    message.strip_prefix(beginning)?.split('`').next()
}

fn words(message: &str) -> String {
    if message.starts_with("missing field") {
        return "This field is required.".to_owned();
    }
    if message.starts_with("duplicate field") {
        return "This field is sent more than once.".to_owned();
    }
    if let Some(form) = message.strip_prefix("not an id of the form ") {
        return format!("Send an ID of the form {form}");
    }
    if let Some((found, wanted)) = message.split_once(", expected ") {
        let wanted = wanted.replace('`', "");
        if let Some(found) = quoted(found, "unknown variant `") {
            let allowed = wanted.strip_prefix("one of ").unwrap_or(&wanted).replace(" or ", ", ");
            return match found {
                "" => format!("This value is empty. Allowed: {allowed}."),
                found => format!("Invalid value: {}. Allowed: {allowed}.", short(found)),
            };
        }
        let found = found.split_once(": ").map_or(found, |(_, found)| found);
        return format!("Send {}, not {}.", expected(&wanted), sent(found));
    }
    match message {
        "cannot parse integer from empty string" => "This value is empty. Send a whole number.".to_owned(),
        "premature end of input" => TIME.to_owned(),
        "invalid digit found in string"
        | "number out of range"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => NUMBER.to_owned(),
        "expected value" => "Send a string.".to_owned(),
        "recursion limit exceeded" => "This value is nested too deeply.".to_owned(),
        "provided string was not `true` or `false`" => "Send true or false.".to_owned(),
        message if TIME_ERRORS.contains(&message) => TIME.to_owned(),
        other => capital(other),
    }
}

/// What the parser expects, in terms of JSON.
fn expected(wanted: &str) -> &str {
    match wanted {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" | "map" => "an object",
        "string or map" => "a string",
        wanted if wanted.starts_with("struct ") => "an object",
        wanted => wanted,
    }
}

/// What the parser found, in terms of JSON.
fn sent(found: &str) -> String {
    match found.split_once(' ') {
        Some(("integer" | "floating", rest)) => {
            let number = rest.strip_prefix("point ").unwrap_or(rest);
            format!("the number {}", short(&number.replace('`', "")))
        }
        Some(("boolean", value)) => value.replace('`', ""),
        Some(("string", text)) => format!("the text {}", short(text)),
        _ => match found {
            "sequence" => "a list".to_owned(),
            "map" => "an object".to_owned(),
            other => short(&other.replace('`', "")),
        },
    }
}

/// The beginning of a value, which may be long.
fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
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

    #[test]
    fn each_field_error_says_what_to_send() {
        for (path, message, field, explanation) in [
            (
                "events[0]",
                "unknown variant `x`, expected `issue.created` or `issue.updated` at line 1 column 9",
                "events[0]",
                "Invalid value: x. Allowed: issue.created, issue.updated.",
            ),
            (
                "status",
                "unknown variant ``, expected `open` or `closed`",
                "status",
                "This value is empty. Allowed: open, closed.",
            ),
            ("key", "invalid type: integer `7`, expected a string", "key", "Send a string, not the number 7."),
            ("limit", "invalid type: string \"5\", expected u32", "limit", "Send a whole number, not the text \"5\"."),
            ("limit", "number out of range at line 1 column 14", "limit", NUMBER),
            ("labels", "invalid type: null, expected a sequence", "labels", "Send a list, not null."),
            (".", "missing field `url` at line 1 column 2", "url", "This field is required."),
            (".", "duplicate field `url` at line 1 column 2", "url", "This field is sent more than once."),
            ("credentials", "missing field `token`", "credentials.token", "This field is required."),
            ("limit", "invalid digit found in string", "limit", NUMBER),
            ("since", "premature end of input", "since", TIME),
            ("id", "not an id of the form iss_...", "id", "Send an ID of the form iss_..."),
        ] {
            assert_eq!(explain(path, message), (Some(field.to_owned()), explanation.to_owned()), "{message}");
        }
    }

    #[test]
    fn an_error_without_a_field_is_about_the_body() {
        let (field, explanation) = explain(".", "invalid type: sequence, expected struct X at line 1 column 0");
        assert_eq!((field, explanation.as_str()), (None, "Send an object, not a list."));
    }

    #[test]
    fn a_long_value_is_quoted_in_part() {
        let (_, explanation) = explain("id", &format!("invalid type: string \"{}\", expected u32", "é".repeat(1000)));
        assert!(explanation.chars().count() < 120, "{explanation}");
    }
}

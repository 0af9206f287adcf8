//! Limits the size of an event. Receivers commonly refuse bodies over 20 kB, so texts are cut until
//! the data fits: the longest first, and as little as possible.

use serde_json::Value;

/// The maximum size of an event's data in bytes. The rest of the envelope takes less than 1,500.
const MAX_DATA_BYTES: usize = 18_400;
/// What is cut, one after the other: texts to a number of characters, or lists to a number of items.
const STEPS: [Step; 10] = [
    Step::Texts(1_000),
    Step::Texts(500),
    Step::Texts(250),
    Step::Lists(50),
    Step::Lists(20),
    Step::Texts(120),
    Step::Texts(80),
    Step::Texts(40),
    Step::Lists(10),
    Step::Lists(5),
];
/// Fields that are useless when cut.
const UNTRUNCATED_FIELDS: [&str; 3] = ["id", "link", "url"];

/// The maximum length of a text in an event in characters.
const MAX_TEXT_CHARS: usize = 2_000;

#[derive(Clone, Copy)]
enum Step {
    Texts(usize),
    Lists(usize),
}

/// A text in an event: at most 2,000 characters, with an ellipsis if it was cut.
#[must_use]
pub fn cut_text(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_TEXT_CHARS - 1).chain(['…']).collect(),
    }
}

/// [`cut_text`] for all texts in a value.
#[must_use]
pub fn cut_value(mut value: Value) -> Value {
    shorten(&mut value, MAX_TEXT_CHARS);
    value
}

/// Cuts texts and lists if the data is too large. A cut text ends with an ellipsis; if a list was cut, the
/// data says so.
#[must_use]
pub fn truncate_event_data(mut data: Value) -> Value {
    for step in STEPS {
        if data.to_string().len() <= MAX_DATA_BYTES {
            break;
        }
        match step {
            Step::Texts(most) => shorten(&mut data, most),
            Step::Lists(most) if shorten_lists(&mut data, most) => data["listsCut"] = Value::Bool(true),
            Step::Lists(_) => {}
        }
    }
    data
}

/// Returns whether a list was cut.
fn shorten_lists(value: &mut Value, most: usize) -> bool {
    match value {
        Value::Array(items) => {
            let is_cut = items.len() > most;
            items.truncate(most);
            items.iter_mut().fold(is_cut, |is_cut, item| shorten_lists(item, most) || is_cut)
        }
        Value::Object(fields) => {
            fields.values_mut().map(|field| shorten_lists(field, most)).filter(|is_cut| *is_cut).count() > 0
        }
        _ => false,
    }
}

fn shorten(value: &mut Value, most: usize) {
    match value {
        Value::String(text) if text.chars().count() > most => {
            *text = text.chars().take(most - 1).chain(['…']).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, most)),
        Value::Object(fields) => {
            let texts = fields.iter_mut().filter(|(name, _)| !UNTRUNCATED_FIELDS.contains(&name.as_str()));
            texts.for_each(|(_, field)| shorten(field, most));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_that_fits_is_unchanged() {
        let data = json!({"comment": "x".repeat(18_000), "labels": ["a"]});
        assert_eq!(truncate_event_data(data.clone()), data);
    }

    #[test]
    fn a_text_is_cut_at_its_two_thousandth_character() {
        let fits = "ä".repeat(MAX_TEXT_CHARS);
        assert_eq!(cut_text(&fits), fits);
        let cut = cut_text(&format!("{fits}x"));
        assert_eq!(cut.chars().count(), MAX_TEXT_CHARS);
        assert!(cut.ends_with("ä…"));
    }

    #[test]
    fn lists_are_cut_if_short_texts_are_not_enough() {
        let steps = vec![json!({"action": "a".repeat(100), "expected": "b".repeat(100)}); 100];
        let cut = truncate_event_data(json!({"title": "t", "from": steps, "to": steps}));
        assert!(cut.to_string().len() <= MAX_DATA_BYTES);
        assert_eq!((cut["to"].as_array().map(Vec::len), &cut["listsCut"]), (Some(20), &json!(true)));
    }

    #[test]
    fn the_longest_texts_are_cut_first() {
        let link = format!("https://testbell.example.com/{}", "x".repeat(1_500));
        let data =
            json!({"link": link, "comment": "ä".repeat(2_000), "title": "t".repeat(500), "more": ["😀".repeat(4_000)]});
        let truncate_event_data = truncate_event_data(data);
        assert!(truncate_event_data.to_string().len() <= MAX_DATA_BYTES);
        assert_eq!(truncate_event_data["link"], link);
        assert_eq!(truncate_event_data["comment"].as_str().map(|text| text.chars().count()), Some(1_000));
        assert_eq!(truncate_event_data["title"], "t".repeat(500));
        assert!(truncate_event_data["more"][0].as_str().is_some_and(|text| text.ends_with('…')));
    }
}

//! The size of what is sent. Receivers commonly refuse bodies over 20 kB, so an event's data
//! is cut until it fits: the longest texts first, and as little as it takes.

use serde_json::Value;

/// The most bytes of an event's data. What is around it takes less than 1,500.
const DATA_MAX: usize = 18_400;
/// To how many characters texts are cut, one step after the other.
const STEPS: [usize; 6] = [1_000, 500, 250, 120, 80, 40];
/// What a cut would break.
const WHOLE: [&str; 3] = ["id", "link", "url"];

/// The data, with its longest texts cut if it would be too long.
#[must_use]
pub fn bounded(mut data: Value) -> Value {
    for most in STEPS {
        if data.to_string().len() <= DATA_MAX {
            break;
        }
        shorten(&mut data, most);
    }
    data
}

fn shorten(value: &mut Value, most: usize) {
    match value {
        Value::String(text) if text.chars().count() > most => {
            *text = text.chars().take(most - 1).chain(['…']).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, most)),
        Value::Object(fields) => {
            let texts = fields.iter_mut().filter(|(name, _)| !WHOLE.contains(&name.as_str()));
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
    fn what_fits_is_left_as_it_is() {
        let data = json!({"comment": "x".repeat(18_000), "labels": ["a"]});
        assert_eq!(bounded(data.clone()), data);
    }

    #[test]
    fn the_longest_texts_are_cut_first_and_links_never() {
        let link = format!("https://testbell.example.com/{}", "x".repeat(1_500));
        let data =
            json!({"link": link, "comment": "ä".repeat(2_000), "title": "t".repeat(500), "more": ["😀".repeat(4_000)]});
        let bounded = bounded(data);
        assert!(bounded.to_string().len() <= DATA_MAX);
        assert_eq!(bounded["link"], link);
        assert_eq!(bounded["comment"].as_str().map(|text| text.chars().count()), Some(1_000));
        assert_eq!(bounded["title"], "t".repeat(500));
        assert!(bounded["more"][0].as_str().is_some_and(|text| text.ends_with('…')));
    }
}

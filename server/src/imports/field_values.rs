//! Texts of a file as values of custom fields.

use app::model::id::UserId;
use app::testware::custom_field::{CustomValue, FieldKind};
use chrono::NaiveDate;

use crate::service::text::storable;
use crate::testware::custom_field::table::Model as CustomField;
use crate::testware::custom_field::values::MAX_TEXT_CHARS;

/// A member of the project.
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

/// The value that a text stands for.
///
/// # Errors
/// A message for the user, without the name of the field.
pub fn parse(field: &CustomField, text: &str, members: &[Person]) -> Result<CustomValue, String> {
    let word = text.trim();
    match field.kind {
        FieldKind::Text if text.chars().nth(MAX_TEXT_CHARS).is_some() => {
            Err("Use at most 1,000 characters.".to_owned())
        }
        FieldKind::Text => storable(text).map(|()| CustomValue::Text(text.to_owned())).map_err(str::to_owned),
        FieldKind::Number => {
            let number = word.parse().ok().filter(|number: &f64| number.is_finite());
            number.map(CustomValue::Number).ok_or_else(|| "Use a number, e.g. 1.5.".to_owned())
        }
        FieldKind::Checkbox => match word.to_lowercase().as_str() {
            "yes" | "true" | "1" | "x" => Ok(CustomValue::Checkbox(true)),
            "no" | "false" | "0" => Ok(CustomValue::Checkbox(false)),
            _ => Err("Use Yes or No.".to_owned()),
        },
        FieldKind::Choice => {
            let options = &field.options.0;
            let same = options.iter().find(|option| option.to_lowercase() == word.to_lowercase());
            let exact = options.iter().find(|option| *option == word);
            let found = exact.or(same).map(|option| CustomValue::Text(option.clone()));
            found.ok_or_else(|| format!("Choose one of: {}.", options.join(", ")))
        }
        FieldKind::Date => {
            let date = word.get(..10).and_then(|date| date.parse::<NaiveDate>().ok());
            date.map(|date| CustomValue::Text(date.to_string()))
                .ok_or_else(|| "Use a date, e.g. 2026-12-24.".to_owned())
        }
        FieldKind::Person => person(word, members).map(|id| CustomValue::Text(id.to_string())),
    }
}

fn person(word: &str, members: &[Person]) -> Result<UserId, String> {
    let is_exact = |member: &&Person| member.email.eq_ignore_ascii_case(word) || member.id.to_string() == word;
    if let Some(member) = members.iter().find(is_exact) {
        return Ok(member.id);
    }
    let mut named = members.iter().filter(|member| member.name.to_lowercase() == word.to_lowercase());
    match (named.next(), named.next()) {
        (Some(member), None) => Ok(member.id),
        (Some(_), Some(_)) => Err("Several members have this name. Use the email address.".to_owned()),
        (None, _) => Err("No member of the project has this name or email address.".to_owned()),
    }
}

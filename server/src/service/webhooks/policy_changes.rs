//! What changed in the policy of a webhook, for the audit log.

use app::model::delivery_policy::DeliveryPolicy;
use serde_json::Value;

/// Each changed value with the previous one, e.g. "Rate limit from 0 to 60".
pub fn policy_changes(before: &DeliveryPolicy, after: &DeliveryPolicy) -> Vec<String> {
    let values = |policy| serde_json::to_value(policy).unwrap_or_default();
    let (before, after) = (values(before), values(after));
    let changed = |(name, value): (&String, &Value)| {
        let previous = &before[name];
        (previous != value).then(|| format!("{} from {} to {}", label(name), shown(previous), shown(value)))
    };
    after.as_object().into_iter().flatten().filter_map(changed).collect()
}

/// "Retry delays" for `retryDelays`.
fn label(name: &str) -> String {
    let mut label = String::new();
    for letter in name.chars() {
        match letter {
            letter if label.is_empty() => label.extend(letter.to_uppercase()),
            letter if letter.is_uppercase() => {
                label.push(' ');
                label.extend(letter.to_lowercase());
            }
            letter => label.push(letter),
        }
    }
    label
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(" + "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_values_are_named() {
        let before = DeliveryPolicy { retry_delays: vec![60, 300], ..DeliveryPolicy::default() };
        assert!(policy_changes(&before, &before).is_empty());
        let after = DeliveryPolicy {
            retry_delays: Vec::new(),
            rate_limit: 60,
            auto_recovery: !before.auto_recovery,
            ..before.clone()
        };
        let mut changes = policy_changes(&before, &after);
        changes.sort();
        let expected =
            ["Auto recovery from off to on", "Rate limit from 0 to 60", "Retry delays from 60 + 300 to none"];
        assert_eq!(changes, expected);
    }
}

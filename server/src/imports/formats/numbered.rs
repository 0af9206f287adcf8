//! Steps in one cell: a list whose lines begin with numbers.

/// The items of a list with their numbers, e.g. `1` or `2.1`; `None` if the text doesn't begin with a number and a dot or
/// parenthesis. Lines without a number belong to the item before. An item in quotes ends with its quote.
pub fn items(text: &str) -> Option<Vec<(String, String)>> {
    let mut items: Vec<(String, String)> = Vec::new();
    for line in text.trim().lines() {
        let in_quotes = items.last().is_some_and(|(_, item)| has_open_quote(item));
        match number(line).filter(|_| !in_quotes) {
            Some((number, rest)) => items.push((number.to_owned(), rest.trim().to_owned())),
            None => {
                let (_, item) = items.last_mut()?;
                item.push('\n');
                item.push_str(line.trim_end());
            }
        }
    }
    for (_, item) in &mut items {
        *item = unquoted(item.trim());
    }
    (!items.is_empty()).then_some(items)
}

fn has_open_quote(item: &str) -> bool {
    item.starts_with('"') && !item.matches('"').count().is_multiple_of(2)
}

/// Without the quotes around an item, which double those in it.
fn unquoted(item: &str) -> String {
    let inner = item.strip_prefix('"').and_then(|item| item.strip_suffix('"'));
    inner.map_or_else(|| item.to_owned(), |inner| inner.replace("\"\"", "\""))
}

/// The number at the start of a line, such as `12. ` or `1.2) `, and what follows it.
fn number(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let end = line.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let (number, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    let (number, rest) = match rest.strip_prefix(')') {
        Some(rest) => (number, rest),
        None => (number.strip_suffix('.')?, rest),
    };
    let is_number = !number.is_empty() && number.split('.').all(|part| !part.is_empty());
    (is_number && (rest.is_empty() || rest.starts_with([' ', '\t', '"']))).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<String>> {
        Some(items(text)?.into_iter().map(|(number, item)| format!("{number}|{item}")).collect())
    }

    #[test]
    fn numbered_lines_are_items() {
        let list = "1. Open the shop\n   and wait\n2) Pay\n2.1. Choose a card\n";
        assert_eq!(texts(list).unwrap(), ["1|Open the shop\n   and wait", "2|Pay", "2.1|Choose a card"]);
        let quoted = "1. \"Say \"\"hi\"\"\n2. is not an item\"\n2. \"Leave\"";
        assert_eq!(texts(quoted).unwrap(), ["1|Say \"hi\"\n2. is not an item", "2|Leave"]);
    }

    #[test]
    fn other_texts_are_no_list() {
        for text in ["", "Open the shop\n1. Pay", "3.5 seconds later", "1.", "10 items", ".1. x", "v1. x"] {
            assert_eq!(texts(text), None, "{text}");
        }
    }
}

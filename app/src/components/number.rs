//! Formats counts, without floats: their code and tables have 20 KB in the browser.

/// `1,234`, in groups of three digits.
#[must_use]
pub fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 delivery`, `2 deliveries`.
#[must_use]
pub fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A share of a bar as an SVG length: `33.33%` for 1 of 3. The total is at least 1.
#[must_use]
pub fn percentage(part: u32, total: u32) -> String {
    let hundredths = u64::from(part) * 10_000 / u64::from(total.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn a_percentage_has_two_digits_after_the_point() {
        assert_eq!(percentage(1, 3), "33.33%");
        assert_eq!(percentage(u32::MAX, u32::MAX), "100.00%");
        assert_eq!(percentage(1, 2_000), "0.05%");
        assert_eq!(percentage(0, 0), "0.00%");
    }

    #[test]
    fn nouns_agree_with_counts() {
        assert_eq!(counted(1, "delivery", "deliveries"), "1 delivery");
        assert_eq!(counted(0, "delivery", "deliveries"), "0 deliveries");
    }
}

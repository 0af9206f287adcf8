//! Text for Slack's `mrkdwn`: escaped, so that it neither mentions nor links, and cut to a limit.
//! Slack doesn't say in what unit it counts. UTF-16 units after escaping are the largest possible
//! count.

const ELLIPSIS: char = '…';

/// A single line: control characters and line breaks become spaces.
pub fn line(text: &str, limit: usize) -> String {
    let words: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    escaped(&words.join(" "), limit)
}

/// Text with its line breaks.
pub fn lines(text: &str, limit: usize) -> String {
    let clean: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    escaped(clean.trim(), limit)
}

/// A link with an escaped label.
pub fn link(address: &str, label: &str) -> String {
    // A bar would end the URL, and an angle bracket the link.
    let address = address.replace('&', "&amp;").replace('|', "%7C").replace('<', "%3C").replace('>', "%3E");
    format!("<{address}|{label}>")
}

/// Replaces Slack's three control characters by entities
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>), and text over the limit
/// by an ellipsis. No entity is cut.
fn escaped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut room = limit;
    // The position at which the ellipsis still fits.
    let mut last_fit = 0;
    for c in text.chars() {
        let start = out.len();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
        let size = size(&out[start..]);
        if size > room {
            out.truncate(last_fit);
            out.push(ELLIPSIS);
            return out;
        }
        room -= size;
        if room >= ELLIPSIS.len_utf16() {
            last_fit = out.len();
        }
    }
    out
}

/// The size of a text as Slack may count it.
pub fn size(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_of_slack_are_escaped() {
        assert_eq!(line("<!channel> & <@U1>", 100), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }

    #[test]
    fn a_line_is_one_line_and_lines_stay_lines() {
        assert_eq!(line(" a\r\n\tb\0c ", 100), "a b c");
        assert_eq!(lines("\n a\r\nb\u{7} \n", 100), "a\nb");
    }

    #[test]
    fn cut_text_ends_with_an_ellipsis_and_whole_entities() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcde…");
        assert_eq!(line("ab&cd", 6), "ab…");
        assert_eq!(line("ab&", 7), "ab&amp;");
    }

    #[test]
    fn a_url_cannot_end_its_link() {
        assert_eq!(link("https://x.example/?a=1&b=|>", "l"), "<https://x.example/?a=1&amp;b=%7C%3E|l>");
    }

    proptest! {
        #[test]
        fn any_text_fits_its_limit_without_control_characters(text in any::<String>(), limit in 1_usize..60) {
            for out in [line(&text, limit), lines(&text, limit)] {
                prop_assert!(size(&out) <= limit, "{out}");
                prop_assert!(!out.contains(['<', '>']));
            }
        }
    }
}

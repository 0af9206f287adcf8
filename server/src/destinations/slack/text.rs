//! Slack's `mrkdwn` (<https://docs.slack.dev/messaging/formatting-message-text>).

/// The size of a character after [`escape`]. Slack doesn't say in what unit it counts. UTF-16 units
/// are the largest possible count. A line break in a quotation takes its prefix, too.
pub fn cost(c: char) -> usize {
    match c {
        '&' => 5,
        '<' | '>' => 4,
        '\n' => 3,
        c => c.len_utf16(),
    }
}

/// Replaces Slack's three control characters by entities
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>), so that a text neither
/// mentions nor links.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A link.
pub fn link(url: &str, label: &str) -> String {
    // A bar would end the URL, and an angle bracket the link.
    let url = url.replace('&', "&amp;").replace('|', "%7C").replace('<', "%3C").replace('>', "%3E");
    format!("<{url}|{}>", escape(label))
}

/// The size of a character of a URL in [`link`].
pub fn url_cost(c: char) -> usize {
    match c {
        '&' => 5,
        '|' | '<' | '>' => 3,
        c => c.len_utf16(),
    }
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
        assert_eq!(escape("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
    }

    #[test]
    fn a_url_cannot_end_its_link() {
        assert_eq!(link("https://x.example/?a=1&b=|>", "<l>"), "<https://x.example/?a=1&amp;b=%7C%3E|&lt;l&gt;>");
    }

    proptest! {
        #[test]
        fn no_escaped_text_is_larger_than_its_cost(text in any::<String>()) {
            prop_assert!(size(&escape(&text)) <= text.chars().map(cost).sum());
        }
    }
}

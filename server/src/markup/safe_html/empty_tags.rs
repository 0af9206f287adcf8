//! Replaces images and links whose URL was removed by their alternative text and their text.
//!
//! The input is the output of the cleaner: its tags are complete, its attributes quoted, and every
//! `<` in its text is escaped, so that removing tags can't create new ones.

/// The HTML without such images and links.
pub fn remove_empty_tags(html: &str) -> String {
    let mut left = String::with_capacity(html.len());
    // For each open link, whether its tags are kept.
    let mut links = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, from_tag) = rest.split_at(at);
        left.push_str(text);
        let (tag, after) = from_tag.split_at(end(from_tag));
        rest = after;
        match name(tag) {
            "img" if attribute(tag, "src").is_none() => {
                // An attribute may contain characters that text may not.
                let alt = attribute(tag, "alt").unwrap_or_default();
                left.push_str(&alt.replace('<', "&lt;").replace('>', "&gt;"));
            }
            "a" => {
                let stays = attribute(tag, "href").is_some();
                links.push(stays);
                if stays {
                    left.push_str(tag);
                }
            }
            "/a" => {
                if links.pop().unwrap_or(true) {
                    left.push_str(tag);
                }
            }
            _ => left.push_str(tag),
        }
    }
    left.push_str(rest);
    left
}

/// The end of the tag that `html` starts with: the first `>` outside quotes.
fn end(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

fn name(tag: &str) -> &str {
    let inside = tag.trim_start_matches('<');
    inside.split([' ', '>']).next().unwrap_or_default()
}

/// The value of an attribute, still escaped.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    // Splitting at quotes alternates between what precedes a value and the value.
    let mut parts = tag.split('"');
    while let (Some(before), Some(value)) = (parts.next(), parts.next()) {
        let key = before.trim_end_matches('=');
        if key.rsplit(' ').next() == Some(name) {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_url_leaves_its_alt_text() {
        assert_eq!(remove_empty_tags("<p>a<img>b</p>"), "<p>ab</p>");
        assert_eq!(remove_empty_tags("<img alt=\"x > <b> &amp; y\" title=\"src\">"), "x &gt; &lt;b&gt; &amp; y");
        assert_eq!(remove_empty_tags("<img alt=\" src=\">"), " src=");
        let whole = "<img src=\"https://a.b/c\" alt=\"x > y\">";
        assert_eq!(remove_empty_tags(whole), whole);
    }

    #[test]
    fn a_link_without_a_url_leaves_its_text() {
        assert_eq!(remove_empty_tags("<a rel=\"noopener\">x <b>y</b></a>"), "x <b>y</b>");
        let mixed = "<a>1</a><a href=\"https://a.b\">2</a><a title=\"href\">3</a><abbr>4</abbr>";
        assert_eq!(remove_empty_tags(mixed), "1<a href=\"https://a.b\">2</a>3<abbr>4</abbr>");
        assert_eq!(remove_empty_tags("<a href=\"x\">1<a>2</a>3</a>"), "<a href=\"x\">123</a>");
        assert_eq!(remove_empty_tags("1 &lt; 2"), "1 &lt; 2");
    }
}

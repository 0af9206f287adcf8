//! Images and links that lost their address when they were made safe: an image leaves what it would
//! have said, a link its text.
//!
//! What comes in was written by the cleaner: its tags are whole, its attributes quoted, and in its
//! text every `<` is escaped. Leaving tags out of it makes nothing of it a tag that was none.

/// The HTML without them.
pub fn dropped(html: &str) -> String {
    let mut left = String::with_capacity(html.len());
    // Of each link that is open, whether it stays.
    let mut links = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, from_tag) = rest.split_at(at);
        left.push_str(text);
        let (tag, after) = from_tag.split_at(end(from_tag));
        rest = after;
        match name(tag) {
            "img" if attribute(tag, "src").is_none() => {
                // Quoted it may hold what it may not as text.
                let said = attribute(tag, "alt").unwrap_or_default();
                left.push_str(&said.replace('<', "&lt;").replace('>', "&gt;"));
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

/// Where the tag that `html` begins with ends: at the first `>` outside of quotes.
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

/// The value of an attribute, as it is quoted.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    // Between the quotes are, by turns, what is before a value and a value.
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
    fn an_image_without_address_leaves_what_it_says() {
        assert_eq!(dropped("<p>a<img>b</p>"), "<p>ab</p>");
        assert_eq!(dropped("<img alt=\"x > <b> &amp; y\" title=\"src\">"), "x &gt; &lt;b&gt; &amp; y");
        assert_eq!(dropped("<img alt=\" src=\">"), " src=");
        let whole = "<img src=\"https://a.b/c\" alt=\"x > y\">";
        assert_eq!(dropped(whole), whole);
    }

    #[test]
    fn a_link_without_address_leaves_its_text_and_no_other_loses_its_end() {
        assert_eq!(dropped("<a rel=\"noopener\">x <b>y</b></a>"), "x <b>y</b>");
        let mixed = "<a>1</a><a href=\"https://a.b\">2</a><a title=\"href\">3</a><abbr>4</abbr>";
        assert_eq!(dropped(mixed), "1<a href=\"https://a.b\">2</a>3<abbr>4</abbr>");
        assert_eq!(dropped("<a href=\"x\">1<a>2</a>3</a>"), "<a href=\"x\">123</a>");
        assert_eq!(dropped("1 &lt; 2"), "1 &lt; 2");
    }
}

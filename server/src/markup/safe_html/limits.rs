//! Limits that keep rendering Markdown linear for any input.
//!
//! Building an HTML tree takes quadratic time in its depth, and html5ever 0.40 writes a text in time
//! proportional to its length times the number of `&` and U+0080 to U+00BF in it. So the depth is
//! limited, and long texts are split.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::markup::markdown_writer::SEPARATOR;

/// Deeper quotes, lists and emphasis lose their formatting.
pub const MAX_DEPTH: usize = 40;
/// For HTML within Markdown; the rest is shown as text.
pub const MAX_TAGS: usize = 300;
const MAX_HTML_BYTES: usize = 16 * 1024;
/// For the URL and title of a link or image, and the text of an image.
const MAX_ATTRIBUTE_BYTES: usize = 4 * 1024;
/// For the slow characters in one text.
const MAX_SLOW_CHARS: usize = 256;
/// Splits a text invisibly: a place where a line may break.
const SPLIT: &str = "<wbr>";

/// Applies the limits to the parser's events.
pub fn limited<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut limits = RenderLimits::default();
    events.flat_map(move |event| limits.apply(event))
}

#[derive(Default)]
struct RenderLimits {
    depth: usize,
    tags: usize,
    html_bytes: usize,
    /// Slow characters since the last tag.
    slow: usize,
    /// The bytes left for the text of the current image.
    image: Option<usize>,
}

impl RenderLimits {
    fn apply<'a>(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if matches!(tag, Tag::Image { .. }) {
                    self.image = Some(MAX_ATTRIBUTE_BYTES);
                }
                self.kept(self.depth <= MAX_DEPTH, Event::Start(short(tag)))
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                if tag == TagEnd::Image {
                    self.image = None;
                }
                self.kept(self.depth < MAX_DEPTH, Event::End(tag))
            }
            // The separator has done its work, and doesn't count as HTML.
            Event::InlineHtml(html) if *html == *SEPARATOR => vec![],
            Event::Html(html) | Event::InlineHtml(html) => {
                self.tags += html.matches('<').count();
                self.html_bytes += html.len();
                if self.tags <= MAX_TAGS && self.html_bytes <= MAX_HTML_BYTES {
                    return vec![Event::InlineHtml(html)];
                }
                self.split(html, Event::Text)
            }
            Event::Text(text) => self.split(text, Event::Text),
            Event::Code(code) => self.split(code, Event::Code),
            other => vec![other],
        }
    }

    fn kept<'a>(&mut self, kept: bool, event: Event<'a>) -> Vec<Event<'a>> {
        if kept {
            self.slow = 0;
        }
        Vec::from_iter(kept.then_some(event))
    }

    /// A text in pieces that are each fast to write.
    fn split<'a>(&mut self, text: CowStr<'a>, piece: fn(CowStr<'a>) -> Event<'a>) -> Vec<Event<'a>> {
        if let Some(left) = &mut self.image {
            // The text of an image is an attribute, which can't be split.
            let end = text.floor_char_boundary(*left);
            *left -= end;
            return vec![piece(text[..end].to_owned().into())];
        }
        let mut pieces = Vec::new();
        let mut start = 0;
        for (at, _) in text.char_indices().filter(|(_, c)| matches!(c, '&' | '\u{80}'..='\u{bf}')) {
            if self.slow == MAX_SLOW_CHARS {
                pieces.push(piece(text[start..at].to_owned().into()));
                pieces.push(Event::InlineHtml(SPLIT.into()));
                (start, self.slow) = (at, 0);
            }
            self.slow += 1;
        }
        match start {
            0 => pieces.push(piece(text)),
            _ => pieces.push(piece(text[start..].to_owned().into())),
        }
        pieces
    }
}

/// A link or image with a too long attribute loses its URL, and so becomes its text.
fn short(tag: Tag<'_>) -> Tag<'_> {
    let long = |address: &CowStr<'_>, title: &CowStr<'_>| address.len().max(title.len()) > MAX_ATTRIBUTE_BYTES;
    let none = CowStr::Borrowed("");
    match tag {
        Tag::Link { link_type, dest_url, title, id } if long(&dest_url, &title) => {
            Tag::Link { link_type, dest_url: none.clone(), title: none, id }
        }
        Tag::Image { link_type, dest_url, title, id } if long(&dest_url, &title) => {
            Tag::Image { link_type, dest_url: none.clone(), title: none, id }
        }
        tag => tag,
    }
}

#[cfg(test)]
mod tests {
    use crate::markup::to_safe_html;

    /// The most slow characters in one text or tag of the HTML.
    fn slowest(html: &str) -> usize {
        html.split(['<', '>']).map(|part| part.matches(['&', '\u{a3}']).count()).max().unwrap_or_default()
    }

    #[test]
    fn long_runs_of_escaped_characters_stay_linear() {
        let run = "&".repeat(65_536);
        for markdown in [
            run.clone(),
            "\u{a3}".repeat(32_768),
            format!("`{run}`"),
            format!("```\n{run}\n```"),
            format!("[{run}](https://a.example/)"),
        ] {
            let html = to_safe_html(&markdown);
            assert!(slowest(&html) <= super::MAX_SLOW_CHARS, "{} in {}", slowest(&html), &markdown[..10]);
            let characters = html.matches("&amp;").count() + html.matches('\u{a3}').count();
            assert!(characters >= 32_768, "{characters} of {}", &markdown[..10]);
        }
        let separated = to_safe_html(&"**a)**<!-- -->b ".repeat(400));
        assert_eq!(separated.matches("<strong>a)</strong>b").count(), 400);
        for markdown in [
            format!("[x](https://a.example/?{run})"),
            format!("[x](https://a.example/ \"{run}\")"),
            format!("![{run}](https://a.example/)"),
        ] {
            let html = to_safe_html(&markdown);
            assert!(slowest(&html) <= super::MAX_ATTRIBUTE_BYTES, "{}", &markdown[..10]);
        }
    }
}

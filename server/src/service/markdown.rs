//! Markdown from people and trackers as HTML that is safe to show: rendered by one library,
//! then everything that is not known to be harmless is removed by another, whatever the first
//! one let through.
//!
//! Building a tree of HTML takes time that grows with the square of its depth. A stranger who
//! may open an issue in the tracker must not choose that depth, so it is bounded.

mod hollow;

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, html};

/// The deepest nesting of quotes, lists and emphasis; what is deeper loses its marks.
const DEPTH_MAX: usize = 40;
/// The most tags and bytes of HTML within Markdown; what is beyond is shown as text.
const TAGS_MAX: usize = 300;
const HTML_MAX: usize = 16 * 1024;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("noopener nofollow"))
        .url_schemes(["http", "https", "mailto"].into())
        // A relative link of a tracker's text would lead into Testbell.
        .url_relative(UrlRelative::Deny)
        .add_tags(["input"])
        // Whatever an input was, it comes out as the checkbox of a task, which can't be used.
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "")
        .add_tag_attributes("input", ["checked"]);
    builder
});

/// Renders CommonMark with the tables, strikethrough and task lists of GitHub.
#[must_use]
pub fn to_safe_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut rendered = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut rendered, bounded(Parser::new_ext(markdown, options)));
    hollow::dropped(&CLEANER.clean(&rendered).to_string())
}

fn bounded<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let (mut depth, mut tags, mut bytes) = (0_usize, 0, 0);
    events.filter_map(move |event| match event {
        Event::Start(_) => {
            depth += 1;
            (depth <= DEPTH_MAX).then_some(event)
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            (depth < DEPTH_MAX).then_some(event)
        }
        Event::Html(html) | Event::InlineHtml(html) => {
            tags += html.matches('<').count();
            bytes += html.len();
            let within = tags <= TAGS_MAX && bytes <= HTML_MAX;
            Some(if within { Event::InlineHtml(html) } else { Event::Text(html) })
        }
        _ => Some(event),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formatting_of_github_is_kept() {
        let html =
            to_safe_html("**b** ~~s~~\n\n- [x] done\n- [ ] open\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nx\n```");
        for part in
            ["<strong>b</strong>", "<del>s</del>", "<td>1</td>", "<pre><code", "checked=\"\"", "type=\"checkbox\""]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("disabled=\"\"").count(), 2, "{html}");
    }

    #[test]
    fn links_keep_nothing_back_for_their_target_and_lead_out_only() {
        let html = to_safe_html("[a](https://example.com) [b](/projects) [c](#x)");
        assert!(html.contains("<a href=\"https://example.com\" rel=\"noopener nofollow\">a</a>"), "{html}");
        assert_eq!(html.matches("href").count(), 1, "{html}");
    }

    #[test]
    fn what_lost_its_address_leaves_its_text() {
        for (markdown, left) in [
            ("a <img src=x onerror=alert(1)> b", "<p>a  b</p>"),
            ("[x](javascript:alert(1))", "<p>x</p>"),
            ("![a chart](/chart.png)", "<p>a chart</p>"),
            ("[**b** c](/projects)", "<p><strong>b</strong> c</p>"),
        ] {
            assert_eq!(to_safe_html(markdown).trim(), left, "{markdown}");
        }
        let kept = to_safe_html("![a > b](https://example.com/a.png) [x](https://example.com)");
        assert!(kept.contains("<img ") && kept.contains("</a>"), "{kept}");
    }

    #[test]
    fn nothing_that_runs_loads_or_restyles_comes_through() {
        let attacks = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "![x](javascript:alert(1))",
            "<a href=\"vbscript:x\">x</a>",
            "<a href=\" javascript:alert(1)\">x</a>",
            "<iframe src=\"https://example.com\"></iframe>",
            "<object data=x></object><embed src=x>",
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=alert(1)>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<style>body{display:none}</style>",
            "<p style=\"position:fixed\" class=\"toast\" id=\"app\">x</p>",
            "<form action=\"https://example.com\"><input type=\"password\" name=\"p\"><button>x</button></form>",
            "<meta http-equiv=refresh content=0><link rel=stylesheet href=x><base href=\"https://example.com\">",
            "<details open ontoggle=alert(1)>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        ];
        for attack in attacks {
            let html = to_safe_html(attack);
            let lower = html.to_lowercase();
            // What is left as text is shown, not run.
            let inside_tags: String = lower.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
            for bad in [
                "script", " on", "style", "iframe", "object", "embed", "svg", "form", "meta", "base", "data:", "class",
                "id=", "password", "name=",
            ] {
                assert!(!inside_tags.contains(bad), "{bad} of {attack} in {html}");
            }
        }
    }

    #[test]
    fn absurd_nesting_is_rendered_without_harm() {
        for unit in [">", "- ", "*", "[", "<b>", "<div>", "<div>\n", "<a b", " a=b"] {
            let html = to_safe_html(&format!("<a{}x", unit.repeat(65_536 / unit.len())));
            assert!(html.matches('<').count() < 2 * (DEPTH_MAX + TAGS_MAX), "{unit}");
            let html = to_safe_html(&format!("{}x", unit.repeat(65_536 / unit.len())));
            assert!(html.matches('<').count() < 2 * (DEPTH_MAX + TAGS_MAX), "{unit}");
            assert!(html.contains('x'), "{unit}");
        }
    }
}

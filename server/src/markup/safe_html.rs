//! Renders Markdown from users and trackers as safe HTML: pulldown-cmark renders it, and ammonia then
//! removes everything that is not on its allow list.

mod empty_tags;
mod limits;

use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Options, Parser, html};

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .link_rel(Some("noopener nofollow"))
        .url_schemes(["http", "https", "mailto"].into())
        // A relative link in a tracker's text would lead into Testbell.
        .url_relative(UrlRelative::Deny)
        .add_tags(["input"])
        // Every input becomes the disabled checkbox of a task.
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
    html::push_html(&mut rendered, limits::limited(Parser::new_ext(markdown, options)));
    empty_tags::remove_empty_tags(&CLEANER.clean(&rendered).to_string())
}

#[cfg(test)]
mod tests {
    use super::limits::{MAX_DEPTH, MAX_TAGS};
    use super::*;

    #[test]
    fn github_formatting_is_kept() {
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
    fn links_are_external_without_opener() {
        let html = to_safe_html("[a](https://example.com) [b](/projects) [c](#x)");
        assert!(html.contains("<a href=\"https://example.com\" rel=\"noopener nofollow\">a</a>"), "{html}");
        assert_eq!(html.matches("href").count(), 1, "{html}");
    }

    #[test]
    fn links_and_images_without_a_url_leave_their_text() {
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
    fn active_content_is_removed() {
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
            // Remaining text is shown, not run.
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
    fn absurd_nesting_is_rendered_in_linear_time() {
        for unit in [">", "- ", "*", "[", "<b>", "<div>", "<div>\n", "<a b", " a=b"] {
            let html = to_safe_html(&format!("<a{}x", unit.repeat(65_536 / unit.len())));
            assert!(html.matches('<').count() < 2 * (MAX_DEPTH + MAX_TAGS), "{unit}");
            let html = to_safe_html(&format!("{}x", unit.repeat(65_536 / unit.len())));
            assert!(html.matches('<').count() < 2 * (MAX_DEPTH + MAX_TAGS), "{unit}");
            assert!(html.contains('x'), "{unit}");
        }
    }
}

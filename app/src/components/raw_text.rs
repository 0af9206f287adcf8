//! Text inside `<title>` and `<textarea>`. The framework writes it into the page unescaped, so it is
//! escaped here. In these elements only `&` and `<` have a meaning
//! (<https://html.spec.whatwg.org/multipage/syntax.html#escapable-raw-text-elements>).

/// The text of `<title>`: escaped in the server's HTML; the browser sets it as it is.
#[must_use]
pub fn title_text(text: &str) -> String {
    if cfg!(feature = "ssr") { escape(text) } else { text.to_owned() }
}

/// The `inner_html` of a `<textarea>` that holds `text`. A page drops the first line break in it,
/// so the server writes one more.
#[must_use]
pub fn textarea_html(text: &str) -> String {
    if cfg!(feature = "ssr") { format!("\n{}", escape(text)) } else { escape(text) }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

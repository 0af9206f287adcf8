//! Text inside `<title>` and `<textarea>`, which Leptos writes unescaped. In these elements only
//! `&` and `<` have a meaning
//! (<https://html.spec.whatwg.org/multipage/syntax.html#escapable-raw-text-elements>).

/// The text of `<title>`: escaped on the server; set as it is in the browser.
#[must_use]
pub fn title_text(text: &str) -> String {
    if cfg!(feature = "ssr") { escape(text) } else { text.to_owned() }
}

/// The `inner_html` of a `<textarea>` with `text`. The HTML parser drops a leading line break, so
/// the server adds one.
#[must_use]
pub fn textarea_html(text: &str) -> String {
    if cfg!(feature = "ssr") { format!("\n{}", escape(text)) } else { escape(text) }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

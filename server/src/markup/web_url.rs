//! Which URLs a page may link to.

/// Longer URLs are not linked.
const MAX_URL_BYTES: usize = 2_048;

/// The URL in its normal form if it is an absolute `http` or `https` URL.
#[must_use]
pub fn web_url(text: &str) -> Option<String> {
    let url: url::Url = text.parse().ok()?;
    (matches!(url.scheme(), "https" | "http") && text.len() <= MAX_URL_BYTES).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_urls_are_linked() {
        assert_eq!(web_url("https://github.com/a/b/issues/1").as_deref(), Some("https://github.com/a/b/issues/1"));
        assert_eq!(web_url("javascript:alert(1)"), None);
        assert_eq!(web_url("issues/1"), None);
    }
}

//! The project paths, issue keys and URLs of GitLab.

use url::Url;

/// Separates the path of a project from the rest of a page's URL.
const PAGE_SEPARATOR: &str = "/-/";
const MAX_PATH_BYTES: usize = 500;

/// Whether it is the URL of a page.
#[must_use]
pub fn is_page(url: &Url) -> bool {
    url.path().contains(PAGE_SEPARATOR)
}

/// The path of a project from what people paste: that, or the URL of one of its pages.
#[must_use]
pub fn project(text: &str) -> Option<String> {
    let path = match text.parse::<Url>() {
        Ok(url) if url.has_host() => url.path().to_owned(),
        _ => text.to_owned(),
    };
    let path = path.split(PAGE_SEPARATOR).next().unwrap_or_default().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    is_project(path).then(|| path.to_owned())
}

/// Whether it is `group/project`, with any number of subgroups.
#[must_use]
pub fn is_project(text: &str) -> bool {
    text.contains('/') && text.len() <= MAX_PATH_BYTES && text.split('/').all(is_name)
}

/// The project and number from `group/project#1`.
#[must_use]
pub fn split_key(key: &str) -> Option<(&str, u64)> {
    let (project, number) = key.rsplit_once('#')?;
    is_project(project).then_some((project, number.parse().ok()?))
}

/// The project of an issue from the URL of its page.
#[must_use]
pub fn project_of_page(page: &str, base: &Url) -> Option<String> {
    let page: Url = page.parse().ok()?;
    let path = page.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(page.path());
    // Before version 12, pages had no separator.
    let project = path.split_once(PAGE_SEPARATOR).or_else(|| path.rsplit_once("/issues/"))?.0.trim_matches('/');
    is_project(project).then(|| project.to_owned())
}

fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+'));
    plain && !text.is_empty() && text != "." && text != ".." && text != "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_may_be_pasted_as_the_url_of_a_page() {
        for (text, expected) in [
            ("acme/checkout", "acme/checkout"),
            ("/acme/shop/checkout/", "acme/shop/checkout"),
            ("https://gitlab.com/acme/checkout/-/issues/7", "acme/checkout"),
            ("https://gitlab.com/acme/checkout.git", "acme/checkout"),
        ] {
            assert_eq!(project(text).as_deref(), Some(expected), "{text}");
        }
        for bad in ["", "acme", "acme/", "a//b", "a/../b", "a/b c", "https://gitlab.com/acme", "a/b?c"] {
            assert_eq!(project(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_that_changes_the_path_is_invalid() {
        assert_eq!(split_key("a/b/c.d#12"), Some(("a/b/c.d", 12)));
        for bad in ["a/b", "a#1", "../b#1", "a/..#1", "a/b?x#1", "a/b#x", "/b#1", "a/%2e%2e#1", "a/b#1/notes"] {
            assert_eq!(split_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_page_of_an_issue_names_its_project() {
        let of = |page: &str, base: &str| project_of_page(page, &base.parse().unwrap());
        let (com, own) = ("https://gitlab.com", "https://example.com/gitlab");
        assert_eq!(of("https://gitlab.com/a/b/-/issues/1", com).as_deref(), Some("a/b"));
        assert_eq!(of("https://gitlab.com/a/b/c/-/work_items/1", com).as_deref(), Some("a/b/c"));
        assert_eq!(of("https://gitlab.com/a/b/issues/1", com).as_deref(), Some("a/b"));
        assert_eq!(of("https://example.com/gitlab/a/b/-/issues/1", own).as_deref(), Some("a/b"));
        assert_eq!(of("nowhere", com), None);
        assert_eq!(of("https://gitlab.com/issues/1", com), None);
    }
}

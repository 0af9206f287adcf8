//! The repository names, issue keys and URLs of GitHub.

use url::Url;

/// The REST API of the GitHub whose pages are at `base`: `api.github.com` for github.com,
/// `api.NAME.ghe.com` for Enterprise Cloud with data residency, `/api/v3` for Enterprise Server.
#[must_use]
pub fn api(base: &Url) -> Url {
    let mut api = base.clone();
    let host = base.host_str().unwrap_or_default();
    if host == "github.com" || host == "www.github.com" {
        // `set_host` can't fail here: the URL has a host, and both new hosts are valid.
        let _ = api.set_host(Some("api.github.com"));
        api.set_path("");
    } else if host.ends_with(".ghe.com") {
        let _ = api.set_host(Some(&format!("api.{host}")));
        api.set_path("");
    } else {
        api.set_path("/api/v3");
    }
    api
}

/// `owner`, `name` and number from `owner/name#1`.
#[must_use]
pub fn split_key(key: &str) -> Option<(&str, &str, u64)> {
    let (repository, number) = key.split_once('#')?;
    let (owner, name) = repository.split_once('/')?;
    (is_name(owner) && is_name(name)).then_some((owner, name, number.parse().ok()?))
}

/// `owner/name` from what people paste: that, or the URL of a page.
#[must_use]
pub fn repository(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let path = match text.parse::<Url>() {
        Ok(url) if url.has_host() => url.path().trim_matches('/').to_owned(),
        _ => text.to_owned(),
    };
    let path = path.strip_suffix(".git").unwrap_or(&path);
    is_repository(path).then(|| path.to_owned())
}

/// Whether it is `owner/name`.
#[must_use]
pub fn is_repository(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    plain && (1..=100).contains(&text.len()) && text != "." && text != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_url_follows_from_the_base_url() {
        for (base, expected) in [
            ("https://github.com", "https://api.github.com/"),
            ("https://octo.ghe.com", "https://api.octo.ghe.com/"),
            ("https://git.example.com:8443", "https://git.example.com:8443/api/v3"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/api/v3"),
        ] {
            assert_eq!(api(&base.parse().unwrap()).as_str(), expected);
        }
        let url =
            crate::providers::rest_client::extend(&api(&"https://github.com".parse().unwrap()), &["repos", "a", "b"]);
        assert_eq!(url.as_str(), "https://api.github.com/repos/a/b");
    }

    #[test]
    fn a_key_that_changes_the_path_is_invalid() {
        assert_eq!(split_key("a/b.c#12"), Some(("a", "b.c", 12)));
        for bad in ["a/b", "a#1", "../b#1", "a/..#1", "a/b/c#1", "a/b?x#1", "a/b#x", "/b#1", "a/%2e%2e#1"] {
            assert_eq!(split_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_repository_may_be_pasted_as_its_url() {
        for text in ["acme/checkout", " https://github.com/acme/checkout/ ", "https://github.com/acme/checkout.git"] {
            assert_eq!(repository(text).as_deref(), Some("acme/checkout"), "{text}");
        }
        for bad in ["", "acme", "acme/", "a/b/c", "https://github.com/acme", "acme/check out"] {
            assert_eq!(repository(bad), None, "{bad}");
        }
    }
}

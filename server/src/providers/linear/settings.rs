//! The workspaces, team keys and issue keys of Linear.

use url::Url;

use crate::providers::rest_client::extend;
use crate::providers::settings::without_trailing_slash;

const HOST: &str = "linear.app";
const MAX_TEAM_KEY_BYTES: usize = 20;

/// The URL of a workspace from that of any of its pages; `None` without a workspace.
#[must_use]
pub fn workspace(page: &Url) -> Option<String> {
    if page.host_str() != Some(HOST) {
        return Some(without_trailing_slash(page));
    }
    let name = page.path_segments()?.next().filter(|name| !name.is_empty())?;
    let mut workspace = page.clone();
    workspace.set_path(name);
    Some(workspace.into())
}

/// The GraphQL API of the Linear whose pages are at `base`. Servers other than Linear's own have it at
/// `/graphql`.
#[must_use]
pub fn api(base: &Url) -> Url {
    let mut api = base.clone();
    if base.host_str() == Some(HOST) {
        // `set_host` can't fail here: the URL has a host, and the new one is valid.
        let _ = api.set_host(Some("api.linear.app"));
    }
    api.set_path("/graphql");
    api
}

/// The key of a team in upper case; `None` if it can't be one.
#[must_use]
pub fn team_key(text: &str) -> Option<String> {
    let key = text.to_ascii_uppercase();
    let is_plain = key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (is_plain && (1..=MAX_TEAM_KEY_BYTES).contains(&key.len())).then_some(key)
}

/// The team's key from `ENG-1`; `None` if it is not the key of an issue.
#[must_use]
pub fn team_of(key: &str) -> Option<&str> {
    let (team, number) = key.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && team_key(team).as_deref() == Some(team)).then_some(team)
}

/// The page of an issue, never taken from a payload, so that it leads to no other host.
#[must_use]
pub fn page(base_url: &str, key: &str) -> Option<String> {
    let base: Url = base_url.parse().ok()?;
    Some(extend(&base, &["issue", key]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_page_names_its_workspace() {
        for (page, expected) in [
            ("https://linear.app/acme", Some("https://linear.app/acme")),
            ("https://linear.app/acme/team/ENG/active", Some("https://linear.app/acme")),
            ("https://linear.app/", None),
            ("http://127.0.0.1:9/", Some("http://127.0.0.1:9")),
        ] {
            assert_eq!(workspace(&page.parse().unwrap()).as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn the_api_url_follows_from_the_workspace() {
        assert_eq!(api(&"https://linear.app/acme".parse().unwrap()).as_str(), "https://api.linear.app/graphql");
        assert_eq!(api(&"http://127.0.0.1:9".parse().unwrap()).as_str(), "http://127.0.0.1:9/graphql");
    }

    #[test]
    fn keys_are_checked() {
        assert_eq!(team_key("eng").as_deref(), Some("ENG"));
        for bad in ["", "EN G", "EN-G", "é", "../a", &"A".repeat(21)] {
            assert_eq!(team_key(bad), None, "{bad}");
        }
        assert_eq!(team_of("ENG-12"), Some("ENG"));
        for bad in ["ENG", "ENG-", "ENG-x", "-1", "eng-1", "A/B-1", "ENG-1/../x"] {
            assert_eq!(team_of(bad), None, "{bad}");
        }
        assert_eq!(page("https://linear.app/acme", "ENG-1").as_deref(), Some("https://linear.app/acme/issue/ENG-1"));
    }
}

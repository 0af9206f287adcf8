//! Gitea's REST API: <https://docs.gitea.com/api/#tag/issue/operation/issueGetIssue>.

use axum::http::header;

use super::issue;
use crate::providers::github::client::{Dialect, GithubClient};
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, TrackerConnection};

const TERMS: TrackerTerms = TrackerTerms {
    name: "Gitea / Forgejo",
    container: "repository",
    forbidden: "Give it the scopes read:issue and read:repository.",
    shows_sign_in: false,
};

/// A client.
///
/// # Errors
/// [`FetchError::Gone`] if the URL or the token can't be used.
pub fn new(connection: TrackerConnection<'_>) -> Result<GithubClient<'_>, FetchError> {
    let TrackerConnection { http, clock, site, credentials } = connection;
    let root = rest_client::extend(&rest_client::base(site.base_url)?, &["api", "v1"]);
    let token = credentials.map(|credentials| (header::AUTHORIZATION, format!("token {}", credentials.token)));
    let rest = RestClient::new(http, clock, root, TERMS, token)?;
    let dialect =
        Dialect { parse: |body, repository, site| issue::parse(body, Some(repository), site), has_transfers: false };
    Ok(GithubClient::with_dialect(rest, site, dialect))
}

//! Linear's GraphQL API: <https://linear.app/developers/graphql>. It explains failures in the body, also
//! with the status 200 or 400 (<https://linear.app/developers/rate-limiting>).

use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::issue::LinearIssue;
use super::settings;
use crate::net::Response;
use crate::providers::issue::stored_name;
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite, lenient, rate_limit};

const TERMS: TrackerTerms = TrackerTerms {
    name: "Linear",
    container: "team",
    forbidden: "Give the API key read access to the team.",
    shows_sign_in: false,
};

const ISSUE: &str = "query($id: String!) { issue(id: $id) { id identifier title description priority priorityLabel \
                     updatedAt trashed state { name type } assignee { name } labels(first: 100) { nodes { name } } } }";
const TEAM: &str = "query($key: String!) { teams(first: 1, filter: { key: { eq: $key } }) { nodes { key name } } }";

#[derive(Serialize)]
struct Query<'a> {
    query: &'static str,
    variables: Variables<'a>,
}

#[derive(Default, Serialize)]
struct Variables<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    #[serde(deserialize_with = "lenient")]
    data: Option<Data>,
    #[serde(deserialize_with = "lenient")]
    errors: Option<Vec<GraphqlError>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(deserialize_with = "lenient")]
    issue: Option<LinearIssue>,
    #[serde(deserialize_with = "lenient")]
    teams: Option<Teams>,
}

#[derive(Deserialize)]
struct Teams {
    nodes: Vec<Team>,
}

#[derive(Deserialize)]
struct Team {
    key: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GraphqlError {
    #[serde(deserialize_with = "lenient")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    extensions: Option<Extensions>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extensions {
    #[serde(deserialize_with = "lenient")]
    code: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
}

/// The client.
pub struct LinearClient<'a> {
    rest: RestClient,
    site: TrackerSite<'a>,
}

impl<'a> LinearClient<'a> {
    /// # Errors
    /// [`FetchError::Gone`] if the URL or the key can't be used.
    pub fn new(connection: TrackerConnection<'a>) -> Result<Self, FetchError> {
        let TrackerConnection { http, clock, site, credentials } = connection;
        let root = settings::api(&rest_client::base(site.base_url)?);
        // Personal API keys have no scheme.
        let key = credentials.map(|credentials| (header::AUTHORIZATION, credentials.token));
        Ok(Self { rest: RestClient::new(http, clock, root, TERMS, key)?, site })
    }

    async fn ask(&self, query: &Query<'_>, what: &str) -> Result<(Data, Response), FetchError> {
        let unexpected = || FetchError::Failed("The response does not look like Linear. Check the URL.".to_owned());
        let body = serde_json::to_vec(query).map_err(|_| unexpected())?;
        let response = self.rest.post(self.rest.url(&[]), body.into(), what).await?;
        let answer: Answer = serde_json::from_slice(&response.body).map_err(|_| unexpected())?;
        match (answer.errors.as_ref().and_then(|errors| errors.first()), answer.data) {
            (Some(error), _) => Err(self.failure(error, &response, what)),
            (None, Some(data)) => Ok((data, response)),
            (None, None) => Err(unexpected()),
        }
    }

    /// What an error means for the integration.
    fn failure(&self, error: &GraphqlError, response: &Response, what: &str) -> FetchError {
        let extensions = error.extensions.as_ref();
        let code = extensions.and_then(|all| all.code.as_deref()).unwrap_or_default();
        let kind = extensions.and_then(|all| all.kind.as_deref()).unwrap_or_default();
        let message = error.message.as_deref().unwrap_or_default();
        match (code, kind) {
            ("RATELIMITED", _) | (_, "ratelimited") => {
                let now = self.rest.now();
                let until = reset(&response.headers, now);
                self.rest.rate_limited(until.unwrap_or_else(|| rate_limit::wait_until(&response.headers, now)))
            }
            ("AUTHENTICATION_ERROR", _) | (_, "authentication error") => FetchError::Unauthorized(
                "Linear rejected the API key. It may be expired, revoked or mistyped. Enter a new one.".to_owned(),
            ),
            ("FORBIDDEN", _) | (_, "forbidden") => {
                FetchError::Failed(format!("The API key has no permission to read {what}. {}", TERMS.forbidden))
            }
            _ if message.to_ascii_lowercase().contains("not found") => FetchError::Gone(format!(
                "Linear has no {what}. It was deleted, or the API key has no access to its team."
            )),
            _ => FetchError::Failed(format!("Linear responded with an error for {what}.")),
        }
    }
}

#[async_trait]
impl IssueClient for LinearClient<'_> {
    /// By its id, which stays the same when it moves to another team.
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError> {
        let variables = Variables { id: Some(external_id), key: None };
        let (data, response) = self.ask(&Query { query: ISSUE, variables }, key).await?;
        if data.issue.as_ref().is_some_and(LinearIssue::is_trashed) {
            return Err(FetchError::Gone(format!("{key} is in Linear's trash.")));
        }
        match data.issue.and_then(|issue| issue.parse(&self.site).ok()) {
            // Another issue would overwrite the row of this one.
            Some(issue) if issue.external_id == external_id && issue.title.is_some() => {
                let until = reset(&response.headers, self.rest.now()).map(|until| self.rest.scheduled(until));
                Ok(FetchedIssue { issue, paused_until: until.or_else(|| self.rest.paused_until(&response)) })
            }
            _ => Err(FetchError::Failed("Linear's response is not the issue as JSON.".to_owned())),
        }
    }

    async fn test_connection(&self) -> Result<String, FetchError> {
        let key = self.site.repository;
        let variables = Variables { id: None, key: Some(key) };
        let (data, _) = self.ask(&Query { query: TEAM, variables }, key).await?;
        let teams = data.teams.map(|teams| teams.nodes).unwrap_or_default();
        match teams.into_iter().find(|team| team.key == key) {
            Some(team) => Ok(format!("Connected to {} ({}).", stored_name(&team.name), team.key)),
            None => Err(FetchError::Gone(format!(
                "Linear has no team with the key {key}, or the API key has no access to it."
            ))),
        }
    }
}

/// When an exhausted limit ends, at most [`MAX_PAUSE`](rate_limit::MAX_PAUSE) away; `None` if requests remain.
/// Linear limits the requests and their complexity, and writes times in epoch milliseconds.
fn reset(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let resets = ["requests", "complexity"].into_iter().filter_map(|limit| {
        let is_exhausted = number(&format!("x-ratelimit-{limit}-remaining"))? <= 0;
        let reset = number(&format!("x-ratelimit-{limit}-reset")).filter(|_| is_exhausted)?;
        DateTime::from_timestamp_millis(reset)
    });
    resets.max().filter(|reset| *reset > now).map(|reset| reset.min(now + rate_limit::MAX_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exhausted_limit_sets_the_pause() {
        let now = DateTime::from_timestamp(1000, 0).unwrap();
        let asked = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
            reset(&headers.collect(), now).map(|until| until.timestamp())
        };
        let (left, until) = ("x-ratelimit-requests-remaining", "x-ratelimit-requests-reset");
        assert_eq!(asked(&[(left, "0"), (until, "1600000")]), Some(1600));
        assert_eq!(asked(&[(left, "1"), (until, "1600000")]), None);
        assert_eq!(
            asked(&[("x-ratelimit-complexity-remaining", "0"), ("x-ratelimit-complexity-reset", "1700000")]),
            Some(1700)
        );
        assert_eq!(asked(&[(left, "0"), (until, "900000")]), None);
        assert_eq!(
            asked(&[(left, "0"), (until, "99999999999")]),
            Some(1000 + rate_limit::MAX_PAUSE.as_secs().cast_signed())
        );
    }
}

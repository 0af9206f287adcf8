//! Reading over Jira's REST API: version 3 with an account's address and API token on Cloud,
//! version 2 with a personal access token on Data Center.

use app::model::integration::Credentials;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{JiraIssue, is_cloud};
use crate::clock::Clock;
use crate::net::Http;
use crate::tracker::rest::{self, Rest, Words};
use crate::tracker::{Read, Site, Unread};

const WORDS: Words = Words {
    name: "Jira",
    container: "project",
    forbidden: "Its account needs the permission to browse the project. After too many failed sign-ins Jira also asks \
                the account for a captcha: sign in with it once.",
    shows_sign_in: false,
};

/// All that is read of an issue: without this Jira sends every field there is.
const FIELDS: &str = "summary,description,status,resolution,priority,issuetype,labels,assignee,updated";

/// See the [module](self).
pub struct Client<'a> {
    rest: Rest,
    site: Site<'a>,
}

#[derive(Deserialize)]
struct Project {
    key: String,
    name: String,
}

impl<'a> Client<'a> {
    /// A client for the Jira of an integration.
    ///
    /// # Errors
    /// [`Unread::Gone`] when its address or its token is of no use.
    pub fn new(http: Http, clock: Clock, site: Site<'a>, credentials: Option<&Credentials>) -> Result<Self, Unread> {
        let base = rest::base(site.base_url)?;
        let email = credentials.and_then(|credentials| credentials.email.as_deref());
        let version = if email.is_some() || is_cloud(base.host_str().unwrap_or_default()) { "3" } else { "2" };
        let authorization = credentials.map(|Credentials { token, .. }| match email {
            Some(email) => format!("Basic {}", STANDARD.encode(format!("{email}:{token}"))),
            None => format!("Bearer {token}"),
        });
        let root = rest::extend(&base, &["rest", "api", version]);
        Ok(Self { rest: Rest::new(http, clock, root, WORDS, authorization)?, site })
    }

    /// Reads the issue with this id, which outlives a change of its key.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn issue(&self, id: &str, key: &str) -> Result<Read, Unread> {
        let mut url = self.rest.at(&["issue", id]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.rest.get(url, key).await?;
        let paused_until = self.rest.paused_until(&response);
        let issue = serde_json::from_slice::<JiraIssue>(&response.body).ok().and_then(|issue| issue.read(&self.site));
        match issue {
            // Another one would be bound to this one's row.
            Some(issue) if issue.external_id == id => Ok(Read { issue, paused_until }),
            _ => Err(Unread::Failed("Jira's answer is not the issue as JSON.".to_owned())),
        }
    }

    /// Tries to read the project; gives a sentence with what was found.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn project(&self) -> Result<String, Unread> {
        let key = self.site.repository;
        let response = self.rest.get(self.rest.at(&["project", key]), &format!("the project {key}")).await?;
        let found: Project = serde_json::from_slice(&response.body).map_err(|_| {
            Unread::Failed("What answered there does not look like Jira. Check the address.".to_owned())
        })?;
        Ok(format!("{} ({}) can be read.", found.key, found.name))
    }
}

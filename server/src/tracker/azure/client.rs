//! Reading over the REST API of Azure DevOps. A token that it does not know it answers with a
//! page to sign in: by 203, by 302, or even by 200.

use app::model::integration::Credentials;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::item::Answer;
use super::split;
use crate::clock::Clock;
use crate::net::Http;
use crate::tracker::rest::{self, Rest, Words};
use crate::tracker::{Read, Site, Unread};

const WORDS: Words = Words {
    name: "Azure DevOps",
    container: "project",
    forbidden: "Give it the scope Work Items (Read), and its account access to the project.",
    shows_sign_in: true,
};
const VERSION: (&str, &str) = ("api-version", "7.1");

/// See the [module](self).
pub struct Client<'a> {
    rest: Rest,
    site: Site<'a>,
}

#[derive(Deserialize)]
struct Types {
    value: Vec<serde::de::IgnoredAny>,
}

impl<'a> Client<'a> {
    /// A client for the project of an integration.
    ///
    /// # Errors
    /// [`Unread::Gone`] when its address, its project or its token is of no use.
    pub fn new(http: Http, clock: Clock, site: Site<'a>, credentials: Option<&Credentials>) -> Result<Self, Unread> {
        let (organisation, project) = split(site.repository)
            .ok_or_else(|| Unread::Gone("Enter the project as organisation/project.".to_owned()))?;
        // The user name of a personal access token is empty.
        let basic = |credentials: &Credentials| format!("Basic {}", STANDARD.encode(format!(":{}", credentials.token)));
        let root = rest::extend(&rest::base(site.base_url)?, &[organisation, project, "_apis", "wit"]);
        Ok(Self { rest: Rest::new(http, clock, root, WORDS, credentials.map(basic))?, site })
    }

    /// Reads the work item with this number.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn issue(&self, id: &str, key: &str) -> Result<Read, Unread> {
        let mut url = self.rest.at(&["workitems", id]);
        url.query_pairs_mut().append_pair(VERSION.0, VERSION.1);
        let response = self.rest.get(url, &format!("the work item {key}")).await?;
        let paused_until = self.rest.paused_until(&response);
        let strange = || Unread::Failed("Azure DevOps' answer is not the work item as JSON.".to_owned());
        let answer: Answer = serde_json::from_slice(&response.body).map_err(|_| strange())?;
        let number = answer.id.filter(|number| number.to_string() == id).ok_or_else(strange)?;
        let issue = answer.work_item().ok_or_else(strange)?.read(number, &self.site);
        Ok(Read { issue, paused_until })
    }

    /// Tries to read the types of the project's work items, which takes the same scope as to
    /// read those; gives a sentence with what was found.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn project(&self) -> Result<String, Unread> {
        let mut url = self.rest.at(&["workitemtypes"]);
        url.query_pairs_mut().append_pair(VERSION.0, VERSION.1);
        let project = self.site.repository;
        let response = self.rest.get(url, &format!("the project {project}")).await?;
        let found: Types = serde_json::from_slice(&response.body).map_err(|_| {
            Unread::Failed("What answered there does not look like Azure DevOps. Check the address.".to_owned())
        })?;
        Ok(format!("{project} can be read: it has {} types of work items.", found.value.len()))
    }
}

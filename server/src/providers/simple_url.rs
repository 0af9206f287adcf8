//! Simple URL: a template that links to issues in any tracker. No events, nothing to read.

use url::Url;

use super::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};
use crate::net::{Guard, MAX_URL_BYTES};

const INVALID_TEMPLATE: &str = "Enter a URL with {key} in place of the issue key, e.g. https://bugs.example.com/{key}.";

/// The implementation.
pub struct SimpleUrl;

impl IssueProvider for SimpleUrl {
    /// Only browsers open the URL, so it may lead to hosts that Testbell must not request.
    fn base_url(&self, entered: &str, _guard: &Guard) -> Result<String, String> {
        check_template(entered).map(|()| entered.to_owned()).map_err(str::to_owned)
    }

    fn repository(&self, _entered: &str) -> Result<String, &'static str> {
        Ok(String::new())
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        None
    }

    fn client<'a>(&self, _connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Err(FetchError::Gone("Simple URL only links to issues. There is nothing to read.".to_owned()))
    }
}

fn check_template(text: &str) -> Result<(), &'static str> {
    let (before_key, _) = text.split_once("{key}").ok_or(INVALID_TEMPLATE)?;
    let url: Url = before_key.parse().map_err(|_| INVALID_TEMPLATE)?;
    // With the key in the host, the key of an issue would choose the server.
    let has_fixed_host = before_key.splitn(4, '/').count() == 4;
    if !matches!(url.scheme(), "https" | "http") || !has_fixed_host || text.len() > MAX_URL_BYTES {
        return Err(INVALID_TEMPLATE);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Remove the username and password from the URL.");
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(INVALID_TEMPLATE);
    }
    Ok(())
}

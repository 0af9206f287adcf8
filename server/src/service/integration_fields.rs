//! What may be entered for an integration, tracker by tracker; in its plain form.

use app::error::{Checks, Result};
use app::model::integration::{Credentials, Provider, PutIntegration};
use url::Url;

use crate::net::{Guard, Refusal};
use crate::tracker::{azure, github, jira};

/// The most bytes of a token; the longest in use have some hundred.
const TOKEN_MAX: usize = 4_096;
const LONGEST: usize = 200;
/// What the addresses of Jira's pages go on with.
const BROWSE: [&str; 3] = ["/browse/", "/secure/", "/projects/"];

/// A checked integration.
#[derive(Clone)]
pub struct Fields {
    /// Which tracker.
    pub provider: Provider,
    /// Without a slash at the end.
    pub base_url: String,
    /// As the tracker writes it.
    pub repository: String,
    /// `None` when none were entered.
    pub credentials: Option<Credentials>,
}

/// Checks what was entered.
///
/// # Errors
/// [`Invalid`](app::error::Error::Invalid) with all that is wrong.
pub fn check(entered: PutIntegration, guard: &Guard) -> Result<Fields> {
    let mut checks = Checks::default();
    let provider = entered.provider;
    let base_url = checks.take("baseUrl", base_url(provider, entered.base_url.trim(), guard));
    let repository = checks.take("repository", repository(provider, entered.repository.trim()));
    let is_cloud = base_url.as_deref().is_some_and(on_jira_cloud) && provider == Provider::Jira;
    let credentials = match credentials(provider, entered.credentials, is_cloud) {
        Ok(credentials) => Some(credentials),
        Err((field, why)) => checks.take(field, Err(why)),
    };
    match (base_url, repository, credentials) {
        (Some(base_url), Some(repository), Some(credentials)) => {
            Ok(Fields { provider, base_url, repository, credentials })
        }
        _ => Err(checks.into_error()),
    }
}

/// What an address of the tracker looks like.
const fn whole_address(provider: Provider) -> &'static str {
    match provider {
        Provider::Github => "Enter a whole address, such as https://github.example.com.",
        Provider::Jira => "Enter a whole address, such as https://acme.atlassian.net.",
        Provider::AzureDevops => "Enter a whole address, such as https://devops.example.com/tfs.",
        Provider::SimpleUrl => "Enter a whole address, such as https://bugs.example.com/{key}.",
    }
}

fn base_url(provider: Provider, text: &str, guard: &Guard) -> std::result::Result<String, String> {
    if provider == Provider::SimpleUrl {
        return template(text).map_err(str::to_owned);
    }
    let text = match (provider, text) {
        (Provider::Github, "") => "https://github.com",
        (Provider::AzureDevops, "") => "https://dev.azure.com",
        (_, "") => return Err("Enter the address of your Jira, such as https://acme.atlassian.net.".to_owned()),
        (_, text) => text,
    };
    let url = guard.check_url(text).map_err(|refusal| match refusal {
        Refusal::Malformed => whole_address(provider).to_owned(),
        refusal => refusal.to_string(),
    })?;
    if url.query().is_some() {
        return Err("Leave out the part after the question mark.".to_owned());
    }
    // Data Center and Azure DevOps Server may live below a path of their own.
    let alone = match provider {
        Provider::Github => true,
        Provider::Jira => jira::is_cloud(url.host_str().unwrap_or_default()),
        _ => azure::is_cloud(url.host_str().unwrap_or_default()),
    };
    if alone && url.path() != "/" {
        let host = &url[..url::Position::BeforePath];
        let what = if provider == Provider::Github { "repository" } else { "project" };
        return Err(format!("Enter the server alone, such as {host}; the {what} has a field of its own."));
    }
    if provider == Provider::Jira && BROWSE.iter().any(|page| url.path().contains(page)) {
        return Err("Enter the address that all pages of your Jira begin with.".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// A template is only ever opened by a browser: it may lead to where Testbell may not.
fn template(text: &str) -> std::result::Result<String, &'static str> {
    let sentence = "Enter an address with {key} where the issue's key belongs, such as https://example.com/{key}.";
    // A key in the host would let whoever names an issue choose the server.
    let (before, _) = text.split_once("{key}").ok_or(sentence)?;
    let url: Url = before.parse().map_err(|_| sentence)?;
    let host_is_fixed = before.splitn(4, '/').count() == 4;
    if !matches!(url.scheme(), "https" | "http") || !host_is_fixed || text.len() > crate::net::URL_MAX {
        return Err(sentence);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave out the user name and password before the host.");
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(sentence);
    }
    Ok(text.to_owned())
}

fn repository(provider: Provider, text: &str) -> std::result::Result<String, &'static str> {
    match provider {
        Provider::Github => {
            github::repository(text).ok_or("Enter the repository as owner/name, such as acme/checkout.")
        }
        Provider::Jira => {
            let key = text.to_ascii_uppercase();
            let plain = key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            let letter_first = key.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
            let sound = plain && letter_first && key.len() <= LONGEST;
            sound.then_some(key).ok_or("Enter the key of the Jira project, such as WEB.")
        }
        Provider::AzureDevops => {
            let sound = azure::repository(text).filter(|repository| repository.len() <= LONGEST);
            sound.ok_or("Enter organisation/project, such as acme/Checkout.")
        }
        Provider::SimpleUrl => Ok(String::new()),
    }
}

fn on_jira_cloud(base_url: &str) -> bool {
    base_url.parse().is_ok_and(|url: Url| jira::is_cloud(url.host_str().unwrap_or_default()))
}

/// A field of the credentials, by its path on the wire, and what is wrong with it.
type Wrong = (&'static str, &'static str);

const EMAIL: &str = "credentials.email";
const TOKEN: &str = "credentials.token";

fn credentials(
    provider: Provider,
    entered: Option<Credentials>,
    is_jira_cloud: bool,
) -> std::result::Result<Option<Credentials>, Wrong> {
    let Some(entered) = entered.filter(|_| provider != Provider::SimpleUrl) else { return Ok(None) };
    let token = entered.token.trim().to_owned();
    let email = entered.email.map(|email| email.trim().to_owned());
    // Only Jira tells its accounts apart by an address.
    let email = email.filter(|email| !email.is_empty() && provider == Provider::Jira);
    if token.is_empty() {
        let alone = "Enter the token as well: it is stored together with the e-mail address.";
        return if email.is_some() { Err((TOKEN, alone)) } else { Ok(None) };
    }
    if token.len() > TOKEN_MAX || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err((TOKEN, "A token is one word of at most 4,096 letters, digits and signs."));
    }
    let is_address = |email: &String| {
        let plain =
            email.len() <= LONGEST && !email.contains(|c: char| c.is_control() || c.is_whitespace() || c == ':');
        plain && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    };
    if !email.as_ref().is_none_or(is_address) {
        return Err((EMAIL, "Enter an e-mail address, such as ada@example.com."));
    }
    if is_jira_cloud && email.is_none() {
        return Err((EMAIL, "Jira Cloud takes an API token with the e-mail address of its account: enter both."));
    }
    Ok(Some(Credentials { email, token }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(provider: Provider, base_url: &str, repository: &str) -> Result<Fields> {
        let (base_url, repository) = (base_url.to_owned(), repository.to_owned());
        check(PutIntegration { provider, base_url, repository, credentials: None }, &Guard::new(false, Vec::new()))
    }

    fn plain(provider: Provider, base_url: &str, repository: &str) -> (String, String) {
        let Ok(fields) = entered(provider, base_url, repository) else { panic!("{base_url} {repository} is sound") };
        (fields.base_url, fields.repository)
    }

    fn wrong(provider: Provider, base_url: &str, repository: &str) -> Vec<String> {
        match entered(provider, base_url, repository) {
            Err(app::error::Error::Invalid { errors, .. }) => errors.into_keys().collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_people_paste_is_brought_into_one_form() {
        use Provider::{AzureDevops, Github, Jira, SimpleUrl};
        let of = |base: &str, repository: &str| (base.to_owned(), repository.to_owned());
        assert_eq!(plain(Github, "", "acme/checkout"), of("https://github.com", "acme/checkout"));
        let pasted = plain(Github, " https://GIT.example.com/ ", "https://git.example.com/acme/checkout.git");
        assert_eq!(pasted, of("https://git.example.com", "acme/checkout"));
        assert_eq!(plain(Jira, "https://example.com/jira/", "web"), of("https://example.com/jira", "WEB"));
        assert_eq!(plain(AzureDevops, "", "acme/Check out"), of("https://dev.azure.com", "acme/Check out"));
        assert_eq!(plain(SimpleUrl, "http://inner/i?k={key}", "x"), of("http://inner/i?k={key}", ""));
    }

    #[test]
    fn an_address_that_must_not_be_requested_is_told_at_its_field() {
        use Provider::{Github, Jira, SimpleUrl};
        let error = entered(Github, "nonsense", "acme/checkout").err().expect("it is no address");
        assert!(error.of_field("baseUrl").is_some_and(|why| why.contains("https://github.example.com")));
        for bad in ["http://github.com", "https://u:p@github.com", "https://10.0.0.1", "ftp://x", "https://a.b/c", "x"]
        {
            assert_eq!(wrong(Github, bad, "acme/checkout"), ["baseUrl"], "{bad}");
        }
        assert_eq!(wrong(Jira, "", "1"), ["baseUrl", "repository"]);
        for bad in ["https://x/", "https://{key}.x/", "https://x{key}/", "javascript:{key}", "https://u:p@x/{key}"] {
            assert_eq!(wrong(SimpleUrl, bad, ""), ["baseUrl"], "{bad}");
        }
    }

    #[test]
    fn a_page_of_a_tracker_is_not_its_address() {
        use Provider::{AzureDevops, Jira};
        assert_eq!(wrong(Jira, "https://acme.atlassian.net/browse/WEB-1", "WEB"), ["baseUrl"]);
        assert_eq!(wrong(Jira, "https://example.com/jira/browse/WEB-1", "WEB"), ["baseUrl"]);
        assert_eq!(wrong(AzureDevops, "https://dev.azure.com/acme", "acme/Shop"), ["baseUrl"]);
        let of = |base: &str, repository: &str| (base.to_owned(), repository.to_owned());
        let pasted =
            plain(AzureDevops, "https://tfs.example.com/tfs/", "https://tfs.example.com/acme/My%20Shop/_boards");
        assert_eq!(pasted, of("https://tfs.example.com/tfs", "acme/My Shop"));
    }

    #[test]
    fn jira_cloud_takes_an_address_beside_the_token() {
        let with = |email: Option<&str>, is_cloud: bool| {
            let entered = Credentials { email: email.map(str::to_owned), token: "t".to_owned() };
            credentials(Provider::Jira, Some(entered), is_cloud)
        };
        assert!(with(Some("ada@example.com"), true).is_ok());
        for missing in [None, Some(" ")] {
            assert!(with(missing, true).is_err_and(|(field, _)| field == EMAIL), "{missing:?}");
        }
        assert!(with(None, false).is_ok());
        assert!(with(Some("ada"), false).is_err() && with(Some("a@b:c"), false).is_err());
    }

    #[test]
    fn an_address_without_its_token_is_told_at_the_token() {
        let with = |provider, email: Option<&str>| {
            let entered = Credentials { email: email.map(str::to_owned), token: " ".to_owned() };
            credentials(provider, Some(entered), false)
        };
        let alone = with(Provider::Jira, Some("ada@example.com"));
        assert!(alone.is_err_and(|(field, why)| field == TOKEN && why.contains("token")));
        assert!(with(Provider::Jira, Some(" ")).is_ok_and(|none| none.is_none()));
        assert!(with(Provider::Github, Some("ada@example.com")).is_ok_and(|none| none.is_none()));
    }

    #[test]
    fn a_blank_token_is_none_and_a_broken_one_is_refused() {
        let of = |token: &str| {
            credentials(Provider::Github, Some(Credentials { email: None, token: token.to_owned() }), false)
        };
        assert!(of("  ").is_ok_and(|none| none.is_none()));
        assert!(of(" ghp_x ").is_ok_and(|some| some.is_some_and(|some| some.token == "ghp_x")));
        assert!(of("two words").is_err());
        assert!(of("nul\0").is_err());
    }
}

use super::*;

fn entered(provider: Provider, base_url: &str, repository: &str) -> Result<IntegrationSettings> {
    let (base_url, repository) = (base_url.to_owned(), repository.to_owned());
    let only_from_repository = None;
    let new = PutIntegration {
        provider,
        base_url,
        repository,
        only_from_repository,
        sync_milestones: None,
        credentials: None,
    };
    check(new, &Guard::new(false, Vec::new()))
}

fn normalized(provider: Provider, base_url: &str, repository: &str) -> (String, String) {
    let Ok(settings) = entered(provider, base_url, repository) else { panic!("{base_url} {repository} is valid") };
    (settings.base_url, settings.repository)
}

fn wrong_fields(provider: Provider, base_url: &str, repository: &str) -> Vec<String> {
    match entered(provider, base_url, repository) {
        Err(app::error::Error::Invalid { errors, .. }) => errors.into_keys().collect(),
        _ => Vec::new(),
    }
}

#[test]
fn pasted_values_are_normalized() {
    use Provider::{AzureDevops, Github, Gitlab, Jira, SimpleUrl};
    let of = |base: &str, repository: &str| (base.to_owned(), repository.to_owned());
    assert_eq!(normalized(Github, "", "acme/checkout"), of("https://github.com", "acme/checkout"));
    let pasted = normalized(Github, " https://GIT.example.com/ ", "https://git.example.com/acme/checkout.git");
    assert_eq!(pasted, of("https://git.example.com", "acme/checkout"));
    let pasted = normalized(Gitlab, "https://example.com/gitlab/", "https://example.com/a/b/c/-/issues");
    assert_eq!(pasted, of("https://example.com/gitlab", "a/b/c"));
    assert_eq!(normalized(Jira, "https://example.com/jira/", "web"), of("https://example.com/jira", "WEB"));
    assert_eq!(normalized(AzureDevops, "", "acme/Check out"), of("https://dev.azure.com", "acme/Check out"));
    assert_eq!(normalized(SimpleUrl, "http://inner/i?k={key}", "x"), of("http://inner/i?k={key}", ""));
}

#[test]
fn a_forbidden_url_is_reported_at_its_field() {
    use Provider::{Github, Jira, SimpleUrl};
    let error = entered(Github, "nonsense", "acme/checkout").err().expect("it is not a URL");
    assert!(error.of_field("baseUrl").is_some_and(|why| why.contains("https://github.example.com")));
    for bad in ["http://github.com", "https://u:p@github.com", "https://10.0.0.1", "ftp://x", "https://a.b/c", "x"] {
        assert_eq!(wrong_fields(Github, bad, "acme/checkout"), ["baseUrl"], "{bad}");
    }
    assert_eq!(wrong_fields(Jira, "", "1"), ["baseUrl", "repository"]);
    for bad in ["https://x/", "https://{key}.x/", "https://x{key}/", "javascript:{key}", "https://u:p@x/{key}"] {
        assert_eq!(wrong_fields(SimpleUrl, bad, ""), ["baseUrl"], "{bad}");
    }
}

#[test]
fn the_url_of_a_page_is_refused() {
    use Provider::{AzureDevops, Gitea, Gitlab, Jira};
    assert_eq!(wrong_fields(Gitea, "https://codeberg.org/acme", "acme/shop"), ["baseUrl"]);
    assert_eq!(wrong_fields(Gitea, "", "acme"), ["baseUrl", "repository"]);
    assert_eq!(wrong_fields(Gitlab, "https://gitlab.com/acme", "acme/shop"), ["baseUrl"]);
    assert_eq!(wrong_fields(Gitlab, "https://x.example/a/b/-/issues", "acme/shop"), ["baseUrl"]);
    assert_eq!(wrong_fields(Jira, "https://acme.atlassian.net/browse/WEB-1", "WEB"), ["baseUrl"]);
    assert_eq!(wrong_fields(Jira, "https://example.com/jira/browse/WEB-1", "WEB"), ["baseUrl"]);
    assert_eq!(wrong_fields(AzureDevops, "https://dev.azure.com/acme", "acme/Shop"), ["baseUrl"]);
    let of = |base: &str, repository: &str| (base.to_owned(), repository.to_owned());
    let pasted =
        normalized(AzureDevops, "https://tfs.example.com/tfs/", "https://tfs.example.com/acme/My%20Shop/_boards");
    assert_eq!(pasted, of("https://tfs.example.com/tfs", "acme/My Shop"));
}

fn check_of(provider: Provider, email: Option<&str>, token: &str, email_required: bool) -> CheckResult {
    let fields = provider.spec().credentials.as_ref().unwrap();
    let entered = Credentials { email: email.map(str::to_owned), token: token.to_owned() };
    check_credentials(fields, entered, email_required.then_some("Enter the email address."))
}

type CheckResult = std::result::Result<Option<Credentials>, FieldError>;

#[test]
fn jira_cloud_requires_an_email() {
    let with = |email: Option<&str>, is_cloud: bool| check_of(Provider::Jira, email, "t", is_cloud);
    assert!(with(Some("ada@example.com"), true).is_ok());
    for missing in [None, Some(" ")] {
        assert!(with(missing, true).is_err_and(|(field, _)| field == EMAIL), "{missing:?}");
    }
    assert!(with(None, false).is_ok());
    assert!(with(Some("ada"), false).is_err() && with(Some("a@b:c"), false).is_err());
    assert!(issue_provider(Provider::Jira).email_required("https://acme.atlassian.net").is_some());
    assert!(issue_provider(Provider::Jira).email_required("https://jira.example.com").is_none());
}

#[test]
fn an_email_requires_a_token() {
    let with = |provider, email: Option<&str>| check_of(provider, email, " ", false);
    let alone = with(Provider::Jira, Some("ada@example.com"));
    assert!(alone.is_err_and(|(field, why)| field == TOKEN && why.contains("token")));
    assert!(with(Provider::Jira, Some(" ")).is_ok_and(|none| none.is_none()));
    assert!(with(Provider::Github, Some("ada@example.com")).is_ok_and(|none| none.is_none()));
}

#[test]
fn a_blank_token_is_none_and_an_invalid_one_an_error() {
    let of = |token: &str| check_of(Provider::Github, None, token, false);
    assert!(of("  ").is_ok_and(|none| none.is_none()));
    assert!(of(" ghp_x ").is_ok_and(|some| some.is_some_and(|some| some.token == "ghp_x")));
    assert!(of("two words").is_err());
    assert!(of("nul\0").is_err());
}

//! The settings of single sign-on, from the command line or the environment.

use std::str::FromStr;

use app::model::id::ProjectId;
use app::model::people::Role;
use clap::Args;
use secrecy::SecretString;
use url::Url;

/// The settings of the deployment. Without an issuer there is no single sign-on.
#[derive(Clone, Debug, Args)]
pub struct OidcArgs {
    /// URL of the `OpenID` Connect provider, for "Sign in with ...". Its discovery document is below it, at
    /// /.well-known/openid-configuration.
    // As text: the provider decides whether its URL ends with a slash.
    #[arg(long, env = "TESTBELL_OIDC_ISSUER", requires = "oidc_client_id")]
    pub oidc_issuer: Option<String>,

    /// ID of Testbell at the provider. Its redirect URL is that of Testbell with /session/oidc/callback.
    #[arg(long, env = "TESTBELL_OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,

    /// Secret of Testbell at the provider. Default: none, for a public client.
    #[arg(long, env = "TESTBELL_OIDC_CLIENT_SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<SecretString>,

    /// Name of the provider on the sign-in page.
    #[arg(long, env = "TESTBELL_OIDC_NAME", default_value = "single sign-on")]
    pub oidc_name: String,

    /// Scopes that are requested.
    #[arg(long, env = "TESTBELL_OIDC_SCOPES", default_value = "openid email profile")]
    pub oidc_scopes: String,

    /// Claim that gives memberships, e.g. groups. A dot leads into an object, e.g. `realm_access.roles`.
    #[arg(long, env = "TESTBELL_OIDC_MEMBERSHIP_CLAIM", requires = "oidc_memberships")]
    pub oidc_membership_claim: Option<String>,

    /// What the values of the claim give, e.g. qa=WEB:member,qa-leads=WEB:admin.
    #[arg(long, env = "TESTBELL_OIDC_MEMBERSHIPS", value_delimiter = ',')]
    pub oidc_memberships: Vec<MembershipRule>,

    /// Create an account for everyone who signs in. Otherwise the claim has to give them a project.
    #[arg(long, env = "TESTBELL_OIDC_CREATE_ACCOUNTS", default_value_t = false)]
    pub oidc_create_accounts: bool,
}

/// A value of the claim, and the membership that it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRule {
    /// The value.
    pub value: String,
    /// The project.
    pub project: ProjectReference,
    /// The role.
    pub role: Role,
}

/// A project in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectReference {
    /// By its ID, which never changes.
    Id(ProjectId),
    /// By its key, in upper case.
    Key(String),
}

/// Why the settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcSettingsError {
    /// It is no URL.
    #[error("TESTBELL_OIDC_ISSUER: enter a full URL, e.g. https://login.example.com")]
    Malformed,
    /// Anyone on the network could read and change the responses of an http issuer.
    #[error("TESTBELL_OIDC_ISSUER: use an https URL")]
    NotHttps,
    /// The issuer has a query or fragment.
    #[error("TESTBELL_OIDC_ISSUER: the URL must have no query and no fragment")]
    Query,
    /// It is never returned.
    #[error("TESTBELL_OIDC_SCOPES: the scope \"openid\" is missing")]
    NoOpenId,
}

impl OidcArgs {
    /// Checks what the command line can't check.
    ///
    /// # Errors
    /// See [`OidcSettingsError`].
    pub fn check(&self, allow_http: bool) -> Result<(), OidcSettingsError> {
        let Some(issuer) = &self.oidc_issuer else { return Ok(()) };
        let issuer: Url = issuer.parse().map_err(|_| OidcSettingsError::Malformed)?;
        match issuer.scheme() {
            "https" => {}
            "http" if allow_http => {}
            _ => return Err(OidcSettingsError::NotHttps),
        }
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(OidcSettingsError::Query);
        }
        if !self.oidc_scopes.split_whitespace().any(|scope| scope == "openid") {
            return Err(OidcSettingsError::NoOpenId);
        }
        Ok(())
    }

    /// The memberships that the values of the claim give. With several for one project, the higher role counts.
    #[must_use]
    pub fn memberships(&self, values: &[String]) -> Vec<(ProjectReference, Role)> {
        let mut given: Vec<(ProjectReference, Role)> = Vec::new();
        for rule in self.oidc_memberships.iter().filter(|rule| values.contains(&rule.value)) {
            match given.iter_mut().find(|(project, _)| *project == rule.project) {
                Some((_, role)) if *role == Role::Member => *role = rule.role,
                Some(_) => {}
                None => given.push((rule.project.clone(), rule.role)),
            }
        }
        given
    }
}

impl FromStr for MembershipRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || format!("{text} is not a rule like qa=WEB:member");
        // A value may contain both signs.
        let (value, grant) = text.rsplit_once('=').ok_or_else(invalid)?;
        let (project, role) = grant.rsplit_once(':').ok_or_else(invalid)?;
        let role = role.trim().parse().map_err(|_| format!("{}: the role is member or admin", role.trim()))?;
        let (value, project) = (value.trim().to_owned(), project.trim());
        if value.is_empty() || project.is_empty() {
            return Err(invalid());
        }
        let project = match project.parse() {
            Ok(id) => ProjectReference::Id(id),
            Err(_) => ProjectReference::Key(project.to_uppercase()),
        };
        Ok(Self { value, project, role })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        oidc: OidcArgs,
    }

    fn args(more: &[&str]) -> OidcArgs {
        let all = ["test", "--oidc-issuer", "https://login.example.com", "--oidc-client-id", "bell"];
        Cli::try_parse_from(all.iter().chain(more)).unwrap().oidc
    }

    fn key(key: &str) -> ProjectReference {
        ProjectReference::Key(key.to_owned())
    }

    #[test]
    fn a_rule_maps_a_value_to_a_project_and_a_role() {
        let rule: MembershipRule = " qa = web:member ".parse().unwrap();
        assert_eq!((rule.value.as_str(), rule.project, rule.role), ("qa", key("WEB"), Role::Member));
        let rule: MembershipRule = "/a=b:c/leads=WEB:admin".parse().unwrap();
        assert_eq!((rule.value.as_str(), rule.project, rule.role), ("/a=b:c/leads", key("WEB"), Role::Admin));
        for invalid in ["", "qa", "qa=WEB", "=WEB:member", "qa=:member", "qa=WEB:owner"] {
            assert!(invalid.parse::<MembershipRule>().is_err(), "{invalid}");
        }
    }

    #[test]
    fn the_higher_role_counts() {
        let rules = ["--oidc-membership-claim", "groups", "--oidc-memberships"];
        let all = args(&[&rules[..], &["qa=WEB:member,leads=WEB:admin,qa=APP:member"]].concat());
        let given = |values: &[&str]| all.memberships(&values.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(given(&["qa", "leads"]), [(key("WEB"), Role::Admin), (key("APP"), Role::Member)]);
        assert_eq!(given(&["leads"]), [(key("WEB"), Role::Admin)]);
        assert_eq!(given(&["QA"]), []);
    }

    #[test]
    fn an_unsafe_issuer_is_refused() {
        assert_eq!(args(&[]).check(false), Ok(()));
        let http = OidcArgs { oidc_issuer: Some("http://login.example.com".to_owned()), ..args(&[]) };
        assert_eq!((http.check(false), http.check(true)), (Err(OidcSettingsError::NotHttps), Ok(())));
        let query = OidcArgs { oidc_issuer: Some("https://login.example.com/?a".to_owned()), ..args(&[]) };
        assert_eq!(query.check(false), Err(OidcSettingsError::Query));
        let malformed = OidcArgs { oidc_issuer: Some("login.example.com".to_owned()), ..args(&[]) };
        assert_eq!(malformed.check(false), Err(OidcSettingsError::Malformed));
        assert_eq!(args(&["--oidc-scopes", "email"]).check(false), Err(OidcSettingsError::NoOpenId));
    }
}

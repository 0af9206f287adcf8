//! The issue trackers. [`Provider::spec`] holds what the interface and the API say about each one:
//! the fields of its integration, the credentials, how its webhook is authenticated, and the setup
//! steps. The server's part is in `server/src/providers`.

use super::icon::Icon;
use super::string_enum;

macro_rules! providers {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $label:literal, $spec:expr;)+) => {
        string_enum! {
            /// The supported trackers.
            Provider { $($(#[doc = $doc])* $variant = $text, $label;)+ }
        }

        impl Provider {
            /// What the interface and the API say about it.
            #[must_use]
            pub const fn spec(self) -> &'static ProviderSpec {
                match self { $(Self::$variant => &$spec),+ }
            }
        }
    };
}

providers! {
    /// github.com or GitHub Enterprise.
    Github = "github", "GitHub", GITHUB;
    /// gitlab.com or self-managed GitLab.
    Gitlab = "gitlab", "GitLab", GITLAB;
    /// Gitea or Forgejo, e.g. codeberg.org.
    Gitea = "gitea", "Gitea / Forgejo", GITEA;
    /// Jira Cloud or Data Center.
    Jira = "jira", "Jira", JIRA;
    /// Azure DevOps Services or Server.
    AzureDevops = "azure_devops", "Azure DevOps", AZURE_DEVOPS;
    /// Linear.
    Linear = "linear", "Linear", LINEAR;
    /// Links only: no events, no sync.
    SimpleUrl = "simple_url", "Simple URL", SIMPLE_URL;
}

/// What the interface and the API say about a tracker.
#[derive(Debug)]
pub struct ProviderSpec {
    /// Its icon on cards.
    pub icon: Icon,
    /// What [`Integration::repository`](super::integration::Integration::repository) names there.
    pub container: &'static str,
    /// The URL of the tracker, or the URL template.
    pub base_url: BaseUrlField,
    /// The repository or project.
    pub repository: Option<RepositoryField>,
    /// The credentials; `None` if nothing is read from the tracker.
    pub credentials: Option<CredentialFields>,
    /// How the tracker sends events; `None` if it doesn't.
    pub inbound: Option<InboundSpec>,
    /// What it calls the milestones that it sends; `None` if it sends none.
    pub milestones: Option<&'static str>,
}

/// The field for the URL of a tracker.
#[derive(Debug)]
pub struct BaseUrlField {
    /// The label.
    pub label: &'static str,
    /// The help text.
    pub hint: &'static str,
    /// An example URL for error messages.
    pub example: &'static str,
    /// The default for a blank field; `None` if the field is required.
    pub default: Option<&'static str>,
}

/// The field for the repository or project.
#[derive(Debug)]
pub struct RepositoryField {
    /// The label.
    pub label: &'static str,
    /// The placeholder.
    pub placeholder: &'static str,
}

/// The fields for the credentials.
#[derive(Debug)]
pub struct CredentialFields {
    /// The help text of the token.
    pub token_hint: &'static str,
    /// The help text of the account's email address; `None` if the token is enough.
    pub email_hint: Option<&'static str>,
}

/// How a tracker sends events.
#[derive(Debug)]
pub struct InboundSpec {
    /// How a request proves that the tracker sent it.
    pub authentication: InboundAuthentication,
    /// How to set up the webhook in the tracker. `{repository}` is the integration's repository.
    pub setup_steps: &'static [&'static str],
}

/// How an inbound request is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundAuthentication {
    /// The tracker signs with a secret that Testbell generates.
    Secret,
    /// The tracker sends a username and password that an admin chooses.
    UsernamePassword,
    /// The tracker signs with a secret that it generates. An admin enters it after setting up the webhook there.
    TrackerSecret,
}

impl InboundAuthentication {
    /// What the reveal panel says about the secret's storage.
    #[must_use]
    pub const fn storage_note(self) -> &'static str {
        match self {
            Self::Secret => "The secret is stored encrypted.",
            Self::UsernamePassword => "The username and password are stored encrypted.",
            Self::TrackerSecret => "Events are refused until you enter the tracker's signing secret.",
        }
    }
}

impl Provider {
    /// Whether the tracker sends events to Testbell.
    #[must_use]
    pub const fn has_inbound(self) -> bool {
        self.spec().inbound.is_some()
    }

    /// Whether milestones can be kept in sync with it.
    #[must_use]
    pub const fn has_milestones(self) -> bool {
        self.spec().milestones.is_some()
    }

    /// What an integration's repository is called in the tracker.
    #[must_use]
    pub const fn container(self) -> &'static str {
        self.spec().container
    }

    /// How its webhook is authenticated.
    #[must_use]
    pub fn inbound_authentication(self) -> Option<InboundAuthentication> {
        self.spec().inbound.as_ref().map(|inbound| inbound.authentication)
    }

    /// How its webhook is set up, for an integration with this repository.
    #[must_use]
    pub fn setup_steps(self, repository: &str) -> Vec<String> {
        let steps = self.spec().inbound.as_ref().map_or(&[][..], |inbound| inbound.setup_steps);
        steps.iter().map(|step| step.replace("{repository}", repository)).collect()
    }
}

const GITHUB: ProviderSpec = ProviderSpec {
    icon: Icon::Branch,
    container: "repository",
    base_url: BaseUrlField {
        label: "GitHub URL (optional)",
        hint: "Leave blank for github.com. For GitHub Enterprise, e.g. https://github.example.com",
        example: "https://github.example.com",
        default: Some("https://github.com"),
    },
    repository: Some(RepositoryField { label: "Repository", placeholder: "owner/repository" }),
    credentials: Some(CredentialFields {
        token_hint: "A fine-grained personal access token with read access to issues. Without a token, issues update \
                     only from webhook events.",
        email_hint: None,
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::Secret,
        setup_steps: &[
            "In the repository, open Settings, Webhooks, and add a webhook or edit the existing one.",
            "Paste the URL and the secret. Set the content type to application/json.",
            "Choose \"Let me select individual events\", then \"Issues\". Select \"Milestones\" too to keep milestones in sync.",
        ],
    }),
    milestones: Some("milestones"),
};

const GITLAB: ProviderSpec = ProviderSpec {
    icon: Icon::Branch,
    container: "project",
    base_url: BaseUrlField {
        label: "GitLab URL (optional)",
        hint: "Leave blank for gitlab.com. For your own server, e.g. https://gitlab.example.com",
        example: "https://gitlab.example.com",
        default: Some("https://gitlab.com"),
    },
    repository: Some(RepositoryField { label: "Project path", placeholder: "group/project" }),
    credentials: Some(CredentialFields {
        token_hint: "A project or personal access token with the scope read_api. Without a token, issues update only \
                     from webhook events.",
        email_hint: None,
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::Secret,
        setup_steps: &[
            "In the project, open Settings, Webhooks, and add a webhook or edit the existing one.",
            "Paste the URL, and the secret as the secret token.",
            "Select the triggers Issues events, Confidential issues events and Comments.",
        ],
    }),
    milestones: None,
};

const GITEA: ProviderSpec = ProviderSpec {
    icon: Icon::Branch,
    container: "repository",
    base_url: BaseUrlField {
        label: "Gitea or Forgejo URL",
        hint: "e.g. https://git.example.com",
        example: "https://git.example.com",
        default: None,
    },
    repository: Some(RepositoryField { label: "Repository", placeholder: "owner/repository" }),
    credentials: Some(CredentialFields {
        token_hint: "An access token with the scopes read:issue and read:repository. Without a token, issues update \
                     only from webhook events.",
        email_hint: None,
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::Secret,
        setup_steps: &[
            "In the repository, open Settings, Webhooks, and add a webhook of the type Gitea or Forgejo, or edit the \
             existing one.",
            "Paste the URL as the target URL, and the secret. Set the content type to application/json.",
            "Choose \"Custom events\", and select all issue events.",
        ],
    }),
    milestones: None,
};

const JIRA: ProviderSpec = ProviderSpec {
    icon: Icon::Issue,
    container: "project",
    base_url: BaseUrlField {
        label: "Jira URL",
        hint: "e.g. https://example.atlassian.net",
        example: "https://example.atlassian.net",
        default: None,
    },
    repository: Some(RepositoryField { label: "Project key", placeholder: "WEB" }),
    credentials: Some(CredentialFields {
        token_hint: "An API token for Jira Cloud, or a personal access token for Data Center. Without a token, issues \
                     update only from webhook events.",
        email_hint: Some("For Jira Cloud."),
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::Secret,
        setup_steps: &[
            "As a Jira administrator, open System, WebHooks, and create a webhook or edit the existing one.",
            "Paste the URL and the secret.",
            "Select the events Issue created, updated and deleted, with the JQL filter project = {repository}. Select all \
             events of versions too to keep milestones in sync.",
            "Jira Data Center uses the same page. Requires a version with webhook secrets.",
        ],
    }),
    milestones: Some("versions"),
};

const AZURE_DEVOPS: ProviderSpec = ProviderSpec {
    icon: Icon::Issue,
    container: "project",
    base_url: BaseUrlField {
        label: "Azure DevOps URL (optional)",
        hint: "Leave blank for https://dev.azure.com.",
        example: "https://devops.example.com/tfs",
        default: Some("https://dev.azure.com"),
    },
    repository: Some(RepositoryField { label: "Organization and project", placeholder: "organization/project" }),
    credentials: Some(CredentialFields {
        token_hint: "A personal access token with read access to work items. Without a token, issues update only from \
                     webhook events.",
        email_hint: None,
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::UsernamePassword,
        setup_steps: &[
            "In the project, open Project settings, Service hooks, and create a Web Hooks subscription.",
            "Select the event Work item updated. Add subscriptions for Work item created, deleted and restored.",
            "Paste the URL. Under Basic authentication, enter the username and password that you chose here.",
            "Set \"Resource details to send\" to All.",
        ],
    }),
    milestones: None,
};

const LINEAR: ProviderSpec = ProviderSpec {
    icon: Icon::Issue,
    container: "team",
    base_url: BaseUrlField {
        label: "Workspace URL",
        hint: "e.g. https://linear.app/acme",
        example: "https://linear.app/acme",
        default: None,
    },
    repository: Some(RepositoryField { label: "Team key", placeholder: "ENG" }),
    credentials: Some(CredentialFields {
        token_hint: "A personal API key with read access. Without a key, issues update only from webhook events.",
        email_hint: None,
    }),
    inbound: Some(InboundSpec {
        authentication: InboundAuthentication::TrackerSecret,
        setup_steps: &[
            "In Linear, open Settings, API, and add a webhook.",
            "Paste the URL. Select the team {repository}, and the data change events Issues and Comments.",
            "Save it, and copy its signing secret.",
            "In the menu of this webhook, choose Enter signing secret, and paste it.",
        ],
    }),
    milestones: None,
};

const SIMPLE_URL: ProviderSpec = ProviderSpec {
    icon: Icon::Issue,
    container: "project",
    base_url: BaseUrlField {
        label: "URL template",
        hint: "{key} is replaced by the issue key, e.g. https://bugs.example.com/{key}",
        example: "https://bugs.example.com/{key}",
        default: None,
    },
    repository: None,
    credentials: None,
    inbound: None,
    milestones: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_steps_name_the_repository() {
        assert!(Provider::Jira.setup_steps("WEB").iter().any(|step| step.contains("project = WEB")));
        assert!(Provider::SimpleUrl.setup_steps("").is_empty());
    }
}

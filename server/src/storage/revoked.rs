//! Revoked access. The open streams that depend on it end, on every node.

use app::model::account::Credential;
use app::model::id::{BrowserSessionId, ProjectId, TokenId, UserId};
use serde::{Deserialize, Serialize};

/// What was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Revoked {
    /// A user may no longer read a project.
    Member {
        /// Which project.
        project_id: ProjectId,
        /// Who.
        user_id: UserId,
    },
    /// A user was deactivated or lost permissions. Browsers reopen what is still allowed.
    User {
        /// Who.
        user_id: UserId,
    },
    /// A session was ended.
    Session {
        /// Which.
        session_id: BrowserSessionId,
    },
    /// An API token was ended.
    Token {
        /// Which.
        token_id: TokenId,
    },
    /// A project was deleted.
    Project {
        /// Which.
        project_id: ProjectId,
    },
}

impl Revoked {
    /// Whether a stream of `user` ends that follows `projects` and was opened with `credential`.
    #[must_use]
    pub fn ends(&self, user: UserId, projects: &[ProjectId], credential: Credential) -> bool {
        match *self {
            Self::Member { project_id, user_id } => user_id == user && projects.contains(&project_id),
            Self::User { user_id } => user_id == user,
            Self::Session { session_id } => credential == Credential::Session(session_id),
            Self::Token { token_id } => matches!(credential, Credential::Token { id, .. } if id == token_id),
            Self::Project { project_id } => projects.contains(&project_id),
        }
    }
}

//! What a stream follows: projects, and the workspace for pages outside of projects.

use std::collections::HashSet;

use app::error::{Error, Result};
use app::model::id::ProjectId;
use app::model::live::{ChangeKind, WORKSPACE};
use app::model::people::Actor;

use super::SequencedChange;
use crate::access::{readable_projects, recheck_projects};
use crate::app_state::AppState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Followed {
    /// Those of the requested projects that the caller may read, with the workspace if it was requested.
    pub projects: Vec<ProjectId>,
    /// The projects whose changes the workspace shows; `None` for all.
    in_workspace: Option<HashSet<ProjectId>>,
}

impl Followed {
    /// Reads what the caller may follow.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is nothing, and [`Error::Unauthenticated`].
    pub async fn load(state: &AppState, actor: &Actor, requested: &[ProjectId]) -> Result<Self> {
        let mut projects = recheck_projects(state, actor, requested).await?;
        let mut in_workspace = Some(HashSet::new());
        if requested.contains(&WORKSPACE) {
            projects.push(WORKSPACE);
            in_workspace = readable_projects(state, actor).await?.map(HashSet::from_iter);
        }
        if projects.is_empty() { Err(Error::NotFound) } else { Ok(Self { projects, in_workspace }) }
    }

    /// The projects whose loss ends the stream.
    pub fn dependencies(&self) -> Vec<ProjectId> {
        self.projects.iter().chain(self.in_workspace.iter().flatten()).copied().collect()
    }

    /// The changes after a number that the caller may see. A webhook with many projects changes in all of them at once; the workspace
    /// shows that as one change.
    pub fn shown<'a>(&'a self, changes: &'a [SequencedChange], seen: u64) -> impl Iterator<Item = &'a SequencedChange> {
        let mut in_workspace = HashSet::new();
        // First of all: a later change is no repetition of one that isn't shown.
        let unseen = changes.iter().filter(move |change| change.number > seen);
        unseen.filter(move |SequencedChange { change, channel, .. }| {
            let is_visible = match (&self.in_workspace, &change.kind) {
                _ if *channel != WORKSPACE => return true,
                (_, ChangeKind::WebhookPauseChanged) | (None, _) => true,
                (Some(projects), _) => projects.contains(&change.project_id),
            };
            is_visible && in_workspace.insert(&change.kind)
        })
    }

    /// Whether the caller may no longer read one of the projects, or may read others in the workspace. A failure of
    /// the database counts as access.
    pub async fn has_changed(&self, state: &AppState, actor: &Actor) -> bool {
        match Self::load(state, actor, &self.projects).await {
            Ok(now) => now != *self,
            Err(error) => matches!(error, Error::Unauthenticated | Error::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use app::model::id::WebhookId;
    use app::model::live::ProjectChange;
    use uuid::Uuid;

    use super::*;

    fn project(n: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(n))
    }

    fn change(number: u64, channel: ProjectId, of: ProjectId, kind: ChangeKind) -> SequencedChange {
        SequencedChange { number, channel, change: ProjectChange { project_id: of, kind } }
    }

    fn numbers(followed: &Followed, changes: &[SequencedChange]) -> Vec<u64> {
        followed.shown(changes, 0).map(|change| change.number).collect()
    }

    #[test]
    fn the_workspace_shows_each_change_of_readable_projects_once() {
        let webhook = |n: u128| ChangeKind::WebhookChanged { webhook_id: WebhookId(Uuid::from_u128(n)) };
        let changes = [
            change(1, WORKSPACE, project(2), webhook(7)),
            change(2, WORKSPACE, project(1), webhook(7)),
            change(3, WORKSPACE, project(1), webhook(7)),
            change(4, WORKSPACE, project(2), ChangeKind::WebhookPauseChanged),
            change(5, WORKSPACE, project(1), ChangeKind::WebhookPauseChanged),
            change(6, WORKSPACE, project(1), webhook(8)),
        ];
        let member = Followed { projects: vec![WORKSPACE], in_workspace: Some(HashSet::from([project(1)])) };
        assert_eq!(numbers(&member, &changes), [2, 4, 6]);
        let system_admin = Followed { projects: vec![WORKSPACE], in_workspace: None };
        assert_eq!(numbers(&system_admin, &changes), [1, 4, 6]);
    }

    #[test]
    fn a_change_is_shown_although_an_earlier_one_was_seen() {
        let kind = || ChangeKind::WebhookChanged { webhook_id: WebhookId(Uuid::from_u128(7)) };
        let changes = [change(3, WORKSPACE, project(1), kind()), change(4, WORKSPACE, project(1), kind())];
        let followed = Followed { projects: vec![WORKSPACE], in_workspace: None };
        let shown: Vec<_> = followed.shown(&changes, 3).map(|change| change.number).collect();
        assert_eq!(shown, [4]);
    }

    #[test]
    fn a_project_shows_all_its_changes() {
        let kind = || ChangeKind::NotificationsChanged;
        let changes = [change(1, project(1), project(1), kind()), change(2, project(1), project(1), kind())];
        let followed = Followed { projects: vec![project(1)], in_workspace: Some(HashSet::new()) };
        assert_eq!(numbers(&followed, &changes), [1, 2]);
    }
}

//! The content of a test case: what a review proposes, and what two versions of a case are compared by.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::UpdateCase;
use super::{Priority, Step, TestCase};

/// The complete content of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseContent {
    /// 1 to 500 characters.
    pub title: String,
    /// Plain text, at most 64 KiB.
    pub preconditions: String,
    /// At most 100.
    pub steps: Vec<Step>,
    /// The priority.
    pub priority: Priority,
    /// At most 50, each up to 100 characters.
    pub labels: Vec<String>,
}

impl CaseContent {
    /// The names of its fields in the API.
    pub const FIELDS: [&'static str; 5] = ["title", "preconditions", "steps", "priority", "labels"];

    /// The names of the fields that differ in another content.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<&'static str> {
        let same = [
            self.title == other.title,
            self.preconditions == other.preconditions,
            self.steps == other.steps,
            self.priority == other.priority,
            self.labels == other.labels,
        ];
        Self::FIELDS.into_iter().zip(same).filter(|(_, same)| !same).map(|(field, _)| field).collect()
    }

    /// Sets the fields that are the same in `before` to those of `now`.
    #[cfg(feature = "ssr")]
    pub fn rebase(&mut self, before: &Self, now: &Self) {
        fn follow<T: Clone + PartialEq>(field: &mut T, before: &T, now: &T) {
            if field == before {
                field.clone_from(now);
            }
        }
        follow(&mut self.title, &before.title, &now.title);
        follow(&mut self.preconditions, &before.preconditions, &now.preconditions);
        follow(&mut self.steps, &before.steps, &now.steps);
        follow(&mut self.priority, &before.priority, &now.priority);
        follow(&mut self.labels, &before.labels, &now.labels);
    }

    /// The change of a case to this content, without the fields that are the same in `base`.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn change_since(self, base: &Self) -> UpdateCase {
        UpdateCase {
            title: (self.title != base.title).then_some(self.title),
            preconditions: (self.preconditions != base.preconditions).then_some(self.preconditions),
            steps: (self.steps != base.steps).then_some(self.steps),
            priority: (self.priority != base.priority).then_some(self.priority),
            labels: (self.labels != base.labels).then_some(self.labels),
            ..UpdateCase::default()
        }
    }
}

impl From<TestCase> for CaseContent {
    fn from(case: TestCase) -> Self {
        let TestCase { title, preconditions, steps, priority, labels, .. } = case;
        Self { title, preconditions, steps, priority, labels }
    }
}

#[cfg(feature = "ssr")]
impl From<CaseContent> for UpdateCase {
    fn from(CaseContent { title, preconditions, steps, priority, labels }: CaseContent) -> Self {
        Self {
            title: Some(title),
            preconditions: Some(preconditions),
            steps: Some(steps),
            priority: Some(priority),
            labels: Some(labels),
            ..Self::default()
        }
    }
}

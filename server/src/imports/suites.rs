//! Finds suites by their paths, and says which are missing.

use std::collections::HashMap;

use app::testware::suite::{MAX_DEPTH, SuiteId};

use crate::testware::suite::table::Model as Suite;

/// The suites of a project and those that an import adds.
#[derive(Default)]
pub struct SuiteTree {
    by_place: HashMap<(Option<SuiteId>, String), SuiteId>,
}

/// A suite to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuite {
    pub id: SuiteId,
    pub parent_id: Option<SuiteId>,
    pub name: String,
}

impl SuiteTree {
    /// Of two suites with the same name in one place, the older one is found.
    pub fn new(suites: &[Suite]) -> Self {
        let mut tree = Self::default();
        for suite in suites {
            tree.by_place.entry((suite.parent_id, suite.name.clone())).or_insert(suite.id);
        }
        tree
    }

    /// The innermost suite of a path. Missing ones are added to the tree and to `new`, the outer before the inner.
    pub fn place(
        &mut self,
        path: &[String],
        new: &mut Vec<NewSuite>,
        mut next_id: impl FnMut() -> SuiteId,
    ) -> Option<SuiteId> {
        let mut parent_id = None;
        for name in path.iter().take(MAX_DEPTH) {
            let id = *self.by_place.entry((parent_id, name.clone())).or_insert_with(|| {
                let id = next_id();
                new.push(NewSuite { id, parent_id, name: name.clone() });
                id
            });
            parent_id = Some(id);
        }
        parent_id
    }
}

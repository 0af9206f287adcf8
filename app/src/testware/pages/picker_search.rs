//! The search of an [`ItemPicker`](super::item_picker::ItemPicker): what it has found so far, and the
//! requests for more.

use std::time::Duration;

use leptos::prelude::*;

use crate::api;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::issue::{Issue, IssueQuery};
use crate::model::page::{MAX_LIMIT, Page};
use crate::testware::item::{ItemQuery, TestwareItem};

/// How long to wait after a keystroke.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);
/// A project has many issues, but few are linked.
const ISSUES_PER_PAGE: u32 = 20;

/// What can be selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PickerSource {
    /// The cases of the project.
    Cases,
    /// Its issues.
    Issues,
}

/// An item that can be selected.
#[derive(Clone, Debug)]
pub struct PickerItem {
    /// Its ID, as the form sends it.
    pub id: String,
    /// Its key, if it has one.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// It is the same item even if it was renamed in between.
impl PartialEq for PickerItem {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl From<TestwareItem> for PickerItem {
    fn from(item: TestwareItem) -> Self {
        Self { id: item.id.to_string(), key: item.key, title: item.title }
    }
}

impl From<Issue> for PickerItem {
    fn from(issue: Issue) -> Self {
        Self { id: issue.id.to_string(), key: issue.key.unwrap_or_default(), title: issue.title }
    }
}

#[derive(Clone, Copy)]
pub struct PickerSearch {
    source: PickerSource,
    project: ProjectId,
    text: StoredValue<String>,
    /// Counts the searches, so that the response to an earlier one is dropped.
    number: StoredValue<u32>,
    found: RwSignal<Option<Result<Vec<PickerItem>>>>,
    next_cursor: RwSignal<Option<String>>,
}

impl PickerSearch {
    pub fn new(source: PickerSource, project: ProjectId) -> Self {
        Self {
            source,
            project,
            text: StoredValue::new(String::new()),
            number: StoredValue::new(0),
            found: RwSignal::new(None),
            next_cursor: RwSignal::new(None),
        }
    }

    /// The items found so far, newest first.
    pub fn items(self) -> Vec<PickerItem> {
        self.found.with(|found| found.as_ref().and_then(|found| found.clone().ok()).unwrap_or_default())
    }

    /// What to say instead of a list; empty if there is one.
    pub fn status(self) -> String {
        self.found.with(|found| match found {
            None => "Loading…".to_owned(),
            Some(Err(error)) => error.to_string(),
            Some(Ok(items)) if items.is_empty() => "No matches".to_owned(),
            Some(Ok(_)) => String::new(),
        })
    }

    /// Whether there are more items than those read so far.
    pub fn has_more(self) -> bool {
        self.next_cursor.with(Option::is_some)
    }

    /// Starts a search.
    pub fn start(self) {
        leptos::task::spawn_local(self.read(None, self.next_number()));
    }

    /// Starts a search once the user stops typing.
    pub fn start_after_typing(self, text: &str) {
        self.text.set_value(text.trim().to_owned());
        let number = self.next_number();
        set_timeout(
            move || {
                if self.number.try_get_value() == Some(number) {
                    leptos::task::spawn_local(self.read(None, number));
                }
            },
            SEARCH_DEBOUNCE,
        );
    }

    /// Reads the next page.
    pub fn load_more(self) {
        leptos::task::spawn_local(self.read(self.next_cursor.get_untracked(), self.number.get_value()));
    }

    fn next_number(self) -> u32 {
        self.number.update_value(|number| *number += 1);
        self.number.get_value()
    }

    async fn read(self, cursor: Option<String>, number: u32) {
        let appends = cursor.is_some();
        let Some(text) = self.text.try_get_value() else { return };
        let page = find(self.source, self.project, text, cursor).await;
        // Another search may have started, or the form may have closed.
        if self.number.try_get_value() != Some(number) {
            return;
        }
        let items = page.map(|page| {
            self.next_cursor.set(page.next_cursor);
            page.items
        });
        self.found.update(|found| match (found, items) {
            (Some(Ok(all)), Ok(items)) if appends => all.extend(items),
            (found, items) => *found = Some(items),
        });
    }
}

/// Reads a page of search results.
async fn find(
    source: PickerSource,
    project: ProjectId,
    text: String,
    cursor: Option<String>,
) -> Result<Page<PickerItem>> {
    let search = Some(text).filter(|text| !text.is_empty());
    match source {
        PickerSource::Cases => {
            let query = ItemQuery { search, limit: Some(MAX_LIMIT), cursor, ..ItemQuery::default() };
            Ok(crate::testware::api::list_items(project, Subject::Case, query).await?.map(PickerItem::from))
        }
        PickerSource::Issues => {
            let query = IssueQuery { search, limit: Some(ISSUES_PER_PAGE), cursor, ..IssueQuery::default() };
            Ok(api::issues::list_issues(project, query).await?.map(PickerItem::from))
        }
    }
}

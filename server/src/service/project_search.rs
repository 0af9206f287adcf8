//! The search over a whole project: the same as the search of each list.

use app::error::Result;
use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::model::issue::IssueQuery;
use app::model::people::Actor;
use app::model::search::{MAX_HITS_PER_SUBJECT, SearchHit, SearchQuery};
use app::service::{Issues, Testware};
use app::testware::item::{ItemQuery, TestwareItem};
use app::with_subject;

use crate::access::require_member;
use crate::app_state::AppState;
use crate::testware::with_key;

/// Searches a project. The caller must be a member.
///
/// # Errors
/// [`app::error::Error::Invalid`] for a search that is too long.
pub async fn search(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    SearchQuery { search }: SearchQuery,
) -> Result<Vec<SearchHit>> {
    let member_of = require_member(state, actor, project).await?.project;
    let Some(search) = search.filter(|search| !search.trim().is_empty()) else { return Ok(Vec::new()) };
    let limit = Some(MAX_HITS_PER_SUBJECT);
    let query = IssueQuery { search: Some(search.clone()), limit, ..IssueQuery::default() };
    let issues = state.list_issues(actor, project, query).await?.items;
    let mut hits: Vec<_> =
        issues.into_iter().map(|issue| SearchHit { id: issue.id.into(), key: issue.key, title: issue.title }).collect();
    for &subject in Subject::ALL {
        with_subject!(subject, T => {
            let query = ItemQuery { search: Some(search.clone()), limit, ..ItemQuery::default() };
            let items = Testware::<T>::list(state, actor, project, query.into()).await?.items;
            // The item with this very key comes first, however many keys contain it.
            let exact = with_key::<T>(state, &member_of, &search).await?.map(TestwareItem::from).map(hit);
            let id = exact.as_ref().map(|hit| hit.id);
            let others = items.into_iter().map(TestwareItem::from).map(hit).filter(|hit| Some(hit.id) != id);
            hits.extend(exact.into_iter().chain(others).take(MAX_HITS_PER_SUBJECT as usize));
        }, else {});
    }
    Ok(hits)
}

fn hit(item: TestwareItem) -> SearchHit {
    SearchHit { id: item.id, key: Some(item.key), title: item.title }
}

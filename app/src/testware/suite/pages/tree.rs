//! The tree of suites. A suite can be dragged into another one, or to the top; its form does the same by keyboard.

use std::collections::{HashMap, HashSet};

use leptos::ev::DragEvent;
use leptos::prelude::*;

use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::sorting::sort_key;
use crate::components::toast::use_toasts;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::item::TestwareItem;
use crate::testware::suite::api::MoveSuite;

/// The suites below another one, or at the top, by name.
type Below = HashMap<Option<ItemId>, Vec<TestwareItem>>;

/// The path of names of each suite, e.g. "Checkout / Payment".
pub fn paths(all: &[TestwareItem]) -> HashMap<ItemId, String> {
    let by_id: HashMap<ItemId, &TestwareItem> = all.iter().map(|item| (item.id, item)).collect();
    let path = |item: &TestwareItem| {
        let (mut names, mut seen, mut next) = (vec![item.title.as_str()], HashSet::from([item.id]), item.parent);
        while let Some(above) = next.and_then(|id| by_id.get(&id)).filter(|above| seen.insert(above.id)) {
            names.push(&above.title);
            next = above.parent;
        }
        names.reverse();
        names.join(" / ")
    };
    all.iter().map(|item| (item.id, path(item))).collect()
}

fn below(all: Vec<TestwareItem>) -> Below {
    let ids: HashSet<ItemId> = all.iter().map(|item| item.id).collect();
    let mut below = Below::new();
    for item in all {
        below.entry(item.parent.filter(|parent| ids.contains(parent))).or_default().push(item);
    }
    for items in below.values_mut() {
        items.sort_by_key(|item| sort_key(&item.title));
    }
    below
}

/// What the branches of a tree share.
#[derive(Clone, Copy)]
struct Dragging {
    dragged: RwSignal<Option<ItemId>>,
    /// Where it would be dropped; the top without an ID.
    over: RwSignal<Option<Option<ItemId>>>,
    move_suite: PageAction<MoveSuite>,
}

impl Dragging {
    fn drop_on(self, target: Option<ItemId>) {
        self.over.set(None);
        let Some(dragged) = self.dragged.get_untracked().filter(|dragged| Some(*dragged) != target) else { return };
        self.dragged.set(None);
        let parent = target.map(|id| id.to_string()).unwrap_or_default();
        self.move_suite.dispatch(MoveSuite { id: dragged.uuid().into(), parent });
    }

    fn allow(self, event: &DragEvent, target: Option<ItemId>) {
        if self.dragged.with_untracked(Option::is_some) {
            // Otherwise it could not be dropped here.
            event.prevent_default();
            self.over.set(Some(target));
        }
    }
}

/// The tree. `current` is the suite of the page.
#[component]
pub fn SuiteTree(
    all: Vec<TestwareItem>,
    project: ProjectId,
    current: Option<ItemId>,
    changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let move_suite = PageAction::<MoveSuite>::new();
    let error = move_suite.error();
    move_suite.on_success(move |()| changed.run(()));
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            toasts.failed(error.to_string());
        }
    });
    let dragging = Dragging { dragged: RwSignal::new(None), over: RwSignal::new(None), move_suite };
    let below = below(all);
    let branch = branch(&below, None, (project, current), dragging);
    let is_over_top = move || (dragging.over.get() == Some(None)).then_some("true");
    view! {
        <nav class="suite-tree" aria-label="Suites">
            {branch}
            <p
                class="hint drop-top"
                hidden=dynamic_value(move || dragging.dragged.with(Option::is_none))
                data-over=is_over_top
                on:dragover=move |event| dragging.allow(&event, None)
                on:drop=move |event: DragEvent| {
                    event.prevent_default();
                    dragging.drop_on(None);
                }
            >
                "Drop here to move it to the top"
            </p>
        </nav>
    }
}

fn branch(
    below: &Below,
    above: Option<ItemId>,
    page: (ProjectId, Option<ItemId>),
    dragging: Dragging,
) -> Option<AnyView> {
    let items = below.get(&above)?.iter().map(|item| leaf(below, item, page, dragging)).collect_view();
    Some(view! { <ul>{items}</ul> }.into_any())
}

fn leaf(
    below: &Below,
    item: &TestwareItem,
    (project, current): (ProjectId, Option<ItemId>),
    dragging: Dragging,
) -> AnyView {
    let id = item.id;
    let inner = branch(below, Some(id), (project, current), dragging);
    let is_current = (current == Some(id)).then_some("page");
    let is_over = move || (dragging.over.get() == Some(Some(id))).then_some("true");
    view! {
        <li>
            <a
                href=id.path(project)
                aria-current=is_current
                draggable="true"
                data-over=is_over
                on:dragstart=move |_| dragging.dragged.set(Some(id))
                on:dragend=move |_| {
                    dragging.dragged.set(None);
                    dragging.over.set(None);
                }
                on:dragover=move |event| dragging.allow(&event, Some(id))
                on:drop=move |event: DragEvent| {
                    event.prevent_default();
                    dragging.drop_on(Some(id));
                }
            >
                {icon(Icon::Folder)}<span class="key">{item.key.clone()}</span><span dir="auto">{item.title.clone()}</span>
            </a>
            {inner}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::model::catalog::Subject;
    use crate::testware::execution::Counts;

    fn suite(number: u128, title: &str, parent: Option<u128>) -> TestwareItem {
        let id = |number| ItemId::new(Subject::Suite, Uuid::from_u128(number));
        TestwareItem {
            id: id(number),
            project_id: ProjectId(Uuid::nil()),
            key: format!("WEB-U{number}"),
            title: title.to_owned(),
            parent: parent.map(id),
            columns: Vec::new(),
            labels: Vec::new(),
            state: None,
            completed_at: None,
            aborted: false,
            counts: Counts::default(),
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_path_names_all_suites_above() {
        let all = [suite(1, "Checkout", None), suite(2, "Payment", Some(1)), suite(3, "Lost", Some(9))];
        let paths = paths(&all);
        assert_eq!(paths[&all[1].id], "Checkout / Payment");
        assert_eq!(paths[&all[2].id], "Lost", "the suite above was deleted meanwhile");
        let circle = [suite(1, "A", Some(2)), suite(2, "B", Some(1))];
        assert_eq!(super::paths(&circle)[&circle[0].id], "B / A");
    }

    #[test]
    fn suites_are_ordered_by_name_below_the_one_above() {
        let all = vec![suite(1, "Search", None), suite(2, "checkout", None), suite(3, "Payment", Some(2))];
        let below = below(all);
        let names = |above: Option<ItemId>| below[&above].iter().map(|item| item.title.as_str()).collect::<Vec<_>>();
        assert_eq!(names(None), ["checkout", "Search"]);
        assert_eq!(names(Some(below[&None][0].id)), ["Payment"]);
    }
}

//! The Inspector tab: a private URL, the requests it got on the left, and one of them on the right. The URL of the
//! page names the inspector URL and the request. Without a request, the newest one is shown as it arrives.

mod curl;
mod detail;
mod dialogs;
mod requests;
mod url_card;

use leptos::prelude::*;

use crate::api::inspector::{create_inspector_url, read_inspector};
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::{FormError, PageError};
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::skeleton::Skeleton;
use crate::live::{Refetcher, use_refetcher};
use crate::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use crate::model::inspector::{InspectorPage, InspectorUrl};
use crate::model::live::ChangeKind;
use crate::page_resource::PageResource;
use crate::url_state::{UrlState, use_url_state};
use dialogs::{Dialogs, InspectorDialog};
use url_card::UrlCard;

/// What the parts of the tab share.
#[derive(Clone, Copy)]
struct InspectorContext {
    project: ProjectId,
    shown: RwSignal<InspectorPage>,
    /// The open dialog, with the URL as it was when it opened.
    dialog: RwSignal<Option<(InspectorDialog, InspectorUrl)>>,
    /// Creates, extends and clears.
    action: AsyncAction,
    refetcher: Refetcher,
    url_state: UrlState,
}

impl InspectorContext {
    /// Creates a URL and shows it.
    fn create(self) {
        self.action.start(async move {
            let created = create_inspector_url(self.project).await?;
            self.url_state.change(&[("url", Some(&created.id.to_string())), ("request", None)]);
            self.refetcher.now();
            Ok(())
        });
    }
}

#[component]
pub fn Inspector(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let selected = Memo::new(move |_| url_state.parsed::<InspectorUrlId>("url"));
    let data = PageResource::new(
        move || selected.get(),
        move |url| read_inspector(project, url, url_state.parsed_untracked::<InspectorRequestId>("request")),
    );
    view! {
        <Transition fallback=inspector_skeleton>
            {awaited(move || async move {
                match data.await {
                    Ok(page) => view! { <Loaded project page/> }.into_any(),
                    Err(error) => view! { <PageError error what="the inspector" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The tab before it is loaded.
pub fn inspector_skeleton() -> AnyView {
    view! { <Skeleton lines=8/> }.into_any()
}

#[component]
fn Loaded(project: ProjectId, page: InspectorPage) -> impl IntoView {
    let (url_state, hydrated) = (use_url_state(), use_hydrated());
    let shown = RwSignal::new(page);
    let refetcher = use_refetcher(
        |kind| matches!(kind, ChangeKind::InspectorChanged { .. }),
        move || {
            let url = url_state.parsed_untracked("url");
            let request = url_state.parsed_untracked("request");
            Box::pin(async move {
                if let Ok(fresh) = read_inspector(project, url, request).await {
                    let _ = shown.try_set(fresh);
                }
            })
        },
    );
    let context = InspectorContext {
        project,
        shown,
        dialog: RwSignal::new(None),
        action: AsyncAction::new(),
        refetcher,
        url_state,
    };
    // Another request was selected.
    let request = Memo::new(move |_| url_state.param("request"));
    Effect::new(move |before: Option<Option<String>>| {
        let now = request.get();
        if before.is_some_and(|before| before != now) {
            refetcher.now();
        }
        now
    });
    let pending = context.action.pending();
    let create = move |label: &'static str, class: &'static str| {
        view! {
            <button
                type="button"
                class=class
                disabled=dynamic_value(move || !hydrated.get() || pending.get())
                aria-busy=dynamic_value(move || pending.get().to_string())
                on:click=move |_| context.create()
            >
                {icon(Icon::Plus)}{label}
            </button>
        }
        .into_any()
    };
    let has_urls = Memo::new(move |_| shown.with(|page| !page.urls.is_empty()));
    let content = move || {
        if has_urls.get() {
            view! {
                {create("Create URL", "button primary needs-hydration page-action")}
                {choices(context)}
                <UrlCard context/>
            }
            .into_any()
        } else {
            view! {
                <Empty icon=Icon::Radio title="No inspector URLs">
                    <p>"Create a private URL that shows every request it gets."</p>
                    {create("Create URL", "button primary needs-hydration")}
                </Empty>
            }
            .into_any()
        }
    };
    view! {
        <FormError error=context.action.error()/>
        {dynamic(content)}
        <Dialogs context/>
    }
    .into_any()
}

/// Links to all URLs, if there are several.
fn choices(context: InspectorContext) -> AnyView {
    let InspectorContext { shown, url_state, .. } = context;
    let hints = Memo::new(move |_| {
        shown.with(|page| page.urls.iter().map(|url| (url.id, url.token_hint.clone(), url.expired)).collect::<Vec<_>>())
    });
    let selected = Memo::new(move |_| shown.with(|page| page.selected));
    let link = move |(id, hint, expired): (InspectorUrlId, String, bool)| {
        let href = move || url_state.with(&[("url", Some(&id.to_string())), ("request", None)]);
        let current = move || (selected.get() == Some(id)).then_some("true");
        view! {
            <a href=dynamic_value(href) data-noscroll="" aria-current=dynamic_value(current)>
                <code>{hint}"…"</code>{expired.then_some(" expired")}
            </a>
        }
    };
    let links = move || {
        let hints = hints.get();
        (hints.len() > 1).then(|| {
            let links = hints.into_iter().map(link).collect_view();
            view! { <nav class="inspector-urls" aria-label="Inspector URLs">{links}</nav> }
        })
    };
    dynamic(links).into_any()
}

//! `/public/runs/{token}`: a test run for anyone with its public link. It doesn't follow live changes: it says when it
//! was read, and can be reloaded. It works without JavaScript.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::components::badge;
use crate::components::dynamic::{awaited, dynamic_value};
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::{cell, headings};
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::skeleton::Skeleton;
use crate::page_resource::PageResource;
use crate::testware::run::api;
use crate::testware::run::public_link::{PublicCase, PublicRun};
use crate::time;
use crate::url_state::use_url_state;

/// The page. A link that is unknown or was revoked looks like any unknown page.
#[component]
pub fn PublicRunPage() -> impl IntoView {
    let (params, url_state) = (use_params_map(), use_url_state());
    let address =
        Memo::new(move |_| (params.with(|params| params.get("token").unwrap_or_default()), url_state.param("cases")));
    let run = PageResource::new_blocking(move || address.get(), |(token, cases)| api::read_public_run(token, cases));
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match run.await {
                    Ok(run) => view! { <Shown run/> }.into_any(),
                    Err(error) => view! { <main class="auth-page"><PageError error/></main> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(run: PublicRun) -> impl IntoView {
    let url_state = use_url_state();
    let reload = dynamic_value(move || url_state.with(&[]));
    let state = match run.completed_at {
        Some(_) => {
            let ended = badge::badge_closed(if run.aborted { "Aborted" } else { "Completed" });
            view! { {badge::outcome(&run.counts)}{ended} }.into_any()
        }
        None => badge::state(run.state).into_any(),
    };
    let no_cases = run.cases.items.is_empty().then(|| view! { <p class="hint">"No cases."</p> });
    let cases = (!run.cases.items.is_empty()).then(|| {
        view! {
            <div class="table-wrap">
                <table class="stack compact issues">
                    <thead><tr>{headings(&["Case", "Status"])}</tr></thead>
                    <tbody>{run.cases.items.into_iter().map(case_row).collect_view()}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <Title text=format!("{} {}", run.key, run.name)/>
        <main class="public-page">
            <p class="brand">{icon(Icon::Bell)}"Testbell"</p>
            <header>
                <p class="hint"><span dir="auto">{run.project}</span>" · "<span class="key">{run.key}</span></p>
                <div class="row"><h1 dir="auto">{run.name}</h1>{state}</div>
            </header>
            <section class="card" aria-label="Progress">
                {progress(&run.counts, "No cases")}
                <p class="hint">
                    "Last changed "{time::absolute(run.updated_at)}". Page loaded "{time::exact(run.read_at)}". "
                    <a class="link" rel="external" href=reload>"Reload"</a>
                </p>
            </section>
            <section>
                <h2>"Cases"</h2>
                {no_cases}
                {cases}
                <Pager next=run.cases.next_cursor param="cases" label="Pages of cases"/>
            </section>
        </main>
    }
}

fn case_row(case: PublicCase) -> AnyView {
    view! {
        <tr>
            <td class="primary-cell">
                <span class="item-title"><span class="key">{case.key}</span><span class="title" dir="auto" title=case.title.clone()>{case.title.clone()}</span></span>
            </td>
            {cell("Status", badge::result_status(case.status))}
        </tr>
    }
    .into_any()
}

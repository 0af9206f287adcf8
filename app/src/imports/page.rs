//! `/projects/{id}/import`: imports test cases from a file. The file stays in the browser until it is sent for the preview,
//! and again for the import.

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;

use super::api::read_imports;
use super::{Import, ImportFormat, ImportOptions, ImportOverview, ImportPreview, ImportStatus};
use super::{preview as parts, progress, upload};
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::failure::PageError;
use crate::components::hydration::{use_hydrated, use_hydrated_effect};
use crate::components::number::counted;
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::page_resource::PageResource;

#[component]
pub fn ImportCases() -> impl IntoView {
    let project = use_project();
    let overview = PageResource::new(|| (), move |()| read_imports(project));
    view! {
        <Title text="Import test cases"/>
        <header class="page-head">
            <div>
                <h1>"Import test cases"</h1>
                <p class="lead">"From a CSV file, or from an export of TestRail, Xray, Zephyr, Qase, Testmo or Testbell."</p>
            </div>
            <a class="button" href=Subject::Case.list_path(project)>"All test cases"</a>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match overview.await {
                    Ok(overview) => view! { <Form overview project/> }.into_any(),
                    Err(error) => view! { <PageError error what="imports" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Form(overview: ImportOverview, project: ProjectId) -> impl IntoView {
    let ImportOverview { latest, fields } = overview;
    let (toasts, hydrated) = (use_toasts(), use_hydrated());
    let (file, format) = (NodeRef::<html::Input>::new(), RwSignal::new(String::new()));
    let preview = RwSignal::new(None::<ImportPreview>);
    let chosen = RwSignal::new(BTreeMap::<String, String>::new());
    let is_stale = RwSignal::new(false);
    let shown = RwSignal::new(latest);
    let (read, import) = (AsyncAction::new(), AsyncAction::new());

    let options = move || ImportOptions {
        format: format.get_untracked().parse::<ImportFormat>().ok(),
        mapping: chosen
            .with_untracked(|chosen| (!chosen.is_empty()).then(|| serde_json::to_string(chosen).ok()).flatten()),
        file_name: None,
    };
    let show_preview = Callback::new(move |()| {
        import.forget();
        read.start(async move {
            let found = upload::preview(project, options(), selected(file)?).await?;
            is_stale.set(false);
            let _ = preview.try_set(Some(found));
            Ok(())
        });
    });
    // Another file has other columns.
    let reset = move || {
        preview.set(None);
        chosen.update(BTreeMap::clear);
        is_stale.set(false);
        read.forget();
        import.forget();
    };
    let ended = Callback::new(move |import: Import| {
        if import.status == ImportStatus::Completed {
            toasts.done(format!("{} imported", counted(import.total, "test case", "test cases")));
        }
    });
    let start = Callback::new(move |()| {
        import.start(async move {
            let started = upload::start(project, options(), selected(file)?).await?;
            let id = started.id;
            let _ = shown.try_update(|shown| shown.insert(0, started));
            let _ = preview.try_set(None);
            progress::follow(id, shown, ended);
            Ok(())
        });
    });
    use_hydrated_effect(move || {
        let running = |import: &&Import| import.status == ImportStatus::Running;
        let ids: Vec<_> = shown.with_untracked(|shown| shown.iter().filter(running).map(|import| import.id).collect());
        ids.into_iter().for_each(|id| progress::follow(id, shown, ended));
    });
    let fields = StoredValue::new(fields);
    let formats = ImportFormat::ALL
        .iter()
        .map(|format| view! { <option value=format.as_str()>{format.label()}</option> })
        .collect_view();
    let error = move || read.error().get().or_else(|| import.error().get());
    let button = move || if preview.with(Option::is_some) { "Update preview" } else { "Preview" };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        show_preview.run(());
    };
    view! {
        <section class="card import">
            <form on:submit=submit>
                <div class="columns">
                    <div class="field">
                        <label for="field-file">"File"</label>
                        <input id="field-file" name="file" type="file" accept=".csv,.tsv,.txt,.xml,.json" required=true node_ref=file aria-describedby="field-file-hint" on:change=move |_| reset()/>
                        <p class="hint" id="field-file-hint">"At most 20 MiB and 10,000 test cases"</p>
                    </div>
                    <div class="field">
                        <label for="field-format">"Format"</label>
                        <select id="field-format" name="format" on:change=move |event| {
                            format.set(event_target_value(&event));
                            reset();
                        }>
                            <option value="">"Detect from content"</option>
                            {formats}
                        </select>
                    </div>
                </div>
                <div role="alert">{dynamic(move || error().map(|error| parts::request_error(&error)))}</div>
                <div class="actions start">
                    <button
                        type="submit"
                        class="button needs-hydration"
                        class:primary=dynamic_value(move || preview.with(Option::is_none))
                        aria-busy=dynamic_value(move || read.pending().get().to_string())
                        disabled=dynamic_value(move || !hydrated.get() || read.pending().get())
                    >
                        {dynamic(button)}
                    </button>
                </div>
                <noscript class="hint">"This page needs JavaScript. Without it, use the API or the command line."</noscript>
            </form>
        </section>
        <div>
            {dynamic(move || preview.get().map(|preview| fields.with_value(|fields| {
                loaded(&preview, fields, (chosen, is_stale), import.pending(), start)
            })))}
        </div>
        {progress::latest(shown)}
    }
}

/// The file that is selected now.
fn selected(input: NodeRef<html::Input>) -> Result<web_sys::File> {
    let files = input.get_untracked().and_then(|input| input.files());
    files.and_then(|files| files.get(0)).ok_or_else(|| Error::invalid("Select a file."))
}

/// What the preview of a file shows.
fn loaded(
    preview: &ImportPreview,
    fields: &[(String, String)],
    (chosen, is_stale): (RwSignal<BTreeMap<String, String>>, RwSignal<bool>),
    pending: Signal<bool>,
    start: Callback<()>,
) -> AnyView {
    let has_columns = !preview.columns.is_empty();
    let columns = has_columns.then(|| {
        view! {
            <section class="card import" aria-labelledby="import-columns">
                <h2 id="import-columns">"Columns"</h2>
                {parts::columns(preview, fields, chosen, is_stale)}
                {dynamic(move || is_stale.get().then(|| view! { <p class="hint">"Update the preview to apply the changes."</p> }))}
            </section>
        }
    });
    view! {
        {columns}
        <section class="card import" aria-labelledby="import-preview">
            <h2 id="import-preview">"Preview"</h2>
            <p role="status">{parts::summary(preview)}</p>
            {parts::problems(preview)}
            {parts::cases(preview)}
            {parts::import_button(preview, pending, is_stale, start)}
        </section>
    }
    .into_any()
}

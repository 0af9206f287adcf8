//! `/projects/{id}/settings`: changes the name and key of a project, or deletes it.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::projects::{DeleteProject, UpdateProject};
use crate::components::confirm::Confirm;
use crate::components::dynamic::awaited;
use crate::components::failure::{FormError, PageError};
use crate::components::field::{Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::layout::{ProjectScope, as_admin, use_project};
use crate::model::project::Project;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn ProjectSettings() -> impl IntoView {
    let id = use_project();
    let project = PageResource::new(|| (), move |()| as_admin(id));
    view! {
        <Title text="General settings"/>
        <header class="page-head">
            <div><h1>"General"</h1></div>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match project.await {
                    Ok(project) => view! { <Settings project/> }.into_any(),
                    Err(error) => view! { <PageError error what="settings" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Settings(project: Project) -> impl IntoView {
    let scope = expect_context::<ProjectScope>();
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let (update, delete) = (PageAction::<UpdateProject>::new(), PageAction::<DeleteProject>::new());
    let (error, delete_error) = (update.error(), delete.error());
    update.on_success(move |_| {
        toasts.done("Project saved");
        scope.project.refetch();
    });
    delete.on_success(move |()| {
        toasts.done("Project deleted");
        url_state.go("/".to_owned());
    });
    let confirm_open = RwSignal::new(false);
    let id = project.id;
    let question = format!("Delete {}?", project.name);
    let consequences = vec![
        "All its issues and deliveries become inaccessible. This can't be undone.".to_owned(),
        "Its webhooks stop receiving and sending.".to_owned(),
    ];
    view! {
        <section class="card">
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="name" label="Name" value=project.name required=true error/>
                <TextField name="key" label="Key" value=project.key mono=true required=true error hint="2 to 10 letters and digits, starting with a letter"/>
                <div class="actions start"><Submit pending=update.pending()>"Save changes"</Submit></div>
            </PageForm>
        </section>
        <section class="card">
            <h2>"Export"</h2>
            <p class="hint">"JSON has all testware, issues and comments. CSV has the test cases, and can be imported again."</p>
            <div class="actions start">
                <a class="button" href=format!("/api/v1/projects/{id}/export?format=json") rel="external" download="">"Export as JSON"</a>
                <a class="button" href=format!("/api/v1/projects/{id}/export?format=csv") rel="external" download="">"Export test cases as CSV"</a>
            </div>
        </section>
        <section class="card danger-zone">
            <h2>"Delete project"</h2>
            <p class="hint">"All members lose access."</p>
            <button type="button" class="button danger" on:click=move |_| confirm_open.set(true)>"Delete project"</button>
        </section>
        <Confirm
            open=confirm_open
            title=question
            consequences
            confirm_label="Delete project"
            pending=delete.pending()
            error=delete_error
            on_confirm=move |()| { delete.dispatch(DeleteProject { id }); }
        />
    }
}

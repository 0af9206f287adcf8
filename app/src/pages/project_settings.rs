//! `/projects/{id}/settings`: its name, its key, its end.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::projects::{DeleteProject, UpdateProject};
use crate::components::confirm::Confirm;
use crate::components::failure::{FormError, PageError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::layout::{Scope, as_admin, use_project};
use crate::model::project::Project;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn ProjectSettings() -> impl IntoView {
    let id = use_project();
    let project = Resource::new(|| (), move |()| as_admin(id));
    view! {
        <Title text="General settings"/>
        <header class="page-head">
            <div><h1>"General"</h1><p class="lead">"The name and the key of the project."</p></div>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match project.await {
                    Ok(project) => view! { <Settings project/> }.into_any(),
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Settings(project: Project) -> impl IntoView {
    let scope = expect_context::<Scope>();
    let (toasts, place) = (use_toasts(), use_place());
    let (update, delete) = (ServerAction::<UpdateProject>::new(), ServerAction::<DeleteProject>::new());
    let (error, delete_error) = (failure(update), failure(delete));
    on_success(update, move |_| {
        toasts.done("Saved");
        scope.project.refetch();
    });
    on_success(delete, move |()| {
        toasts.done("The project was deleted");
        place.go("/".to_owned());
    });
    let asking = RwSignal::new(false);
    let id = project.id;
    let question = format!("Delete {}?", project.name);
    let consequences = vec![
        "Nobody sees the project any more, its issues and deliveries with it.".to_owned(),
        "Its webhooks neither receive nor send.".to_owned(),
    ];
    view! {
        <section class="card">
            <ActionForm action=update attr:class="form">
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                <TextField name="name" label="Name" value=project.name required=true error/>
                <TextField name="key" label="Key" value=project.key mono=true required=true error hint="2 to 10 letters and digits, a letter first."/>
                <div class="actions start"><Submit pending=update.pending()>"Save"</Submit></div>
            </ActionForm>
        </section>
        <section class="card danger-zone">
            <h2>"Delete the project"</h2>
            <p class="hint">"It disappears for all of its members."</p>
            <button type="button" class="button danger" on:click=move |_| asking.set(true)>"Delete project"</button>
        </section>
        <Confirm
            open=asking
            title=question
            consequences
            deed="Delete project"
            pending=delete.pending()
            error=delete_error
            on_confirm=move |()| { delete.dispatch(DeleteProject { id }); }
        />
    }
}

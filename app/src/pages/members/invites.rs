//! The form to invite a member, the new link, and the pending invites.

use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

use crate::api::invites::{CreateInvite, DeleteInvite};
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::relative_time::RelativeTime;
use crate::components::reveal::{OneTimeSecret, Reveal};
use crate::components::toast::use_toasts;
use crate::model::id::{InviteId, ProjectId};
use crate::model::people::{CreatedInvite, Invite, Role};

#[component]
pub fn Invites(pending_invites: Vec<Invite>, project: ProjectId) -> impl IntoView {
    let toasts = use_toasts();
    let pending_invites = RwSignal::new(pending_invites);
    let (create, delete) = (ServerAction::<CreateInvite>::new(), ServerAction::<DeleteInvite>::new());
    let error = failure(create);
    let revealed = RwSignal::new(None::<CreatedInvite>);
    let form = NodeRef::<html::Form>::new();
    on_success(create, move |created| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        pending_invites.update(|pending_invites| {
            // A newer invite of the same user replaces the older link.
            pending_invites.retain(|invite| invite.email != created.invite.email);
            pending_invites.push(created.invite.clone());
        });
        revealed.set(Some(created));
    });
    let revoke = move |invite: InviteId| {
        delete.dispatch(DeleteInvite { project, invite });
    };
    let asked = delete.input();
    let last_asked = StoredValue::new(None::<InviteId>);
    Effect::new(move |_| {
        if let Some(input) = asked.get() {
            last_asked.set_value(Some(input.invite));
        }
    });
    on_success(delete, move |()| {
        toasts.done("Invite revoked");
        pending_invites
            .update(|pending_invites| pending_invites.retain(|invite| Some(invite.id) != last_asked.get_value()));
    });
    let roles = Role::ALL.iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    view! {
        {move || revealed.get().map(|created| view! {
            <Reveal
                lead=format!("Send this link to {}. It works once, for 7 days.", created.invite.email)
                texts=vec![OneTimeSecret { label: "Link", text: created.url }]
                done="Done"
                on_done=move |()| revealed.set(None)
            />
        })}
        <section class="card">
            <h2>"Invite member"</h2>
            <ActionForm action=create node_ref=form attr:class="form inline">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="email" label="Email" kind="email" required=true error/>
                <SelectField name="role" label="Role" options=roles value="member"/>
                <Submit pending=create.pending() reveals=true>"Create invite link"</Submit>
            </ActionForm>
            <FormError error=failure(delete)/>
            <Show when=move || pending_invites.with(|pending_invites| !pending_invites.is_empty())>
                <h3>"Pending invites"</h3>
                <ul class="lines">
                    <For each=move || pending_invites.get() key=|invite| invite.id let:invite>
                        {pending_row(invite, revoke)}
                    </For>
                </ul>
            </Show>
        </section>
    }
}

fn pending_row(invite: Invite, revoke: impl Fn(InviteId) + 'static) -> impl IntoView {
    let id = invite.id;
    view! {
        <li>
            <span class="grow">{invite.email.clone()}</span>
            <span class="hint">{invite.role.label()}", expires "<RelativeTime time=invite.expires_at/></span>
            <button
                type="button"
                class="button small"
                aria-label=format!("Revoke the invite for {}", invite.email)
                on:click=move |_| revoke(id)
            >
                "Revoke"
            </button>
        </li>
    }
}

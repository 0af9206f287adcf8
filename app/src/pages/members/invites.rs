//! The form to invite a member, the new link, and the pending invites.

use leptos::html;
use leptos::prelude::*;

use crate::api::invites::{CreateInvite, DeleteInvite};
use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::failure::FormError;
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::relative_time::RelativeTime;
use crate::components::reveal::{OneTimeSecret, Reveal};
use crate::components::toast::use_toasts;
use crate::model::id::{InviteId, ProjectId};
use crate::model::people::{CreatedInvite, INVITE_DAYS, Invite, Role};

#[component]
pub fn Invites(pending_invites: Vec<Invite>, project: ProjectId) -> impl IntoView {
    let toasts = use_toasts();
    let pending_invites = RwSignal::new(pending_invites);
    let (create, delete) = (PageAction::<CreateInvite>::new(), PageAction::<DeleteInvite>::new());
    let error = create.error();
    let revealed = RwSignal::new(None::<CreatedInvite>);
    let form = NodeRef::<html::Form>::new();
    create.on_success(move |created| {
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
    let last_revoked = StoredValue::new(None::<InviteId>);
    let revoke = move |invite: InviteId| {
        last_revoked.set_value(Some(invite));
        delete.dispatch(DeleteInvite { project, invite });
    };
    delete.on_success(move |()| {
        toasts.done("Invite revoked");
        pending_invites
            .update(|pending_invites| pending_invites.retain(|invite| Some(invite.id) != last_revoked.get_value()));
    });
    let roles = Role::ALL.iter().map(|role| (role.as_str().to_owned(), role.label().to_owned())).collect();
    view! {
        {dynamic(move || revealed.get().map(|created| view! {
            <Reveal
                title="Invite link"
                lead=format!("Send this link to {}. It works once, for {INVITE_DAYS} days.", created.invite.email)
                texts=vec![OneTimeSecret { label: "Link", text: created.url }]
                on_done=move |()| revealed.set(None)
            />
        }))}
        <section class="card">
            <h2>"Invite member"</h2>
            <PageForm action=create node_ref=form class="form inline">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="email" label="Email" kind="email" required=true error/>
                <SelectField name="role" label="Role" options=roles value="member"/>
                <Submit pending=create.pending() reveals=true>"Create invite link"</Submit>
            </PageForm>
            <FormError error=delete.error()/>
            <ShowWhen when=move || pending_invites.with(|pending_invites| !pending_invites.is_empty())>
                <h3>"Pending invites"</h3>
                <ul class="lines">
                    <For each=move || pending_invites.get() key=|invite| invite.id let:invite>
                        {pending_row(invite, revoke)}
                    </For>
                </ul>
            </ShowWhen>
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

//! Transfers the project to another owner.

use leptos::prelude::*;

use crate::api::members::{RemoveMember, TransferProject};
use crate::components::confirm::Confirm;
use crate::components::field::SelectField;
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::model::id::{ProjectId, UserId};

/// What happens to the current owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OwnerRequest {
    /// Stays a project admin.
    Transfer,
    /// Is removed from the project.
    Remove(UserId),
}

/// The dialog to select the new owner. `candidates` are IDs and names.
#[component]
pub fn TransferDialog(
    project: ProjectId,
    request: RwSignal<Option<OwnerRequest>>,
    candidates: Vec<(String, String)>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let (transfer, remove) = (PageAction::<TransferProject>::new(), PageAction::<RemoveMember>::new());
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if request.get().is_some() {
            open.set(true);
        }
    });
    // The dialog closes itself too.
    Effect::new(move |_| {
        if !open.get() {
            request.set(None);
        }
    });
    let done = move || {
        open.set(false);
        toasts.done("Ownership transferred");
        changed.run(());
    };
    transfer.on_success(move |_| done());
    remove.on_success(move |()| done());
    let new_owner = RwSignal::new(candidates.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let (transfer_error, remove_error) = (transfer.error(), remove.error());
    let consequences = move || {
        let before = match request.get() {
            Some(OwnerRequest::Remove(_)) => "The owner is removed from the project.",
            Some(OwnerRequest::Transfer) | None => "The current owner stays a project admin.",
        };
        vec![before.to_owned(), "The new owner becomes a project admin.".to_owned()]
    };
    let candidates = StoredValue::new(candidates);
    view! {
        <Confirm
            open
            title="Transfer ownership?"
            consequences=Signal::derive(consequences)
            confirm_label="Transfer ownership"
            pending=Signal::derive(move || transfer.pending().get() || remove.pending().get())
            error=Signal::derive(move || transfer_error.get().or_else(|| remove_error.get()))
            on_confirm=move |()| {
                let Ok(owner) = new_owner.get_untracked().parse::<UserId>() else { return };
                match request.get_untracked() {
                    Some(OwnerRequest::Remove(user)) => {
                        remove.dispatch(RemoveMember { project, user, new_owner: Some(owner) });
                    }
                    Some(OwnerRequest::Transfer) => {
                        transfer.dispatch(TransferProject { project, owner });
                    }
                    None => {}
                }
            }
        >
            <div on:change=move |event| new_owner.set(event_target_value(&event))>
                <SelectField
                    name="new_owner"
                    label="New owner"
                    options=candidates.get_value()
                    value=new_owner.get_untracked()
                />
            </div>
        </Confirm>
    }
}

//! `/invites/{token}`: accepts an invite. A plain form, which works without JavaScript.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::sign_in::{AuthPage, FormErrorNote, refused_field};
use crate::api;
use crate::components::dynamic::awaited;
use crate::components::field::TextField;
use crate::components::skeleton::Skeleton;
use crate::error::Error;
use crate::model::form::FormError;
use crate::model::people::{INVITE_DAYS, InviteOffer};
use crate::model::text::password_hint;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn AcceptInvite() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let offer = PageResource::new_blocking(
        move || token.get(),
        |token| async move {
            let offer = api::invites::read_offer(token).await?;
            let actor = api::session::current_actor().await?;
            let signed_in = actor.is_some_and(|actor| actor.email == offer.email);
            Ok::<_, Error>((offer, signed_in))
        },
    );
    view! {
        <Title text="Invite"/>
        <Suspense fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match offer.await {
                    Ok((offer, signed_in)) => view! { <AcceptForm offer signed_in token=token.get_untracked()/> }.into_any(),
                    Err(_) => view! {
                        <AuthPage title="This link doesn't work" lead=format!("An invite works once and for {INVITE_DAYS} days. Ask for a new one.")>
                            <a class="button" href="/sign-in" rel="external">"Sign in"</a>
                        </AuthPage>
                    }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn AcceptForm(offer: InviteOffer, signed_in: bool, token: String) -> impl IntoView {
    let error = refused_field();
    // Focus the field to correct.
    let at_password =
        use_url_state().parsed_untracked::<FormError>("error").and_then(FormError::field) == Some("password");
    let lead = format!("You are invited to {} as {}.", offer.project_name, offer.role.label().to_ascii_lowercase());
    let next = serde_urlencoded::to_string([("next", format!("/invites/{token}"))]).unwrap_or_default();
    let sign_in = format!("/sign-in?{next}");
    let fields = if signed_in {
        view! { <p class="hint">{format!("You are signed in as {}.", offer.email)}</p> }.into_any()
    } else {
        view! {
            <p class="hint">
                {format!("Create an account for {}. If it already has one, ", offer.email)}
                <a class="link" rel="external" href=sign_in>"sign in"</a>" first."
            </p>
            <TextField name="name" label="Name" autocomplete="name" required=true autofocus=!at_password error/>
            <TextField
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                required=true
                autofocus=at_password
                error
                hint=password_hint()
            />
        }
        .into_any()
    };
    view! {
        <AuthPage title="Join the project" lead=lead>
            <form method="post" action=format!("/invites/{token}") class="form">
                <FormErrorNote/>
                // Tells password managers which account the password belongs to.
                <input type="hidden" name="email" value=offer.email.clone() autocomplete="username"/>
                {fields}
                <button type="submit" class="button primary wide">"Accept invite"</button>
            </form>
        </AuthPage>
    }
}

//! The signed-in user, for the navigation and the account page. It is read once, and again when the
//! profile changes.

use leptos::prelude::*;

use crate::api;
use crate::error::Result;
use crate::model::people::Actor;
use crate::page_resource::PageResource;

/// The resource in the context.
pub type CurrentActor = PageResource<Result<Option<Actor>>>;

/// Loads the signed-in user. Call it once in the app.
pub fn provide_current_actor() {
    provide_context::<CurrentActor>(PageResource::new(|| (), |()| api::session::current_actor()));
}

/// The signed-in user. Call it inside the frame, which provides it.
pub fn use_current_actor() -> CurrentActor {
    expect_context::<CurrentActor>()
}

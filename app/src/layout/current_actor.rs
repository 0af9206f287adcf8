//! Who is signed in, for the navigation and the account page. Read once, and again when the profile
//! changed.

use leptos::prelude::*;

use crate::api;
use crate::error::Result;
use crate::model::people::Actor;

/// The resource in the context.
pub type CurrentActor = Resource<Result<Option<Actor>>>;

/// Reads who is signed in. Once in a tab.
pub fn provide_current_actor() {
    provide_context::<CurrentActor>(Resource::new(|| (), |()| api::session::current_actor()));
}

/// Who is signed in. Pages stand inside the frame that provides it.
pub fn use_current_actor() -> CurrentActor {
    expect_context::<CurrentActor>()
}

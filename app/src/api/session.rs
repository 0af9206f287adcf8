//! Who is signed in.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

#[cfg(feature = "ssr")]
use super::caller;
use crate::error::Result;
use crate::model::people::Actor;

/// The person who is signed in.
#[server(prefix = "/ui", endpoint = "session/actor", input = GetUrl)]
pub async fn current_actor() -> Result<Actor> {
    caller().map(|(_, actor)| actor)
}

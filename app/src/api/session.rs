//! The signed-in user.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{service, signed_in};
use crate::error::Result;
use crate::model::people::Actor;

/// The signed-in user, if any.
#[server(prefix = "/ui", endpoint = "session/actor", protocol = PageCall<GetUrl>)]
pub async fn current_actor() -> Result<Option<Actor>> {
    Ok(signed_in())
}

/// The name of the provider for single sign-on, if there is one.
#[server(prefix = "/ui", endpoint = "session/single-sign-on", protocol = PageCall<GetUrl>)]
pub async fn single_sign_on() -> Result<Option<String>> {
    Ok(service()?.single_sign_on())
}

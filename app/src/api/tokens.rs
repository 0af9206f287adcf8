//! The caller's API tokens.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, filled, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::account::TokenScope;
use crate::model::id::TokenId;
use crate::model::page::{Page, PageQuery};
#[cfg(feature = "ssr")]
use crate::model::people::CreateToken as NewToken;
use crate::model::people::{ApiToken, CreatedToken};

/// Lists the tokens, newest first.
#[server(prefix = "/ui", endpoint = "tokens/list", protocol = PageCall<GetUrl>)]
pub async fn list_tokens(#[server(default)] page: PageQuery) -> Result<Page<ApiToken>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_tokens(&actor, page).await)
}

/// Creates a token. 0 days means no expiry, an empty project means all projects.
#[server(prefix = "/ui", endpoint = "tokens/create", protocol = PageCall<PostUrl>)]
pub async fn create_token(name: String, scope: TokenScope, project: String, days: u32) -> Result<CreatedToken> {
    let (service, actor) = authenticated()?;
    let project_id = match filled(project) {
        Some(id) => {
            Some(with_status(id.parse().map_err(|_| Error::field("projectId", "Choose one of your projects.")))?)
        }
        None => None,
    };
    let new = NewToken {
        name,
        scope: Some(scope),
        project_id,
        expires_in_days: Some(days).filter(|days| *days > 0),
        never_expires: days == 0,
    };
    with_status(service.create_token(&actor, new).await)
}

/// Deletes a token.
#[server(prefix = "/ui", endpoint = "tokens/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_token(id: TokenId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_token(&actor, id).await)
}

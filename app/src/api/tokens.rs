//! The caller's API tokens.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::id::TokenId;
use crate::model::page::{Page, PageQuery};
#[cfg(feature = "ssr")]
use crate::model::people::CreateToken as NewToken;
use crate::model::people::{ApiToken, CreatedToken};

/// The tokens, the newest first.
#[server(prefix = "/ui", endpoint = "tokens/list", input = GetUrl, output = Text)]
pub async fn list_tokens(#[server(default)] page: PageQuery) -> Result<Page<ApiToken>> {
    let (service, actor) = caller()?;
    told(service.list_tokens(&actor, page).await)
}

/// Makes a token; 0 days for no end.
#[server(prefix = "/ui", endpoint = "tokens/create", output = Text)]
pub async fn create_token(name: String, days: u32) -> Result<CreatedToken> {
    let (service, actor) = caller()?;
    let expires_in_days = Some(days).filter(|days| *days > 0);
    told(service.create_token(&actor, NewToken { name, expires_in_days }).await)
}

/// Ends a token.
#[server(prefix = "/ui", endpoint = "tokens/delete", output = Text)]
pub async fn delete_token(id: TokenId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.delete_token(&actor, id).await)
}

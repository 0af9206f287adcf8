//! Custom fields.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, lines, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
#[cfg(feature = "ssr")]
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::service::Testware;
use crate::testware::custom_field::{CustomField, CustomFieldId, FieldChoices, FieldKind};
#[cfg(feature = "ssr")]
use crate::{
    model::page::{MAX_LIMIT, PageQuery},
    testware::custom_field::{
        CreateCustomField as NewCustomField, CustomFieldQuery, UpdateCustomField as CustomFieldChange,
    },
};

/// One custom field.
#[server(prefix = "/ui", endpoint = "custom-fields/get", protocol = PageCall<GetUrl>)]
pub async fn read_custom_field(id: CustomFieldId) -> Result<CustomField> {
    let (service, actor) = authenticated()?;
    with_status(Testware::<CustomField>::read(&*service, &actor, id).await)
}

/// What the form of a test case needs to show the custom fields.
#[server(prefix = "/ui", endpoint = "custom-fields/choices", protocol = PageCall<GetUrl>)]
pub async fn read_field_choices(project: ProjectId) -> Result<FieldChoices> {
    let (service, actor) = authenticated()?;
    let read = async {
        let query = CustomFieldQuery { limit: Some(MAX_LIMIT), ..CustomFieldQuery::default() };
        let mut fields = Testware::<CustomField>::list(&*service, &actor, project, query).await?.items;
        fields.reverse();
        let mut members = Vec::new();
        if fields.iter().any(|field| field.kind == FieldKind::Person) {
            let page = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
            let page = service.list_members(&actor, project, page).await?;
            members.extend(page.items.into_iter().map(|member| (member.user_id, member.name)));
        }
        Ok(FieldChoices { fields, members })
    };
    with_status(read.await)
}

/// Creates a custom field and redirects to it. `options` are lines.
#[server(prefix = "/ui", endpoint = "custom-fields/create", protocol = PageCall<PostUrl>)]
pub async fn create_custom_field(
    project: ProjectId,
    name: String,
    kind: FieldKind,
    #[server(default)] options: String,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewCustomField { name, kind, options: lines(&options) };
    let field = with_status(Testware::<CustomField>::create(&*service, &actor, project, new).await)?;
    leptos_axum::redirect(&ItemId::from(field.id).path(project));
    Ok(())
}

/// Changes the fields that were edited.
#[server(prefix = "/ui", endpoint = "custom-fields/update", protocol = PageCall<PostUrl>)]
pub async fn update_custom_field(
    id: CustomFieldId,
    name: String,
    #[server(default)] options: String,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let change = CustomFieldChange {
        name: initial.changed("name", &name),
        options: initial.changed("options", &options).map(|options| lines(&options)),
        kind: None,
    };
    let field = with_status(Testware::<CustomField>::update(&*service, &actor, id, change).await)?;
    leptos_axum::redirect(&ItemId::from(id).path(field.project_id));
    Ok(())
}

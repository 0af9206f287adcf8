//! Custom fields.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Testware;
use app::testware::custom_field::{CreateCustomField, CustomField, CustomFieldId, CustomFieldQuery, UpdateCustomField};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for CustomField {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
    }
}

testware_handlers! {
    tag: "Custom fields", noun: "custom-fields", id: CustomFieldId, query: CustomFieldQuery, create: CreateCustomField,
    update: UpdateCustomField, view: CustomField, detail: CustomField,
    list: "/projects/{id}/custom-fields" "The project's custom fields, newest first.",
    create: "Creates a custom field of test cases; emits `custom_field.created`.",
    item: "/custom-fields/{id}" "One custom field.",
    update: "Changes a custom field; emits `custom_field.updated`.";
    delete: "Deletes a custom field with its values in all test cases, without events of their own. Emits `custom_field.deleted`.",
}

//! The REST API of testware. The file of a subject names its types, paths and descriptions, and adds handlers of
//! its own.

use app::model::catalog::Subject;
use app::with_subject;
use utoipa_axum::router::OpenApiRouter;

use super::row::Stored;
use super::{attachment, report, result};
use crate::app_state::AppState;

/// The REST API of a subject.
pub trait SubjectRoutes: Stored {
    fn routes() -> OpenApiRouter<AppState>;
}

/// The routes of all subjects.
pub fn routes() -> OpenApiRouter<AppState> {
    let parts = result::routes().merge(report::routes()).merge(attachment::routes());
    Subject::ALL
        .iter()
        .fold(parts, |router, &subject| with_subject!(subject, T => router.merge(T::routes()), else router))
}

/// List, create, read, update and delete; duplicate and complete for the subjects that have these events.
macro_rules! testware_handlers {
    (
        tag: $tag:tt, noun: $noun:tt, id: $id:ident, query: $query:ident, create: $create:ident, update: $update:ident,
        view: $view:ident, detail: $detail:ident,
        list: $list_path:tt $list_doc:tt,
        create: $create_doc:tt,
        item: $item_path:tt $read_doc:tt,
        update: $update_doc:tt $(, $update_problem:ident)?;
        delete: $delete_doc:tt,
        $(duplicate: $duplicate_path:tt $duplicate_doc:tt,)?
        $(complete: $complete_path:tt $complete_doc:tt,)?
    ) => {
        /// The routes of the handlers that every subject has.
        fn item_routes() -> OpenApiRouter<AppState> {
            let router = OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, update, delete));
            $(let router = { const _: &str = $duplicate_path; router.routes(routes!(duplicate)) };)?
            $(let router = { const _: &str = $complete_path; router.routes(routes!(complete)) };)?
            router
        }

        #[doc = $list_doc]
        #[utoipa::path(get, path = $list_path, tag = $tag, params(("id" = ProjectId, Path), $query),
            responses((status = 200, body = Page<$view>), Problems))]
        async fn list(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(project): PathId<ProjectId>,
            Params(query): Params<$query>,
        ) -> ApiResult<Json<Page<$view>>> {
            Ok(Json(Testware::<$view>::list(&state, &actor, project, query).await?))
        }

        #[doc = $create_doc]
        #[utoipa::path(post, path = $list_path, tag = $tag, params(("id" = ProjectId, Path)),
            request_body = $create, responses((status = 201, body = $view), Problems))]
        async fn create(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(project): PathId<ProjectId>,
            Body(new): Body<$create>,
        ) -> ApiResult<Created<$view>> {
            let item = Testware::<$view>::create(&state, &actor, project, new).await?;
            Ok(Created(format!(concat!("/", $noun, "/{}"), item.id), item))
        }

        #[doc = $read_doc]
        #[utoipa::path(get, path = $item_path, tag = $tag, params(("id" = $id, Path)),
            responses((status = 200, body = $detail), Problems))]
        async fn read(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
        ) -> ApiResult<Json<$detail>> {
            Ok(Json(Testware::<$view>::read(&state, &actor, id).await?))
        }

        #[doc = $update_doc]
        #[utoipa::path(patch, path = $item_path, tag = $tag, params(("id" = $id, Path)),
            request_body = $update, responses((status = 200, body = $view), Problems $(, $update_problem)?))]
        async fn update(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
            Body(change): Body<$update>,
        ) -> ApiResult<Json<$view>> {
            Ok(Json(Testware::<$view>::update(&state, &actor, id, change).await?))
        }

        #[doc = $delete_doc]
        #[utoipa::path(delete, path = $item_path, tag = $tag, params(("id" = $id, Path)),
            responses((status = 204), Problems))]
        async fn delete(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
        ) -> ApiResult<StatusCode> {
            Testware::<$view>::delete(&state, &actor, id).await?;
            Ok(StatusCode::NO_CONTENT)
        }

        $(
            #[doc = $duplicate_doc]
            #[utoipa::path(post, path = $duplicate_path, tag = $tag, params(("id" = $id, Path)),
                responses((status = 201, body = $view), Problems))]
            async fn duplicate(
                State(state): State<AppState>,
                Caller(actor): Caller,
                PathId(id): PathId<$id>,
            ) -> ApiResult<Created<$view>> {
                let item = Testware::<$view>::duplicate(&state, &actor, id, CopiedCases::All).await?;
                Ok(Created(format!(concat!("/", $noun, "/{}"), item.id), item))
            }
        )?

        $(
            #[doc = $complete_doc]
            #[utoipa::path(post, path = $complete_path, tag = $tag, params(("id" = $id, Path)),
                responses((status = 200, body = $view), Problems, Conflict))]
            async fn complete(
                State(state): State<AppState>,
                Caller(actor): Caller,
                PathId(id): PathId<$id>,
            ) -> ApiResult<Json<$view>> {
                Ok(Json(Testware::<$view>::complete(&state, &actor, id).await?))
            }
        )?
    };
}

/// List and add results.
macro_rules! execution_handlers {
    (
        tag: $tag:tt, noun: $noun:tt, id: $id:ident, view: $view:ident,
        results: $results_path:tt $results_doc:tt,
        add: $add_doc:tt,
        bulk: $bulk_path:tt $bulk_doc:tt,
    ) => {
        /// The routes of the handlers that every subject with results has.
        fn execution_routes() -> OpenApiRouter<AppState> {
            const _: &str = $bulk_path;
            OpenApiRouter::new().routes(routes!(results, add_result)).routes(routes!(add_results))
        }

        #[doc = $results_doc]
        #[utoipa::path(get, path = $results_path, tag = $tag, params(("id" = $id, Path), PageQuery),
                            responses((status = 200, body = Page<TestResult>), Problems))]
        async fn results(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
            Params(page): Params<PageQuery>,
        ) -> ApiResult<Json<Page<TestResult>>> {
            Ok(Json(Executions::<$view>::results(&state, &actor, id, page).await?))
        }

        #[doc = $add_doc]
        #[utoipa::path(post, path = $results_path, tag = $tag, params(("id" = $id, Path)),
                            request_body = AddResult, responses((status = 201, body = TestResult), Problems, Conflict))]
        async fn add_result(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
            Body(new): Body<AddResult>,
        ) -> ApiResult<Created<TestResult>> {
            let result = Executions::<$view>::add_result(&state, &actor, id, new).await?;
            Ok(Created(format!("/results/{}", result.id), result))
        }

        #[doc = $bulk_doc]
        #[utoipa::path(post, path = $bulk_path, tag = $tag, params(("id" = $id, Path)),
                            request_body = AddResults, responses((status = 201, body = Submission), Problems, Conflict))]
        async fn add_results(
            State(state): State<AppState>,
            Caller(actor): Caller,
            PathId(id): PathId<$id>,
            Body(new): Body<AddResults>,
        ) -> ApiResult<Created<Submission>> {
            let added = Executions::<$view>::add_results(&state, &actor, id, new).await?;
            Ok(Created(format!(concat!("/", $noun, "/{}/results"), id), added))
        }
    };
}

pub(super) use {execution_handlers, testware_handlers};

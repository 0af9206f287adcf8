//! What members do with reviews: the transactions around [`actions`](crate::testware::review::actions), with the
//! comments of decisions. It is a module of its own, because comments depend on testware.

use app::error::Result;
use app::model::account::TokenScope;
use app::model::id::UserId;
use app::model::people::Actor;
use app::service::Reviews;
use app::testware::review::{AddReviewer, DecideReview, Review, ReviewId};
use async_trait::async_trait;
use futures::future::BoxFuture;

use crate::access::require_scope;
use crate::app_state::AppState;
use crate::comments;
use crate::service::TxError;
use crate::testware::review::actions::ReviewTx;
use crate::testware::review::table::Model;
use crate::testware::review::{active, view};

#[async_trait]
impl Reviews for AppState {
    async fn add_reviewer(&self, actor: &Actor, id: ReviewId, new: AddReviewer) -> Result<Review> {
        write(self, actor, id, move |tx| Box::pin(tx.add_reviewer(id, new.user_id))).await
    }

    async fn remove_reviewer(&self, actor: &Actor, id: ReviewId, user: UserId) -> Result<Review> {
        write(self, actor, id, move |tx| Box::pin(tx.remove_reviewer(id, user))).await
    }

    async fn decide(&self, actor: &Actor, id: ReviewId, new: DecideReview) -> Result<Review> {
        let DecideReview { decision, comment } = new;
        let comment = comments::checked_optional("comment", comment)?;
        write(self, actor, id, move |tx| {
            Box::pin(async move {
                let row = tx.decide(id, decision).await?;
                if let Some(text) = comment {
                    comments::insert(tx.state, tx.tx, tx.project, (id.into(), text), tx.by).await?;
                }
                Ok(row)
            })
        })
        .await
    }

    async fn merge_review(&self, actor: &Actor, id: ReviewId) -> Result<Review> {
        write(self, actor, id, move |tx| Box::pin(tx.merge(id))).await
    }

    async fn decline_review(&self, actor: &Actor, id: ReviewId) -> Result<Review> {
        write(self, actor, id, move |tx| Box::pin(tx.decline(id))).await
    }

    async fn reopen_review(&self, actor: &Actor, id: ReviewId) -> Result<Review> {
        write(self, actor, id, move |tx| Box::pin(tx.reopen(id))).await
    }
}

/// Runs an action of a member in a transaction.
async fn write<F>(state: &AppState, actor: &Actor, id: ReviewId, change: F) -> Result<Review>
where
    F: for<'a> FnOnce(ReviewTx<'a>) -> BoxFuture<'a, Result<Model, TxError>> + Send + 'static,
{
    require_scope(actor, TokenScope::Write)?;
    let (_, project) = active(state, actor, id).await?;
    let (owned, by, parent) = (state.clone(), actor.clone(), project.clone());
    let written = state.store.write(move |tx| {
        Box::pin(async move { change(ReviewTx { state: &owned, tx, project: &parent, by: &by }).await })
    });
    view(state, &project, written.await?).await
}

//! An issue that was transferred: in the tracker it ends at the old place and begins at the new
//! one under another id. Here it stays one issue that follows, whichever of the two places tells
//! first, and whether the new one was known before.

use app::model::integration::Provider;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, DbErr, IntoActiveModel};

use crate::core::Core;
use crate::entity::issue::Deletion;
use crate::entity::{issue, project};
use crate::storage::Tx;
use crate::tracker::TrackerIssue;

impl Core {
    /// Binds the row of `old_id` to the new place, where `known` is what is stored of the new
    /// place (locked before the old one, so that two such changes wait in the same order). The
    /// old id keeps a deleted row: late events of the old place change nothing.
    ///
    /// Gives the row of the new place, and whether it has just been bound to it.
    pub(super) async fn follow(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        provider: Provider,
        known: Option<issue::Model>,
        said: &TrackerIssue,
        old_id: &str,
    ) -> Result<(Option<issue::Model>, bool), DbErr> {
        let old = self.locked(tx, project.id, provider, old_id).await?;
        let (row, moved) = match (known, old) {
            (None, Some(old)) => (Some(bind(tx, old, Some(&said.external_id)).await?), true),
            // Imported at the new place before the transfer was told: the older row stays, for
            // it is the one that people know and link to.
            (Some(new), Some(old)) if new.deleted_at.is_none() && old.deleted_at.is_none() => {
                let new = bind(tx, new, None).await?;
                let old = bind(tx, old, Some(&said.external_id)).await?;
                let new = bind(tx, new, Some(old_id)).await?;
                self.delete_row(tx, project, new, Deletion::Moved).await?;
                (Some(old), true)
            }
            (Some(new), Some(old)) if old.deleted_at.is_none() => {
                self.delete_row(tx, project, old, new.deletion.unwrap_or(Deletion::Moved)).await?;
                (Some(new), false)
            }
            (known, _) => (known, false),
        };
        self.import(tx, project, provider, said, old_id, Some(Deletion::Moved)).await?;
        Ok((row, moved))
    }
}

async fn bind(tx: &Tx<'_>, row: issue::Model, external_id: Option<&str>) -> Result<issue::Model, DbErr> {
    let mut change = row.into_active_model();
    change.external_id = Set(external_id.map(str::to_owned));
    change.update(tx.db()).await
}

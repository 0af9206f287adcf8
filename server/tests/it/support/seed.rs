//! Users and projects for tests.

use app::model::account::Credential;
use app::model::id::{ProjectId, UserId};
use app::model::people::{Actor, Role};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use server::entity::{member, project, user};

use super::TestServer;

/// What a [`TestServer::person`] signs in with.
pub const PASSWORD: &str = "correct horse battery";

impl TestServer {
    /// A user without a password, for service calls.
    pub async fn user(&self, name: &str, system_admin: bool) -> Actor {
        let id: UserId = self.state.ids.next();
        let email = format!("{}@example.com", name.to_lowercase());
        let row = user::ActiveModel {
            id: Set(id),
            email: Set(email.clone()),
            name: Set(name.to_owned()),
            password_hash: Set("!".to_owned()),
            system_admin: Set(system_admin),
            created_at: Set(self.state.clock.now()),
            deactivated_at: Set(None),
            webhook_emails: Set(true),
        };
        self.insert(move |db| {
            Box::pin(async move { user::Entity::insert(row).exec_without_returning(db).await.map(drop) })
        })
        .await;
        let credential = Credential::Internal;
        Actor { id, name: name.to_owned(), email, system_admin, webhook_emails: true, credential }
    }

    /// A user who can sign in with [`PASSWORD`].
    pub async fn user_with_password(&self, name: &str) -> Actor {
        let actor = self.user(name, false).await;
        self.set_password(&actor).await;
        actor
    }

    /// Sets [`PASSWORD`] for a user.
    pub async fn set_password(&self, actor: &Actor) {
        let hash = server::crypto::hash_password(PASSWORD.to_owned()).await.unwrap();
        let row = user::ActiveModel { id: Set(actor.id), password_hash: Set(hash), ..Default::default() };
        self.insert(move |db| Box::pin(async move { user::Entity::update(row).exec(db).await.map(drop) })).await;
    }

    /// The HTML of a page for a user.
    pub async fn page(&self, actor: &Actor, path: &str) -> String {
        self.set_password(actor).await;
        let session = self.form("/session", None, &[("email", &actor.email), ("password", PASSWORD)]).await;
        let page = self.get_with(&session.cookie().unwrap(), path).await;
        assert_eq!(page.status, 200, "{path}");
        page.text
    }

    /// A project with its owner as admin.
    pub async fn project(&self, owner: &Actor, key: &str) -> ProjectId {
        let id: ProjectId = self.state.ids.next();
        let now = self.state.clock.now();
        let row = project::ActiveModel {
            id: Set(id),
            key: Set(key.to_owned()),
            name: Set(format!("Project {key}")),
            owner_id: Set(owner.id),
            created_at: Set(now),
            deleted_at: Set(None),
        };
        let owner = owner.id;
        self.insert(move |db| {
            Box::pin(async move {
                project::Entity::insert(row).exec_without_returning(db).await?;
                let row = member::ActiveModel {
                    project_id: Set(id),
                    user_id: Set(owner),
                    role: Set(Role::Admin),
                    joined_at: Set(now),
                    by_claim: Set(false),
                };
                member::Entity::insert(row).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
        id
    }

    /// Makes a user a member of a project.
    pub async fn join(&self, project_id: ProjectId, user: &Actor, role: Role) {
        let row = member::ActiveModel {
            project_id: Set(project_id),
            user_id: Set(user.id),
            role: Set(role),
            joined_at: Set(self.state.clock.now()),
            by_claim: Set(false),
        };
        self.insert(move |db| {
            Box::pin(async move { member::Entity::insert(row).exec_without_returning(db).await.map(drop) })
        })
        .await;
    }

    pub async fn insert(
        &self,
        insert: impl for<'c> FnOnce(
            &'c sea_orm::DatabaseTransaction,
        ) -> futures::future::BoxFuture<'c, Result<(), sea_orm::DbErr>>
        + Send
        + 'static,
    ) {
        self.state.store.write::<(), sea_orm::DbErr, _>(move |tx| insert(tx.db())).await.unwrap();
    }
}

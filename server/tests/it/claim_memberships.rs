//! Memberships that the claim of single sign-on gives.

use app::model::page::PageQuery;
use app::model::people::{Actor, Role};
use app::service::{Audit, People};
use serde_json::json;

use crate::support::single_sign_on::SignInFixture;

#[tokio::test]
async fn memberships_follow_the_claim_but_not_those_given_by_hand() {
    let fixture = SignInFixture::start().await;
    let (server, root) = (&fixture.server, &fixture.root);
    let owner = server.user("Owner", false).await;
    let (web, app, other) = (
        server.project(&owner, "WEB").await,
        server.project(&owner, "APP").await,
        server.project(&owner, "HAND").await,
    );
    fixture.provider.user(json!({"groups": ["leads"]}));
    let user = fixture.signed_in().await;
    let actor: Actor = serde_json::from_value(user.clone()).unwrap();
    server.join(other, &actor, Role::Admin).await;
    assert_eq!((fixture.role(web, &user).await, fixture.role(app, &user).await), (Some((Role::Admin, true)), None));

    fixture.provider.user(json!({"groups": ["qa"]}));
    fixture.signed_in().await;
    assert_eq!(fixture.role(web, &user).await, Some((Role::Member, true)));
    assert_eq!(fixture.role(app, &user).await, Some((Role::Member, true)));

    // An admin changes one by hand, and it is no longer the claim's.
    server.state.update_member(root, app, actor.id, Role::Admin).await.unwrap();
    assert_eq!(fixture.role(app, &user).await, Some((Role::Admin, false)));
    for groups in [json!([]), json!(null), json!(["other"])] {
        fixture.provider.user(json!({"groups": groups}));
        fixture.provider.user_info(json!({"sub": "ada-1"}));
        fixture.signed_in().await;
        assert_eq!(fixture.role(web, &user).await, None);
        assert_eq!(fixture.role(app, &user).await, Some((Role::Admin, false)));
        assert_eq!(fixture.role(other, &user).await, Some((Role::Admin, false)));
    }
    let page = PageQuery { limit: Some(200), cursor: None };
    let entries = server.state.list_audit(root, Some(web), page).await.unwrap().items;
    let details: Vec<_> = entries.into_iter().filter_map(|entry| entry.detail).collect();
    let expected = [
        "By the claim of single sign-on.",
        "Member. By the claim of single sign-on.",
        "Project admin. By the claim of single sign-on.",
    ];
    assert_eq!(details, expected);
}

#[tokio::test]
async fn the_owner_of_a_project_keeps_it() {
    let fixture = SignInFixture::start().await;
    let root = fixture.root.clone();
    let web = fixture.server.project(&root, "WEB").await;
    fixture.provider.user(json!({"groups": ["qa"]}));
    let user = fixture.signed_in().await;
    let to = app::model::account::TransferProject { owner_id: user["id"].as_str().unwrap().parse().unwrap() };
    fixture.server.state.transfer_project(&root, web, to).await.unwrap();
    fixture.provider.user(json!({"groups": []}));
    fixture.signed_in().await;
    assert_eq!(fixture.role(web, &user).await, Some((Role::Admin, false)));
}

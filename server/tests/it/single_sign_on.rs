//! Single sign-on with a provider that signs real tokens.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::people::Role;
use app::service::Accounts;
use serde_json::json;

use crate::support::TestServer;
use crate::support::api::Reply;
use crate::support::binary::{run_failing, testbell};
use crate::support::identity_provider::Signature;
use crate::support::single_sign_on::{SignInFixture, error, set_cookie};

#[tokio::test]
async fn a_new_user_gets_an_account_and_the_projects_of_the_claim() {
    let fixture = SignInFixture::start().await;
    let ada = fixture.server.user("Owner", false).await;
    let (web, app) = (fixture.server.project(&ada, "WEB").await, fixture.server.project(&ada, "APP").await);
    fixture.provider.user(json!({"groups": ["qa", "leads", "other"]}));
    let user = fixture.signed_in().await;
    assert_eq!((&user["email"], &user["name"]), (&json!("ada@example.com"), &json!("Ada Lovelace")));
    assert_eq!(user["systemAdmin"], false);
    assert_eq!(fixture.role(web, &user).await, Some((Role::Admin, true)));
    assert_eq!(fixture.role(app, &user).await, Some((Role::Member, true)));
    let log = fixture.log().await;
    let issuer = &fixture.provider.issuer;
    assert!(log.contains(&(AuditAction::UserCreated, format!("By single sign-on with {issuer}."))), "{log:?}");
    assert!(log.contains(&(AuditAction::IdentityLinked, format!("By single sign-on with {issuer}."))));
    let signed_in = log.iter().find(|(action, _)| *action == AuditAction::SignedIn).unwrap();
    assert!(signed_in.1.starts_with("Single sign-on. "), "{signed_in:?}");
    // The second sign-in creates nothing.
    let users = fixture.users().await;
    assert_eq!(fixture.signed_in().await["id"], user["id"]);
    assert_eq!(fixture.users().await, users);
}

#[tokio::test]
async fn rs256_and_es256_are_accepted_and_new_keys_are_found() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    for signature in [Signature::Rsa, Signature::Ecdsa] {
        fixture.provider.sign_with(signature);
        fixture.signed_in().await;
    }
    fixture.provider.sign_with(Signature::OtherRsa);
    assert_eq!(fixture.refused().await, "provider_failed");
    fixture.provider.rotate();
    fixture.server.state.clock.advance(Duration::from_secs(31));
    fixture.signed_in().await;
}

#[tokio::test]
async fn invalid_tokens_sign_nobody_in() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let users = fixture.users().await;
    for signature in [Signature::ForgedRsa, Signature::Hmac, Signature::None] {
        fixture.provider.sign_with(signature);
        assert_eq!(fixture.refused().await, "provider_failed", "{signature:?}");
    }
    fixture.provider.sign_with(Signature::Rsa);
    let now = fixture.server.state.clock.now().timestamp();
    for claims in [
        json!({"aud": "another-client"}),
        json!({"aud": ["bell", "another-client"]}),
        json!({"aud": null}),
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"exp": now - 61}),
        json!({"exp": null}),
        json!({"iss": "https://login.example.com"}),
        json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
        json!({"sub": null}),
    ] {
        fixture.provider.user(claims.clone());
        assert_eq!(fixture.refused().await, "provider_failed", "{claims}");
    }
    assert_eq!(fixture.users().await, users);
    let log = fixture.log().await;
    let failed: Vec<_> = log.iter().filter(|(action, _)| *action == AuditAction::SignInFailed).collect();
    assert_eq!(failed.len(), 13);
    assert!(failed.iter().all(|(_, detail)| detail.starts_with("Single sign-on: The provider's tokens are invalid. ")));
    // The clocks may differ a little.
    fixture.provider.user(json!({"exp": now - 30}));
    fixture.signed_in().await;
}

#[tokio::test]
async fn only_a_verified_address_links_an_account() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let ada = fixture.server.user("Ada", false).await;
    for claims in [json!({"email_verified": false}), json!({"email_verified": null}), json!({"email": null})] {
        let claims = [claims, json!({"sub": "eve"})];
        let claims: serde_json::Map<_, _> =
            claims.into_iter().flat_map(|claims| claims.as_object().unwrap().clone()).collect();
        fixture.provider.user(claims.clone().into());
        fixture.provider.user_info(json!({"sub": "eve"}));
        assert_eq!(fixture.refused().await, "unverified_email", "{claims:?}");
    }
    fixture.provider.user(json!({"email": "ADA@example.com"}));
    assert_eq!(fixture.signed_in().await["id"], json!(ada.id));
    // From now on the subject counts, whatever the address.
    fixture.provider.user(json!({"email": "lovelace@example.com", "email_verified": false}));
    let user = fixture.signed_in().await;
    assert_eq!((&user["id"], &user["email"]), (&json!(ada.id), &json!("ada@example.com")));
}

#[tokio::test]
async fn another_user_of_the_provider_does_not_get_the_account() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let ada = fixture.server.user("Ada", false).await;
    fixture.signed_in().await;
    // The address was given to somebody else.
    fixture.provider.user(json!({"sub": "eve-2"}));
    assert_eq!(fixture.refused().await, "other_identity");
    let api = fixture.server.api(&fixture.root).await;
    let path = format!("/users/{}", ada.id);
    assert_eq!(api.get(&path).await.json["singleSignOn"], true);
    let listed = api.get("/users").await.json;
    let linked: Vec<_> = listed["items"].as_array().unwrap().iter().map(|user| user["singleSignOn"].clone()).collect();
    assert_eq!(linked, [json!(true), json!(false)], "{listed}");
    assert_eq!(api.delete(&format!("{path}/single-sign-on")).await.status, 204);
    assert_eq!(api.delete(&format!("{path}/single-sign-on")).await.status, 404);
    assert_eq!(api.get(&path).await.json["singleSignOn"], false);
    assert!(fixture.log().await.iter().any(|(action, _)| *action == AuditAction::IdentityUnlinked));
    assert_eq!(fixture.signed_in().await["id"], json!(ada.id));
}

#[tokio::test]
async fn unlinking_signs_the_user_out() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let reply = fixture.sign_in().await;
    let cookie = set_cookie(&reply, "testbell_session");
    let me = fixture.get("/api/v1/me", &cookie).await.json;
    fixture.server.state.unlink_identities(&fixture.root, me["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert_eq!(fixture.get("/api/v1/me", &cookie).await.status, 401);
}

#[tokio::test]
async fn a_deactivated_user_stays_out() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let ada = fixture.server.user("Ada", false).await;
    let deactivate = async |active| {
        let change = app::model::account::UpdateUser { active: Some(active), ..Default::default() };
        fixture.server.state.update_user(&fixture.root, ada.id, change).await.unwrap();
    };
    deactivate(false).await;
    assert_eq!(fixture.refused().await, "deactivated", "by the address");
    deactivate(true).await;
    fixture.signed_in().await;
    deactivate(false).await;
    assert_eq!(fixture.refused().await, "deactivated", "by the subject");
    let log = fixture.log().await;
    assert!(log.iter().any(|(_, detail)| detail.starts_with("Single sign-on: Deactivated account. ")), "{log:?}");
}

#[tokio::test]
async fn without_a_membership_no_account_is_created() {
    let fixture = SignInFixture::start().await;
    let users = fixture.users().await;
    fixture.provider.user(json!({"groups": ["other"]}));
    assert_eq!(fixture.refused().await, "no_account");
    assert_eq!(fixture.users().await, users);
    // Somebody with an account signs in anyway.
    let ada = fixture.server.user("Ada", false).await;
    assert_eq!(fixture.signed_in().await["id"], json!(ada.id));
}

#[tokio::test]
async fn the_user_info_endpoint_adds_what_the_token_lacks() {
    let fixture = SignInFixture::start().await;
    let web = fixture.server.project(&fixture.root, "WEB").await;
    fixture.provider.user(json!({"email": null, "email_verified": null, "name": null}));
    let claims =
        json!({"email": "ada@example.com", "email_verified": true, "preferred_username": "ada", "groups": "qa"});
    let mut other = claims.clone();
    other["sub"] = json!("eve-2");
    fixture.provider.user_info(other);
    assert_eq!(fixture.refused().await, "provider_failed", "of another user");
    let mut own = claims;
    own["sub"] = json!("ada-1");
    fixture.provider.user_info(own);
    let user = fixture.signed_in().await;
    assert_eq!((&user["email"], &user["name"]), (&json!("ada@example.com"), &json!("ada")));
    assert_eq!(fixture.role(web, &user).await, Some((Role::Member, true)));
}

#[tokio::test]
async fn a_response_works_once_and_only_in_the_browser_that_asked() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    let (back, cookie) = fixture.begin("/").await;
    assert_eq!(error(&fixture.get(&back, "").await), "sign_in_expired", "no cookie");
    let (_, other_cookie) = fixture.begin("/").await;
    assert_eq!(error(&fixture.get(&back, &other_cookie).await), "sign_in_expired", "another state");
    let forged = cookie.replace("testbell_sign_in=", "testbell_sign_in=AAAA");
    assert_eq!(error(&fixture.get(&back, &forged).await), "sign_in_expired", "a forged cookie");
    assert_eq!(fixture.get(&back, &cookie).await.location(), "/");
    assert_eq!(error(&fixture.get(&back, &cookie).await), "provider_failed", "a code works once");

    let (back, cookie) = fixture.begin("/").await;
    fixture.server.state.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(error(&fixture.get(&back, &cookie).await), "sign_in_expired");
}

#[tokio::test]
async fn errors_of_the_provider_are_explained() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    for (query, expected) in [
        ("error=access_denied", "provider_denied"),
        ("error=server_error&error_description=%3Cb%3E", "provider_unavailable"),
        ("error=invalid_scope", "provider_failed"),
        ("code=x&iss=https%3A%2F%2Fevil.example", "provider_failed"),
        ("x=y", "provider_failed"),
        ("code=unknown", "provider_failed"),
    ] {
        let (back, cookie) = fixture.begin("/").await;
        let state = back.split("state=").nth(1).unwrap();
        let reply = fixture.get(&format!("/session/oidc/callback?{query}&state={state}"), &cookie).await;
        assert_eq!(error(&reply), expected, "{query}");
        let page = fixture.get(reply.location(), "").await;
        assert!(page.text.contains("sign-in provider") && !page.text.contains("<b>"), "{}", page.text);
    }
    let (back, cookie) = fixture.begin("/").await;
    fixture.provider.stop();
    fixture.server.state.clock.advance(Duration::from_secs(11 * 60));
    assert_eq!(error(&fixture.get(&back, &cookie).await), "provider_unavailable");
    assert_eq!(error(&fixture.get("/session/oidc?next=%2F", "").await), "provider_unavailable");
}

#[tokio::test]
async fn no_link_leads_to_another_site() {
    let fixture = SignInFixture::start_with(&["--oidc-create-accounts"]).await;
    for (next, expected) in [
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
        ("/projects/prj_1?tab=x#y", "/projects/prj_1?tab=x#y"),
    ] {
        let (back, cookie) = fixture.begin(next).await;
        assert_eq!(fixture.get(&back, &cookie).await.location(), expected, "{next}");
    }
}

#[tokio::test]
async fn the_sign_in_page_offers_the_provider() {
    let fixture = SignInFixture::start().await;
    let page = fixture.get("/sign-in?next=%2Fprojects%3Fa%3Db", "").await.text;
    assert!(page.contains("Sign in with Acme") && page.contains("/session/oidc?next=%2Fprojects%3Fa%3Db"), "{page}");
    let without = TestServer::start().await;
    without.user("Root", true).await;
    let request = || without.http.get(without.url("/sign-in")).header("accept", "text/html");
    assert!(!Reply::send(request()).await.text.contains("/session/oidc"));
    let begun = Reply::send(without.http.get(without.url("/session/oidc")).header("accept", "text/html")).await;
    assert_eq!(error(&begun), "no_single_sign_on");
}

#[test]
fn invalid_settings_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let command = || {
        let mut command = testbell(folder.path());
        command.env("TESTBELL_OIDC_CLIENT_ID", "bell").env("TESTBELL_ALLOW_HTTP", "false");
        command
    };
    let refused = run_failing(command().env("TESTBELL_OIDC_ISSUER", "http://login.example.com"));
    assert!(refused.contains("TESTBELL_OIDC_ISSUER: use an https URL"), "{refused}");
    let rules = [("TESTBELL_OIDC_MEMBERSHIP_CLAIM", "groups"), ("TESTBELL_OIDC_MEMBERSHIPS", "qa=WEB:owner")];
    let refused = run_failing(command().env("TESTBELL_OIDC_ISSUER", "https://login.example.com").envs(rules));
    assert!(refused.contains("the role is member or admin"), "{refused}");
}

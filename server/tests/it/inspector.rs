//! Inspector URLs: what is kept of a request, the response, signatures, limits and the end of a URL.

use std::time::Duration;

use app::model::id::{InspectorRequestId, ProjectId};
use app::model::inspector::{MAX_INSPECTED_BODY_BYTES, MAX_INSPECTOR_URLS, MAX_KEPT_REQUESTS};
use app::model::people::Role;
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{DbErr, EntityTrait};
use serde_json::{Value, json};
use server::entity::{inspector_request, inspector_url};
use server::service::key_rotation;
use uuid::Uuid;

use crate::support::api::{Api, Reply};
use crate::support::live::Stream;
use crate::support::outbound::OutboundFixture;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct InspectorFixture {
    outbound: OutboundFixture,
    api: Api,
}

impl InspectorFixture {
    async fn start() -> Self {
        let outbound = OutboundFixture::start().await;
        let api = outbound.server.api(&outbound.ada).await;
        Self { outbound, api }
    }

    fn server(&self) -> &TestServer {
        &self.outbound.server
    }

    fn project(&self) -> ProjectId {
        self.outbound.project
    }

    /// A new URL with this response or secret.
    async fn create(&self, new: Value) -> Value {
        let reply = self.api.post(&format!("/projects/{}/inspector-urls", self.project()), &new).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json
    }

    /// Sends a request as a stranger does.
    async fn send(&self, url: &Value, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.server().http.request(method, format!("{}{path}", url["url"].as_str().unwrap()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::send(request.body(body.to_vec())).await
    }

    async fn requests(&self, url: &Value) -> Vec<Value> {
        self.api.all(&format!("/inspector-urls/{}/requests", url["id"].as_str().unwrap()), 200).await
    }

    async fn detail(&self, request: &Value) -> Value {
        self.api.get(&format!("/inspector-requests/{}", request["id"].as_str().unwrap())).await.json
    }

    async fn change(&self, url: &Value, change: Value) -> Reply {
        self.api.patch(&format!("/inspector-urls/{}", url["id"].as_str().unwrap()), &change).await
    }

    async fn extend(&self, url: &Value) -> Reply {
        self.api.post(&format!("/inspector-urls/{}/extend", url["id"].as_str().unwrap()), &json!({})).await
    }

    async fn audited(&self) -> Vec<(String, String, String)> {
        let log = self.outbound.audit_log().await;
        let entries = log.into_iter().filter(|entry| entry.action.as_str().starts_with("inspector"));
        let parts = |entry: app::model::audit::AuditEntry| {
            (entry.action.to_string(), entry.subject_name, entry.detail.unwrap_or_default())
        };
        entries.map(parts).collect()
    }
}

#[tokio::test]
async fn a_request_is_kept_and_answered_as_configured() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({"status": 202, "contentType": "text/plain", "body": "thanks"})).await;
    let body = br#"{"type":"test_run.completed"}"#;
    let headers = [("content-type", "application/json"), ("x-own", "1"), ("cookie", "testbell_session=x")];
    let reply = fixture.send(&url, "PUT", "/hooks/7?a=b", &headers, body).await;
    assert_eq!((reply.status, &*reply.text, reply.header("content-type")), (202, "thanks", "text/plain"));
    let requests = fixture.requests(&url).await;
    let [request] = &*requests else { panic!("{requests:?}") };
    assert_eq!(
        (&request["method"], &request["path"], &request["event"], &request["signature"]),
        (&json!("PUT"), &json!("/hooks/7?a=b"), &json!("test_run.completed"), &json!("unsigned"))
    );
    assert_eq!((&request["bodyBytes"], &request["status"]), (&json!(body.len()), &json!(202)));
    let detail = fixture.detail(request).await;
    assert_eq!(detail["address"], "127.0.0.1");
    assert_eq!(detail["body"].as_str().unwrap().as_bytes(), body);
    let names: Vec<_> = detail["headers"].as_array().unwrap().iter().map(|header| &header["name"]).collect();
    assert!(names.contains(&&json!("x-own")) && !names.contains(&&json!("cookie")), "{names:?}");

    fixture.send(&url, "POST", "", &[], &[0xff, 0x00]).await;
    let newest = fixture.detail(&fixture.requests(&url).await[0]).await;
    assert_eq!((&newest["body"], &newest["bodyBase64"]), (&Value::Null, &json!("/wA=")));
}

#[tokio::test]
async fn any_method_is_accepted() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        assert_eq!(fixture.send(&url, method, "", &[], b"").await.status, 200, "{method}");
    }
    assert_eq!(fixture.requests(&url).await.len(), 8);
}

#[tokio::test]
async fn a_response_cannot_attack_a_browser() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({"body": "<script>alert(1)</script>", "contentType": "application/xml"})).await;
    let browser = [("cookie", "testbell_session=x"), ("accept", "text/html"), ("sec-fetch-site", "cross-site")];
    let found = fixture.send(&url, "GET", "", &browser, b"").await;
    let missing = Reply::send(fixture.server().http.get(fixture.server().url("/inspect/ins_unknown"))).await;
    assert_eq!((found.status, missing.status), (200, 404));
    for reply in [&found, &missing] {
        assert!(reply.header("content-security-policy").contains("sandbox"), "{:?}", reply.headers);
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("content-disposition"), "attachment");
        assert!(!reply.headers.contains_key("set-cookie"));
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
    for content_type in ["text/html", "text/javascript", "image/svg+xml", "text/css"] {
        assert_eq!(fixture.change(&url, json!({"contentType": content_type})).await.status, 422, "{content_type}");
    }
}

#[tokio::test]
async fn a_request_notifies_open_browsers() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    let server = fixture.server();
    let mut stream = server.stream(&fixture.outbound.ada, fixture.project()).await;
    fixture.send(&url, "POST", "", &[], b"{}").await;
    let change = next_change(&mut stream).await;
    assert_eq!((&change["type"], &change["inspectorUrlId"]), (&json!("inspector.changed"), &url["id"]));
}

async fn next_change(stream: &mut Stream) -> Value {
    loop {
        let message = stream.next().await.unwrap();
        if message.event == "change" {
            return message.data;
        }
    }
}

#[tokio::test]
async fn a_delayed_response_waits() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({"delayMs": 3000})).await;
    let sending = tokio::spawn(fixture.server().http.post(url["url"].as_str().unwrap()).send());
    eventually("the request is kept before it is answered", async || {
        (fixture.requests(&url).await.len() == 1).then_some(())
    })
    .await;
    assert!(!sending.is_finished());
    eventually("the response", async || {
        fixture.server().state.clock.advance(Duration::from_secs(1));
        sending.is_finished().then_some(())
    })
    .await;
    assert_eq!(sending.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn own_webhooks_can_send_to_an_inspector_url() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    let created = fixture.outbound.webhook(url["url"].as_str().unwrap()).await;
    let secret = created.reveal.unwrap().secret.unwrap();
    let send = async |title: &str| {
        fixture.outbound.issue(title).await;
        fixture.outbound.dispatch_idle().await;
        fixture.requests(&url).await.swap_remove(0)
    };
    assert_eq!(send("No secret is set").await["signature"], "not_checked");
    let changed = fixture.change(&url, json!({"signingSecret": secret})).await;
    assert_eq!((changed.status, &changed.json["hasSigningSecret"]), (200, &json!(true)));
    let valid = send("The right secret").await;
    assert_eq!((&valid["signature"], &valid["event"]), (&json!("valid"), &json!("issue.created")));
    assert!(fixture.detail(&valid).await["signatureDetail"].as_str().unwrap().starts_with("Standard Webhooks v1"));
    fixture.change(&url, json!({"signingSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})).await;
    assert_eq!(send("A wrong secret").await["signature"], "wrong_secret");
    let removed = fixture.change(&url, json!({"signingSecret": ""})).await;
    assert_eq!(removed.json["hasSigningSecret"], false);
}

#[tokio::test]
async fn a_body_over_the_limit_is_cut() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({"signingSecret": "s"})).await;
    let large = vec![b'x'; MAX_INSPECTED_BODY_BYTES + 1];
    let reply = fixture.send(&url, "POST", "", &[("x-signature", &"0".repeat(64))], &large).await;
    assert_eq!(reply.status, 413);
    let request = fixture.requests(&url).await.swap_remove(0);
    assert_eq!((&request["truncated"], &request["signature"]), (&json!(true), &json!("not_checked")));
    assert_eq!(request["bodyBytes"], MAX_INSPECTED_BODY_BYTES);
}

#[tokio::test]
async fn the_oldest_requests_are_dropped_and_the_rate_is_limited() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    for n in 0..120 {
        assert_eq!(fixture.send(&url, "POST", &format!("?{n}"), &[], b"").await.status, 200);
    }
    let refused = fixture.send(&url, "POST", "", &[], b"").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
    let requests = fixture.requests(&url).await;
    assert_eq!(requests.len() as u64, MAX_KEPT_REQUESTS);
    assert_eq!((&requests[0]["path"], &requests[99]["path"]), (&json!("?119"), &json!("?20")));
    fixture.server().state.clock.advance(Duration::from_secs(10));
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 200);
}

#[tokio::test]
async fn a_client_can_poll_for_new_requests() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    for path in ["?1", "?2", "?3", "?4"] {
        fixture.send(&url, "POST", path, &[], b"").await;
    }
    let requests = fixture.requests(&url).await;
    let after = requests[3]["id"].as_str().unwrap();
    let path = format!("/inspector-urls/{}/requests?after={after}", url["id"].as_str().unwrap());
    let paths: Vec<_> = fixture.api.all(&path, 2).await.into_iter().map(|request| request["path"].clone()).collect();
    assert_eq!(paths, ["?2", "?3", "?4"]);
}

#[tokio::test]
async fn a_request_has_a_newer_id_than_those_of_a_node_whose_clock_is_ahead() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    fixture.send(&url, "POST", "?1", &[], b"").await;
    let ahead = InspectorRequestId(Uuid::from_u128(u128::from(u64::MAX) << 63));
    let update = inspector_request::Entity::update_many().col_expr(inspector_request::Column::Id, Expr::value(ahead));
    let change = fixture
        .outbound
        .state()
        .store
        .write::<_, DbErr, _>(move |tx| Box::pin(async move { update.exec(tx.db()).await.map(drop) }));
    change.await.unwrap();
    fixture.send(&url, "POST", "?2", &[], b"").await;
    let path = format!("/inspector-urls/{}/requests?after={ahead}", url["id"].as_str().unwrap());
    let after = fixture.api.all(&path, 2).await;
    assert_eq!((after.len(), after[0]["path"].as_str()), (1, Some("?2")));
}

#[tokio::test]
async fn an_expired_url_can_be_extended_until_it_is_deleted() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    fixture.send(&url, "POST", "", &[], b"").await;
    let clock = &fixture.server().state.clock;
    clock.advance(7 * DAY);
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 410);
    let shown = fixture.api.get(&format!("/inspector-urls/{}", url["id"].as_str().unwrap())).await.json;
    assert_eq!((&shown["expired"], &shown["requestCount"]), (&json!(true), &json!(1)));
    let extended = fixture.extend(&url).await;
    assert_eq!((extended.status, &extended.json["expired"]), (200, &json!(false)));
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 200);
    let again =
        [fixture.extend(&url).await.status, fixture.extend(&url).await.status, fixture.extend(&url).await.status];
    assert_eq!(again, [200, 200, 200]);
    assert_eq!(fixture.extend(&url).await.status, 409, "at most thirty days ahead");

    clock.advance(28 * DAY);
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 410);
    clock.advance(7 * DAY);
    eventually("the URL is deleted with its requests", async || {
        let gone = fixture.api.get(&format!("/inspector-urls/{}", url["id"].as_str().unwrap())).await.status == 404;
        if !gone {
            clock.advance(Duration::from_secs(60 * 60));
        }
        gone.then_some(())
    })
    .await;
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 404);
}

#[tokio::test]
async fn a_project_has_a_limited_number_of_inspector_urls() {
    let fixture = InspectorFixture::start().await;
    for _ in 0..MAX_INSPECTOR_URLS {
        fixture.create(json!({})).await;
    }
    let reply = fixture.api.post(&format!("/projects/{}/inspector-urls", fixture.project()), &json!({})).await;
    assert_eq!(reply.status, 409, "{}", reply.text);
}

#[tokio::test]
async fn invalid_responses_are_refused() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    for (field, value) in [
        ("status", json!(199)),
        ("status", json!(600)),
        ("delayMs", json!(10_001)),
        ("body", json!("x".repeat(16 * 1024 + 1))),
        ("body", json!("\0")),
        ("signingSecret", json!("x".repeat(501))),
    ] {
        let reply = fixture.change(&url, json!({field: value})).await;
        assert_eq!(reply.status, 422, "{field}");
        assert!(reply.json["errors"][field].is_string(), "{field}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_token_and_the_secret_are_encrypted() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({"signingSecret": "whsec_c2VjcmV0"})).await;
    let token = url["url"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(token.starts_with("ins_") && token.len() == 47, "{token}");
    let db = fixture.server().state.store.read();
    let row = inspector_url::Entity::find().one(db).await.unwrap().unwrap();
    let stored = format!("{row:?}").into_bytes();
    assert!(!String::from_utf8_lossy(&row.token).contains(token));
    assert!(!String::from_utf8_lossy(&row.signing_secret.unwrap()).contains("whsec_"));
    assert!(!String::from_utf8(stored).unwrap().contains(token));
    let usage = key_rotation::usage(&fixture.server().state).await.unwrap();
    assert_eq!(usage.values().sum::<u64>(), 2, "both are re-encrypted when keys are rotated");
    // It can be copied again.
    let again = fixture.api.get(&format!("/inspector-urls/{}", url["id"].as_str().unwrap())).await;
    assert_eq!(again.json["url"], url["url"]);
    assert!(!again.text.contains("whsec_"));
}

#[tokio::test]
async fn each_change_is_audited() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    let path = format!("/inspector-urls/{}", url["id"].as_str().unwrap());
    fixture.change(&url, json!({"status": 500, "signingSecret": "hidden"})).await;
    fixture.change(&url, json!({"status": 500})).await;
    fixture.extend(&url).await;
    fixture.send(&url, "POST", "", &[], b"").await;
    assert_eq!(fixture.api.delete(&format!("{path}/requests")).await.json, json!({"count": 1}));
    assert_eq!(fixture.api.delete(&format!("{path}/requests")).await.json, json!({"count": 0}));
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    let name = format!("{}…", url["tokenHint"].as_str().unwrap());
    let expected = [
        ("inspector_url.created", ""),
        ("inspector_url.updated", "Response changed. Signing secret set."),
        ("inspector_url.updated", "Extended by 7 days."),
        ("inspector_url.cleared", "Requests deleted: 1."),
        ("inspector_url.deleted", ""),
    ];
    let expected = expected.map(|(action, detail)| (action.to_owned(), name.clone(), detail.to_owned()));
    assert_eq!(fixture.audited().await, expected);
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 404);
}

#[tokio::test]
async fn a_deleted_project_takes_no_requests() {
    let fixture = InspectorFixture::start().await;
    let url = fixture.create(json!({})).await;
    let member = fixture.server().user("Member", false).await;
    fixture.server().join(fixture.project(), &member, Role::Member).await;
    let members = fixture.server().api(&member).await;
    let path = format!("/projects/{}/inspector-urls", fixture.project());
    assert_eq!(members.get(&path).await.status, 403, "requests may contain credentials");
    assert_eq!(fixture.api.delete(&format!("/projects/{}", fixture.project())).await.status, 204);
    assert_eq!(fixture.send(&url, "POST", "", &[], b"").await.status, 404);
}

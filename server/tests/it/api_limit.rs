use std::time::Duration;

use crate::support::TestServer;

#[tokio::test]
async fn requests_above_the_limit_are_refused_until_some_are_left() {
    let server = TestServer::start_with(&["--api-requests-per-minute", "3"]).await;
    let (ada, ben) = (server.user("Ada", false).await, server.user("Ben", false).await);
    let (api, other) = (server.api(&ada).await, server.api(&ben).await);
    for left in ["2", "1", "0"] {
        let reply = api.get("/projects").await;
        assert_eq!((reply.status, reply.header("ratelimit-remaining")), (200, left));
        assert_eq!(reply.header("ratelimit-limit"), "3");
    }
    let refused = api.get("/projects").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "20"));
    assert_eq!((refused.header("ratelimit-remaining"), refused.header("ratelimit-reset")), ("0", "60"));
    assert_eq!(other.get("/projects").await.status, 200);
    server.state.clock.advance(Duration::from_secs(20));
    assert_eq!(api.get("/projects").await.status, 200);
    assert_eq!(api.get("/projects").await.status, 429);
    server.state.clock.advance(Duration::from_secs(60));
    assert_eq!(api.get("/projects").await.header("ratelimit-remaining"), "2");
}

use http::HeaderName;

use super::*;

fn response(status: u16, retry_after: Option<&str>) -> Response {
    let mut headers = HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert(HeaderName::from_static("retry-after"), HeaderValue::from_str(value).unwrap());
    }
    let status = StatusCode::from_u16(status).unwrap();
    Response { status, headers, body: Vec::new(), truncated: false, body_bytes: 0, is_complete: true }
}

fn classify(status: u16, retry_after: Option<&str>) -> AttemptResult {
    implementation(DestinationKind::Generic).classify(&response(status, retry_after), DateTime::UNIX_EPOCH)
}

#[test]
fn every_kind_has_its_own_implementation() {
    for kind in DestinationKind::ALL {
        assert_eq!(implementation(*kind).kind(), *kind);
    }
}

#[test]
fn only_2xx_is_a_success() {
    for status in [200, 201, 204, 299] {
        assert_eq!(classify(status, None), AttemptResult::Success, "{status}");
    }
    for status in [100, 199, 300, 301, 302, 304, 307, 408, 425, 500] {
        assert!(matches!(classify(status, None), AttemptResult::Failed { .. }), "{status}");
    }
    for status in [400, 401, 404, 409, 422, 499] {
        assert!(matches!(classify(status, None), AttemptResult::Refused { .. }), "{status}");
    }
    assert!(matches!(classify(410, None), AttemptResult::Gone { .. }));
}

#[test]
fn only_429_and_503_with_retry_after_ask_to_wait() {
    let asked = |status, value| match classify(status, value) {
        AttemptResult::RetryAfter { delay, .. } => Some(delay),
        _ => None,
    };
    let seconds = |seconds| Some(Some(Duration::from_secs(seconds)));
    assert_eq!(asked(429, Some("7")), seconds(7));
    assert_eq!(asked(429, None), Some(None));
    assert_eq!(asked(503, Some("7")), seconds(7));
    for (status, value) in [(503, None), (500, Some("7")), (200, Some("7"))] {
        assert_eq!(asked(status, value), None, "{status}");
    }
}

#[test]
fn a_pause_is_no_longer_than_the_destination_allows() {
    let asked = AttemptResult::RetryAfter { delay: Some(Duration::MAX), explanation: String::new() };
    let bounded = AttemptResult::RetryAfter { delay: Some(Duration::from_secs(60)), explanation: String::new() };
    assert_eq!(asked.with_max_delay(Duration::from_secs(60)), bounded);
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now = "2015-10-21T07:28:00Z".parse().unwrap();
    assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:30:00 GMT", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:00:00 GMT", now), Some(Duration::ZERO));
    for invalid in ["", "-1", "soon", "99999999999999999999999"] {
        assert_eq!(retry_after(invalid, now), None, "{invalid}");
    }
}

#[test]
fn a_slack_url_is_redacted() {
    for (url, expected) in [
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/services/••••"),
        ("https://HOOKS.slack-gov.com:443/services/T0/B0/x?y=z", "https://hooks.slack-gov.com/services/••••"),
        ("https://hooks.slack.com./services/T0/B0/x", "https://hooks.slack.com./services/••••"),
    ] {
        let url = url.parse().unwrap();
        let destination = for_url(&url, None).unwrap();
        assert_eq!((destination.kind(), destination.redact(&url).as_str()), (DestinationKind::Slack, expected));
    }
    for url in [
        "https://hooks.slack.com.example.org/services/x",
        "https://example.org/hooks.slack.com/services/x",
        "https://nothooks.slack.com/services/x",
        "https://slack.com/services/x",
        "https://a.hooks.slack.com/services/x",
    ] {
        assert_eq!(for_url(&url.parse().unwrap(), None).unwrap().kind(), DestinationKind::Generic, "{url}");
    }
}

#[test]
fn values_of_a_query_and_tokens_of_inspector_urls_are_redacted() {
    for (url, expected) in [
        ("https://example.com/a%2Fb", "https://example.com/a%2Fb"),
        ("https://example.com:8443/h?token=s3cret&v=1", "https://example.com:8443/h?token=••••&v=••••"),
        ("https://example.com/?s3cret", "https://example.com/?••••"),
        ("https://example.com/?a=b=c&", "https://example.com/?a=••••&••••"),
        ("https://example.com/inspect/ins_a1b2", "https://example.com/inspect/••••"),
        ("https://example.com/qa/inspect/ins_a1b2/ci?key=1", "https://example.com/qa/inspect/••••/ci?key=••••"),
        ("https://example.com/inspect/line", "https://example.com/inspect/line"),
    ] {
        let url = url.parse().unwrap();
        assert_eq!(implementation(DestinationKind::Generic).redact(&url), expected);
    }
}

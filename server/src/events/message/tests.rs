use super::*;

#[test]
fn an_event_that_this_version_does_not_know_is_named_by_its_type() {
    let envelope = |event: &str| StoredEnvelope { event: event.to_owned(), ..StoredEnvelope::default() };
    let unknown = content_of(&envelope("milestone.reached"));
    assert_eq!((unknown.headline.as_str(), unknown.notice), ("milestone.reached", None));
    assert!(content_of(&envelope(TEST_EVENT)).notice.is_some_and(|notice| notice.contains("This is a test")));
}

#[test]
fn a_ci_job_is_colored_by_its_outcome() {
    let message = |outcome: &str| {
        let data = serde_json::json!({
            "key": "WEB-J1", "name": "Nightly", "branch": "main", "status": outcome, "outcome": outcome,
            "parameters": {"A": "1", "B": ""}, "counts": {"passed": 2, "skipped": 1}, "total": 3,
        });
        content_of(&StoredEnvelope { event: "ci_job.completed".to_owned(), data, ..StoredEnvelope::default() })
    };
    let failed = message("failed");
    assert_eq!((failed.headline.as_str(), failed.subject.as_str()), ("CI job completed", "WEB-J1 Nightly"));
    assert_eq!((failed.outcome, failed.summary.as_str()), (Some(MessageOutcome::Bad), "2 passed, 1 skipped"));
    let field = |label: &str| failed.fields.iter().find(|(other, _)| *other == label).map(|(_, text)| text.as_str());
    assert_eq!((field("Branch"), field("Status")), (Some("main"), Some("failed")));
    assert_eq!((field("Parameters"), field("Commit")), (Some("A=1, B="), None));
    assert_eq!(message("passed").outcome, Some(MessageOutcome::Good));
    assert_eq!(message("cancelled").outcome, Some(MessageOutcome::Warning));
}

#[test]
fn a_custom_event_shows_its_title_and_its_link() {
    let data = serde_json::json!({"title": "2.4 on staging", "link": "https://ci.example.com/4", "status": "x"});
    let event = "custom.deploy_finished".to_owned();
    let content = content_of(&StoredEnvelope { event, data, ..StoredEnvelope::default() });
    assert_eq!((&*content.headline, &*content.subject), ("Deploy finished", "2.4 on staging"));
    assert_eq!(content.link.as_deref(), Some("https://ci.example.com/4"));
    assert!(content.fields.is_empty() && content.summary.is_empty(), "its data has no meaning here");
}

#[test]
fn only_an_issue_has_a_link_to_its_tracker() {
    let link = |event: &str| {
        let data = serde_json::json!({"url": "https://example.com/42"});
        content_of(&StoredEnvelope { event: event.to_owned(), data, ..StoredEnvelope::default() }).tracker_link
    };
    assert_eq!(link("issue.updated").as_deref(), Some("https://example.com/42"));
    assert_eq!(link("webhook.disabled"), None, "it is the endpoint");
}

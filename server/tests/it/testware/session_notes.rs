//! The timer of sessions, and their timed notes.

use std::time::Duration;

use app::model::people::Role;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

struct SessionFixture {
    testware: TestwareFixture,
    path: String,
}

impl SessionFixture {
    async fn new() -> Self {
        let testware = TestwareFixture::new().await;
        let session = testware.create("sessions", json!({"name": "Explore", "timeBoxMinutes": 60})).await;
        Self { path: item_path("sessions", &session), testware }
    }

    fn pass(&self, seconds: u64) {
        self.testware.server.state.clock.advance(Duration::from_secs(seconds));
    }

    /// Starts or stops the timer; returns the seconds on it, and whether it runs.
    async fn timer(&self, action: &str) -> (u64, bool) {
        let session = self.testware.post_ok(&format!("{}/timer/{action}", self.path), Value::Null).await;
        (session["elapsedSeconds"].as_u64().unwrap(), session["timerStartedAt"].is_string())
    }

    async fn note(&self, text: &str) -> Value {
        self.testware.post_ok(&format!("{}/notes", self.path), json!({"text": text})).await
    }

    async fn notes(&self) -> Vec<String> {
        self.testware.column(&format!("{}/notes", self.path), "text").await
    }
}

#[tokio::test]
async fn a_timer_adds_up_the_time_between_start_and_stop() {
    let fixture = SessionFixture::new().await;
    let session = fixture.testware.read(&fixture.path).await;
    assert_eq!((&session["elapsedSeconds"], &session["timerStartedAt"]), (&json!(0), &Value::Null));
    assert_eq!(fixture.timer("start").await, (0, true));
    fixture.pass(90);
    assert_eq!(fixture.timer("stop").await, (90, false));
    fixture.pass(3_600);
    assert_eq!(fixture.timer("start").await, (90, true));
    fixture.pass(30);
    assert_eq!(fixture.timer("stop").await, (120, false));
    assert_eq!(event_types(&fixture.testware.events().await), ["session.created"], "the timer has no events");
}

#[tokio::test]
async fn a_timer_that_already_runs_or_stands_still_does_not_change() {
    let fixture = SessionFixture::new().await;
    let before = fixture.testware.read(&fixture.path).await;
    fixture.pass(60);
    assert_eq!(fixture.timer("stop").await, (0, false));
    assert_eq!(fixture.testware.read(&fixture.path).await, before);
    fixture.timer("start").await;
    let started = fixture.testware.read(&fixture.path).await;
    fixture.pass(60);
    assert_eq!(fixture.timer("start").await, (0, true));
    assert_eq!(fixture.testware.read(&fixture.path).await, started);
    assert_eq!(fixture.timer("stop").await, (60, false));
}

#[tokio::test]
async fn completing_a_session_stops_its_timer() {
    let fixture = SessionFixture::new().await;
    fixture.timer("start").await;
    fixture.pass(75);
    let completed = fixture.testware.post_ok(&format!("{}/complete", fixture.path), Value::Null).await;
    assert_eq!((&completed["elapsedSeconds"], &completed["timerStartedAt"]), (&json!(75), &Value::Null));
    let events = fixture.testware.events().await;
    let data = &events.last().unwrap()["data"];
    assert_eq!((&data["timerSeconds"], &data["durationSeconds"]), (&json!(75), &json!(75)));
    for action in ["start", "stop"] {
        let reply = fixture.testware.api.post(&format!("{}/timer/{action}", fixture.path), &Value::Null).await;
        assert_eq!(reply.status, 409, "{action}: {}", reply.text);
    }
    let copy = fixture.testware.post_ok(&format!("{}/duplicate", fixture.path), Value::Null).await;
    assert_eq!((&copy["elapsedSeconds"], &copy["timerStartedAt"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn a_timer_that_is_stopped_twice_at_once_counts_once() {
    let fixture = SessionFixture::new().await;
    fixture.timer("start").await;
    fixture.pass(10);
    let (first, second) = tokio::join!(fixture.timer("stop"), fixture.timer("stop"));
    assert_eq!((first, second), ((10, false), (10, false)));
}

#[tokio::test]
async fn each_note_has_the_time_on_the_timer() {
    let fixture = SessionFixture::new().await;
    let first = fixture.note("**Before** the start").await;
    assert_eq!((&first["elapsedSeconds"], &first["author"]), (&json!(0), &json!("Ada")));
    assert_eq!(
        (&first["textHtml"], &first["editable"], &first["updatedAt"]),
        (&json!("<p><strong>Before</strong> the start</p>\n"), &json!(true), &Value::Null)
    );
    fixture.timer("start").await;
    fixture.pass(754);
    assert_eq!(fixture.note("While it runs").await["elapsedSeconds"], 754);
    fixture.timer("stop").await;
    fixture.pass(60);
    assert_eq!(fixture.note("While it is stopped").await["elapsedSeconds"], 754);
    let expected = ["**Before** the start", "While it runs", "While it is stopped"];
    assert_eq!(fixture.notes().await, expected, "oldest first");
    let paged = fixture.testware.api.all(&format!("{}/notes", fixture.path), 1).await;
    assert_eq!(paged.iter().map(|note| note["text"].as_str().unwrap()).collect::<Vec<_>>(), expected);

    let changed = fixture.testware.change(&item_path("session-notes", &first), json!({"text": "Before"})).await;
    assert_eq!((&changed["text"], &changed["elapsedSeconds"]), (&json!("Before"), &json!(0)));
    assert!(changed["updatedAt"].is_string());
    let same = fixture.testware.change(&item_path("session-notes", &first), json!({"text": "Before"})).await;
    assert_eq!(same, changed);
    assert_eq!(fixture.testware.api.delete(&item_path("session-notes", &first)).await.status, 204);
    assert_eq!(fixture.notes().await, expected[1..]);
    assert_eq!(fixture.testware.api.delete(&item_path("session-notes", &first)).await.status, 404);
    assert_eq!(event_types(&fixture.testware.events().await), ["session.created"], "notes have no events");
}

#[tokio::test]
async fn the_notes_of_a_completed_session_are_read_only() {
    let fixture = SessionFixture::new().await;
    let note = item_path("session-notes", &fixture.note("Kept").await);
    fixture.testware.post_ok(&format!("{}/complete", fixture.path), Value::Null).await;
    let api = &fixture.testware.api;
    let text = json!({"text": "Too late"});
    for reply in [
        api.post(&format!("{}/notes", fixture.path), &text).await,
        api.patch(&note, &text).await,
        api.delete(&note).await,
    ] {
        assert_eq!(reply.status, 409, "{}", reply.text);
    }
    assert_eq!(fixture.notes().await, ["Kept"]);
}

#[tokio::test]
async fn only_the_author_and_admins_change_a_note() {
    let fixture = SessionFixture::new().await;
    let server = &fixture.testware.server;
    let (grace, bob) = (server.user("Grace", false).await, server.user("Bob", false).await);
    for user in [&grace, &bob] {
        server.join(fixture.testware.project, user, Role::Member).await;
    }
    let (of_grace, of_bob) = (server.api(&grace).await, server.api(&bob).await);
    let notes = format!("{}/notes", fixture.path);
    let added = of_grace.post(&notes, &json!({"text": "Mine"})).await.json;
    let path = item_path("session-notes", &added);
    assert_eq!(of_bob.get(&notes).await.json["items"][0]["editable"], false);
    assert_eq!(of_bob.patch(&path, &json!({"text": "His"})).await.status, 403);
    assert_eq!(of_bob.delete(&path).await.status, 403);
    assert_eq!(of_grace.patch(&path, &json!({"text": "Still mine"})).await.status, 200);
    // Ada is an admin.
    assert_eq!(fixture.testware.api.delete(&path).await.status, 204);

    // Any member uses the timer; a stranger doesn't find the session.
    assert_eq!(of_bob.post(&format!("{}/timer/start", fixture.path), &Value::Null).await.status, 200);
    let stranger = server.api(&server.user("Eve", false).await).await;
    assert_eq!(stranger.post(&format!("{}/timer/stop", fixture.path), &Value::Null).await.status, 404);
    assert_eq!(stranger.get(&notes).await.status, 404);
    assert_eq!(stranger.post(&notes, &json!({"text": "x"})).await.status, 404);
}

#[tokio::test]
async fn a_note_needs_a_text_and_a_session() {
    let fixture = SessionFixture::new().await;
    let notes = format!("{}/notes", fixture.path);
    for text in [String::new(), " \n ".to_owned(), "x".repeat(64 * 1024 + 1)] {
        let reply = fixture.testware.api.post(&notes, &json!({"text": text})).await;
        assert_eq!(error_fields(&reply), ["text"]);
    }
    let note = item_path("session-notes", &fixture.note("Lost").await);
    let reply = fixture.testware.api.patch(&note, &json!({"text": ""})).await;
    assert_eq!(error_fields(&reply), ["text"]);
    assert_eq!(fixture.testware.api.delete(&fixture.path).await.status, 204);
    assert_eq!(fixture.testware.api.get(&notes).await.status, 404);
    assert_eq!(fixture.testware.api.patch(&note, &json!({"text": "x"})).await.status, 404);
    assert_eq!(fixture.testware.api.delete(&note).await.status, 404);
}

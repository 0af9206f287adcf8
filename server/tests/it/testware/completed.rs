use serde_json::{Value, json};

use super::world::{World, at, types};

/// A run and a session with a result that may be added to each.
async fn both(world: &World) -> [(String, &'static str, Value); 2] {
    let (run, cases) = world.run(&["Pay"]).await;
    let session = world.make("sessions", json!({"name": "Explore"})).await;
    let of_run = json!({"caseId": cases[0]["id"], "status": "passed"});
    [(at("runs", &run), "test_run", of_run), (at("sessions", &session), "session", json!({"status": "passed"}))]
}

#[tokio::test]
async fn what_is_completed_takes_no_more_changes_and_says_what_to_do() {
    let world = World::new().await;
    for (path, subject, result) in both(&world).await {
        world.done(&format!("{path}/results"), result.clone()).await;
        let seen = world.events().await.len();
        let completed = world.done(&format!("{path}/complete"), Value::Null).await;
        assert!(completed["completedAt"].is_string());
        let refused = [
            world.api.patch(&path, &json!({"name": "x"})).await,
            world.api.patch(&path, &json!({"state": "done"})).await,
            world.api.post(&format!("{path}/results"), &result).await,
            world.api.post(&format!("{path}/complete"), &Value::Null).await,
        ];
        for reply in refused {
            assert_eq!(reply.status, 409, "{}", reply.text);
            assert!(reply.json["detail"].as_str().unwrap().contains("Duplicate it"), "{}", reply.text);
        }
        assert_eq!(world.read(&path).await, completed);
        assert_eq!(types(&world.since(seen).await), [format!("{subject}.completed")]);
        assert_eq!(world.api.delete(&path).await.status, 204);
    }
}

#[tokio::test]
async fn completing_and_the_state_are_independent() {
    let world = World::new().await;
    for (path, subject, _) in both(&world).await {
        let seen = world.events().await.len();
        let done = world.change(&path, json!({"state": "done"})).await;
        assert_eq!(done["completedAt"], Value::Null);
        world.change(&path, json!({"state": "blocked"})).await;
        let completed = world.done(&format!("{path}/complete"), Value::Null).await;
        assert_eq!(completed["state"], "blocked");
        let events = world.since(seen).await;
        let moved = format!("{subject}.state_changed");
        assert_eq!(types(&events), [moved.clone(), moved, format!("{subject}.completed")]);
        assert_eq!(events[0]["data"]["completedAt"], Value::Null);
        assert_eq!(events[2]["data"]["completedAt"], completed["completedAt"]);
    }
}

#[tokio::test]
async fn of_two_who_complete_at_once_one_is_told_that_it_was_done() {
    let world = World::new().await;
    for (path, subject, _) in both(&world).await {
        let complete = format!("{path}/complete");
        let seen = world.events().await.len();
        let (one, other) =
            tokio::join!(world.api.post(&complete, &Value::Null), world.api.post(&complete, &Value::Null));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(types(&world.since(seen).await), [format!("{subject}.completed")]);
    }
}

//! The short names of operations, e.g. "List webhooks", from their methods and paths.

/// Names that don't follow from the path.
const NAMES: [(&str, &str, &str); 98] = [
    ("get", "/audit", "Get the audit log of the workspace"),
    ("get", "/projects/{id}/audit", "Get the audit log of a project"),
    ("get", "/notifications", "List your notifications"),
    ("get", "/notifications/unread", "Count your unread notifications"),
    ("post", "/notifications/read", "Mark notifications as read"),
    ("get", "/email-settings", "Get the email settings"),
    ("put", "/email-settings", "Set the email settings"),
    ("delete", "/email-settings", "Delete the email settings"),
    ("post", "/email-settings/test", "Send a test email"),
    ("get", "/me", "Get your account"),
    ("patch", "/me", "Update your account"),
    ("post", "/me/password", "Change your password"),
    ("get", "/me/sessions", "List your sign-ins"),
    ("delete", "/me/sessions", "End your other sign-ins"),
    ("delete", "/me/sessions/{id}", "End one of your sign-ins"),
    ("get", "/projects/{id}/integration", "Get the integration"),
    ("put", "/projects/{id}/integration", "Set the integration"),
    ("delete", "/projects/{id}/integration", "Delete the integration"),
    ("post", "/projects/{id}/integration/test", "Test the integration"),
    ("get", "/projects/{id}/deliveries/count", "Count deliveries"),
    ("post", "/projects/{id}/deliveries/replay", "Replay matching deliveries"),
    ("post", "/deliveries/replay", "Replay selected deliveries"),
    ("post", "/deliveries/retry", "Retry selected deliveries"),
    ("post", "/deliveries/cancel", "Cancel selected deliveries"),
    ("get", "/webhooks/{id}/replays/count", "Count what a replay would send"),
    ("post", "/webhooks/{id}/replays", "Start a replay"),
    ("post", "/projects/{id}/webhooks/inbound", "Create the inbound webhook"),
    ("get", "/webhooks", "List webhooks with several projects"),
    ("post", "/webhooks", "Create a webhook with several projects"),
    ("post", "/webhooks/{id}/duplicate", "Duplicate a webhook"),
    ("post", "/webhooks/activate", "Activate selected webhooks"),
    ("post", "/webhooks/deactivate", "Deactivate selected webhooks"),
    ("get", "/webhooks/{id}/deliveries", "List deliveries of a webhook"),
    ("get", "/webhook-pause", "Get the pause of all webhooks"),
    ("put", "/webhook-pause", "Pause or resume all webhooks"),
    ("get", "/webhook-pause/webhooks", "List paused webhooks"),
    ("get", "/settings", "Get the settings of the workspace"),
    ("patch", "/settings", "Update the settings of the workspace"),
    ("get", "/projects/{id}/deliveries/export", "Export deliveries"),
    ("post", "/projects/{id}/deliveries/clear", "Clear the history of a project"),
    ("get", "/deliveries/export", "Export all deliveries"),
    ("post", "/deliveries/clear", "Clear all history"),
    ("get", "/projects/{id}/inspector-urls", "List inspector URLs"),
    ("post", "/projects/{id}/inspector-urls", "Create an inspector URL"),
    ("get", "/inspector-urls/{id}", "Get an inspector URL"),
    ("patch", "/inspector-urls/{id}", "Update an inspector URL"),
    ("delete", "/inspector-urls/{id}", "Delete an inspector URL"),
    ("post", "/inspector-urls/{id}/extend", "Extend an inspector URL"),
    ("get", "/inspector-urls/{id}/requests", "List requests of an inspector URL"),
    ("delete", "/inspector-urls/{id}/requests", "Clear an inspector URL"),
    ("get", "/inspector-requests/{id}", "Get an inspector request"),
    ("get", "/runs/{id}/public-link", "Get the public link of a run"),
    ("post", "/runs/{id}/public-link", "Enable the public link of a run"),
    ("delete", "/runs/{id}/public-link", "Revoke the public link of a run"),
    ("get", "/runs/{id}/report", "Get the report of a run"),
    ("get", "/plans/{id}/report", "Get the report of a plan"),
    ("get", "/milestones/{id}/report", "Get the report of a milestone"),
    ("post", "/runs/{id}/assign", "Assign cases of a run"),
    ("post", "/sessions/{id}/timer/start", "Start the timer of a session"),
    ("post", "/sessions/{id}/timer/stop", "Stop the timer of a session"),
    ("post", "/sessions/{id}/notes", "Add a note to a session"),
    ("patch", "/session-notes/{id}", "Update a note of a session"),
    ("delete", "/session-notes/{id}", "Delete a note of a session"),
    ("post", "/users/{id}/password-reset", "Create a password reset link"),
    ("delete", "/users/{id}/single-sign-on", "Unlink a user from single sign-on"),
    ("post", "/webhooks/{id}/rotate", "Rotate a secret"),
    ("post", "/webhooks/{id}/destination", "Change the destination of a webhook"),
    ("post", "/webhooks/{id}/signing", "Change the signing of a webhook"),
    ("post", "/webhooks/{id}/test", "Send a test event"),
    ("post", "/projects/{id}/webhooks/conditions/try", "Try conditions"),
    ("post", "/projects/{id}/webhooks/template/preview", "Preview a template"),
    ("get", "/webhooks/{id}/stats", "Get the statistics of a webhook"),
    ("post", "/runs/{id}/results/bulk", "Add several results to a run"),
    ("post", "/sessions/{id}/results/bulk", "Add several results to a session"),
    ("post", "/results/{id}/attachments", "Add an attachment to a result"),
    ("get", "/attachments/{id}/content", "Download an attachment"),
    ("post", "/projects/{id}/comments", "Add a comment"),
    ("get", "/projects/{id}/search", "Search a project"),
    ("patch", "/projects/{id}/cases", "Update several cases"),
    ("post", "/projects/{id}/cases/delete", "Delete several cases"),
    ("get", "/cases/{id}/history", "Get the history of a case"),
    ("post", "/reviews/{id}/reviewers", "Add a reviewer to a review"),
    ("delete", "/reviews/{id}/reviewers/{userId}", "Remove a reviewer from a review"),
    ("post", "/reviews/{id}/decision", "Decide on a review"),
    ("post", "/projects/{id}/events", "Publish a custom event"),
    ("get", "/projects/{id}/custom-events", "List custom events"),
    ("post", "/projects/{id}/custom-events", "Register a custom event"),
    ("get", "/custom-events/{id}", "Get a custom event"),
    ("patch", "/custom-events/{id}", "Update a custom event"),
    ("delete", "/custom-events/{id}", "Delete a custom event"),
    ("post", "/projects/{id}/imports", "Import test cases"),
    ("get", "/projects/{id}/export", "Export a project"),
    ("post", "/automation-runs/{id}/reports", "Add a report to an automation run"),
    ("get", "/projects/{id}/ci-jobs", "List CI jobs"),
    ("post", "/projects/{id}/ci-jobs", "Queue a CI job"),
    ("get", "/ci-jobs/{id}", "Get a CI job"),
    ("patch", "/ci-jobs/{id}", "Update a CI job"),
    ("post", "/ci-jobs/{id}/complete", "Complete a CI job"),
];

/// The name of an operation.
pub fn operation_name(method: &str, path: &str) -> String {
    if let Some((.., name)) = NAMES.iter().find(|(other, at, _)| (*other, *at) == (method, path)) {
        return (*name).to_owned();
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let last = parts.last().copied().unwrap_or_default();
    let of_one = last.starts_with('{');
    // The things that the path is about, e.g. `projects`, `webhooks`.
    let things: Vec<_> = parts.iter().copied().filter(|part| !part.starts_with('{') && part.ends_with('s')).collect();
    let thing = things.last().copied().unwrap_or_default();
    let verb = match method {
        "get" if of_one => "Get",
        "get" => "List",
        "patch" => "Update",
        "put" => "Set",
        "delete" => "Delete",
        _ if last == "results" => "Add",
        _ if last == thing => "Create",
        _ => return format!("{} {}", capitalized(last), one(thing)),
    };
    match &*things {
        // What belongs to another thing than a project.
        [of, _] if !of_one && verb == "List" && *of != "projects" => format!("List {thing} of {}", one(of)),
        _ if verb == "List" => format!("List {thing}"),
        [of, _] if verb == "Add" => format!("Add {} to {}", one(thing), one(of)),
        _ => format!("{verb} {}", one(thing)),
    }
}

/// The name of an operation in generated clients, from its short name: `createCase` for "Create a case".
pub fn operation_id(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.filter(|word| !["a", "an", "the"].contains(word));
    words.enumerate().fold(String::new(), |id, (index, word)| match index {
        0 => word.to_ascii_lowercase(),
        _ => id + &capitalized(&word.to_ascii_lowercase()),
    })
}

/// `a delivery` for `deliveries`.
fn one(things: &str) -> String {
    let thing = match things.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => things.strip_suffix('s').unwrap_or(things).to_owned(),
    };
    let article = if thing.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {thing}")
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{operation_id, operation_name};

    #[test]
    fn a_name_is_a_verb_and_its_object() {
        for (method, path, name) in [
            ("get", "/projects", "List projects"),
            ("get", "/projects/{id}/deliveries", "List deliveries"),
            ("get", "/runs/{id}/cases", "List cases of a run"),
            ("post", "/projects/{id}/issues", "Create an issue"),
            ("post", "/runs/{id}/results", "Add a result to a run"),
            ("get", "/deliveries/{id}", "Get a delivery"),
            ("patch", "/webhooks/{id}", "Update a webhook"),
            ("delete", "/projects/{id}/members/{userId}", "Delete a member"),
            ("post", "/deliveries/{id}/replay", "Replay a delivery"),
            ("post", "/webhooks/{id}/secrets/{sid}/retire", "Retire a secret"),
            ("post", "/projects/{id}/transfer", "Transfer a project"),
            ("delete", "/users/{id}/single-sign-on", "Unlink a user from single sign-on"),
            ("post", "/webhooks/{id}/rotate", "Rotate a secret"),
            ("post", "/webhooks/{id}/destination", "Change the destination of a webhook"),
            ("post", "/webhooks/{id}/signing", "Change the signing of a webhook"),
        ] {
            assert_eq!(operation_name(method, path), name, "{method} {path}");
        }
    }

    #[test]
    fn generated_clients_have_the_name_without_articles() {
        for (name, id) in [
            ("Create a case", "createCase"),
            ("List cases of a run", "listCasesOfRun"),
            ("Get the audit log of the workspace", "getAuditLogOfWorkspace"),
            ("End one of your sign-ins", "endOneOfYourSignIns"),
            ("Queue a CI job", "queueCiJob"),
        ] {
            assert_eq!(operation_id(name), id);
        }
    }
}

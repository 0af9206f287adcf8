//! Explains Slack's responses, which are plain text
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>).

use http::StatusCode;

/// Explains an error to the webhook's admins; `None` if Slack gives no known reason.
#[must_use]
pub fn response_error(status: StatusCode, body: &[u8]) -> Option<String> {
    let reason = std::str::from_utf8(body).unwrap_or_default().trim();
    let words = match reason {
        "invalid_payload" | "invalid_blocks" | "no_text" | "too_many_attachments" => {
            "Slack does not take the message. Please report this."
        }
        "action_prohibited" | "posting_to_general_channel_denied" => {
            "An admin of the workspace has restricted who may post there."
        }
        "channel_not_found" => {
            "The channel was deleted: make another incoming webhook in Slack, and recreate this one."
        }
        "channel_is_archived" => "The channel is archived: choose another one in Slack, and recreate this webhook.",
        "no_service" | "no_service_id" | "invalid_token" | "no_active_hooks" => {
            "The incoming webhook was removed in Slack or switched off: make another one there, and recreate this one."
        }
        "no_team" | "team_disabled" => "The workspace is gone or disabled.",
        "user_not_found" => "The user who is to be told was removed.",
        "rollup_error" => "Slack had a fault of its own.",
        _ if status == StatusCode::TOO_MANY_REQUESTS => {
            return Some("Slack takes no more messages for now (429).".into());
        }
        _ => return None,
    };
    Some(format!("Slack answered {} {reason}. {words}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_reasons_of_slack_are_explained() {
        let gone = response_error(StatusCode::NOT_FOUND, b"no_service\n").unwrap();
        assert!(gone.starts_with("Slack answered 404 no_service. ") && gone.ends_with("recreate this one."), "{gone}");
        assert!(response_error(StatusCode::GONE, b"channel_is_archived").unwrap().contains("archived"));
        assert!(response_error(StatusCode::TOO_MANY_REQUESTS, b"").unwrap().contains("429"));
        assert_eq!(response_error(StatusCode::BAD_GATEWAY, b"<html>"), None);
        assert_eq!(response_error(StatusCode::BAD_GATEWAY, b"\xff"), None);
    }
}

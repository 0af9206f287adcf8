//! Explains Slack's responses, which are plain text
//! (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>).

use http::StatusCode;

/// Explains an error to the webhook's admins; `None` if Slack gives no known reason.
#[must_use]
pub fn response_error(status: StatusCode, body: &[u8]) -> Option<String> {
    let reason = std::str::from_utf8(body).unwrap_or_default().trim();
    let words = match reason {
        "invalid_payload" | "invalid_blocks" | "no_text" | "too_many_attachments" => {
            "Slack rejected the message. This is a bug in Testbell; please report it."
        }
        "action_prohibited" | "posting_to_general_channel_denied" => {
            "A workspace admin has restricted who can post to the channel."
        }
        "channel_not_found" => {
            "The channel was deleted. Create an incoming webhook for another channel in Slack, and enter its URL here."
        }
        "channel_is_archived" => {
            "The channel is archived. Create an incoming webhook for another channel in Slack, and enter its URL here."
        }
        "no_service" | "no_service_id" | "invalid_token" | "no_active_hooks" => {
            "The incoming webhook was removed or turned off in Slack. Create a new one there, and enter its URL here."
        }
        "no_team" | "team_disabled" => "The workspace was deleted or disabled.",
        "user_not_found" => "The recipient was removed from the workspace.",
        "rollup_error" => "Slack had an internal error.",
        _ if status == StatusCode::TOO_MANY_REQUESTS => {
            return Some("Slack's rate limit was reached (429).".into());
        }
        _ => return None,
    };
    Some(format!("Slack responded with {} {reason}. {words}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_reasons_of_slack_are_explained() {
        let gone = response_error(StatusCode::NOT_FOUND, b"no_service\n").unwrap();
        assert!(
            gone.starts_with("Slack responded with 404 no_service. ") && gone.ends_with("enter its URL here."),
            "{gone}"
        );
        assert!(response_error(StatusCode::GONE, b"channel_is_archived").unwrap().contains("archived"));
        assert!(response_error(StatusCode::TOO_MANY_REQUESTS, b"").unwrap().contains("429"));
        assert_eq!(response_error(StatusCode::BAD_GATEWAY, b"<html>"), None);
        assert_eq!(response_error(StatusCode::BAD_GATEWAY, b"\xff"), None);
    }
}

//! The text of emails, as plain text and as HTML.

use app::model::catalog::EventType;
use app::model::item_id::ItemId;

use super::WebhookNews;
use crate::app_state::AppState;
use crate::entity::project;

/// An email without its recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailText {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What happened to a webhook.
pub fn about_webhook(state: &AppState, news: &WebhookNews<'_>, project: &project::Model) -> EmailText {
    let name = &news.webhook.name;
    let (headline, next_step) = if news.event == EventType::WebhookDisabled {
        (
            format!("Webhook \"{name}\" was disabled"),
            "Fix the endpoint, send a test, then enable the webhook. Failed deliveries can be replayed.",
        )
    } else {
        (format!("Webhook \"{name}\" works again"), "It was enabled. Held deliveries are sent, oldest first.")
    };
    let link = state.config.link(&ItemId::from(news.webhook.id).path(project.id));
    Content { headline, project: project.name.clone(), reason: news.reason.to_owned(), next_step, link }.render()
}

/// The email that a system admin sends to try the settings.
pub fn test(state: &AppState) -> EmailText {
    Content {
        headline: "Test email from Testbell".to_owned(),
        project: String::new(),
        reason: "The email settings work.".to_owned(),
        next_step: "Project admins get an email when a webhook is disabled.",
        link: state.config.link("/admin/email"),
    }
    .render()
}

struct Content {
    headline: String,
    project: String,
    reason: String,
    next_step: &'static str,
    link: String,
}

impl Content {
    fn render(&self) -> EmailText {
        let Self { headline, project, reason, next_step, link } = self;
        let subject = match project.as_str() {
            "" => headline.clone(),
            project => format!("[{project}] {headline}"),
        };
        // A line break would begin another header.
        let subject = subject.replace(char::is_control, " ");
        let text = format!("{headline}\n\n{reason}\n\n{next_step}\n\n{link}\n");
        let [headline, reason, link] = [headline, reason, link].map(|text| ammonia::clean_text(text));
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{headline}</title></head>\
             <body style=\"font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;color:#1b1d22\">\
             <h1 style=\"font-size:18px\">{headline}</h1><p>{reason}</p><p>{next_step}</p>\
             <p><a href=\"{link}\">Open in Testbell</a></p></body></html>"
        );
        EmailText { subject, text, html }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_neither_adds_a_header_nor_markup() {
        let email = Content {
            headline: "Webhook \"a\r\nBcc: x@example.com<b>\" was disabled".to_owned(),
            project: "<i>Shop".to_owned(),
            reason: "<script>alert(1)</script>".to_owned(),
            next_step: "Fix it.",
            link: "https://example.com/?a=1&b=\"".to_owned(),
        }
        .render();
        assert!(!email.subject.contains(['\r', '\n']), "{}", email.subject);
        assert!(!email.html.contains("<script") && !email.html.contains("<b>"), "{}", email.html);
        assert!(email.text.contains("<script>alert(1)</script>"), "plain text is not escaped");
    }
}

//! The webhooks in the filter, followed by deleted ones that still have deliveries. Webhooks with
//! the same name get a distinguishing suffix.

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::model::page::Page;
use crate::model::webhook::{DeletedWebhook, Webhook};
use crate::time;

struct WebhookChoice {
    id: String,
    text: String,
    url: String,
    created_at: DateTime<Utc>,
}

/// The ID and label of each. Webhooks that can't be loaded are left out.
pub fn webhook_choices(active: Result<Page<Webhook>>, deleted: Result<Page<DeletedWebhook>>) -> Vec<(String, String)> {
    let active = active.map(|page| page.items).unwrap_or_default().into_iter().map(|webhook| WebhookChoice {
        id: webhook.id.to_string(),
        text: webhook.name,
        url: webhook.url,
        created_at: webhook.created_at,
    });
    let deleted = deleted.map(|page| page.items).unwrap_or_default().into_iter().map(|webhook| WebhookChoice {
        id: webhook.id.to_string(),
        text: format!("{} (deleted)", webhook.name),
        url: webhook.url,
        created_at: webhook.created_at,
    });
    distinguish(active.chain(deleted).collect())
}

/// By their URL, and if that is the same too, by the time when they were added.
fn distinguish(mut all: Vec<WebhookChoice>) -> Vec<(String, String)> {
    extend_repeated(&mut all, |choice| {
        let address = choice.url.split_once("://").map_or(&*choice.url, |(_, address)| address);
        (!address.is_empty()).then(|| address.to_owned())
    });
    extend_repeated(&mut all, |choice| Some(format!("added {}", time::exact(choice.created_at))));
    all.into_iter().map(|choice| (choice.id, choice.text)).collect()
}

fn extend_repeated(all: &mut [WebhookChoice], more: impl Fn(&WebhookChoice) -> Option<String>) {
    let texts: Vec<String> = all.iter().map(|choice| choice.text.clone()).collect();
    for choice in all {
        if texts.iter().filter(|text| **text == choice.text).count() > 1
            && let Some(more) = more(choice)
        {
            choice.text = format!("{}, {more}", choice.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(text: &str, url: &str, second: i64) -> WebhookChoice {
        let created_at = DateTime::from_timestamp(1_795_183_267 + second, 0).unwrap();
        WebhookChoice { id: String::new(), text: text.to_owned(), url: url.to_owned(), created_at }
    }

    fn texts(all: Vec<WebhookChoice>) -> Vec<String> {
        distinguish(all).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_unique_name_gets_no_suffix() {
        let all =
            vec![choice("CI", "https://ci.example.com/a", 0), choice("CI (deleted)", "https://ci.example.com/a", 0)];
        assert_eq!(texts(all), ["CI", "CI (deleted)"]);
    }

    #[test]
    fn same_names_get_their_url() {
        let all = vec![choice("CI", "https://a.example.com/x", 0), choice("CI", "https://b.example.com/x", 0)];
        assert_eq!(texts(all), ["CI, a.example.com/x", "CI, b.example.com/x"]);
    }

    #[test]
    fn same_urls_get_the_time_they_were_added() {
        let all = vec![choice("GitHub (deleted)", "", 0), choice("GitHub (deleted)", "", 1)];
        assert_eq!(
            texts(all),
            ["GitHub (deleted), added 20 Nov 2026, 14:01:07 UTC", "GitHub (deleted), added 20 Nov 2026, 14:01:08 UTC"]
        );
    }
}

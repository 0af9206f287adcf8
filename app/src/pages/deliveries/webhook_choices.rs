//! The webhooks that deliveries can be filtered by, those told apart whose names repeat. Deleted
//! ones follow, as long as there are deliveries of them.

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::model::page::Page;
use crate::model::webhook::{DeletedWebhook, Webhook};
use crate::time;

struct Named {
    id: String,
    text: String,
    url: String,
    created_at: DateTime<Utc>,
}

/// The id and the words of each. What could not be read is left out: the others can be chosen.
pub fn webhook_choices(living: Result<Page<Webhook>>, deleted: Result<Page<DeletedWebhook>>) -> Vec<(String, String)> {
    let living = living.map(|page| page.items).unwrap_or_default().into_iter().map(|webhook| Named {
        id: webhook.id.to_string(),
        text: webhook.name,
        url: webhook.url,
        created_at: webhook.created_at,
    });
    let deleted = deleted.map(|page| page.items).unwrap_or_default().into_iter().map(|webhook| Named {
        id: webhook.id.to_string(),
        text: format!("{} (deleted)", webhook.name),
        url: webhook.url,
        created_at: webhook.created_at,
    });
    told_apart(living.chain(deleted).collect())
}

/// By where they lead, and if that is the same too, by when they were made.
fn told_apart(mut all: Vec<Named>) -> Vec<(String, String)> {
    more_where_repeated(&mut all, |named| {
        let place = named.url.split_once("://").map_or(&*named.url, |(_, place)| place);
        (!place.is_empty()).then(|| place.to_owned())
    });
    more_where_repeated(&mut all, |named| Some(format!("added {}", time::exact(named.created_at))));
    all.into_iter().map(|named| (named.id, named.text)).collect()
}

fn more_where_repeated(all: &mut [Named], more: impl Fn(&Named) -> Option<String>) {
    let texts: Vec<String> = all.iter().map(|named| named.text.clone()).collect();
    for named in all {
        if texts.iter().filter(|text| **text == named.text).count() > 1
            && let Some(more) = more(named)
        {
            named.text = format!("{}, {more}", named.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, url: &str, second: i64) -> Named {
        let created_at = DateTime::from_timestamp(1_795_183_267 + second, 0).unwrap();
        Named { id: String::new(), text: text.to_owned(), url: url.to_owned(), created_at }
    }

    fn told(all: Vec<Named>) -> Vec<String> {
        told_apart(all).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_name_that_is_there_once_stands_alone() {
        let all =
            vec![named("CI", "https://ci.example.com/a", 0), named("CI (deleted)", "https://ci.example.com/a", 0)];
        assert_eq!(told(all), ["CI", "CI (deleted)"]);
    }

    #[test]
    fn names_that_repeat_are_told_apart_by_where_they_lead() {
        let all = vec![named("CI", "https://a.example.com/x", 0), named("CI", "https://b.example.com/x", 0)];
        assert_eq!(told(all), ["CI, a.example.com/x", "CI, b.example.com/x"]);
    }

    #[test]
    fn what_leads_to_the_same_place_is_told_apart_by_when_it_was_made() {
        let all = vec![named("GitHub (deleted)", "", 0), named("GitHub (deleted)", "", 1)];
        assert_eq!(
            told(all),
            ["GitHub (deleted), added 20 Nov 2026, 14:01:07 UTC", "GitHub (deleted), added 20 Nov 2026, 14:01:08 UTC"]
        );
    }
}

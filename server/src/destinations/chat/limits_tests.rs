//! Any text stays within the limits of the platforms, and has no meaning in their markup.

use app::model::catalog::EventType;
use app::model::destination::DestinationKind;
use app::model::id::{DeliveryId, EventId};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::destinations::signature::Signer;
use crate::destinations::{DestinationSettings, SigningContext, implementation};
use crate::events::EventMessage;

fn body(kind: DestinationKind, event: &str, data: &Value) -> String {
    let envelope = json!({
        "id": "evt_1", "type": event, "timestamp": "2026-01-05T10:00:00.000Z",
        "project": {"id": "prj_1", "key": "WEB", "name": data["title"]},
        "actor": {"id": "usr_1", "name": data["key"]}, "data": data,
    });
    let settings = DestinationSettings { url: Url::parse("https://endpoint.example.org/").unwrap(), body: None };
    let signing = SigningContext {
        signer: &Signer::None,
        event: EventId(Uuid::nil()),
        delivery: DeliveryId(Uuid::nil()),
        timestamp: 0,
    };
    let message = EventMessage::new(envelope.to_string().into());
    let request = implementation(kind).render(&message, &settings, &signing).unwrap();
    String::from_utf8(request.body.to_vec()).unwrap()
}

fn parsed(kind: DestinationKind, event: &str, data: &Value) -> Value {
    serde_json::from_str(&body(kind, event, data)).unwrap()
}

fn size(text: &Value) -> usize {
    text.as_str().unwrap_or_default().encode_utf16().count()
}

/// <https://docs.discord.com/developers/resources/message#embed-object-embed-limits>
fn is_within_limits_of_discord(message: &Value) {
    assert_eq!(message["allowed_mentions"], json!({"parse": []}));
    let embed = &message["embeds"][0];
    let fields = embed["fields"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    assert!(fields.len() <= 25);
    for field in fields {
        assert!((1..=256).contains(&size(&field["name"])) && (1..=1024).contains(&size(&field["value"])), "{field}");
    }
    let (title, description, footer) =
        (size(&embed["title"]), size(&embed["description"]), size(&embed["footer"]["text"]));
    assert!((1..=256).contains(&title) && description <= 4096 && (1..=2048).contains(&footer), "{embed}");
    let all = fields.iter().map(|field| size(&field["name"]) + size(&field["value"])).sum::<usize>();
    assert!(title + description + footer + all <= 6000, "{}", title + description + footer + all);
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[&<>|`*_@!\\\\\"#\n ]{0,200}", ".{0,3}".prop_map(|text| text.repeat(1100))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_text_stays_within_the_limits_of_every_platform(
        a in texts(), b in texts(), list in prop::collection::vec(texts(), 0..30), count in any::<u64>(),
    ) {
        let issues: Vec<_> = list.iter().map(|text| json!({"key": a, "title": text, "url": format!("https://x.example/{}", "(&|".repeat(60))})).collect();
        let data = json!({
            "key": a, "title": b, "name": b, "description": a, "charter": a, "status": b, "priority": a, "type": a,
            "assignee": b, "labels": list, "changed": list, "link": "https://testbell.example/1",
            "url": format!("https://x.example/?{}", "(&)".repeat(90)),
            "state": b, "previousState": a, "total": count, "timeBoxMinutes": count,
            "counts": {"passed": count, "failed": count, "blocked": count, "retest": 1, "skipped": 1, "untested": 1},
            "duplicatedFrom": {"key": a, "name": b}, "branch": a, "commit": b, "parameters": {"A": a, "B": b},
            "result": {"status": "failed", "case": {"key": a, "title": b}, "comment": a, "elapsedSeconds": count, "issues": issues},
        });
        for event in EventType::ALL {
            let slack = parsed(DestinationKind::Slack, event.as_str(), &data);
            let blocks = slack["attachments"][0]["blocks"].as_array().into_iter().flatten();
            for block in blocks.chain(slack["blocks"].as_array().into_iter().flatten()) {
                prop_assert!(size(&block["text"]["text"]) <= 3_000, "{block}");
            }
            is_within_limits_of_discord(&parsed(DestinationKind::Discord, event.as_str(), &data));
            prop_assert!(body(DestinationKind::GoogleChat, event.as_str(), &data).len() <= 32_000);
            prop_assert!(body(DestinationKind::Teams, event.as_str(), &data).len() <= 28 * 1024);
        }
    }
}

#[test]
fn a_shortened_message_says_what_is_missing_on_every_platform() {
    let data = json!({
        "key": "WEB-R3", "name": "Nightly", "counts": {"failed": 1},
        "result": {"status": "failed", "comment": "x".repeat(4000), "issues": vec![json!({"title": "T"}); 12]},
    });
    for kind in [DestinationKind::Slack, DestinationKind::Teams, DestinationKind::Discord, DestinationKind::GoogleChat]
    {
        let message = body(kind, "test_run.result_added", &data);
        assert!(message.contains("Shortened: comment, "), "{kind}: {message}");
        assert!(message.contains("more issues"), "{kind}: {message}");
    }
}

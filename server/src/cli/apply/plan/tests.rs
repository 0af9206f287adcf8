use super::*;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("an object is expected") };
    object
}

fn stored() -> Stored {
    object(json!({
        "id": "whk_1", "name": "CI", "url": "https://ci.example.com/hook?key=••••", "kind": "generic",
        "events": ["issue.created", "test_run.*"], "active": true, "whileInactive": "hold", "allowInsecure": false,
        "policy": {"timeoutSeconds": 10, "degradedAfter": 3}, "customHeaders": [{"name": "X-Key"}],
        "signing": {"scheme": "standard_webhooks", "header": null, "sha256Prefix": false},
    }))
}

fn entry(fields: Value) -> Entry {
    let mut fields = object(fields);
    fields.insert("name".to_owned(), json!("CI"));
    Entry { name: "CI".to_owned(), active: None, secret: None, fields }
}

fn changed(entry: &Entry, resend: bool) -> Option<(Vec<Call>, Vec<String>)> {
    match change(entry, &stored(), resend).unwrap() {
        Some(Step::Change { id, calls, summary }) => {
            assert_eq!(id, "whk_1");
            Some((calls, summary))
        }
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_file_does_not_name_stays() {
    for fields in [
        json!({}),
        json!({"events": ["test_run.*", "issue.created"]}),
        json!({"url": "https://ci.example.com/hook?key=another"}),
        json!({"policy": {"timeoutSeconds": 10}}),
        json!({"customHeaders": [{"name": "x-key", "value": "v"}], "kind": "generic"}),
    ] {
        assert_eq!(changed(&entry(fields.clone()), false), None, "{fields}");
    }
}

#[test]
fn changed_fields_are_sent_in_one_request() {
    let fields = json!({"events": ["test_run.*", "case.created"], "policy": {"timeoutSeconds": 5, "degradedAfter": 3}});
    let (calls, summary) = changed(&entry(fields.clone()), false).unwrap();
    assert_eq!(calls, [Call::Patch(fields)]);
    assert_eq!(summary, ["events: +case.created -issue.created", "policy.timeoutSeconds: 10 -> 5"]);
}

#[test]
fn a_url_signing_and_activity_have_their_own_requests() {
    let signing = json!({"scheme": "none"});
    let mut wanted = entry(json!({"url": "https://ci.example.com/new?key=k", "signing": signing}));
    wanted.active = Some(false);
    let (calls, summary) = changed(&wanted, false).unwrap();
    assert_eq!(
        calls,
        [
            Call::Post("destination", json!({"url": "https://ci.example.com/new?key=k"})),
            Call::Post("signing", json!({"signing": signing, "secret": null})),
            Call::Post("deactivate", json!({})),
        ]
    );
    assert_eq!(summary[0], "url: https://ci.example.com/hook?key=•••• -> https://ci.example.com/new?key=••••");
    assert!(!summary.join(" ").contains("key=k"), "{summary:?}");
}

#[test]
fn secrets_are_sent_again_only_if_asked() {
    let mut wanted = entry(json!({
        "url": "https://ci.example.com/hook?key=k", "customHeaders": [{"name": "X-Key", "value": "v"}],
    }));
    wanted.secret = Some("a secret of the receiver".to_owned());
    assert_eq!(changed(&wanted, false), None);
    let (calls, summary) = changed(&wanted, true).unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!(summary, ["url: sent again", "customHeaders: sent again", "secret: sent again"]);
}

#[test]
fn a_new_webhook_is_created_with_its_secret() {
    let mut wanted = entry(json!({"url": "https://a.example", "events": ["issue.*"], "whileInactive": "drop"}));
    wanted.secret = Some("s".to_owned());
    wanted.active = Some(false);
    let made = plan(&[wanted], &[], Options::default()).unwrap();
    let body = json!({
        "name": "CI", "url": "https://a.example", "events": ["issue.*"], "active": false, "whileInactive": "drop",
        "secret": "s",
    });
    assert_eq!(made.steps, [("CI".to_owned(), Step::Create { body })]);
}

#[test]
fn other_webhooks_are_deleted_only_if_asked() {
    let kept = plan(&[], &[stored()], Options::default()).unwrap();
    assert_eq!((kept.steps.len(), kept.kept), (0, vec!["CI".to_owned()]));
    let pruned = plan(&[], &[stored()], Options { prune: true, ..Options::default() }).unwrap();
    assert_eq!(pruned.steps, [("CI".to_owned(), Step::Delete { id: "whk_1".to_owned() })]);
}

#[test]
fn unknown_fields_and_repeated_names_are_refused() {
    let unknown = PlanError::UnknownField { name: "CI".to_owned(), field: "colour".to_owned() };
    let wanted = entry(json!({"colour": "red"}));
    assert_eq!(plan(std::slice::from_ref(&wanted), &[], Options::default()), Err(unknown));
    assert!(plan(std::slice::from_ref(&wanted), &[stored()], Options::default()).is_err());
    let twice = plan(&[entry(json!({}))], &[stored(), stored()], Options::default());
    assert_eq!(twice, Err(PlanError::Ambiguous { name: "CI".to_owned() }));
}

#[test]
fn absent_fields_of_conditions_and_templates_have_their_defaults() {
    let mut webhook = stored();
    webhook.insert(
        "conditions".to_owned(),
        json!({"match": "all", "rules": [{"path": "data.assignee", "operator": "exists", "value": ""}]}),
    );
    webhook.insert("bodyTemplate".to_owned(), Value::Null);
    let wanted = entry(json!({
        "conditions": {"rules": [{"path": "data.assignee", "operator": "exists"}]}, "bodyTemplate": {"text": ""},
    }));
    assert_eq!(change(&wanted, &webhook, false), Ok(None));
    let wanted = entry(json!({"conditions": {"match": "any", "rules": []}}));
    assert!(change(&wanted, &webhook, false).unwrap().is_some());
}

#[test]
fn webhooks_of_several_projects_are_neither_changed_nor_deleted_nor_created_again() {
    let mut shared = stored();
    shared.insert("scope".to_owned(), json!({"kind": "projects"}));
    let refused = plan(&[entry(json!({}))], &[shared.clone()], Options::default());
    assert_eq!(refused, Err(PlanError::Shared { name: "CI".to_owned() }));
    let pruned = plan(&[], &[shared], Options { prune: true, ..Options::default() }).unwrap();
    assert_eq!(pruned, Plan::default());
    let scoped = entry(json!({"scope": {"kind": "all"}}));
    let unknown = PlanError::UnknownField { name: "CI".to_owned(), field: "scope".to_owned() };
    assert_eq!(plan(&[scoped], &[], Options::default()), Err(unknown));
}

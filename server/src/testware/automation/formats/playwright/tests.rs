use super::super::ReportedStatus::{Failed, Passed, Skipped};
use super::super::tests::{find, report_file, statuses, test_of, tests_of};
use super::super::{ReportError, parse};
use super::MAX_SUITE_DEPTH;

/// A report with one test, whose fields are given.
fn report(test: &str) -> String {
    format!(
        r#"{{"config":{{}},"suites":[{{"title":"a.spec.ts","specs":[{{"title":"t","tests":[{{{test}}}]}}]}}],"errors":[]}}"#
    )
}

#[test]
fn the_last_attempt_decides() {
    let tests = tests_of(report_file!("playwright.json"));
    let expected = [
        ("cart.spec.ts › at the top level", Passed),
        ("cart.spec.ts › Cart › adds an item", Passed),
        ("cart.spec.ts › Cart › is skipped", Skipped),
        ("cart.spec.ts › Cart › is not written", Skipped),
        ("cart.spec.ts › Cart › is expected to fail", Passed),
        ("cart.spec.ts › Cart › should fail but passes", Failed),
        ("cart.spec.ts › Cart › times out", Failed),
        ("cart.spec.ts › Cart › with a coupon › fails at the price", Failed),
        ("cart.spec.ts › Cart › with a coupon › passes at the second attempt", Passed),
    ];
    assert_eq!(statuses(&tests), expected);
    let flaky = find(&tests, expected[8].0);
    assert_eq!(
        (flaky.name.as_str(), flaky.duration_ms),
        ("Cart › with a coupon › passes at the second attempt", Some(17))
    );
    assert_eq!(find(&tests, expected[5].0).message, "Expected to fail, but passed.");
    assert_eq!(find(&tests, expected[6].0).message, "Test timeout of 100ms exceeded.");
    let message = &find(&tests, expected[7].0).message;
    assert!(message.starts_with("Error: the price\n\nexpect(received).toBe(expected)"), "{message}");
    assert!(message.contains("Received: 90\n\n   8 |"), "{message}");
}

#[test]
fn several_projects_are_told_apart() {
    let tests = tests_of(report_file!("playwright_projects.json"));
    let failed: Vec<_> = tests.iter().filter(|test| test.status == Failed).map(|test| test.link.as_str()).collect();
    let link = "cart.spec.ts › Cart › with a coupon › fails at the price";
    assert_eq!(failed, [format!("[desktop] › {link}"), format!("[phone] › {link}")]);
    assert_eq!(find(&tests, failed[1]).name, "[phone] › Cart › with a coupon › fails at the price");
}

#[test]
fn a_project_that_ran_alone_keeps_its_links() {
    let text = report(r#""projectName":"phone","status":"expected""#);
    assert_eq!(test_of(&text).link, "a.spec.ts › t");
    let text = text.replace(r#""config":{}"#, r#""config":{"projects":[{"name":"desktop"},{"name":"phone"}]}"#);
    assert_eq!(test_of(&text).link, "[phone] › a.spec.ts › t");
}

#[test]
fn a_file_that_does_not_compile_counts_as_failed() {
    let test = &tests_of(report_file!("playwright_broken_file.json"))[0];
    assert_eq!((test.link.as_str(), test.status), ("syntax.spec.ts", Failed));
    assert!(test.message.contains("Unexpected token (3:0)"));
}

#[test]
fn unknown_statuses_are_decided_by_the_last_result() {
    for (test, expected) in [
        (r#""results":[{"status":"failed"},{"status":"passed"}]"#, Passed),
        (r#""expectedStatus":"failed","results":[{"status":"failed"}]"#, Passed),
        (r#""results":[{"status":"passed"},{"status":"timedOut"}]"#, Failed),
        (r#""results":[{"status":"interrupted"}]"#, Skipped),
        (r#""results":[]"#, Skipped),
        (r#""status":"skipped","results":null"#, Skipped),
    ] {
        assert_eq!(test_of(&report(test)).status, expected, "{test}");
    }
}

#[test]
fn the_reason_of_a_skipped_test_is_its_message() {
    let annotations =
        r#""annotations":[{"type":"issue","description":"7"},{"type":"skip","description":"needs the shop"}]"#;
    assert_eq!(test_of(&report(&format!(r#""status":"skipped",{annotations}"#))).message, "needs the shop");
}

#[test]
fn a_thrown_value_is_the_message() {
    let test = r#""status":"unexpected","results":[{"status":"failed","error":{"value":"'a'"},"errors":[]}]"#;
    assert_eq!(test_of(&report(test)).message, "'a'");
}

#[test]
fn half_characters_are_replaced() {
    let test = r#""status":"unexpected","results":[{"errors":[{"message":"cut \ud83d"}]}]"#;
    assert_eq!(test_of(&report(test)).message, "cut \u{fffd}");
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |depth: usize| {
        format!(r#"{{"config":{{}},"suites":[{}{}]}}"#, r#"{"suites":["#.repeat(depth), "]}".repeat(depth))
    };
    assert_eq!(parse(nested(MAX_SUITE_DEPTH).as_bytes()), Err(ReportError::NoTests));
    for depth in [MAX_SUITE_DEPTH + 1, 100_000] {
        assert_eq!(parse(nested(depth).as_bytes()), Err(ReportError::TooDeep { limit: MAX_SUITE_DEPTH }));
    }
}

#[test]
fn the_file_of_an_error_is_relative_to_the_root() {
    for (root, file, link) in [
        ("/shop/specs", "/shop/specs/a/b.ts", "a/b.ts"),
        ("/shop/specs", "/shop/specs2/b.ts", "/shop/specs2/b.ts"),
        ("C:\\\\shop", "C:\\\\shop\\\\a\\\\b.ts", "a/b.ts"),
        ("", "/b.ts", "/b.ts"),
    ] {
        let config = format!(r#"{{"config":{{"rootDir":"{root}"}},"suites":[]"#);
        let errors = format!(r#""errors":[{{"message":"m","location":{{"file":"{file}"}}}}]}}"#);
        assert_eq!(test_of(&format!("{config},{errors}")).link, link);
    }
}

#[test]
fn an_error_without_a_file_counts_as_failed() {
    for location in ["", r#","location":null"#, r#","location":{}"#, r#","location":{"file":" "}"#] {
        let error = format!(r#"{{"message":"\u001b[31mthe web server\u001b[0m","stack":"at a"{location}}}"#);
        let test = test_of(&format!(r#"{{"config":{{"rootDir":"/shop"}},"suites":[],"errors":[{error}]}}"#));
        assert_eq!((test.link.as_str(), test.name.as_str(), test.status), ("Playwright", "Playwright", Failed));
        assert_eq!(test.message, "the web server\n\nat a", "{location}");
    }
}

#[test]
fn errors_without_a_file_are_joined_beside_passed_tests() {
    let errors = r#""errors":[{"message":"a"},{"value":"'b'"}]"#;
    let tests = tests_of(report(r#""status":"expected""#).replace(r#""errors":[]"#, errors).as_bytes());
    assert_eq!(statuses(&tests), [("Playwright", Failed), ("a.spec.ts › t", Passed)]);
    assert_eq!(tests[0].message, "a\n\n'b'");
}

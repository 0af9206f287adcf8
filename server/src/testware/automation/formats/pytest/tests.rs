use super::super::ReportedStatus::{Failed, Passed, Skipped};
use super::super::tests::{find, report_file, statuses, test_of, tests_of};
use super::skip_reason;

#[test]
fn each_outcome_has_its_status() {
    let tests = tests_of(report_file!("pytest.json"));
    let expected = [
        ("tests/test_import_error.py", Failed),
        ("tests/test_orders.py::TestTotals::test_adds_up", Passed),
        ("tests/test_orders.py::TestTotals::test_with_items[items0-1]", Passed),
        ("tests/test_orders.py::TestTotals::test_with_items[items1-3]", Failed),
        ("tests/test_orders.py::test_skipped", Skipped),
        ("tests/test_orders.py::test_known_bug", Skipped),
        ("tests/test_orders.py::test_unexpected_pass", Passed),
        ("tests/test_orders.py::test_strict_unexpected_pass", Failed),
        ("tests/test_orders.py::test_broken_setup", Failed),
        ("tests/test_orders.py::test_broken_teardown", Failed),
        ("tests/test_orders.py::test_red_output", Failed),
    ];
    assert_eq!(statuses(&tests), expected);
}

#[test]
fn names_and_messages_are_read() {
    let tests = tests_of(report_file!("pytest.json"));
    let test = find(&tests, "tests/test_orders.py::TestTotals::test_with_items[items1-3]");
    assert_eq!((test.name.as_str(), test.duration_ms), ("TestTotals::test_with_items[items1-3]", Some(2)));
    assert!(test.message.starts_with("assert 2 == 3\n +  where 2 = total([1, 1])\n\nself ="), "{}", test.message);
    let message = |name: &str| find(&tests, &format!("tests/test_orders.py::{name}")).message.as_str();
    assert_eq!(message("test_skipped"), "needs the shop");
    assert_eq!(message("test_strict_unexpected_pass"), "[XPASS(strict)] must fail");
    assert!(message("test_broken_teardown").contains("could not clean up"));
    assert!(
        message("test_red_output").starts_with("ValueError: red  & <tag>\n\ndef"),
        "{}",
        message("test_red_output")
    );
    let test = find(&tests, "tests/test_import_error.py");
    assert!(test.message.contains("No module named 'does_not_exist'"));
}

#[test]
fn the_last_attempt_decides() {
    let tests = tests_of(report_file!("pytest_reruns.json"));
    let expected = [
        ("test_flaky.py::test_flaky", Passed),
        ("test_flaky.py::test_never", Failed),
        ("test_flaky.py::test_subtests", Failed),
    ];
    assert_eq!(statuses(&tests), expected);
}

#[test]
fn a_rerun_whose_last_attempt_failed_counts_as_failed() {
    let test = test_of(r#"{"exitcode":1,"tests":[{"nodeid":"a::b","outcome":"rerun","call":{"outcome":"failed"}}]}"#);
    assert_eq!(test.status, Failed);
}

#[test]
fn half_characters_are_replaced() {
    let test = test_of(r#"{"exitcode":0,"tests":[{"nodeid":"a::b[\ud83d]","outcome":"passed"}]}"#);
    assert_eq!(test.link, "a::b[\u{fffd}]");
}

#[test]
fn the_reason_is_found_in_either_quotes() {
    assert_eq!(skip_reason("('/a.py', 18, 'Skipped: needs (the) shop')"), "needs (the) shop");
    assert_eq!(skip_reason("('/a.py', 18, \"Skipped: it's closed\")"), "it's closed");
    assert_eq!(skip_reason("other"), "other");
}

#[test]
fn a_run_that_broke_off_without_a_failed_test_counts_as_failed() {
    for (exit_code, message) in [
        (2, "The run was interrupted."),
        (3, "pytest had an internal error."),
        (4, "pytest was called with wrong arguments."),
    ] {
        let test = test_of(&format!(r#"{{"exitcode":{exit_code},"tests":[]}}"#));
        assert_eq!((test.link.as_str(), test.name.as_str(), test.status), ("pytest", "pytest", Failed));
        assert_eq!(test.message, message);
        let passed = format!(r#"{{"tests":[{{"nodeid":"a::b","outcome":"passed"}}],"exitcode": {exit_code} }}"#);
        assert_eq!(statuses(&tests_of(passed.as_bytes())), [("a::b", Passed), ("pytest", Failed)]);
    }
}

#[test]
fn a_run_that_broke_off_with_a_failed_test_is_not_reported_itself() {
    for exit_code in [2, 3, 4] {
        let failed = format!(r#"{{"exitcode":{exit_code},"tests":[{{"nodeid":"a::b","outcome":"failed"}}]}}"#);
        assert_eq!(test_of(&failed).link, "a::b");
        let file = format!(r#"{{"exitcode":{exit_code},"collectors":[{{"nodeid":"a.py","outcome":"failed"}}]}}"#);
        assert_eq!(test_of(&file).link, "a.py");
    }
}

#[test]
fn other_exit_codes_are_not_reported() {
    for exit_code in ["0", "1", "5", "22", "2.5", "\"2\"", "[]"] {
        let report = format!(r#"{{"exitcode":{exit_code},"tests":[{{"nodeid":"a::b","outcome":"passed"}}]}}"#);
        assert_eq!(test_of(&report).link, "a::b", "{exit_code}");
    }
}

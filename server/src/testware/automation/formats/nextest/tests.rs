use super::super::ReportedStatus::{Failed, Passed, Skipped};
use super::super::tests::{find, report_file, statuses, test_of, tests_of};
use super::NOT_FINISHED;

#[test]
fn libtest_reports_are_read() {
    let mut tests = tests_of(report_file!("libtest.jsonl"));
    tests.sort_by(|a, b| a.link.cmp(&b.link));
    let expected = [
        ("doubles", Passed),
        ("src/lib.rs - double (line 2)", Passed),
        ("tests::doubles", Passed),
        ("tests::fails", Failed),
        ("tests::ignored", Skipped),
        ("tests::panics", Passed),
        ("tests::panics_otherwise", Failed),
    ];
    assert_eq!(statuses(&tests), expected);
    assert_eq!(find(&tests, "tests::ignored").message, "not yet implemented");
    let message = &find(&tests, "tests::fails").message;
    assert!(message.starts_with("doubling \"3\"\n\nthread 'tests::fails'"), "{message}");
    let message = &find(&tests, "tests::panics_otherwise").message;
    assert!(message.starts_with("panic did not contain expected string\n"), "{message}");
    assert!(message.contains("\n\nthread 'tests::panics_otherwise'"), "{message}");
}

#[test]
fn retries_of_nextest_keep_the_link() {
    let tests = tests_of(report_file!("nextest_plus.jsonl"));
    let expected = [
        ("shop::shop$tests::ignored", Skipped),
        ("shop::shop$tests::doubles", Passed),
        ("shop::shop$tests::fails", Failed),
        ("shop::shop$tests::flaky", Passed),
        ("shop::shop$tests::hangs", Failed),
        ("shop::api$doubles", Passed),
    ];
    assert_eq!(statuses(&tests), expected);
    let test = find(&tests, "shop::shop$tests::hangs");
    assert_eq!((test.name.as_str(), test.duration_ms), ("tests::hangs", Some(60_002)));
    assert_eq!(test.message, "time limit exceeded");
}

#[test]
fn a_number_in_the_name_of_a_test_is_kept() {
    let test = test_of(
        "{\"type\":\"test\",\"event\":\"started\",\"name\":\"a::b$case#1\"}\n\
         {\"type\":\"test\",\"event\":\"ok\",\"name\":\"a::b$case#1\"}\n",
    );
    assert_eq!(test.link, "a::b$case#1");
}

#[test]
fn stress_runs_count_for_one_test() {
    let test = test_of(
        "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"a::b@stress-0$c\",\"exec_time\":0.5}\n\
         {\"type\":\"test\",\"event\":\"failed\",\"name\":\"a::b@stress-1$c\",\"exec_time\":\"0.25s\"}\n",
    );
    assert_eq!((test.link.as_str(), test.status, test.duration_ms), ("a::b$c", Failed, Some(750)));
}

#[test]
fn a_test_without_a_result_counts_as_failed() {
    let test = test_of("{\"type\":\"test\",\"event\":\"started\",\"name\":\"tests::aborts\"}\nSIGSEGV\n");
    assert_eq!((test.status, test.message.as_str()), (Failed, NOT_FINISHED));
}

#[test]
fn a_slow_test_waits_for_its_result() {
    let test = test_of(
        "{\"type\":\"test\",\"event\":\"started\",\"name\":\"slow\"}\n\
         {\"type\":\"test\",\"event\":\"timeout\",\"name\":\"slow\"}\n\
         {\"type\":\"test\",\"event\":\"ok\",\"name\":\"slow\"}\n",
    );
    assert_eq!(test.status, Passed);
}

use super::super::ReportedStatus::{Failed, Passed, Skipped};
use super::super::tests::{find, report_file, statuses, test_of, tests_of};
use super::NOT_FINISHED;

#[test]
fn tests_and_subtests_are_read() {
    let tests = tests_of(report_file!("go.jsonl"));
    let expected = [
        ("example.com/shop/cart.TestAdds", Passed),
        ("example.com/shop/cart.TestCoupon/is_applied", Passed),
        ("example.com/shop/cart.TestCoupon/is_refused", Failed),
        ("example.com/shop/cart.TestCoupon", Failed),
        ("example.com/shop/cart.TestSkipped", Skipped),
        ("example.com/shop/cart.TestParallel", Passed),
        ("example.com/shop/exits.TestBefore", Passed),
        ("example.com/shop/exits.TestExits", Failed),
        ("example.com/shop/broken", Failed),
    ];
    assert_eq!(statuses(&tests), expected);
    let test = find(&tests, "example.com/shop/cart.TestCoupon/is_refused");
    assert_eq!((test.name.as_str(), test.duration_ms), ("TestCoupon/is_refused", Some(0)));
    assert_eq!(test.message, "cart_test.go:14: trying SPRING\n    cart_test.go:15: price = 90, want 80");
    assert_eq!(find(&tests, "example.com/shop/cart.TestSkipped").message, "cart_test.go:20: needs the shop");
}

#[test]
fn a_test_whose_process_exits_counts_as_failed() {
    let tests = tests_of(report_file!("go.jsonl"));
    let test = find(&tests, "example.com/shop/exits.TestExits");
    assert_eq!(test.message, format!("{NOT_FINISHED}\n\nFAIL\texample.com/shop/exits\t0.019s"));
    assert!(tests.iter().all(|test| test.link != "example.com/shop/exits"));
}

#[test]
fn a_package_that_does_not_build_counts_as_failed() {
    let tests = tests_of(report_file!("go_1.24.jsonl"));
    assert_eq!(statuses(&tests), [("example.com/shop/cart.TestAdds", Passed), ("example.com/shop/broken", Failed)]);
    assert_eq!(tests[0].duration_ms, Some(1_500));
    assert!(tests[1].message.contains("broken/broken_test.go:5:32: undefined: undefined"), "{}", tests[1].message);
}

#[test]
fn a_test_without_a_package_is_linked_by_its_name() {
    assert_eq!(
        test_of("{\"Action\":\"run\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Test\":\"TestA\"}").link,
        "TestA"
    );
}

#[test]
fn repeated_runs_are_merged() {
    let run = |action: &str| {
        format!(
            "{{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}}\n\
             {{\"Action\":\"{action}\",\"Package\":\"p\",\"Test\":\"T\",\"Elapsed\":0.5}}\n"
        )
    };
    let test = test_of(&[run("pass"), run("fail"), run("pass")].concat());
    assert_eq!((test.status, test.duration_ms), (Failed, Some(1_500)));
}

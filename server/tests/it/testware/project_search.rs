use serde_json::json;

use super::fixture::TestwareFixture;

#[tokio::test]
async fn the_item_with_the_key_that_is_searched_for_comes_first() {
    let fixture = TestwareFixture::new().await;
    for n in 1..=15 {
        fixture.case(&format!("Case {n}")).await;
    }
    for search in ["WEB-C1", "%20web-c1%20"] {
        let found = fixture.read(&fixture.of_project(&format!("search?search={search}"))).await;
        let keys: Vec<_> = found.as_array().unwrap().iter().map(|hit| hit["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["WEB-C1", "WEB-C15", "WEB-C14", "WEB-C13", "WEB-C12"]);
    }
}

#[tokio::test]
async fn one_search_finds_issues_and_testware() {
    let fixture = TestwareFixture::new().await;
    fixture.create("issues", json!({"title": "Paying fails", "key": "GH-1"})).await;
    fixture.run(&["Pay by card", "Refund"]).await;
    for n in 0..6 {
        fixture.create("plans", json!({"name": format!("Pay {n}")})).await;
    }
    let find = async |search: &str| {
        let found = fixture.read(&fixture.of_project(&format!("search?search={search}"))).await;
        let titles = found.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    assert_eq!(find("PAY").await, ["Paying fails", "Pay by card", "Pay 5", "Pay 4", "Pay 3", "Pay 2", "Pay 1"]);
    assert_eq!(find("web-c2").await, ["Refund"]);
    assert!(find("").await.is_empty() && find("%25").await.is_empty());
    let other = fixture.server.project(&fixture.ada, "APP").await;
    assert_eq!(fixture.read(&format!("/projects/{other}/search?search=pay")).await, json!([]));
    let long = fixture.api.get(&fixture.of_project(&format!("search?search={}", "x".repeat(201)))).await;
    assert_eq!(long.status, 422, "{}", long.text);
}

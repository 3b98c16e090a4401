use crate::support::TestApp;

#[tokio::test]
async fn there_are_two() {
    let app = TestApp::new().await;
    let list = app.party("minge").await.get("/api/v1/offices").await.expect(200);
    let codes: Vec<&str> = list
        .items()
        .iter()
        .map(|item| item["code"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(codes, ["united-front-work-department", "government-office"]);
    assert_eq!(list.items()[0]["kind"], "coordinator");
}

//! The notice itself against what the service answers: its pairs are read out of its sentences here, without the code
//! and the data that the service uses.

use crate::support::TestApp;
use std::collections::BTreeSet;

const NOTICE: &str = include_str!("../../seeds/notice-2020.txt");

/// 二 分工安排, sentence by sentence.
fn pairs_of_the_notice() -> BTreeSet<(String, String)> {
    let start = NOTICE.find("明确对口联系分工安排如下").expect("二");
    let end = NOTICE.find("三、有关工作要求").expect("三");
    let sentences: Vec<&str> = NOTICE[start..end].split('。').map(str::trim).collect();
    let parties = [
        "民革市委会",
        "民盟市委会",
        "民建市委会",
        "民进市委会",
        "农工党市委会",
        "九三学社市委会",
        "市工商联",
        "市知联会",
    ];
    let mut pairs = BTreeSet::new();
    for sentence in sentences {
        // The first sentence follows the colon of its introduction.
        let sentence = sentence
            .rsplit('：')
            .next()
            .unwrap_or_default()
            .trim()
            .trim_start_matches('\u{3000}');
        if let Some((departments, _)) =
            sentence.split_once("作为各民主党派市委会、市工商联、市知联会的共同联系单位")
        {
            for department in departments.split('、') {
                pairs.extend(
                    parties
                        .iter()
                        .map(|party| (department.to_owned(), (*party).to_owned())),
                );
            }
        } else if let Some((department, named)) = sentence.split_once("联系") {
            pairs.extend(
                named
                    .split('、')
                    .map(|party| (department.to_owned(), party.to_owned())),
            );
        }
    }
    pairs
}

#[tokio::test]
async fn the_assignments_are_the_notices() {
    let expected = pairs_of_the_notice();
    assert_eq!(expected.len(), 113);
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let list = user.get("/api/v1/assignments?limit=200").await.expect(200);
    let found: BTreeSet<(String, String)> = list
        .items()
        .iter()
        .map(|item| {
            let name = |key: &str| item[key]["name"].as_str().expect("a name").to_owned();
            (name("department"), name("party"))
        })
        .collect();
    assert_eq!(found, expected);
    let common = list
        .items()
        .iter()
        .filter(|item| item["basis"] == "common")
        .count();
    assert_eq!((list.items().len(), common), (113, 64));
    let before = user.get("/api/v1/assignments?as_of=2019-12-31").await.expect(200);
    assert_eq!(before.items().len(), 0);
    assert_eq!(
        user.get("/api/v1/assignments?as_of=2020-03-07&limit=200")
            .await
            .expect(200)
            .items()
            .len(),
        113
    );
}

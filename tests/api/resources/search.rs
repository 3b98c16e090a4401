//! One box across everything, and words in the list of suggestions: what is found, by whom, on which page.

use crate::support::suggestions::{SUGGESTIONS, Table, communication, raised, reply, step};
use crate::support::{TestApp, User};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SEARCH: &str = "/api/v1/search";

fn encoded(words: &str) -> String {
    serde_urlencoded::to_string([("q", words)]).expect("a query")
}

/// The ids that a search finds, in their order.
async fn found(user: &User, path: &str, words: &str) -> Vec<String> {
    let answer = user
        .get(&format!("{path}?limit=200&{}", encoded(words)))
        .await
        .expect(200);
    answer
        .items()
        .iter()
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// The pieces of a text, what was found in brackets.
fn marked(item: &Value, field: &str) -> Option<String> {
    let highlights = item["highlights"].as_array().expect("highlights");
    let text = highlights.iter().find(|one| one["field"] == field)?;
    let pieces = text["pieces"].as_array().expect("pieces").iter();
    Some(
        pieces
            .map(|piece| match piece["hit"].as_bool() {
                Some(true) => format!("[{}]", piece["text"].as_str().expect("a text")),
                _ => piece["text"].as_str().expect("a text").to_owned(),
            })
            .collect(),
    )
}

async fn everybody(app: &TestApp) -> Vec<User> {
    let mut users: Vec<User> = app
        .one_of_each_role()
        .await
        .into_iter()
        .map(|(_, user)| user)
        .collect();
    for department in ["education", "health", "transport", "justice"] {
        users.push(app.department(department).await);
    }
    for party in ["minmeng", "minge", "jiusan"] {
        users.push(app.party(party).await);
    }
    users
}

/// Whatever anybody finds, its link opens; and whoever is not shown a record finds nothing of it.
#[tokio::test]
async fn what_is_found_may_be_seen_by_everybody_who_finds_it() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let mut joined = raised("关于修缮骑楼街区的建议", "education");
    joined["joint_departments"] = json!(["health"]);
    let handled = table.replied_with_opinion(joined, "会办意见说到榕树保护").await;
    let other = Table::of(&app, "minge", "transport").await;
    let foreign = other
        .submitted(raised("关于骑楼街区通行的建议", "transport"))
        .await;
    let draft = table.drafted(raised("骑楼草稿", "education")).await;
    let moved = table.submitted(raised("骑楼改派事项", "education")).await;
    let to = json!({ "lead_department": "health", "joint_departments": [], "reason": "职责调整" });
    step(&table.coordinator, &moved, "reassign", to).await;
    let all = [&handled, &foreign, &draft, &moved];
    let mut hits = 0;
    for user in everybody(&app).await {
        for words in ["骑楼", "建议", "配餐", "教育", "民盟", "榕树"] {
            let answer = user
                .get(&format!("{SEARCH}?limit=200&{}", encoded(words)))
                .await
                .expect(200);
            for item in answer.items() {
                let link = item["link"].as_str().expect("a link");
                let one = user.get(link).await.expect(200).json;
                assert_eq!(one["id"], item["id"], "{link}");
                hits += 1;
            }
        }
        let ours: BTreeSet<String> = found(&user, SEARCH, "骑楼").await.into_iter().collect();
        for id in all {
            let seen = user.get(&format!("{SUGGESTIONS}/{id}")).await.status == 200;
            assert_eq!(ours.contains(id), seen && id != &draft, "{id}");
        }
        // Joint opinions are nobody's to find by.
        assert!(found(&user, SEARCH, "榕树").await.is_empty());
    }
    assert!(hits > 100, "{hits}");
    assert_eq!(found(&table.party, SUGGESTIONS, "骑楼").await[0], draft);
    assert!(
        !found(&table.coordinator, SUGGESTIONS, "骑楼")
            .await
            .contains(&draft)
    );
}

#[tokio::test]
async fn a_former_lead_finds_nothing_that_came_later() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("关于校车线路的建议", "education")).await;
    let to = json!({ "lead_department": "transport", "joint_departments": [], "reason": "职责调整" });
    step(&table.coordinator, &id, "reassign", to).await;
    let lead = app.department("transport").await;
    step(
        &lead,
        &id,
        "accept",
        json!({ "handler": "周航", "office": "运输科" }),
    )
    .await;
    step(&lead, &id, "communicate", communication()).await;
    let mut answer = reply("A");
    answer["text"] = json!("已新增定制公交三条，配餐点另行研究。");
    step(&lead, &id, "reply", answer).await;
    let finds = async |user: &User, words: &str| {
        let (list, search) = (
            found(user, SUGGESTIONS, words).await,
            found(user, SEARCH, words).await,
        );
        let sorted = user
            .get(&format!("{SUGGESTIONS}?sort=-created_at&{}", encoded(words)))
            .await
            .expect(200);
        assert_eq!(list.contains(&id), search.contains(&id), "{words}");
        assert_eq!(list.contains(&id), !sorted.items().is_empty(), "{words}");
        list.contains(&id)
    };
    for user in [
        &table.party,
        &lead,
        &table.coordinator,
        &app.government_office().await,
    ] {
        assert!(finds(user, "校车").await && finds(user, "定制公交").await && finds(user, "校车 公交").await);
    }
    assert!(finds(&table.lead, "校车").await);
    assert!(!finds(&table.lead, "定制公交").await);
    assert!(!finds(&table.lead, "校车 公交").await);
    // The word stands in the proposal and in the answer: the former lead is shown the one alone.
    let shown = |answer: &Value| -> Vec<String> {
        let highlights = answer["items"][0]["highlights"]
            .as_array()
            .expect("highlights")
            .iter();
        highlights
            .map(|one| one["field"].as_str().expect("a field").to_owned())
            .collect()
    };
    for path in [SUGGESTIONS, SEARCH] {
        let query = format!("{path}?{}", encoded("配餐"));
        assert_eq!(
            shown(&table.lead.get(&query).await.expect(200).json),
            ["proposal"]
        );
        assert_eq!(
            shown(&lead.get(&query).await.expect(200).json),
            ["proposal", "reply"]
        );
    }
    for user in [
        app.department("justice").await,
        app.party("minge").await,
        app.admin().await,
    ] {
        assert!(found(&user, SEARCH, "校车").await.is_empty());
    }
}

/// Numbers, words of two characters, longer ones, single ones, Latin, and whatever looks like syntax.
#[tokio::test]
async fn words_are_found_as_they_are_typed() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let mut body = raised("关于修缮骑楼街区、开通5G网络的建议", "education");
    body["background"] = json!("<b>㐀村</b>与𠮷洞的Ａ类项目，2026年起施工。");
    let id = table.submitted(body).await;
    table.submitted(raised("关于校车安全的建议", "education")).await;
    let number = table
        .party
        .get(&format!("{SUGGESTIONS}/{id}"))
        .await
        .expect(200)
        .json["number"]
        .clone();
    let number = number.as_str().expect("a number").to_owned();
    for words in [
        "骑楼",
        "楼街",
        "骑楼街区",
        "骑",
        "5G",
        "５ｇ网络",
        "㐀村",
        "𠮷",
        "A类",
        "2026年",
        "骑楼 施工",
        "骑楼 & !施工",
        &number,
    ] {
        for path in [SUGGESTIONS, SEARCH] {
            assert_eq!(
                found(&table.party, path, words).await,
                std::slice::from_ref(&id),
                "{words} {path}"
            );
        }
    }
    for words in [
        "骑楼 校车",
        "楼骑",
        "街区街",
        "G网络",
        "' OR 1=1 --",
        "%",
        "骑楼:*x",
        "！？",
    ] {
        for path in [SUGGESTIONS, SEARCH] {
            assert!(
                found(&table.party, path, words).await.is_empty(),
                "{words} {path}"
            );
        }
    }
    let query = format!("{SUGGESTIONS}?{}", encoded("㐀村 网络"));
    let shown = table.party.get(&query).await.expect(200).json["items"][0].clone();
    assert_eq!(
        marked(&shown, "title").as_deref(),
        Some("关于修缮骑楼街区、开通5G[网络]的建议")
    );
    let background = "<b>[㐀村]</b>与𠮷洞的Ａ类项目，2026年起施工。";
    assert_eq!(marked(&shown, "background").as_deref(), Some(background));
    let plain = table.party.get(SUGGESTIONS).await.expect(200).json;
    assert_eq!(plain["items"][0]["highlights"], Value::Null);
    table
        .party
        .get(&format!("{SEARCH}?q="))
        .await
        .problem(422, "invalid");
    table.party.get(SEARCH).await.problem(422, "invalid");
}

/// The best first; pages neither repeat nor skip, whatever is added meanwhile; counts and exports are of the same hits.
#[tokio::test]
async fn hits_stand_in_order_on_pages_of_their_own() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let mut expected = BTreeSet::new();
    for n in 0..7 {
        let mut body = raised(&format!("第{n}件建议"), "education");
        body["proposal"] = json!("保护骑楼。".repeat(n + 1));
        expected.insert(table.submitted(body).await);
    }
    let titled = table.submitted(raised("骑楼保护", "education")).await;
    expected.insert(titled.clone());
    table.submitted(raised("与此无关", "education")).await;
    for (user, path) in [
        (&table.coordinator, SUGGESTIONS),
        (&table.party, SUGGESTIONS),
        (&table.lead, SEARCH),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = user
                .get(&format!("{path}?limit=3&{}{cursor}", encoded("骑楼")))
                .await
                .expect(200);
            seen.extend(
                page.items()
                    .iter()
                    .map(|item| item["id"].as_str().expect("an id").to_owned()),
            );
            let Some(next) = page.json["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
            if seen.len() == 3 {
                let mut body = raised("又一件建议", "education");
                body["proposal"] = json!("保护骑楼。");
                let late = table.submitted(body).await;
                step(&table.party, &late, "withdraw", json!({ "reason": "重复" })).await;
                expected.insert(late);
            }
        }
        assert_eq!(seen[0], titled);
        let unique: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len(), "{path}");
        // All that were there when the first page was read, and what came later on none.
        assert!(
            unique.is_subset(&expected) && unique.len() == expected.len() - 1,
            "{path}"
        );
    }
    let narrowed = format!("{SUGGESTIONS}?state=withdrawn&{}", encoded("骑楼"));
    assert_eq!(
        table.coordinator.get(&narrowed).await.expect(200).items().len(),
        3
    );
    let counts = format!("{SUGGESTIONS}/counts?{}", encoded("骑楼"));
    assert_eq!(table.coordinator.get(&counts).await.expect(200).json["total"], 11);
    let list = format!("{SUGGESTIONS}?with_total=true&{}", encoded("骑楼"));
    assert_eq!(table.coordinator.get(&list).await.expect(200).json["total"], 11);
    let csv = table
        .coordinator
        .with("Accept", "text/csv")
        .get(&list)
        .await
        .expect(200)
        .text();
    assert_eq!(csv.lines().count(), 12);
}

#[tokio::test]
async fn the_directory_is_found_too() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let rename = json!({ "name": "市地方金融管理局", "short_name": "金融管理", "reason": "机构改革" });
    coordinator
        .post("/api/v1/departments/financial-affairs/rename", rename)
        .await
        .expect(200);
    for user in [app.admin().await, app.party("minge").await, coordinator] {
        let named = user
            .get(&format!("{SEARCH}?{}", encoded("金融局")))
            .await
            .expect(200);
        let [one] = named.items() else {
            panic!("{:?}", named.json)
        };
        assert_eq!(
            (&one["type"], &one["title"]),
            (&json!("department"), &json!("市地方金融管理局"))
        );
        assert_eq!(marked(one, "former_name").as_deref(), Some("市[金融局]"));
        let party = user
            .get(&format!("{SEARCH}?type=party&{}", encoded("民盟")))
            .await
            .expect(200);
        assert_eq!(party.items().len(), 1);
        let none = user
            .get(&format!("{SEARCH}?type=department&{}", encoded("民盟")))
            .await
            .expect(200);
        assert!(none.items().is_empty());
    }
}

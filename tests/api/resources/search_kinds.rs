//! Each kind of record in the one box: whoever may read it finds it by what it reads, nobody else does.

use super::meetings::{self, MEETINGS};
use super::search::{SEARCH, encoded, everybody, found, marked};
use crate::support::{TestApp, User, last, on_a_monday};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BULLETINS: &str = "/api/v1/bulletins";
const REPORTS: &str = "/api/v1/work-reports";

async fn made(user: &User, collection: &str, body: Value) -> String {
    let made = user.post(collection, body).await.expect(201).json;
    format!("{collection}/{}", made["id"].as_str().expect("an id"))
}

async fn step(user: &User, path: &str, step: &str, body: Value) -> Value {
    user.post(&format!("{path}/{step}"), body).await.expect(200).json
}

fn meeting(title: &str) -> Value {
    json!({
        "kind": "liaison_meeting", "title": title, "hosts": ["education"], "starts_at": "2026-03-16T01:00:00Z",
        "place": "风采楼会议室", "agenda": [{ "title": "骑楼街区校舍" }, { "title": "课后服务" }],
        "invite": { "parties": ["minmeng"], "departments": ["health"] },
    })
}

fn bulletin(title: &str) -> Value {
    json!({ "category": "statistics", "title": title, "text": "现将骑楼周边学位情况通报如下。", "recipients": ["minmeng"] })
}

fn report(title: &str) -> Value {
    let period = json!({ "kind": "half_year", "from": "2025-07-01", "to": "2025-12-31" });
    json!({ "period": period, "title": title, "text": "开展骑楼街区走访三次。" })
}

/// A record of each kind, and a draft of each, by 市教育局.
async fn written(app: &TestApp) -> Vec<String> {
    let education = app.department("education").await;
    let mut paths = Vec::new();
    for (collection, body, issue) in [
        (MEETINGS, meeting as fn(&str) -> Value, "convene"),
        (BULLETINS, bulletin, "send"),
        (REPORTS, report, "submit"),
    ] {
        let path = made(&education, collection, body("关于骑楼的事项")).await;
        let declared = match issue {
            "convene" => json!({}),
            _ => json!({ "no_secrets": true }),
        };
        step(&education, &path, issue, declared).await;
        paths.push(path);
        if collection == REPORTS {
            let path = paths.last().expect("a report").clone();
            let next = step(&education, &path, "revise", json!({})).await;
            paths.push(format!("{REPORTS}/{}", next["id"].as_str().expect("an id")));
        } else {
            paths.push(made(&education, collection, body("骑楼草稿")).await);
        }
    }
    paths
}

#[tokio::test]
async fn whoever_reads_a_record_finds_it_and_nobody_else() {
    let app = on_a_monday().await;
    let paths = written(&app).await;
    let mut finders: BTreeMap<&str, usize> = BTreeMap::new();
    for user in everybody(&app).await {
        let ours = found(&user, SEARCH, "骑楼").await;
        let total = user
            .get(&format!("{SEARCH}?limit=1&with_total=true&{}", encoded("骑楼")))
            .await
            .expect(200)
            .json["total"]
            .as_u64();
        // Nor is it told how much there is that it does not see.
        assert_eq!(total, u64::try_from(ours.len()).ok());
        for path in &paths {
            let seen = user.get(path).await.status == 200;
            assert_eq!(ours.iter().any(|one| one == last(path)), seen, "{path}");
            *finders.entry(path).or_default() += usize::from(seen);
        }
        for item in user
            .get(&format!("{SEARCH}?{}", encoded("骑楼")))
            .await
            .expect(200)
            .items()
        {
            let link = item["link"].as_str().expect("a link");
            assert_eq!(user.get(link).await.expect(200).json["id"], item["id"], "{link}");
        }
    }
    // Convened, sent and submitted ones have several readers; 市教育局 stands among everybody twice, and has the drafts alone.
    let counts: Vec<usize> = paths.iter().map(|path| finders[path.as_str()]).collect();
    assert!(counts[0] > 4 && counts[2] > 3 && counts[4] > 3, "{counts:?}");
    assert_eq!(
        (counts[1], counts[3], counts[5]),
        (counts[5], counts[5], counts[5])
    );
    assert!((1..=2).contains(&counts[5]), "{counts:?}");
}

#[tokio::test]
async fn hits_are_typed_and_say_where_the_words_stand() {
    let app = on_a_monday().await;
    let paths = written(&app).await;
    let coordinator = app.coordinator().await;
    for (kind, path, field, text) in [
        ("meeting", &paths[0], "agenda", "[骑楼]街区校舍；课后服务"),
        ("bulletin", &paths[2], "text", "现将[骑楼]周边学位情况通报如下。"),
        ("work_report", &paths[4], "text", "开展[骑楼]街区走访三次。"),
    ] {
        let query = format!("{SEARCH}?type={kind}&{}", encoded("骑楼"));
        let answer = coordinator.get(&query).await.expect(200);
        let [one] = answer.items() else {
            panic!("{:?}", answer.json)
        };
        assert_eq!(
            (&one["type"], &one["link"]),
            (&json!(kind), &json!(path.as_str()))
        );
        assert_eq!(one["title"], "关于骑楼的事项");
        assert_eq!(marked(one, field).as_deref(), Some(text));
        assert!(one["at"].is_string());
    }
    // A word does not reach from one item into the next.
    assert!(found(&coordinator, SEARCH, "舍课").await.is_empty());
    let education = app.department("education").await;
    let own = education
        .get(&format!("{SEARCH}?{}", encoded("草稿")))
        .await
        .expect(200);
    assert_eq!(own.items().len(), 2);
    assert!(own.items().iter().all(|one| one["at"].is_null()));
}

/// What a step changes is found at once, and what only hosts read leads nobody else there.
#[tokio::test]
async fn hits_follow_the_steps() {
    let app = on_a_monday().await;
    let (education, minmeng) = (app.department("education").await, app.party("minmeng").await);
    let (minge, justice) = (app.party("minge").await, app.department("justice").await);
    let mut body = meeting("教育联系会议");
    body["starts_at"] = json!("2026-03-02T01:00:00Z");
    let path = meetings::convened(&education, body).await;
    let id = last(&path).to_owned();
    let finds = async |user: &User, words: &str| found(user, SEARCH, words).await.contains(&id);
    assert!(finds(&minmeng, "风采楼").await && !finds(&minge, "风采楼").await);
    let further = json!({ "parties": ["minge"] });
    education
        .post(&format!("{path}/invitations"), further)
        .await
        .expect(201);
    assert!(finds(&minge, "风采楼").await);
    let moved = json!({ "starts_at": "2026-03-02T01:20:00Z", "place": "韶阳楼礼堂", "reason": "场地调整" });
    step(&education, &path, "postpone", moved).await;
    assert!(finds(&minge, "韶阳楼").await && !finds(&minge, "风采楼").await);
    step(&education, &path, "hold", json!({})).await;
    let minutes = json!({
        "text": "议定修缮芙蓉校舍。", "decisions": ["试点午餐配送"],
        "follow_ups": [{ "text": "核实莲花山用地", "owner": "justice", "due_on": "2026-06-30" }],
    });
    meetings::put(&education, &path, "minutes", minutes)
        .await
        .expect(200);
    for words in ["芙蓉", "午餐配送", "莲花山"] {
        assert!(
            !finds(&minmeng, words).await && !finds(&justice, words).await,
            "{words}"
        );
    }
    step(&education, &path, "conclude", json!({})).await;
    for words in ["芙蓉", "午餐配送", "莲花山"] {
        for user in [&education, &minmeng, &justice] {
            assert!(finds(user, words).await, "{words}");
        }
    }
    assert!(!finds(&app.party("jiusan").await, "芙蓉").await);

    let first = made(&education, REPORTS, report("半年情况")).await;
    step(&education, &first, "submit", json!({ "no_secrets": true })).await;
    let next = step(&education, &first, "revise", json!({})).await;
    let next = format!("{REPORTS}/{}", next["id"].as_str().expect("an id"));
    let changed = json!({ "text": "补充浈江校区情况。" });
    education
        .matching(&next)
        .await
        .patch(&next, changed)
        .await
        .expect(200);
    step(&education, &next, "submit", json!({ "no_secrets": true })).await;
    let coordinator = app.coordinator().await;
    assert_eq!(found(&coordinator, SEARCH, "浈江").await, [last(&next)]);
    assert!(found(&coordinator, SEARCH, "走访三次").await.is_empty());
    let withdrawn = made(&education, BULLETINS, bulletin("学位通报")).await;
    step(&education, &withdrawn, "send", json!({ "no_secrets": true })).await;
    step(
        &education,
        &withdrawn,
        "withdraw",
        json!({ "reason": "数据有误" }),
    )
    .await;
    assert_eq!(found(&minmeng, SEARCH, "学位").await, [last(&withdrawn)]);
}

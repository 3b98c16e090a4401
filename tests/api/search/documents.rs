//! What is found among the documents, by whom, and in which order.

use crate::support::database::{TestDatabase, storage};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use liaison::db::Db;
use liaison::search::documents::{self, Document, EVERYBODY, Hit, Newest, Place, Search};
use liaison::search::{Vector, Weight, Words};
use liaison::work::Origin;
use liaison::workflow::subjects::SubjectType;
use std::collections::BTreeSet;
use uuid::Uuid;

const KIND: SubjectType = SubjectType::ProblemReport;
const OTHER: SubjectType = SubjectType::Bulletin;

struct Library {
    db: Db,
    _database: TestDatabase,
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

impl Library {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        Self {
            db: Db::new(&database.url(), &storage()).expect("a database"),
            _database: database,
        }
    }

    async fn put(&self, minute: i64, involved: &[Uuid], former: &[Uuid], vector: Vector) -> Uuid {
        let id = Uuid::now_v7();
        self.put_again(id, minute, involved, former, vector).await;
        id
    }

    async fn put_again(&self, id: Uuid, minute: i64, involved: &[Uuid], former: &[Uuid], vector: Vector) {
        let origin = Origin::command_line(at(minute));
        let document = Document {
            kind: KIND,
            id,
            at: at(minute),
            involved,
            former,
            vector,
        };
        let written = self.db.transaction(&origin, async |tx| {
            tx.changes_nothing();
            documents::put(tx, &document).await
        });
        written.await.expect("a document");
    }

    /// As many with these words as are asked for, a minute apart, of two types in turns; in one statement, which is quicker.
    async fn fill(&self, first: i64, many: i64, involved: Uuid, vector: &Vector) {
        let sql = "INSERT INTO search_documents (subject_id, subject_type, at, day, involved, vector)
            SELECT gen_random_uuid(), CASE place % 2 WHEN 0 THEN $5 ELSE $6 END, at, (at AT TIME ZONE 'Asia/Shanghai')::date,
                ARRAY[$3], $4::tsvector
            FROM generate_series($1, $1 + $2 - 1) AS place, LATERAL (SELECT to_timestamp(place * 60) AS at) AS made";
        let mut connection = self.db.get().await.expect("a connection");
        diesel::sql_query(sql)
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(many)
            .bind::<SqlUuid, _>(involved)
            .bind::<Text, _>(vector.as_str())
            .bind::<Text, _>(<&str>::from(KIND))
            .bind::<Text, _>(<&str>::from(OTHER))
            .execute(&mut connection)
            .await
            .expect("documents");
    }

    /// What somebody who acts for an organization finds; everything without one.
    async fn find(&self, typed: &str, organization: Option<Uuid>, top: Option<Place>) -> Vec<Hit> {
        let (whole, own) = match organization {
            None => (vec![KIND], vec![]),
            Some(_) => (vec![], vec![KIND]),
        };
        let words = Words::of(typed);
        let search = Search {
            words: &words,
            whole,
            own,
            organizations: organization.into_iter().collect(),
        };
        let mut connection = self.db.get().await.expect("a connection");
        documents::newest(&mut connection, &Newest::default(), &search, top)
            .await
            .expect("hits")
    }

    async fn ids(&self, typed: &str, organization: Option<Uuid>) -> BTreeSet<Uuid> {
        self.find(typed, organization, None)
            .await
            .into_iter()
            .map(|hit| hit.id)
            .collect()
    }
}

fn title(text: &str) -> Vector {
    Vector::default().with(text, Weight::A)
}

#[tokio::test]
async fn every_pair_of_every_text_is_found() {
    let library = Library::new().await;
    let notice = include_str!("../../../seeds/notice-2020.txt");
    let mut lines = Vec::new();
    for (minute, line) in (0..).zip(notice.lines().filter(|line| !line.trim().is_empty())) {
        let vector = Vector::default().with(line, Weight::B);
        lines.push((library.put(minute, &[EVERYBODY], &[], vector).await, line));
    }
    let han = |one: &char| matches!(one, '\u{4e00}'..='\u{9fff}');
    let mut pairs: BTreeSet<String> = BTreeSet::new();
    for (_, line) in &lines {
        let characters: Vec<char> = line.chars().collect();
        let words = characters.windows(2).filter(|pair| pair.iter().all(han));
        pairs.extend(words.map(|pair| pair.iter().collect::<String>()));
    }
    assert!(pairs.len() > 500, "{}", pairs.len());
    for pair in &pairs {
        let holding = lines.iter().filter(|(_, line)| line.contains(pair.as_str()));
        let expected: BTreeSet<Uuid> = holding.map(|(id, _)| *id).collect();
        assert_eq!(library.ids(pair, None).await, expected, "{pair}");
    }
}

#[tokio::test]
async fn longer_words_stand_in_a_row() {
    let library = Library::new().await;
    let row = library.put(1, &[], &[], title("市教育局的来函")).await;
    library.put(2, &[], &[], title("教育工作者与体育局")).await;
    assert_eq!(library.ids("教育局", None).await, BTreeSet::from([row]));
    assert_eq!(library.ids("教育 育局", None).await.len(), 2);
    assert_eq!(library.ids("来函 教育局", None).await, BTreeSet::from([row]));
    assert!(library.ids("教育局函", None).await.is_empty());
}

/// However a text is typed, it is words; nothing of it reaches the database as syntax.
#[tokio::test]
async fn what_is_typed_is_no_syntax() {
    let library = Library::new().await;
    let one = library.put(1, &[], &[], title("骑楼 A类")).await;
    for typed in [
        "骑楼:*",
        "!骑楼",
        "骑楼 & a类",
        "'骑楼'",
        "骑楼\\",
        "骑楼')--",
        "<骑楼>",
        "骑楼\u{0}",
        "骑楼 | ",
    ] {
        assert_eq!(library.ids(typed, None).await, BTreeSet::from([one]), "{typed:?}");
    }
    for typed in ["", " ", "''", "\\", "&&", "骑:*校", "骑楼 | 校车"] {
        assert!(library.ids(typed, None).await.is_empty(), "{typed:?}");
    }
}

#[tokio::test]
async fn who_takes_no_part_finds_nothing() {
    let library = Library::new().await;
    let [party, lead, former, other] = [1, 2, 3, 4].map(Uuid::from_u128);
    let vector = title("骑楼")
        .with("校车线路", Weight::B)
        .with("电梯加装", Weight::C);
    let hit = library.put(1, &[party, lead, former], &[former], vector).await;
    let open = library.put(2, &[EVERYBODY], &[], title("骑楼")).await;
    for (typed, whom) in [
        ("骑楼", vec![party, lead, former]),
        ("电梯", vec![party, lead]),
        ("线路 加装", vec![party, lead]),
    ] {
        for one in [party, lead, former, other] {
            let found = library.ids(typed, Some(one)).await;
            assert_eq!(found.contains(&hit), whom.contains(&one), "{typed} by {one}");
            assert_eq!(found.contains(&open), typed == "骑楼");
        }
        assert!(library.ids(typed, None).await.contains(&hit));
    }
    // Not even by what stands in order in an answer alone.
    let vector = title("电梯 梯加 加装").with("电梯加装", Weight::C);
    let apart = library.put(3, &[former], &[former], vector).await;
    assert!(library.ids("电梯 加装", Some(former)).await.contains(&apart));
    assert!(!library.ids("电梯加装", Some(former)).await.contains(&apart));
}

#[tokio::test]
async fn titles_count_most_and_changes_are_seen() {
    let library = Library::new().await;
    let answered = library
        .put(3, &[], &[], Vector::default().with("骑楼", Weight::C))
        .await;
    let written = library
        .put(2, &[], &[], Vector::default().with("骑楼", Weight::B))
        .await;
    let titled = library.put(1, &[], &[], title("骑楼")).await;
    let mut hits = library.find("骑楼", None, None).await;
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.rank));
    let order: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
    assert_eq!(order, [titled, written, answered]);
    library.put_again(titled, 1, &[], &[], title("校车")).await;
    assert_eq!(
        library.ids("骑楼", None).await,
        BTreeSet::from([written, answered])
    );
    assert_eq!(library.ids("校车", None).await, BTreeSet::from([titled]));
    // What is newer than the first page's newest is not among the later pages.
    let older = library.find("骑楼", None, Some((at(2), written))).await;
    assert_eq!(older.iter().map(|hit| hit.id).collect::<Vec<_>>(), [written]);
}

/// A text of any length goes in; what is beyond the room of a vector is not found, all before it is.
#[tokio::test]
async fn long_texts_are_taken() {
    let library = Library::new().await;
    let text: String = ('\u{4e00}'..='\u{9fff}')
        .cycle()
        .step_by(7)
        .take(60_000)
        .collect();
    let long = library
        .put(1, &[], &[], title("骑楼").with(&text, Weight::B))
        .await;
    let early: String = text.chars().skip(20_000).take(2).collect();
    let row: String = text.chars().skip(30_000).take(9).collect();
    for word in ["骑楼", &early, &row] {
        assert_eq!(library.ids(word, None).await, BTreeSet::from([long]), "{word}");
    }
}

/// Wherever a search begins to look, it finds the same: the newest thousand that the caller sees.
#[tokio::test]
async fn where_it_is_looked_first_makes_no_difference() {
    const DAYS: i64 = 24 * 60;
    let library = Library::new().await;
    let [ours, theirs] = [1, 2].map(Uuid::from_u128);
    // Common of late, common once, seldom at all times; what others do in between is more than any window.
    let [late, once, seldom] = ["骑楼", "校车", "噪声"].map(title);
    library.fill(0, 1_500, ours, &once).await;
    library.fill(3 * DAYS, 1_100, ours, &seldom).await;
    library.fill(5 * DAYS, 6_000, theirs, &late).await;
    library.fill(10 * DAYS, 1_300, ours, &late).await;
    library.fill(12 * DAYS, 40, ours, &seldom).await;
    let words = ["骑楼", "校车", "噪声", "骑", "电梯"].map(Words::of);
    let whole = (vec![KIND, OTHER], vec![]);
    let own = (vec![], vec![KIND, OTHER]);
    let mixed = (vec![OTHER], vec![KIND]);
    let mut connection = library.db.get().await.expect("a connection");
    let mut found = Vec::new();
    for windows in [
        &[][..],
        &[20][..],
        &[1_000, 1_200, 4_000],
        &[3_000, 9_000],
        &[1_000_000],
    ] {
        let newest = Newest::of(windows);
        for words in &words {
            for (whole, own) in [&whole, &own, &mixed] {
                for top in [
                    None,
                    Some((at(11 * DAYS), Uuid::nil())),
                    Some((at(4 * DAYS), Uuid::nil())),
                ] {
                    let search = Search {
                        words,
                        whole: whole.clone(),
                        own: own.clone(),
                        organizations: vec![ours],
                    };
                    let hits = documents::newest(&mut connection, &newest, &search, top).await;
                    let mut hits = hits.expect("hits");
                    hits.sort_by_key(|hit| (hit.at, hit.id));
                    found.push(hits);
                }
            }
        }
    }
    let (expected, others) = found.split_at(words.len() * 9);
    // By hand: all that is late is in the newest thousand of both; of our own, all that once was.
    let many: Vec<usize> = expected.iter().map(Vec::len).collect();
    assert_eq!(many[..9], [1_000, 1_000, 0, 1_000, 1_000, 0, 1_000, 1_000, 0]);
    assert_eq!(many[9..27], [1_000; 18]);
    assert_eq!(many[36..], [0; 9]);
    for others in others.chunks(expected.len()) {
        assert!(others == expected, "another window finds something else");
    }
}

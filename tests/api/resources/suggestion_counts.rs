//! 数量: `counts` says what the list of the same filters holds, and asks the database no more than it has to.

use crate::support::TestApp;
use crate::support::suggestions::{SUGGESTIONS, Table, raised};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Grouped queries of suggestions so far. Each test is a process.
static GROUPED: AtomicUsize = AtomicUsize::new(0);

fn counting() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let sql = query.to_string();
            let grouped = sql.contains("COUNT(*)") && sql.contains(r#"GROUP BY "suggestions""#);
            GROUPED.fetch_add(usize::from(grouped), Ordering::Relaxed);
        }
    }))
}

#[tokio::test]
async fn counts_of_what_is_overdue_are_asked_for_once() {
    set_default_instrumentation(counting).expect("before any connection");
    let app = TestApp::new().await;
    app.clock.set("2031-03-03T01:00:00Z".parse().expect("an instant"));
    let table = Table::new(&app).await;
    table.submitted(raised("设立中心配餐点", "education")).await;
    table.submitted(raised("加装电梯", "health")).await;
    // Five working days for the acceptance.
    app.clock.set("2031-03-12T01:00:00Z".parse().expect("an instant"));
    let table = Table::new(&app).await;
    table.submitted(raised("增设公交站点", "education")).await;

    for (filter, grouped, total, overdue) in [
        ("", 2, 3, 2),
        ("?overdue=true", 1, 2, 2),
        ("?overdue=false", 1, 1, 0),
    ] {
        let before = GROUPED.load(Ordering::Relaxed);
        let counts = table
            .coordinator
            .get(&format!("{SUGGESTIONS}/counts{filter}"))
            .await
            .expect(200);
        assert_eq!(GROUPED.load(Ordering::Relaxed) - before, grouped, "{filter}");
        let submitted = counts.json["states"]
            .as_array()
            .and_then(|states| states.iter().find(|one| one["state"] == "submitted").cloned())
            .expect("the state");
        for counted in [
            (&counts.json["total"], &counts.json["overdue"]),
            (&submitted["count"], &submitted["overdue"]),
        ] {
            assert_eq!(
                counted,
                (&total.into(), &overdue.into()),
                "{filter}: {}",
                counts.text()
            );
        }
        let list = table
            .coordinator
            .get(&format!("{SUGGESTIONS}{filter}"))
            .await
            .expect(200);
        assert_eq!(list.items().len(), total, "{filter}");
    }
}

//! A store of attached files that is not the database's: nothing is kept in it, and nothing is said to be missing.

use crate::files::{Desk, PATH};
use crate::support::TestApp;
use crate::support::samples::pdf;
use std::fs;

async fn warns(app: &TestApp) -> bool {
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    let reader = app.anonymous().with("Accept-Language", "en");
    let answer = reader.get("/readyz").await.expect(200);
    answer.json["warnings"].to_string().contains("attached files")
}

#[tokio::test]
async fn a_folder_that_is_not_mounted_takes_no_files_and_loses_none() {
    let desk = Desk::new().await;
    let made = desk.upload("a.pdf", &pdf()).await.expect(201);
    let content = format!("{PATH}/{}/content", made.json["id"].as_str().expect("an id"));
    desk.coordinator.get(&content).await.expect(200);
    assert!(!warns(&desk.app).await);

    let folder = desk.app.data.path().join("attachments");
    let aside = desk.app.data.path().join("unmounted");
    for fresh in [false, true] {
        fs::rename(&folder, &aside).expect("unmounted");
        if fresh {
            fs::create_dir_all(folder.join("objects")).expect("an empty folder");
        }
        let kept = desk.upload("b.pdf", &pdf()).await;
        assert!(
            kept.problem(503, "files_unavailable")
                .header("retry-after")
                .is_some()
        );
        desk.coordinator
            .get(&content)
            .await
            .problem(503, "files_unavailable");
        assert!(warns(&desk.app).await);
        assert!(
            liaison::files::sweep::sweep(
                &desk.app.instance.db,
                &desk.app.instance.files,
                desk.app.instance.clock.now()
            )
            .await
            .is_err(),
            "what is another's is not swept"
        );
        fs::remove_dir_all(&folder).expect("removed");
        fs::rename(&aside, &folder).expect("mounted");
        desk.coordinator.get(&content).await.expect(200);
        desk.upload("b.pdf", &pdf()).await.expect(201);
        assert!(!warns(&desk.app).await);
    }
}

#[tokio::test]
async fn a_store_of_another_database_is_refused_and_one_without_an_id_adopted_by_its_files() {
    let desk = Desk::new().await;
    let made = desk.upload("a.pdf", &pdf()).await.expect(201);
    let content = format!("{PATH}/{}/content", made.json["id"].as_str().expect("an id"));
    let id = desk.app.data.path().join("attachments/objects/store-id");
    let ours = fs::read_to_string(&id).expect("an id");

    for foreign in ["018f2f6e-7c1a-7000-8000-000000000001", "nonsense"] {
        fs::write(&id, foreign).expect("written");
        desk.coordinator
            .get(&content)
            .await
            .problem(503, "files_unavailable");
        desk.upload("b.pdf", &pdf())
            .await
            .problem(503, "files_unavailable");
        assert_eq!(
            fs::read_to_string(&id).expect("an id"),
            foreign,
            "not overwritten"
        );
    }
    // As an installation has it that is older than ids are.
    fs::remove_file(&id).expect("removed");
    desk.coordinator.get(&content).await.expect(200);
    assert_eq!(fs::read_to_string(&id).expect("an id"), ours);
}

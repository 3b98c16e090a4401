//! What nothing names goes, and nothing else.

use super::{Desk, PATH};
use crate::support::Form;
use crate::support::samples::pdf;
use chrono::TimeDelta;
use liaison::files::sweep::Swept;
use std::os::unix::fs::PermissionsExt;
use uuid::Uuid;

#[tokio::test]
async fn orphans_and_torsos_go_after_an_hour() {
    let desk = Desk::new().await;
    let kept = desk.upload("a.pdf", &pdf()).await.expect(201);
    let folder = desk.app.data.path().join("attachments");
    // What a process leaves behind that is killed while it receives a file, and before it commits the row.
    std::fs::write(folder.join("uploads/.tmpAbCdEf"), b"%PDF-").expect("a torso");
    let orphan = Uuid::new_v4().to_string();
    std::fs::create_dir_all(folder.join("objects").join(&orphan[..2])).expect("a folder");
    std::fs::write(folder.join("objects").join(&orphan[..2]).join(&orphan), b"%PDF-").expect("an orphan");
    // Not ours: the name is no key, or the place is another's.
    std::fs::write(folder.join("objects/README"), b"x").expect("a file");
    std::fs::write(folder.join("objects").join(&orphan), b"x").expect("a file");
    assert_eq!(desk.files().len(), 5);

    let nothing = desk.app.sweep().await.expect("a sweep");
    assert_eq!((nothing, desk.files().len()), (Swept::default(), 5));
    desk.app.clock.set(desk.app.clock.now() + TimeDelta::minutes(61));
    let swept = desk.app.sweep().await.expect("a sweep");
    let expected = Swept {
        spooled: 1,
        orphans: 1,
        removed: 0,
    };
    assert_eq!(swept, expected);
    assert_eq!(desk.files().len(), 3);
    assert_eq!(desk.app.sweep().await.expect("a sweep"), Swept::default());
    let content = format!("{PATH}/{}/content", kept.json["id"].as_str().expect("an id"));
    let later = desk.app.coordinator().await;
    assert_eq!(later.get(&content).await.expect(200).bytes, pdf());
}

#[tokio::test]
async fn the_bytes_of_what_was_removed_stay_for_thirty_days() {
    let desk = Desk::new().await;
    let draft = desk.draft().await;
    let made = desk
        .send(Form::of(&draft).file("a.pdf", &pdf()))
        .await
        .expect(201);
    let id = made.json["id"].as_str().expect("an id");
    desk.coordinator.delete(&format!("{PATH}/{id}")).await.expect(204);
    let removed_at = desk.app.clock.now();
    desk.app.clock.set(removed_at + TimeDelta::days(30));
    assert_eq!(desk.app.sweep().await.expect("a sweep"), Swept::default());
    assert_eq!(desk.files().len(), 1);
    desk.app
        .clock
        .set(removed_at + TimeDelta::days(30) + TimeDelta::seconds(1));
    assert_eq!(desk.app.sweep().await.expect("a sweep").removed, 1);
    assert_eq!(desk.files().len(), 0);
    assert_eq!(desk.app.sweep().await.expect("a sweep"), Swept::default());
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let desk = Desk::new().await;
    desk.upload("a.pdf", &pdf()).await.expect(201);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    let files = desk.files();
    assert_eq!(files.len(), 1);
    assert_eq!(mode(&files[0]), 0o600);
    for folder in files[0].ancestors().skip(1).take(3) {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
    let name = files[0]
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    assert!(Uuid::try_parse(name).is_ok(), "{name}");
}

//! Names are kept as they are, without the folders before them, or refused.

use super::{Desk, PATH};
use crate::support::Form;
use crate::support::samples::pdf;

#[tokio::test]
async fn names_are_kept_character_by_character() {
    let desk = Desk::new().await;
    let long = format!("{}.pdf", "长".repeat(196));
    for (name, plain) in [
        ("㐀䶮𠮷〔2020〕20号.pdf", "____2020_20_.pdf"),
        ("a b;c'd%20(1)+.pdf", "a b;c'd_20(1)+.pdf"),
        // Decomposed as macOS sends it: not composed here.
        ("cafe\u{301}.pdf", "cafe_.pdf"),
        ("..草案.pdf", "..__.pdf"),
        (&long, &format!("{}.pdf", "_".repeat(196))),
    ] {
        let made = desk.upload(name, &pdf()).await.expect(201);
        assert_eq!(made.json["file_name"], name);
        let id = made.json["id"].as_str().expect("an id");
        let content = desk
            .coordinator
            .get(&format!("{PATH}/{id}/content"))
            .await
            .expect(200);
        let disposition = content.header("content-disposition").expect("a disposition");
        let (ascii, extended) = disposition.split_once("; filename*=UTF-8''").expect("both names");
        assert_eq!(ascii, format!("attachment; filename=\"{plain}\""));
        let decoded = percent_encoding::percent_decode_str(extended)
            .decode_utf8()
            .expect("UTF-8");
        assert_eq!(decoded, name);
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$&+-.^_`|~%".contains(c);
        assert!(extended.chars().all(token), "{extended}");
    }
}

#[tokio::test]
async fn the_extended_name_is_heard_first() {
    let desk = Desk::new().await;
    for (parameters, name) in [
        ("filename=\"x.pdf\"; filename*=UTF-8''%F0%A0%AE%B7.pdf", "𠮷.pdf"),
        ("filename*=gb18030''%B6%D4%BF%DA.pdf", "对口.pdf"),
        ("filename*=GBK''%B6%D4%BF%DA.pdf; filename=\"x.pdf\"", "对口.pdf"),
        (r#"filename="甲\"乙\".pdf""#, "甲\"乙\".pdf"),
        ("filename=plain.pdf", "plain.pdf"),
    ] {
        let form = desk
            .form()
            .part(&format!("form-data; name=\"file\"; {parameters}"), &pdf());
        let made = desk.send(form).await.expect(201);
        assert_eq!(made.json["file_name"], name);
    }
}

#[tokio::test]
async fn of_a_path_the_last_part_is_the_name() {
    let desk = Desk::new().await;
    for parameters in [
        r#"filename="D:\文件\甲.pdf""#,
        r#"filename="D:\\文件\\甲.pdf""#,
        r#"filename="../../etc/甲.pdf""#,
        r#"filename="/甲.pdf""#,
        r#"filename="\\server\share\甲.pdf""#,
        "filename*=UTF-8''..%2F%E7%94%B2.pdf",
        "filename=\"x.pdf\"; filename*=utf-8'zh'C%3A%5C%E7%94%B2.pdf",
    ] {
        let form = desk
            .form()
            .part(&format!("form-data; name=\"file\"; {parameters}"), &pdf());
        let made = desk.send(form).await.expect(201);
        assert_eq!(made.json["file_name"], "甲.pdf", "{parameters}");
    }
}

#[tokio::test]
async fn the_declaration_is_read_without_regard_to_case() {
    let desk = Desk::new().await;
    let form = |declared: &str| {
        Form::default()
            .text("subject_type", "scheme")
            .text("subject_id", desk.scheme.as_str().expect("an id"))
            .text("no_secrets", declared)
            .file("a.pdf", &pdf())
    };
    for declared in ["True", "TRUE", "tRUE"] {
        desk.send(form(declared)).await.expect(201);
    }
    for declared in ["False", "FALSE"] {
        let refused = desk.send(form(declared)).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/no_secrets not_allowed"]);
    }
    for declared in ["yes", "1", "truee"] {
        let refused = desk.send(form(declared)).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/no_secrets wrong_type"]);
    }
}

#[tokio::test]
async fn names_that_could_be_read_as_something_else_are_refused() {
    let desk = Desk::new().await;
    let long = format!("{}.pdf", "长".repeat(197));
    for (name, fault) in [
        ("C:a.pdf", "name_is_path"),
        (r"..\..", "name_reserved"),
        ("/", "blank"),
        ("a\u{202e}fdp.exe.pdf", "forbidden_character"),
        ("a\u{2066}b.pdf", "forbidden_character"),
        ("a\u{85}b.pdf", "forbidden_character"),
        ("a\tb.pdf", "forbidden_character"),
        (".", "name_reserved"),
        ("..", "name_reserved"),
        ("a.pdf ", "name_reserved"),
        ("  ", "blank"),
        ("", "blank"),
        (&long, "name_too_long"),
    ] {
        let answer = desk.upload(name, &pdf()).await.problem(422, "invalid");
        assert_eq!(answer.faults(), [format!("/file {fault}")], "{name:?}");
    }
    // Hidden in an encoding, where no header's own rules refuse them.
    for (extended, fault) in [
        ("UTF-8''a%00.pdf", "forbidden_character"),
        ("UTF-8''a%0D%0Ab.pdf", "forbidden_character"),
        ("UTF-8''a%2F..", "name_reserved"),
        ("UTF-8''%ff.pdf", "blank"),
        ("x-unknown''a.pdf", "blank"),
    ] {
        let form = desk
            .form()
            .part(&format!("form-data; name=\"file\"; filename*={extended}"), &pdf());
        let answer = desk.send(form).await.problem(422, "invalid");
        assert_eq!(answer.faults(), [format!("/file {fault}")], "{extended}");
    }
    let nameless = desk.form().part("form-data; name=\"file\"", &pdf());
    assert_eq!(
        desk.send(nameless).await.problem(422, "invalid").faults(),
        ["/file blank"]
    );
    desk.assert_untouched().await;
}

/// Every fault of the text parts and of the name, at once.
#[tokio::test]
async fn all_faults_of_a_form_are_named() {
    let desk = Desk::new().await;
    let form = Form::default()
        .text("subject_type", "meeting-room")
        .text("subject_id", "12")
        .text("no_secrets", "yes")
        .text("colour", "red")
        .text("no_secrets", "true")
        .file("C:b.pdf", &pdf());
    let faults = desk.send(form).await.problem(422, "invalid").faults();
    assert_eq!(
        faults,
        [
            "/colour unknown_field",
            "/no_secrets repeated",
            "/subject_id malformed",
            "/subject_type not_allowed",
        ]
    );
    let form = Form::default()
        .text("no_secrets", "false")
        .file("C:b.pdf", &pdf());
    let faults = desk.send(form).await.problem(422, "invalid").faults();
    assert_eq!(faults, ["/subject_id required", "/subject_type required"]);
    let form = desk.form().text("replaces", "").file("b.pdf", &pdf());
    assert_eq!(
        desk.send(form).await.problem(422, "invalid").faults(),
        ["/replaces blank"]
    );
    let form = Form::default()
        .text("subject_type", "scheme")
        .text("subject_id", desk.scheme.as_str().expect("an id"))
        .text("no_secrets", "false")
        .file("C:b.pdf", &pdf());
    let faults = desk.send(form).await.problem(422, "invalid").faults();
    assert_eq!(faults, ["/file name_is_path", "/no_secrets not_allowed"]);
    desk.assert_untouched().await;
}

//! The content decides what a file is, and whether it is taken.

use super::{Desk, PATH};
use crate::support::samples::{
    archive, archive_as, compound, docx_with, encrypted, jpeg, lying, ofd_with, one_of_each, overlapping,
    pdf, png, xlsx_with,
};
use zip::CompressionMethod;

#[tokio::test]
async fn every_kind_comes_back_byte_for_byte() {
    let desk = Desk::new().await;
    for (name, media_type, bytes) in one_of_each() {
        let made = desk.upload(name, &bytes).await.expect(201);
        assert_eq!(made.json["media_type"], media_type, "{name}");
        assert_eq!(made.json["file_name"], name);
        assert_eq!(made.json["size"], bytes.len());
        let id = made.json["id"].as_str().expect("an id");
        let content = desk
            .coordinator
            .get(&format!("{PATH}/{id}/content"))
            .await
            .expect(200);
        assert_eq!(content.bytes, bytes, "{name}");
        assert_eq!(content.header("content-type"), Some(media_type), "{name}");
        let digest = made.json["sha256"].as_str().expect("a digest");
        assert_eq!(content.etag(), format!("\"{digest}\""));
    }
}

/// Names, contents, and the fault at `/file`.
async fn refused(files: Vec<(&str, Vec<u8>, &str)>) {
    let desk = Desk::new().await;
    for (name, bytes, fault) in files {
        let answer = desk.upload(name, &bytes).await.problem(422, "invalid");
        assert_eq!(answer.faults(), [format!("/file {fault}")], "{name}");
    }
    desk.assert_untouched().await;
}

#[tokio::test]
async fn a_name_must_fit_the_content() {
    refused(vec![
        ("公文.pdf", png(10, 10), "type_mismatch"),
        ("照片.png", jpeg(10, 10), "type_mismatch"),
        ("公文.docx", xlsx_with(&[]), "type_mismatch"),
        ("公文.doc", docx_with(&[]), "type_mismatch"),
        ("材料.zip", ofd_with(&[]), "type_mismatch"),
        (
            "公文.ofd",
            archive(&[("doc/OFD.xml", b"<OFD/>")]),
            "type_mismatch",
        ),
        ("名单.doc", compound(&["/Workbook"]), "type_mismatch"),
        ("公文", pdf(), "type_mismatch"),
        (".pdf", pdf(), "type_mismatch"),
        ("公文.pdf.exe", pdf(), "type_mismatch"),
    ])
    .await;
}

#[tokio::test]
async fn other_kinds_and_broken_files_are_refused() {
    let mut cut = archive(&[("a.txt", b"text")]);
    cut.truncate(cut.len() - 10);
    let mut checksum = archive_as(CompressionMethod::Stored, &[("a.txt", b"text")]);
    let at = checksum
        .windows(4)
        .position(|window| window == b"text")
        .expect("the text");
    checksum[at] = b'T';
    refused(vec![
        ("空.pdf", Vec::new(), "empty"),
        ("程序.pdf", b"MZ\x90\0\x03\0\0\0".to_vec(), "unknown_type"),
        (
            "网页.pdf",
            b"<html><script>alert(1)</script>".to_vec(),
            "unknown_type",
        ),
        ("文本.docx", "对口联系".as_bytes().to_vec(), "unknown_type"),
        (
            "演示.zip",
            archive(&[("[Content_Types].xml", b""), ("ppt/presentation.xml", b"")]),
            "unknown_type",
        ),
        (
            "邮件.doc",
            compound(&["/__properties_version1.0"]),
            "unknown_type",
        ),
        ("材料.zip", cut, "damaged"),
        ("材料.zip", b"PK\x03\x04 and no more".to_vec(), "damaged"),
        ("材料.zip", checksum, "damaged"),
        (
            "公文.doc",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more".to_vec(),
            "damaged",
        ),
        ("照片.png", b"\x89PNG\r\n\x1a\n".to_vec(), "damaged"),
        ("照片.png", png(0, 10), "damaged"),
        ("照片.jpg", b"\xff\xd8\xff\xe0\0\x01".to_vec(), "damaged"),
        ("照片.jpg", b"\xff\xd8\xff\xda\0\x08".to_vec(), "damaged"),
    ])
    .await;
}

#[tokio::test]
async fn macros_and_locks_are_refused() {
    refused(vec![
        ("公文.docx", docx_with(&[("word/vbaProject.bin", b"x")]), "macros"),
        ("名单.xlsx", xlsx_with(&[("xl/VBAPROJECT.BIN", b"x")]), "macros"),
        (
            "公文.doc",
            compound(&["/WordDocument", "/Macros/VBA/_VBA_PROJECT"]),
            "macros",
        ),
        (
            "名单.xls",
            compound(&["/Workbook", "/_VBA_PROJECT_CUR/VBA/_VBA_PROJECT"]),
            "macros",
        ),
        (
            "公文.docx",
            compound(&["/EncryptedPackage", "/EncryptionInfo"]),
            "encrypted",
        ),
        ("材料.zip", encrypted(archive(&[("a.txt", b"text")])), "encrypted"),
    ])
    .await;
}

#[tokio::test]
async fn bombs_are_refused() {
    let zeros = vec![0; 16 * 1024 * 1024];
    let many: Vec<String> = (0..10_001).map(|number| format!("{number}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    let shared = archive_as(CompressionMethod::Stored, &[("00000", &zeros[..100_000])]);
    let mut boastful = archive(&[("a.txt", b"text")]);
    let end = boastful.len() - 22;
    boastful[end + 8..end + 12].fill(0xff);
    refused(vec![
        (
            "名单.xlsx",
            xlsx_with(&[("xl/worksheets/sheet1.xml", &zeros)]),
            "bomb",
        ),
        ("公文.ofd", ofd_with(&[("Doc_0/Res/image.bmp", &zeros)]), "bomb"),
        (
            "公文.docx",
            docx_with(&[("word/media/image.bmp", &zeros)]),
            "bomb",
        ),
        ("材料.zip", archive(&[("zeros", &zeros)]), "bomb"),
        // What it says of itself is less than it is.
        ("材料.zip", lying(archive(&[("zeros", &zeros)]), 1_000), "bomb"),
        (
            "材料.zip",
            lying(archive(&[("zeros", &zeros[..100_000])]), 1_000),
            "damaged",
        ),
        ("材料.zip", overlapping(&shared, 500), "bomb"),
        ("材料.zip", archive_as(CompressionMethod::Stored, &many), "bomb"),
        ("材料.zip", boastful, "bomb"),
        ("照片.png", png(100_000, 100_000), "bomb"),
        ("照片.png", png(29_000, 29_000), "bomb"),
        ("照片.jpg", jpeg(65_000, 65_000), "bomb"),
    ])
    .await;
}

#[tokio::test]
async fn entries_that_lead_out_of_their_folder_are_refused() {
    refused(vec![
        ("材料.zip", archive(&[("../../etc/passwd", b"x")]), "unsafe_entry"),
        ("材料.zip", archive(&[("a/../../b", b"x")]), "unsafe_entry"),
        ("材料.zip", archive(&[("..\\..\\b", b"x")]), "unsafe_entry"),
        ("材料.zip", archive(&[("/etc/passwd", b"x")]), "unsafe_entry"),
        ("材料.zip", archive(&[("C:\\Windows\\a", b"x")]), "unsafe_entry"),
        ("公文.docx", docx_with(&[("../a", b"x")]), "unsafe_entry"),
    ])
    .await;
}

/// Real work grows, and holds archives; only what grows beyond all measure is a bomb.
#[tokio::test]
async fn large_tables_and_archives_within_archives_are_taken() {
    let rows: String = (0..200_000_u64)
        .map(|row| {
            format!(
                "<row r=\"{row}\"><c><v>{}</v></c></row>",
                row.wrapping_mul(2_654_435_761)
            )
        })
        .collect();
    assert!(rows.len() > 8 * 1024 * 1024, "{}", rows.len());
    let table = xlsx_with(&[("xl/worksheets/sheet1.xml", rows.as_bytes())]);
    let inner = archive(&[("zeros", &[0; 1_000_000])]);
    let outer = archive_as(CompressionMethod::Stored, &[("inner.zip", &inner)]);
    let desk = Desk::new().await;
    desk.upload("名单.xlsx", &table).await.expect(201);
    desk.upload("材料.zip", &outer).await.expect(201);
}

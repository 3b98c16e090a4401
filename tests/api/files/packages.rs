//! Files as other programs write them: the main part under another name, other separators, long ends, bytes before and between.

use super::Desk;
use crate::support::samples::{archive, jpeg, pdf, png};

fn types(overrides: &[(&str, &str)]) -> String {
    let overrides: String = overrides
        .iter()
        .map(|(part, kind)| format!("<Override PartName=\"{part}\" ContentType=\"{kind}\"/>"))
        .collect();
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{overrides}</Types>"
    )
}

fn relationships(target: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><Relationships><Relationship Id=\"a\" Target=\"docProps/core.xml\" \
         Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\"/><Relationship Id=\"b\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"{target}\"/></Relationships>"
    )
}

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

fn package(part: &str, target: &str, kind: &str, separator: &str) -> Vec<u8> {
    let (types, relationships) = (types(&[(&format!("/{part}"), kind)]), relationships(target));
    let name = |name: &str| name.replace('/', separator);
    archive(&[
        ("[Content_Types].xml", types.as_bytes()),
        (&name("_rels/.rels"), relationships.as_bytes()),
        (&name(part), b"<document/>"),
    ])
}

/// The same archive with the ZIP64 end that programs write which do not know the size beforehand; `claimed` entries.
fn with_long_end(mut archive: Vec<u8>, claimed: u64) -> Vec<u8> {
    let end = archive.len() - 22;
    let short = archive.split_off(end);
    let number = |at: usize| u32::from_le_bytes([short[at], short[at + 1], short[at + 2], short[at + 3]]);
    let (size, offset) = (u64::from(number(12)), u64::from(number(16)));
    let place = archive.len() as u64;
    archive.extend(b"PK\x06\x06");
    archive.extend(44_u64.to_le_bytes());
    archive.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for field in [claimed, claimed, size, offset] {
        archive.extend(field.to_le_bytes());
    }
    archive.extend(b"PK\x06\x07\0\0\0\0");
    archive.extend(place.to_le_bytes());
    archive.extend(1_u32.to_le_bytes());
    archive.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    archive
}

#[tokio::test]
async fn documents_are_told_by_what_they_say_of_themselves() {
    let desk = Desk::new().await;
    let plain = archive(&[("a.txt", b"text")]);
    for (name, bytes) in [
        (
            "公文.docx",
            package("word/document.xml", "word/document.xml", WORD, "/"),
        ),
        (
            "公文.docx",
            package("word/document2.xml", "word/document2.xml", WORD, "/"),
        ),
        (
            "公文.docx",
            package("word/document.xml", "/word/document.xml", WORD, "\\"),
        ),
        (
            "名单.xlsx",
            package("xl/workbook2.xml", "/xl/workbook2.xml", EXCEL, "/"),
        ),
        (
            "名单.xlsx",
            package("xl/workbook.xml", "xl/workbook.xml", EXCEL, "\\"),
        ),
        (
            "公文.docx",
            with_long_end(package("word/document.xml", "word/document.xml", WORD, "/"), 3),
        ),
        ("材料.zip", with_long_end(plain.clone(), 1)),
    ] {
        desk.upload(name, &bytes).await.expect(201);
    }
    let template = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml";
    let macros = "application/vnd.ms-word.document.macroEnabled.main+xml";
    let both = archive(&[("word/document.xml", b"<a/>"), ("word\\document.xml", b"<b/>")]);
    for (name, bytes, fault) in [
        (
            "公文.docx",
            package("word/document2.xml", "word/document2.xml", EXCEL, "/"),
            "type_mismatch",
        ),
        (
            "公文.docx",
            package("word/document.xml", "word/document.xml", template, "/"),
            "unknown_type",
        ),
        (
            "公文.docx",
            package("word/document.xml", "word/document.xml", macros, "/"),
            "macros",
        ),
        (
            "公文.docx",
            package("word/document.xml", "word/another.xml", WORD, "/"),
            "unknown_type",
        ),
        ("材料.zip", both, "damaged"),
        ("材料.zip", with_long_end(plain.clone(), 10_001), "bomb"),
        ("材料.zip", with_long_end(plain, u64::MAX), "bomb"),
    ] {
        let refused = desk.upload(name, &bytes).await.problem(422, "invalid");
        assert_eq!(
            refused.faults(),
            [format!("/file {fault}")],
            "{name} {}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[tokio::test]
async fn bytes_before_a_pdf_and_between_segments_are_passed_over() {
    let desk = Desk::new().await;
    let behind = |before: &[u8]| [before, &pdf()].concat();
    let picture = jpeg(640, 480);
    let stray = [
        &picture[..20],
        b"\0\0\x12",
        &picture[20..],
        b"trailer of a camera",
    ]
    .concat();
    let early = [&picture[..2], b"\0", &picture[2..]].concat();
    for (name, bytes) in [
        ("公文.pdf", behind(b"\xef\xbb\xbf")),
        ("公文.pdf", behind(b"\r\n\r\n")),
        ("公文.pdf", behind(&[b' '; 1019])),
        ("照片.jpg", stray),
        ("照片.jpg", early),
    ] {
        desk.upload(name, &bytes).await.expect(201);
    }
    for (name, bytes, fault) in [
        ("公文.pdf", behind(&[b' '; 1020]), "unknown_type"),
        (
            "公文.pdf",
            behind(b"<html><script>alert(1)</script>"),
            "unknown_type",
        ),
        ("公文.pdf", behind(b"MZ\x90\0"), "unknown_type"),
        ("公文.pdf", behind(b"#!/bin/sh\n"), "unknown_type"),
        ("公文.pdf", [png(10, 10), pdf()].concat(), "type_mismatch"),
        (
            "照片.jpg",
            [b"\xff\xd8".as_slice(), &[0; 70_000]].concat(),
            "damaged",
        ),
    ] {
        let refused = desk.upload(name, &bytes).await.problem(422, "invalid");
        assert_eq!(refused.faults(), [format!("/file {fault}")], "{name}");
    }
}

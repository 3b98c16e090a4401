//! Files of every kind that is taken, and of some that are not, made as they are needed.

use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n".to_vec()
}

/// An archive of these entries, deflated.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    archive_as(CompressionMethod::Deflated, entries)
}

pub fn archive_as(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

pub fn ofd_with(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("OFD.xml", b"<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"/>"),
        (
            "Doc_0/Document.xml",
            "<ofd:Document>对口联系</ofd:Document>".as_bytes(),
        ),
    ];
    entries.extend(more);
    archive(&entries)
}

pub fn docx_with(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut entries: Vec<(&str, &[u8])> = vec![TYPES, ("word/document.xml", b"<w:document/>")];
    entries.extend(more);
    archive(&entries)
}

pub fn xlsx_with(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut entries: Vec<(&str, &[u8])> = vec![TYPES, ("xl/workbook.xml", b"<workbook/>")];
    entries.extend(more);
    archive(&entries)
}

/// A compound file of these streams.
pub fn compound(streams: &[&str]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a compound file");
    for path in streams {
        if let Some((storage, _)) = path.rsplit_once('/').filter(|(storage, _)| !storage.is_empty()) {
            file.create_storage_all(storage).expect("a storage");
        }
        let mut stream = file.create_stream(path).expect("a stream");
        stream.write_all(&[0x5a; 600]).expect("its bytes");
    }
    file.flush().expect("a compound file");
    file.into_inner().into_inner()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB\x60\x82");
    bytes
}

pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc0\0\x0b\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend(b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9");
    bytes
}

/// One of each kind, with a name that fits it and its media type.
pub fn one_of_each() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("公文.pdf", "application/pdf", pdf()),
        ("公文.ofd", "application/ofd", ofd_with(&[])),
        (
            "公文.doc",
            "application/msword",
            compound(&["/WordDocument", "/1Table"]),
        ),
        (
            "公文.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            docx_with(&[]),
        ),
        ("名单.xls", "application/vnd.ms-excel", compound(&["/Workbook"])),
        (
            "名单.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx_with(&[]),
        ),
        ("照片.PNG", "image/png", png(640, 480)),
        ("照片.jpg", "image/jpeg", jpeg(640, 480)),
        ("照片.jpeg", "image/jpeg", jpeg(480, 640)),
        (
            "材料.zip",
            "application/zip",
            archive(&[("说明.txt", "一".as_bytes()), ("folder/", b"")]),
        ),
    ]
}

/// Says of every entry that it inflates to so many bytes.
pub fn lying(mut archive: Vec<u8>, size: u32) -> Vec<u8> {
    // Where the declared size stands, in the header of an entry and in the directory's.
    for (signature, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        for start in places(&archive, signature) {
            archive[start + at..start + at + 4].copy_from_slice(&size.to_le_bytes());
        }
    }
    archive
}

/// Says of every entry that it is encrypted.
pub fn encrypted(mut archive: Vec<u8>) -> Vec<u8> {
    for (signature, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        for start in places(&archive, signature) {
            archive[start + at] |= 1;
        }
    }
    archive
}

/// A directory of `count` entries, all of which are the one entry of the archive; its name has five characters.
pub fn overlapping(archive: &[u8], count: u16) -> Vec<u8> {
    let (directory, end) = (
        places(archive, b"PK\x01\x02")[0],
        places(archive, b"PK\x05\x06")[0],
    );
    let mut bytes = archive[..directory].to_vec();
    for number in 0..count {
        let mut record = archive[directory..end].to_vec();
        record[46..51].copy_from_slice(format!("{number:05}").as_bytes());
        bytes.extend(record);
    }
    let length = (bytes.len() - directory) as u32;
    let mut record = archive[end..].to_vec();
    record[8..10].copy_from_slice(&count.to_le_bytes());
    record[10..12].copy_from_slice(&count.to_le_bytes());
    record[12..16].copy_from_slice(&length.to_le_bytes());
    bytes.extend(record);
    bytes
}

fn places(bytes: &[u8], signature: &[u8; 4]) -> Vec<usize> {
    let windows = bytes.windows(4).enumerate();
    windows
        .filter(|(_, window)| window == signature)
        .map(|(at, _)| at)
        .collect()
}

//! ZIP archives, and the documents that are some: OFD, DOCX, XLSX.

use super::{Failure, Refusal};
use crate::files::kind::Kind;
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// Entries of one archive; a large OFD has some thousands.
const MAX_ENTRIES: usize = 10_000;
/// Bytes that all entries may inflate to.
const MAX_INFLATED: u64 = 512 * 1024 * 1024;
/// Times that an archive may grow. Office documents stay below 30; the rule begins where growth begins to matter.
const MAX_RATIO: u64 = 100;
const RATIO_COUNTS_FROM: u64 = 8 * 1024 * 1024;

pub(super) fn kind_of<R: Read + Seek>(mut file: R) -> Result<Kind, Failure> {
    let size = file.seek(SeekFrom::End(0))?;
    refuse_huge_directory(&mut file, size)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(file).map_err(refused)?;
    if archive.is_empty() || archive.offset() != 0 || archive.has_duplicate_names() {
        return Err(Refusal::Damaged.into());
    }
    // One run of bytes that many entries share inflates many times over.
    if archive.has_overlapping_entries().map_err(refused)? {
        return Err(Refusal::Bomb.into());
    }
    let mut contents = Contents::default();
    let mut inflated = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(refused)?;
        let data = entry.entry();
        if data.encrypted() {
            return Err(Refusal::Encrypted.into());
        }
        if !is_safe(data.name_raw()) || data.is_symlink() {
            return Err(Refusal::UnsafeEntry.into());
        }
        contents.note(data.name_raw());
        let declared = data.size();
        drop(entry);
        let mut entry = archive.by_index(index).map_err(refused)?;
        let real = inflate(&mut entry, size, &mut inflated)?;
        if real != declared {
            return Err(Refusal::Damaged.into());
        }
    }
    contents.kind()
}

/// Reads an entry to its end, and no further than all of them may inflate to.
fn inflate(entry: &mut impl Read, archive_size: u64, inflated: &mut u64) -> Result<u64, Failure> {
    let mut buffer = [0; 32 * 1024];
    let mut size = 0;
    loop {
        let read = match entry.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Broken data, or a checksum that is another; a failing disk looks the same from here.
            Err(_) => return Err(Refusal::Damaged.into()),
        };
        size += read;
        *inflated += read;
        let too_steep = *inflated > RATIO_COUNTS_FROM && *inflated / archive_size > MAX_RATIO;
        if *inflated > MAX_INFLATED || too_steep {
            return Err(Refusal::Bomb.into());
        }
    }
}

/// Before the directory is read into memory: how many entries does any end of it that could be meant claim to have?
fn refuse_huge_directory<R: Read + Seek>(file: &mut R, size: u64) -> Result<(), Failure> {
    /// The record itself, and the longest comment.
    const TAIL: u64 = 22 + 65_535;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail)?;
    let mut found = false;
    for (at, window) in tail.windows(22).enumerate() {
        if window.starts_with(b"PK\x05\x06") {
            found = true;
            let entries = u16::from_le_bytes([window[10], window[11]]);
            if usize::from(entries) > MAX_ENTRIES {
                return Err(Refusal::Bomb.into());
            }
            // A ZIP64 directory has its own count, and files of this size need none.
            let locator = at.checked_sub(20).and_then(|from| tail.get(from..at));
            if locator.is_some_and(|locator| locator.starts_with(b"PK\x06\x07")) {
                return Err(Refusal::UnsupportedArchive.into());
            }
        }
    }
    if found {
        Ok(())
    } else {
        Err(Refusal::Damaged.into())
    }
}

/// Whether an entry stays within the folder that it is unpacked into, on every system. Names may be in any encoding.
fn is_safe(name: &[u8]) -> bool {
    let drive = matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic());
    let rooted = matches!(name, [b'/' | b'\\', ..]);
    let climbs = name
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .any(|part| part == b"..");
    !(name.is_empty() || drive || rooted || climbs || name.contains(&0))
}

/// What the names of the entries tell.
#[derive(Default)]
struct Contents {
    ofd: bool,
    open_packaging: bool,
    word: bool,
    excel: bool,
    macros: bool,
}

impl Contents {
    fn note(&mut self, name: &[u8]) {
        let name = name.to_ascii_lowercase();
        self.ofd |= name == b"ofd.xml";
        self.open_packaging |= name == b"[content_types].xml";
        self.word |= name == b"word/document.xml";
        self.excel |= name == b"xl/workbook.xml";
        self.macros |= name == b"vbaproject.bin" || name.ends_with(b"/vbaproject.bin");
    }

    fn kind(&self) -> Result<Kind, Failure> {
        if self.macros {
            return Err(Refusal::Macros.into());
        }
        match (self.ofd, self.open_packaging, self.word, self.excel) {
            (true, false, ..) => Ok(Kind::Ofd),
            (false, true, true, false) => Ok(Kind::Docx),
            (false, true, false, true) => Ok(Kind::Xlsx),
            (false, false, ..) => Ok(Kind::Zip),
            // Presentations and other packages, and what is two things at once.
            _ => Err(Refusal::UnknownType.into()),
        }
    }
}

fn refused(error: ZipError) -> Failure {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => Failure::Io(error),
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Refusal::UnsupportedArchive.into()
        }
        ZipError::InvalidPassword => Refusal::Encrypted.into(),
        _ => Refusal::Damaged.into(),
    }
}

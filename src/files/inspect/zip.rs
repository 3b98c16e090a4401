//! ZIP archives, and the documents that are some: OFD, DOCX, XLSX.

use super::package::{self, Main};
use super::{Failure, Refusal};
use crate::files::kind::Kind;
use std::collections::HashSet;
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
        let name = contents.note(data.name_raw())?;
        let declared = data.size();
        drop(entry);
        let mut entry = archive.by_index(index).map_err(refused)?;
        let index = contents.index(&name, declared);
        let real = inflate(&mut entry, size, &mut inflated, index)?;
        if real != declared {
            return Err(Refusal::Damaged.into());
        }
    }
    contents.kind()
}

/// Reads an entry to its end, and no further than all of them may inflate to.
fn inflate(
    entry: &mut impl Read,
    archive_size: u64,
    inflated: &mut u64,
    mut kept: Option<&mut Vec<u8>>,
) -> Result<u64, Failure> {
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
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&buffer[..read as usize]);
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
            let entries = u64::from(u16::from_le_bytes([window[10], window[11]]));
            // Programs that write an archive as a stream end it as a ZIP64 one (APPNOTE §4.3.14), however small it is.
            let locator = at.checked_sub(20).and_then(|from| tail.get(from..at));
            let long = match locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
                Some(locator) => Some(entries_of_zip64(file, locator)?),
                None => None,
            };
            let claimed = match (entries, long) {
                (0xffff, Some(long)) => long,
                (entries, long) => entries.max(long.unwrap_or(0)),
            };
            if claimed > MAX_ENTRIES as u64 {
                return Err(Refusal::Bomb.into());
            }
        }
    }
    if found {
        Ok(())
    } else {
        Err(Refusal::Damaged.into())
    }
}

/// How many entries the record claims that a ZIP64 locator leads to.
fn entries_of_zip64<R: Read + Seek>(file: &mut R, locator: &[u8]) -> Result<u64, Failure> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let place = number(locator.get(8..16).unwrap_or_default());
    let mut record = [0; 56];
    file.seek(SeekFrom::Start(place)).map_err(|_| Refusal::Damaged)?;
    file.read_exact(&mut record).map_err(|_| Refusal::Damaged)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(Refusal::Damaged.into());
    }
    Ok(number(&record[32..40]))
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

/// What the entries tell. Names may be in any encoding.
#[derive(Default)]
struct Contents {
    /// With `/` between folders, whatever the program that wrote them puts there.
    names: HashSet<Vec<u8>>,
    content_types: Vec<u8>,
    relationships: Vec<u8>,
}

impl Contents {
    fn note(&mut self, name: &[u8]) -> Result<Vec<u8>, Failure> {
        let slashed = |byte: &u8| if *byte == b'\\' { b'/' } else { *byte };
        let name: Vec<u8> = name.iter().map(slashed).collect();
        match self.names.insert(name.clone()) {
            true => Ok(name),
            // Which of the two is meant depends on who reads it.
            false => Err(Refusal::Damaged.into()),
        }
    }

    /// Where the content of an entry is kept, if it is one that tells what the others are.
    fn index(&mut self, name: &[u8], size: u64) -> Option<&mut Vec<u8>> {
        let is = |known: &str| size <= package::MAX_INDEX && name.eq_ignore_ascii_case(known.as_bytes());
        match () {
            () if is(package::CONTENT_TYPES) => Some(&mut self.content_types),
            () if is(package::RELATIONSHIPS) => Some(&mut self.relationships),
            () => None,
        }
    }

    fn has(&self, name: &str) -> bool {
        let mut names = self.names.iter();
        names.any(|known| known.eq_ignore_ascii_case(name.as_bytes()))
    }

    fn kind(&self) -> Result<Kind, Failure> {
        let is_code = |name: &Vec<u8>| {
            let last = name.rsplit(|byte| *byte == b'/').next();
            last.is_some_and(|last| last.eq_ignore_ascii_case(b"vbaproject.bin"))
        };
        if self.names.iter().any(is_code) {
            return Err(Refusal::Macros.into());
        }
        match (self.has("ofd.xml"), self.has(package::CONTENT_TYPES)) {
            (true, false) => Ok(Kind::Ofd),
            (false, false) => Ok(Kind::Zip),
            (false, true) => self.package(),
            // What is two things at once.
            (true, true) => Err(Refusal::UnknownType.into()),
        }
    }

    /// As the package says of itself; by the usual names of its main part where it says nothing.
    fn package(&self) -> Result<Kind, Failure> {
        if let Some((part, main)) = package::main_part(&self.content_types, &self.relationships) {
            return match main {
                Main::Document(kind) if self.has(&part) => Ok(kind),
                Main::Document(_) => Err(Refusal::Damaged.into()),
                Main::Macros => Err(Refusal::Macros.into()),
                Main::Other => Err(Refusal::UnknownType.into()),
            };
        }
        match (self.has("word/document.xml"), self.has("xl/workbook.xml")) {
            (true, false) => Ok(Kind::Docx),
            (false, true) => Ok(Kind::Xlsx),
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

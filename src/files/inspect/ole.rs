//! Compound files (MS-CFB): DOC and XLS of old, and what hides an encrypted DOCX or XLSX.

use super::{Failure, Refusal};
use crate::files::kind::Kind;
use std::io::{Read, Seek};

/// Storages and streams that are looked at; a real document has some dozens.
const MAX_ENTRIES: usize = 10_000;

pub(super) fn kind_of<R: Read + Seek>(file: R) -> Result<Kind, Failure> {
    let compound = cfb::CompoundFile::open(file).map_err(|_| Refusal::Damaged)?;
    // MS-OFFCRYPTO §1.3.2: the real document is in there, sealed.
    if compound.is_stream("/EncryptedPackage") {
        return Err(Refusal::Encrypted.into());
    }
    for (place, entry) in compound.walk().enumerate() {
        if place >= MAX_ENTRIES {
            return Err(Refusal::Bomb.into());
        }
        // MS-OVBA §2.2.1: every project has this stream, wherever in the file it lies.
        if entry.name().eq_ignore_ascii_case("_VBA_PROJECT") {
            return Err(Refusal::Macros.into());
        }
    }
    if compound.is_stream("/WordDocument") {
        Ok(Kind::Doc)
    } else if compound.is_stream("/Workbook") || compound.is_stream("/Book") {
        Ok(Kind::Xls)
    } else {
        Err(Refusal::UnknownType.into())
    }
}

//! What a file is, by its content alone, and whether it may stay. Blocking: it really inflates archives, since what they
//! declare of themselves may be a lie.

mod image;
mod ole;
mod package;
mod zip;

use super::kind::Kind;
use super::spool::Received;
use crate::problem::{Fault, Problem, Result};
use std::io::{self, Read, Seek, SeekFrom};

/// Why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    /// Of no kind that is taken.
    UnknownType,
    /// It begins as one of the kinds, and then is none.
    Damaged,
    /// Program code in an office file.
    Macros,
    Encrypted,
    /// Inflates, or is drawn, to far more than it is.
    Bomb,
    /// An entry of an archive that leads out of the folder it is unpacked into.
    UnsafeEntry,
    /// A form of archive that is not looked into, and so not taken.
    UnsupportedArchive,
}

impl Refusal {
    pub fn fault(self, pointer: &str) -> Fault {
        let (code, zh, en) = match self {
            Self::Empty => ("empty", "文件是空的。", "The file is empty."),
            Self::UnknownType => (
                "unknown_type",
                "只接受 PDF、OFD、DOC、DOCX、XLS、XLSX、PNG、JPEG、ZIP 文件；类型由内容判定。",
                "Only PDF, OFD, DOC, DOCX, XLS, XLSX, PNG, JPEG and ZIP are taken; the content decides.",
            ),
            Self::Damaged => (
                "damaged",
                "文件已损坏或不完整。",
                "The file is damaged or incomplete.",
            ),
            Self::Macros => ("macros", "不接受带宏的文件。", "Files with macros are not taken."),
            Self::Encrypted => (
                "encrypted",
                "不接受加密的文件。",
                "Encrypted files are not taken.",
            ),
            Self::Bomb => (
                "bomb",
                "文件展开后过大，或含有过多条目。",
                "The file inflates to too much, or has too many entries.",
            ),
            Self::UnsafeEntry => (
                "unsafe_entry",
                "压缩包中有不安全的路径。",
                "The archive has entries with unsafe paths.",
            ),
            Self::UnsupportedArchive => (
                "unsupported_archive",
                "压缩包的格式或压缩方法不受支持。",
                "The archive's form or method of compression is not supported.",
            ),
        };
        Fault::at(pointer, code, zh, en)
    }
}

/// A refusal, or a disk that cannot be read.
#[derive(Debug)]
pub enum Failure {
    Refused(Refusal),
    Io(io::Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The kind of a file that has come in, away from the worker's thread.
///
/// # Errors
/// 422 with the fault at `pointer`; 500 where the file cannot be read.
pub async fn inspect(received: &Received, pointer: &'static str) -> Result<Kind> {
    let file = received.open().map_err(Problem::internal)?;
    let refused = |refusal: Refusal| Problem::invalid(vec![refusal.fault(pointer)]);
    match tokio::task::spawn_blocking(move || kind_of(file)).await {
        Ok(Ok(kind)) => Ok(kind),
        Ok(Err(Failure::Refused(refusal))) => Err(refused(refusal)),
        Ok(Err(Failure::Io(error))) => Err(Problem::internal(error)),
        // A parser stumbled: whatever the file is, it is not what it says.
        Err(error) => {
            tracing::error!(%error, "the inspection of a file broke down");
            Err(refused(Refusal::Damaged))
        }
    }
}

/// The first bytes of a file, among which the header of a PDF may stand (ISO 32000-1, implementation note 13 of Annex H).
const PDF_WITHIN: u64 = 1024;

/// Whether a PDF begins in it, behind a byte order mark, line breaks or other bytes that are no markup.
fn begins_pdf(head: &[u8]) -> bool {
    let at = head.windows(5).position(|window| window == b"%PDF-");
    at.is_some_and(|at| !head[..at].contains(&b'<'))
}

/// # Errors
/// A refusal, or those of reading.
pub fn kind_of<R: Read + Seek>(mut file: R) -> std::result::Result<Kind, Failure> {
    let mut head = Vec::new();
    file.by_ref().take(PDF_WITHIN).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    match head.as_slice() {
        [] => Err(Refusal::Empty.into()),
        [b'P', b'K', 3, 4, ..] => zip::kind_of(file),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => ole::kind_of(file),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => image::png(file),
        [0xff, 0xd8, ..] => image::jpeg(file),
        // What something else would run or show is no PDF, wherever in it one begins.
        [b'M', b'Z', ..] | [0x7f, b'E', b'L', b'F', ..] | [b'#', b'!', ..] => {
            Err(Refusal::UnknownType.into())
        }
        head if begins_pdf(head) => Ok(Kind::Pdf),
        _ => Err(Refusal::UnknownType.into()),
    }
}

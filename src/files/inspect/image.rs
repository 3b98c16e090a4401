//! Pictures: only their headers are read. A few kilobytes can declare a picture that no viewer has the memory for.

use super::{Failure, Refusal};
use crate::files::kind::Kind;
use std::io::{self, BufReader, ErrorKind, Read, Seek};

/// The longest side: more than an A0 sheet at 600 dpi.
const MAX_SIDE: u32 = 30_000;
/// An A2 sheet at 600 dpi is 140 million; drawn, that is 560 MB.
const MAX_PIXELS: u64 = 150_000_000;

/// Bytes of a JPEG before its frame header that belong to no segment.
const MAX_STRAY: usize = 64 * 1024;

fn checked(kind: Kind, width: u32, height: u32) -> Result<Kind, Failure> {
    if width == 0 || height == 0 {
        return Err(Refusal::Damaged.into());
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::Bomb.into());
    }
    Ok(kind)
}

/// A header that ends too early is a damaged file, not a failing disk.
fn fill<R: Read, const N: usize>(file: &mut R) -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    match file.read_exact(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(Refusal::Damaged.into()),
        read => read.map(|()| bytes).map_err(Failure::Io),
    }
}

/// `IHDR` comes first (ISO/IEC 15948 §5.6).
pub(super) fn png<R: Read>(mut file: R) -> Result<Kind, Failure> {
    let header: [u8; 24] = fill(&mut file)?;
    let [
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        _,
        0,
        0,
        0,
        13,
        b'I',
        b'H',
        b'D',
        b'R',
        size @ ..,
    ] = header
    else {
        return Err(Refusal::Damaged.into());
    };
    let [w0, w1, w2, w3, h0, h1, h2, h3] = size;
    checked(
        Kind::Png,
        u32::from_be_bytes([w0, w1, w2, w3]),
        u32::from_be_bytes([h0, h1, h2, h3]),
    )
}

/// From marker to marker until the frame header (ITU-T T.81 annex B); where picture data begin before one, it is broken.
pub(super) fn jpeg<R: Read + Seek>(file: R) -> Result<Kind, Failure> {
    let mut file = BufReader::new(file);
    let _start: [u8; 2] = fill(&mut file)?;
    let mut stray = 0;
    loop {
        // Cameras leave bytes between segments, which readers pass over.
        while fill(&mut file)? != [0xff] {
            stray += 1;
            if stray > MAX_STRAY {
                return Err(Refusal::Damaged.into());
            }
        }
        let mut marker: [u8; 1] = fill(&mut file)?;
        // Any number of fill bytes may stand before a marker.
        while marker == [0xff] {
            marker = fill(&mut file)?;
        }
        match marker[0] {
            0x00 | 0x01 | 0xd0..=0xd7 => continue,
            0xd8..=0xda => return Err(Refusal::Damaged.into()),
            0xc0..=0xcf if !matches!(marker[0], 0xc4 | 0xc8 | 0xcc) => {
                let [_, _, _, h0, h1, w0, w1]: [u8; 7] = fill(&mut file)?;
                let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
                return checked(Kind::Jpeg, width.into(), height.into());
            }
            _ => skip(&mut file)?,
        }
    }
}

fn skip<R: Read + Seek>(file: &mut BufReader<R>) -> Result<(), Failure> {
    let length = u16::from_be_bytes(fill(file)?);
    let rest = length.checked_sub(2).ok_or(Refusal::Damaged)?;
    file.seek_relative(rest.into()).map_err(seek_failure)
}

fn seek_failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::InvalidInput => Refusal::Damaged.into(),
        _ => Failure::Io(error),
    }
}

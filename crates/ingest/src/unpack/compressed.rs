//! Single compressed streams, of one part or several.

use std::io::{self, BufReader, Read};

use crate::kind::Kind;
use crate::unpack::{SmallReads, bzip2, gzip};

/// Most memory for the dictionary of one stream: `xz -9` needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 512 << 10;
/// Widest zstd window: `zstd --ultra -22` needs 27, `--long=31` twenty times the memory.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Bytes read at a time from the packed stream.
const BUFFER: usize = 128 << 10;

/// Decodes a stream of one of the kinds for which [`is_compressed`] is true.
pub(crate) fn decode<'r>(kind: Kind, packed: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let packed = BufReader::with_capacity(BUFFER, packed);
    Ok(match kind {
        Kind::Gzip => Box::new(gzip::Decoder::new(packed)),
        Kind::Bzip2 => Box::new(bzip2::Decoder::new(packed)),
        Kind::Xz => {
            let decoder = lzma_rust2::XzReader::new_mem_limit(packed, true, XZ_MEMORY_KIB);
            Box::new(SmallReads::new(decoder))
        }
        Kind::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(SmallReads::new(decoder))
        }
        _ => return Err(io::Error::other("not a compressed stream")),
    })
}

/// Whether [`decode`] knows the kind.
pub(crate) fn is_compressed(kind: Kind) -> bool {
    matches!(kind, Kind::Gzip | Kind::Bzip2 | Kind::Xz | Kind::Zstd)
}

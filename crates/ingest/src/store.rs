//! Seekable copies of decompressed streams, so that any message can be read back at once.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use muckrake_mail::Sha256;
use sha2::Digest;
use tempfile::NamedTempFile;

use crate::error::StoreError;
use crate::unpack::sought;

/// Decoded bytes of each frame but the last.
const FRAME: usize = 1 << 20;
/// Fast, and a third of the mail's size at most; most of these copies are read once or never.
const LEVEL: i32 = 1;
/// Streams up to here are decoded again instead.
pub(crate) const KEEP_FROM: u64 = 8 << 20;

// The seek table of the zstd seekable format 0.1.0 (contrib/seekable_format of zstd).
const SKIPPABLE_MAGIC: u32 = 0x184d_2a5e;
const TABLE_MAGIC: u32 = 0x8f92_eab1;
const FOOTER: usize = 9;
const FRAME_ENTRY: usize = 8;

const ENDING: &str = ".zst";
const UNFINISHED: &str = "unfinished-";

/// A folder of seekable copies: one file for each stream, named by the SHA-256 of its decoded
/// bytes, in zstd frames of 1 MiB with the seek table of the zstd seekable format. `zstd -d`
/// reads them too.
#[derive(Clone, Debug)]
pub struct SeekableStore {
    folder: PathBuf,
}

impl SeekableStore {
    /// The store in a folder. Nothing is read or made yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file in which the copy of a stream lies, if there is one.
    pub fn path(&self, sha256: &Sha256) -> PathBuf {
        self.folder.join(format!("{sha256}{ENDING}"))
    }

    /// Opens the copy of a stream; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be opened, or its seek table is not sound.
    pub fn open(&self, sha256: &Sha256) -> Result<Option<SeekableReader>, StoreError> {
        let path = self.path(sha256);
        match File::open(&path) {
            Ok(file) => SeekableReader::new(file, path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::Read { path, source }),
        }
    }

    /// Removes a copy; false if there was none.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn remove(&self, sha256: &Sha256) -> Result<bool, StoreError> {
        remove_file(self.path(sha256))
    }

    /// The copies that are there, sorted, each with the size of its file in bytes.
    ///
    /// # Errors
    /// The folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<(Sha256, u64)>, StoreError> {
        let mut copies = Vec::new();
        self.each_file(|name, path| {
            let sha256 = name.strip_suffix(ENDING).and_then(Sha256::from_hex);
            if let (Some(sha256), Ok(metadata)) = (sha256, path.metadata()) {
                copies.push((sha256, metadata.len()));
            }
            Ok(())
        })?;
        copies.sort_unstable();
        Ok(copies)
    }

    /// Removes what a run that was killed left half written. Not to be called while a run goes on.
    ///
    /// # Errors
    /// The folder cannot be read, or a file in it cannot be removed.
    pub fn remove_unfinished(&self) -> Result<(), StoreError> {
        self.each_file(|name, path| {
            if name.starts_with(UNFINISHED) {
                remove_file(path)?;
            }
            Ok(())
        })
    }

    fn each_file(
        &self,
        mut take: impl FnMut(&str, PathBuf) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = |source| StoreError::Read {
            path: self.folder.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(read(error)),
        };
        for entry in entries {
            let entry = entry.map_err(read)?;
            if let Some(name) = entry.file_name().to_str() {
                take(name, entry.path())?;
            }
        }
        Ok(())
    }

    /// A temporary file in the folder, which is made if it is not there.
    pub(crate) fn temporary(&self) -> Result<NamedTempFile, StoreError> {
        let make = || {
            std::fs::create_dir_all(&self.folder)?;
            tempfile::Builder::new()
                .prefix(UNFINISHED)
                .tempfile_in(&self.folder)
        };
        make().map_err(|source| StoreError::Write {
            path: self.folder.clone(),
            source,
        })
    }
}

fn remove_file(path: PathBuf) -> Result<bool, StoreError> {
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::Write { path, source }),
    }
}

/// Writes a copy while its stream goes by. What is short never touches the disk.
pub(crate) struct Keeper<'a> {
    store: &'a SeekableStore,
    hasher: sha2::Sha256,
    size: u64,
    /// Decoded bytes of the frame that is being filled.
    frame: Vec<u8>,
    /// Compressed frames that are not in the file yet.
    packed: Vec<u8>,
    table: Vec<(u32, u32)>,
    file: Option<NamedTempFile>,
    failure: Option<StoreError>,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(store: &'a SeekableStore) -> Self {
        Self {
            store,
            hasher: sha2::Sha256::new(),
            size: 0,
            frame: Vec::new(),
            packed: Vec::new(),
            table: Vec::new(),
            file: None,
            failure: None,
        }
    }

    /// Decoded bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes. A failure to write is kept until [`Self::finish`].
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() && self.failure.is_none() {
            let room = FRAME - self.frame.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.frame.extend_from_slice(now);
            bytes = later;
            if self.frame.len() == FRAME
                && let Err(error) = self.end_frame()
            {
                self.failure = Some(error);
            }
        }
    }

    fn end_frame(&mut self) -> Result<(), StoreError> {
        let write = |source| StoreError::Write {
            path: self.store.folder.clone(),
            source,
        };
        self.hasher.update(&self.frame);
        let packed = zstd::bulk::compress(&self.frame, LEVEL).map_err(write)?;
        // Frames are 1 MiB at most, compressed a little more at worst.
        self.table
            .push((packed.len() as u32, self.frame.len() as u32));
        self.packed.extend_from_slice(&packed);
        self.frame.clear();
        if self.size > KEEP_FROM {
            self.write_packed()?;
        }
        Ok(())
    }

    fn write_packed(&mut self) -> Result<(), StoreError> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.store.temporary()?,
        };
        let written = file.write_all(&self.packed);
        self.packed.clear();
        let path = file.path().to_owned();
        self.file = Some(file);
        written.map_err(|source| StoreError::Write { path, source })
    }

    /// Ends the copy and puts it in its place, safe on disk.
    pub(crate) fn finish(mut self) -> Result<(Sha256, u64), StoreError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if !self.frame.is_empty() {
            self.end_frame()?;
        }
        self.push_table();
        self.write_packed()?;
        let sha256 = Sha256(std::mem::take(&mut self.hasher).finalize().into());
        let path = self.store.path(&sha256);
        let write = |source| StoreError::Write {
            path: path.clone(),
            source,
        };
        if let Some(file) = self.file.take() {
            file.as_file().sync_all().map_err(write)?;
            let (_, aside) = file.keep().map_err(|error| write(error.error))?;
            if let Err(error) = std::fs::rename(&aside, &path) {
                // What stays has the name of what is unfinished, and goes with the next run.
                let _ = std::fs::remove_file(&aside);
                return Err(write(error));
            }
            // The new name is on disk once its folder is.
            if let Ok(folder) = File::open(&self.store.folder) {
                folder.sync_all().map_err(write)?;
            }
        }
        Ok((sha256, self.size))
    }

    /// The seek table: a skippable frame with the sizes of all frames, and a footer.
    fn push_table(&mut self) {
        let length = self.table.len() * FRAME_ENTRY + FOOTER;
        self.packed
            .extend_from_slice(&SKIPPABLE_MAGIC.to_le_bytes());
        self.packed
            .extend_from_slice(&(length as u32).to_le_bytes());
        for (packed, decoded) in &self.table {
            self.packed.extend_from_slice(&packed.to_le_bytes());
            self.packed.extend_from_slice(&decoded.to_le_bytes());
        }
        self.packed
            .extend_from_slice(&(self.table.len() as u32).to_le_bytes());
        self.packed.push(0);
        self.packed.extend_from_slice(&TABLE_MAGIC.to_le_bytes());
    }
}

/// A seekable copy, read as the stream that it is a copy of.
#[derive(Debug)]
pub struct SeekableReader {
    file: File,
    /// Where each frame begins in the file, and last where the table does.
    starts: Vec<u64>,
    size: u64,
    position: u64,
    /// The frame decoded last, and its number.
    frame: Vec<u8>,
    number: Option<usize>,
}

impl SeekableReader {
    fn new(mut file: File, path: PathBuf) -> Result<Self, StoreError> {
        match Self::read_table(&mut file) {
            Ok(Some((starts, size))) => Ok(Self {
                file,
                starts,
                size,
                position: 0,
                frame: Vec::new(),
                number: None,
            }),
            Ok(None) => Err(StoreError::Damaged {
                path,
                detail: "its seek table does not fit its frames",
            }),
            Err(source) => Err(StoreError::Read { path, source }),
        }
    }

    /// Where the frames begin, and the decoded size; `None` where the table is not sound.
    fn read_table(file: &mut File) -> io::Result<Option<(Vec<u64>, u64)>> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut footer = [0; FOOTER];
        let Some(footer_start) = length.checked_sub(FOOTER as u64) else {
            return Ok(None);
        };
        file.seek(SeekFrom::Start(footer_start))?;
        file.read_exact(&mut footer)?;
        let [n0, n1, n2, n3, descriptor, magic @ ..] = footer;
        let frames = u32::from_le_bytes([n0, n1, n2, n3]) as usize;
        let entries = frames as u64 * FRAME_ENTRY as u64;
        let Some(entries_start) = footer_start.checked_sub(entries) else {
            return Ok(None);
        };
        if u32::from_le_bytes(magic) != TABLE_MAGIC || descriptor != 0 {
            return Ok(None);
        }
        let mut table = vec![0; frames * FRAME_ENTRY];
        file.seek(SeekFrom::Start(entries_start))?;
        file.read_exact(&mut table)?;
        Ok(read_entries(&table, entries_start))
    }

    /// Bytes of the stream.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn load(&mut self, number: usize) -> io::Result<()> {
        if self.number == Some(number) {
            return Ok(());
        }
        let (Some(start), Some(end)) = (self.starts.get(number), self.starts.get(number + 1))
        else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        self.number = None;
        let mut packed = vec![0; (end - start) as usize];
        self.file.seek(SeekFrom::Start(*start))?;
        self.file.read_exact(&mut packed)?;
        self.frame = zstd::bulk::decompress(&packed, FRAME)?;
        self.number = Some(number);
        Ok(())
    }
}

fn read_entries(table: &[u8], entries_start: u64) -> Option<(Vec<u64>, u64)> {
    let frames = table.len() / FRAME_ENTRY;
    let mut starts = Vec::with_capacity(frames + 1);
    let mut start = 0u64;
    let mut size = 0u64;
    for (number, entry) in table.chunks_exact(FRAME_ENTRY).enumerate() {
        let [p0, p1, p2, p3, d0, d1, d2, d3] = *entry else {
            return None;
        };
        let decoded = u32::from_le_bytes([d0, d1, d2, d3]) as usize;
        if decoded > FRAME || (decoded < FRAME && number + 1 < frames) {
            return None;
        }
        starts.push(start);
        start += u64::from(u32::from_le_bytes([p0, p1, p2, p3]));
        size += decoded as u64;
    }
    starts.push(start);
    // Before the entries stand the magic and the length of their frame.
    (start + 8 == entries_start).then_some((starts, size))
}

impl Read for SeekableReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let number = (self.position / FRAME as u64) as usize;
        let within = (self.position % FRAME as u64) as usize;
        self.load(number)?;
        let bytes = self.frame.get(within..).unwrap_or_default();
        let count = bytes.len().min(buffer.len());
        if count == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a frame is shorter than told",
            ));
        }
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SeekableReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = sought(to, self.position, self.size)?;
        Ok(self.position)
    }
}

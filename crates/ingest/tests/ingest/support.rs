//! Invented mail, ways to pack it, and a sink that keeps everything.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use muckrake_ingest::{
    Aids, Counters, FoundMessage, IngestError, Item, ItemState, Kind, Known, Limits, MailboxTally,
    Outcome, Place, ReadBack, ReadError, Record, Request, SeekableStore, Sink, SinkError,
    SourceEnd, Stored, Unread, run,
};
use muckrake_mail::Sha256;
use sha2::Digest;
use tempfile::TempDir;

/// A message by an invented person; `number` makes it one of its own.
pub(crate) fn mail(number: usize) -> Vec<u8> {
    format!(
        "From: Anne Example <anne@agency.example>\r\n\
         To: Bob Sample <bob@vendor.example>\r\n\
         Subject: Contract {number}\r\n\
         Date: Wed, 11 May 2016 10:{:02}:00 -0400\r\n\
         Message-ID: <{number}@agency.example>\r\n\
         \r\n\
         The contract {number} is attached.\r\n",
        number % 60
    )
    .into_bytes()
}

/// An mbox of messages with `\n` line ends, as most are.
pub(crate) fn mbox(numbers: std::ops::Range<usize>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in numbers {
        bytes.extend_from_slice(b"From anne@agency.example Wed May 11 14:00:00 2016\n");
        bytes.extend(mail(number).into_iter().filter(|byte| *byte != b'\r'));
        bytes.push(b'\n');
    }
    bytes
}

/// An mbox of more than 8 MiB in few messages.
pub(crate) fn long_mbox() -> Vec<u8> {
    let line = b"As was agreed, the vendor delivers by the end of the month and not later.\n";
    let mut bytes = Vec::new();
    for number in 0..200 {
        bytes.extend(mbox(number..number + 1));
        bytes.pop();
        bytes.extend(std::iter::repeat_n(line, 600).flatten());
        bytes.push(b'\n');
    }
    assert!(bytes.len() > 8 << 20);
    bytes
}

pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(0);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::bulk::compress(bytes, 1).unwrap()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(members, zip_options())
}

pub(crate) fn zip_options() -> zip::write::SimpleFileOptions {
    zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)
}

pub(crate) fn zip_with<'k, T: zip::write::FileOptionExtension + Copy>(
    members: &[(&str, &[u8])],
    options: zip::write::FileOptions<'k, 'k, T>,
) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn seven_zip(members: &[(&str, &[u8])], password: Option<&str>) -> Vec<u8> {
    let mut writer = sevenz_rust2::ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    if let Some(password) = password {
        writer.set_encrypt_header(false);
        writer.set_content_methods(vec![
            sevenz_rust2::encoder_options::AesEncoderOptions::new(password.into()).into(),
            sevenz_rust2::EncoderMethod::LZMA2.into(),
        ]);
    }
    for (name, bytes) in members {
        let entry = sevenz_rust2::ArchiveEntry::new_file(name);
        writer.push_archive_entry(entry, Some(*bytes)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A folder of sources, a store, and what a run is given.
pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) limits: Limits,
    pub(crate) passwords: Vec<String>,
    pub(crate) known: Known,
    pub(crate) counters: Counters,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("release")).unwrap();
        Self {
            folder,
            // What reads PDFs may be installed or not; what is expected here is the same.
            limits: Limits {
                pdf_seconds: 0,
                ..Limits::default()
            },
            passwords: Vec::new(),
            known: Known::new(),
            counters: Counters::new(),
        }
    }

    /// The folder that is ingested, as the system sees it.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("release")
    }

    pub(crate) fn store(&self) -> SeekableStore {
        SeekableStore::new(&self.folder.path().join("copies"))
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn try_run(
        &self,
        roots: &[PathBuf],
        sink: &mut dyn Sink,
    ) -> Result<Outcome, IngestError> {
        let cancel = AtomicBool::new(false);
        run(
            &Request {
                roots,
                exclude: &[],
                known: &self.known,
                limits: &self.limits,
                passwords: &self.passwords,
                store: &self.store(),
                ocr: None,
                cancel: &cancel,
                counters: &self.counters,
            },
            sink,
        )
    }

    pub(crate) fn run(&self) -> Records {
        let mut records = Records::default();
        let outcome = self.try_run(&[self.root()], &mut records).unwrap();
        assert!(!outcome.interrupted);
        records.check_order();
        records
    }

    /// Writes one file and reads it alone.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Records {
        let bench = Self::new();
        bench.write(name, bytes);
        bench.run()
    }

    /// Reads one message with nothing open yet.
    pub(crate) fn read_back(
        &self,
        source: &Path,
        records: &Records,
        message: &FoundMessage,
    ) -> Result<Vec<u8>, ReadError> {
        let store = self.store();
        read_in(&mut self.reading(&store), source, records, message)
    }

    pub(crate) fn reading<'a>(&'a self, store: &'a SeekableStore) -> ReadBack<'a> {
        ReadBack::new(Aids {
            store,
            passwords: &self.passwords,
            limits: &self.limits,
        })
    }
}

/// Reads one message with what is open already.
pub(crate) fn read_in(
    reading: &mut ReadBack<'_>,
    source: &Path,
    records: &Records,
    message: &FoundMessage,
) -> Result<Vec<u8>, ReadError> {
    let stored = records
        .stored()
        .map(|stored| (stored.path_inside.clone(), stored.sha256))
        .collect();
    let place = Place {
        source,
        path_inside: message.path_inside.as_deref(),
        offset: message.offset,
        length: message.length,
    };
    reading.read(place, &stored)
}

/// A sink that keeps everything.
#[derive(Default, Debug)]
pub(crate) struct Records(pub(crate) Vec<Record>);

impl Sink for Records {
    fn accept(&mut self, record: Record) -> Result<(), SinkError> {
        self.0.push(record);
        Ok(())
    }
}

impl Records {
    pub(crate) fn messages(&self) -> impl Iterator<Item = &FoundMessage> {
        self.0.iter().filter_map(|record| match record {
            Record::Message(message) => Some(&**message),
            _ => None,
        })
    }

    /// Path inside, offset and length of each message.
    pub(crate) fn places(&self) -> Vec<(Option<&str>, u64, u64)> {
        self.messages()
            .map(|message| {
                (
                    message.path_inside.as_deref(),
                    message.offset,
                    message.length,
                )
            })
            .collect()
    }

    pub(crate) fn paths(&self) -> Vec<&str> {
        self.messages()
            .map(|message| message.path_inside.as_deref().unwrap_or("-"))
            .collect()
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.0.iter().filter_map(|record| match record {
            Record::Item(item) => Some(item),
            _ => None,
        })
    }

    pub(crate) fn unread(&self) -> impl Iterator<Item = &Unread> {
        self.0.iter().filter_map(|record| match record {
            Record::Unread(unread) => Some(unread),
            _ => None,
        })
    }

    /// Reasons of everything unread, items and ranges.
    pub(crate) fn reasons(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|record| match record {
                Record::Unread(unread) => Some(unread.reason.clone()),
                Record::Item(Item {
                    state: ItemState::Unread { reason },
                    ..
                }) => Some(reason.clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn stored(&self) -> impl Iterator<Item = &Stored> {
        self.0.iter().filter_map(|record| match record {
            Record::Stored(stored) => Some(stored),
            _ => None,
        })
    }

    pub(crate) fn tallies(&self) -> impl Iterator<Item = &MailboxTally> {
        self.0.iter().filter_map(|record| match record {
            Record::Mailbox(tally) => Some(tally),
            _ => None,
        })
    }

    pub(crate) fn ends(&self) -> impl Iterator<Item = &SourceEnd> {
        self.0.iter().filter_map(|record| match record {
            Record::SourceEnd(end) => Some(end),
            _ => None,
        })
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.ends().map(|end| end.kind).collect()
    }

    pub(crate) fn count(&self, wanted: fn(&Record) -> bool) -> usize {
        self.0.iter().filter(|record| wanted(record)).count()
    }

    /// Sources do not interleave, and each has its end.
    pub(crate) fn check_order(&self) {
        let mut open = false;
        for record in &self.0 {
            match record {
                Record::SourceStart(_) => {
                    assert!(!open);
                    open = true;
                }
                Record::SourceEnd(_) => {
                    assert!(open);
                    open = false;
                }
                Record::SourceSame(_) | Record::Link(_) | Record::Unreadable(_) => assert!(!open),
                _ => assert!(open),
            }
        }
        assert!(!open);
    }
}

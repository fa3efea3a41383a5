//! 7z archives.

use std::io::{Read, Seek};

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::names::Names;
use super::{Member, ReadSeek, SmallReads, Stop, Visitor, encrypted_reason, skip};

/// Most memory for the dictionary or model of one packed block, in KiB.
const MEMORY_KIB: usize = 512 << 10;

/// Walks the members in the order in which they are packed, then those without bytes.
pub(crate) fn walk(
    file: &mut dyn ReadSeek,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let opened = match open(file, passwords) {
        Ok(opened) => opened,
        Err(error) => return visitor.trouble(None, reason(&error, passwords)),
    };
    let mut walk = Walk {
        file,
        archive: &opened.archive,
        names: unique_names(&opened.archive),
        passwords,
        password: opened.password,
    };
    for block in 0..walk.archive.blocks.len() {
        walk.block(block, visitor)?;
    }
    walk.members_without_bytes(visitor)
}

struct Opened {
    archive: Archive,
    password: Password,
}

/// Reads the directory, which may itself be encrypted.
fn open(file: &mut dyn ReadSeek, passwords: &[String]) -> Result<Opened, Error> {
    let mut file = file;
    let mut failed = None;
    let first = std::iter::once(Password::empty());
    for password in first.chain(passwords.iter().map(|text| Password::new(text))) {
        match Archive::read_with_memory_limit(&mut file, &password, MEMORY_KIB) {
            Ok(archive) => return Ok(Opened { archive, password }),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or(Error::PasswordRequired))
}

fn reason(error: &Error, passwords: &[String]) -> String {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => encrypted_reason(passwords),
        Error::Io(error, _) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the archive is truncated; its directory is at its end".to_owned()
        }
        other => other.to_string(),
    }
}

/// A name for each entry, in the order of the directory.
fn unique_names(archive: &Archive) -> Vec<String> {
    let mut names = Names::default();
    archive
        .files
        .iter()
        .map(|entry| {
            if entry.is_directory() {
                String::new()
            } else {
                names.unique(entry.name())
            }
        })
        .collect()
}

struct Walk<'a> {
    file: &'a mut dyn ReadSeek,
    archive: &'a Archive,
    names: Vec<String>,
    passwords: &'a [String],
    password: Password,
}

impl Walk<'_> {
    fn block(&mut self, block: usize, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        let Some(first) = self
            .archive
            .stream_map
            .block_first_file_index
            .get(block)
            .copied()
        else {
            return Ok(());
        };
        if self.archive.is_file_encrypted(first) && !self.find_password(block) {
            return self.encrypted(block, visitor);
        }
        let mut index = first;
        let mut stopped = Ok(());
        let mut opened = None;
        let names = &self.names;
        let result = decoder(self.archive, block, &self.password, &mut self.file).for_each_entries(
            &mut |entry: &ArchiveEntry, data: &mut dyn Read| {
                let name = names.get(index).map_or("", String::as_str);
                index += 1;
                if entry.is_directory() || !entry.has_stream() || !visitor.wants(name) {
                    return Ok(true);
                }
                opened = Some(index);
                let member = Member {
                    name,
                    packed: None,
                    decoded: true,
                    at: None,
                };
                stopped = visitor.member(member, &mut SmallReads::new(data));
                Ok(stopped.is_ok())
            },
        );
        stopped?;
        match result {
            Ok(_) => Ok(()),
            Err(error) => {
                // The member in which it failed has told of it; those after it are told here.
                let rest = names.get(index..).unwrap_or_default();
                let end = self.block_end(block);
                let more = rest
                    .iter()
                    .take(end.saturating_sub(index))
                    .filter(|name| !name.is_empty());
                let reason = reason(&error, self.passwords);
                let mut told = opened == Some(index);
                for name in more {
                    visitor.trouble(Some(name), format!("in a damaged block: {reason}"))?;
                    told = true;
                }
                if told {
                    Ok(())
                } else {
                    visitor.trouble(None, reason)
                }
            }
        }
    }

    /// One past the last entry of a block.
    fn block_end(&self, block: usize) -> usize {
        let map = &self.archive.stream_map.file_block_index;
        map.iter()
            .rposition(|of| *of == Some(block))
            .map_or(0, |last| last + 1)
    }

    /// Makes the password the one that opens a block. Only the check value at the end of a member
    /// tells, so where there is a choice the first member is read through.
    fn find_password(&mut self, block: usize) -> bool {
        if self.passwords.len() <= 1 && !self.password.is_empty() {
            return true;
        }
        if let [only] = self.passwords {
            self.password = Password::new(only);
            return true;
        }
        for text in self.passwords {
            let password = Password::new(text);
            let mut fits = false;
            let tried = decoder(self.archive, block, &password, &mut self.file).for_each_entries(
                &mut |_: &ArchiveEntry, data: &mut dyn Read| {
                    fits = skip(data, u64::MAX).is_ok();
                    Ok(false)
                },
            );
            if tried.is_ok() && fits {
                self.password = password;
                return true;
            }
        }
        false
    }

    fn encrypted(&self, block: usize, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        let map = &self.archive.stream_map.file_block_index;
        for (name, of) in self.names.iter().zip(map) {
            if *of == Some(block) && !name.is_empty() {
                visitor.trouble(Some(name), encrypted_reason(self.passwords))?;
            }
        }
        Ok(())
    }

    fn members_without_bytes(&self, visitor: &mut dyn Visitor) -> Result<(), Stop> {
        for (name, entry) in self.names.iter().zip(&self.archive.files) {
            if !entry.is_directory()
                && !entry.has_stream()
                && !entry.is_anti_item()
                && visitor.wants(name)
            {
                let member = Member {
                    name,
                    packed: None,
                    decoded: true,
                    at: None,
                };
                visitor.member(member, &mut std::io::empty())?;
            }
        }
        Ok(())
    }
}

fn decoder<'a, R: Read + Seek>(
    archive: &'a Archive,
    block: usize,
    password: &'a Password,
    file: &'a mut R,
) -> BlockDecoder<'a, R> {
    // One thread: the decoder's own threads would keep dictionaries of their own.
    BlockDecoder::new_with_memory_limit(1, MEMORY_KIB, block, archive, password, file)
}

//! Input that is meant to do harm: to memory, to the stack, to a terminal, to a spreadsheet,
//! to the folder beside the one that is read.
//!
//! Large ones are made when they are needed; [`small`] are also in `fixtures/hostile`.

mod letters;

use std::io;
use std::io::Cursor;
use std::io::Seek;
use std::io::Write;

use zip::CompressionMethod;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::attachment::stored_zip;

pub use letters::Hostile;
pub use letters::readme;
pub use letters::small;

/// A message in a message in a message, `depth` deep, each with header fields of its own.
pub fn nested_messages(depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for level in 0..depth {
        out.extend(
            format!(
                "From: level{level}@deep.example\nSubject: level {level}\nMessage-ID: <level{level}@deep.example>\n\
                 Date: Tue, 14 Jun 2022 16:52:10 -0400\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
            )
            .bytes(),
        );
    }
    out.extend(b"From: bottom@deep.example\nSubject: bottom\nDate: Tue, 14 Jun 2022 16:52:10 -0400\n\nThe bottom of the well.\n");
    out
}

/// A multipart in a multipart, `depth` deep.
pub fn nested_multiparts(depth: usize) -> Vec<u8> {
    let mut out = head("nested multiparts");
    for level in 0..depth {
        out.extend(
            format!("Content-Type: multipart/mixed; boundary=\"b{level}\"\n\n--b{level}\n").bytes(),
        );
    }
    out.extend(b"Content-Type: text/plain\n\nThe innermost part.\n");
    for level in (0..depth).rev() {
        out.extend(format!("--b{level}--\n").bytes());
    }
    out
}

/// A multipart of `count` small parts; the last says so.
pub fn many_parts(count: usize) -> Vec<u8> {
    let mut out = head("many parts");
    out.extend(b"Content-Type: multipart/mixed; boundary=\"b\"\n\n");
    for part in 0..count {
        let text = if part + 1 == count {
            "the last part"
        } else {
            "x"
        };
        out.extend(format!("--b\nContent-Type: text/plain\n\n{text}\n").bytes());
    }
    out.extend(b"--b--\n");
    out
}

/// A message with one header field of `bytes` bytes on one line, and a body behind it.
pub fn huge_header(bytes: usize) -> Vec<u8> {
    let mut out = head("huge header");
    out.extend(b"X-Padding: ");
    out.resize(out.len() + bytes, b'x');
    out.extend(b"\n\nThe body behind a huge header.\n");
    out
}

/// A message with `count` addresses in To.
pub fn many_recipients(count: usize) -> Vec<u8> {
    let mut out = head("many recipients");
    out.extend(b"To: first@crowd.example");
    for number in 1..count {
        out.extend(format!(",\n Number {number} <n{number}@crowd.example>").bytes());
    }
    out.extend(b"\n\nTo everybody.\n");
    out
}

/// Writes at least `bytes` bytes of text with no line that begins an mbox message after the first.
///
/// # Errors
///
/// Those of `out`.
pub fn write_mbox_without_separator(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    out.write_all(b"From nobody@nowhere.example Tue Jun 14 20:52:10 2022\nSubject: endless\nFrom: nobody@nowhere.example\n\n")?;
    let line = b"This line goes on like the one before it, and From the next one nothing new is to be expected either.\n";
    let block = line.repeat(640);
    let mut written = 0;
    while written < bytes {
        out.write_all(&block)?;
        written += block.len() as u64;
    }
    Ok(())
}

/// A zip in a zip, `depth` deep, with one message at the bottom.
pub fn nested_zip(depth: usize) -> Vec<u8> {
    let mut inner = head("bottom of the zips");
    inner.extend(b"\nFound at the bottom.\n");
    let mut name = "message.eml".to_owned();
    for level in 0..depth {
        inner = stored_zip(std::iter::once((name.as_str(), inner.as_slice())));
        name = format!("level{level}.zip");
    }
    inner
}

/// Writes a zip of a few kilobytes for each megabyte of `unpacked`: a message whose body is zeros.
///
/// # Errors
///
/// Those of `out`.
pub fn write_zip_bomb(out: impl Write + Seek, unpacked: u64) -> io::Result<()> {
    let mut writer = ZipWriter::new(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .large_file(unpacked > u64::from(u32::MAX / 2));
    writer.start_file("bomb.eml", options)?;
    writer.write_all(&head("bomb"))?;
    writer.write_all(b"\n")?;
    let block = vec![b'0'; 1 << 20];
    let mut left = unpacked;
    while left > 0 {
        let size = left.min(block.len() as u64) as usize;
        writer.write_all(&block[..size])?;
        left -= size as u64;
    }
    writer.finish()?;
    Ok(())
}

/// A zip whose members have names that lead out of the folder, onto a drive, to a device, and one that is sound.
pub fn climbing_zip() -> Vec<u8> {
    let names = [
        "../../outside.eml",
        "/absolute.eml",
        "C:\\Windows\\drive.eml",
        "..\\..\\backslash.eml",
        "a/../../b/../../dots.eml",
        "CON",
        "\u{1b}[2Jscreen.eml",
        "annual\u{202e}lme.exe",
        "inside/sound.eml",
    ];
    let members: Vec<Vec<u8>> = (0..names.len())
        .map(|number| {
            let mut message = head(&format!("member {number}"));
            message.extend(format!("\nMember {number} of the climbing zip.\n").bytes());
            message
        })
        .collect();
    stored_zip(names.into_iter().zip(members.iter().map(Vec::as_slice)))
}

/// A zip of these members, stored under their names as they are.
pub fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    stored_zip(members.iter().copied())
}

/// A zip of five messages, cut within the third: no directory at its end.
pub fn truncated_zip() -> Vec<u8> {
    let names: Vec<String> = (0..5).map(|number| format!("{number}.eml")).collect();
    let body = [
        head("member").as_slice(),
        b"\n",
        b"0123456789 abcdef\n".repeat(40).as_slice(),
    ]
    .concat();
    let mut whole = stored_zip(names.iter().map(|name| (name.as_str(), body.as_slice())));
    whole.truncate(body.len() * 5 / 2);
    whole
}

/// A zip whose one member is encrypted with a password (AES-256).
pub fn encrypted_zip(password: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .with_aes_encryption(zip::AesMode::Aes256, password);
    // Writing to memory fails only on names and sizes that this member does not have.
    writer
        .start_file("locked.eml", options)
        .expect("the name is short");
    writer
        .write_all(&head("locked"))
        .expect("memory takes every write");
    writer
        .write_all(b"\nBehind a password.\n")
        .expect("memory takes every write");
    writer
        .finish()
        .expect("memory takes every write")
        .into_inner()
}

/// Sound header fields, without the empty line behind them; of the subject only letters and digits go into the id.
fn head(subject: &str) -> Vec<u8> {
    let id: String = subject
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(30)
        .collect();
    format!(
        "From: Mallory Quince <mallory@hostile.example>\nTo: desk@newsroom.example\nSubject: {subject}\n\
         Date: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <{id}@hostile.example>\nMIME-Version: 1.0\n"
    )
    .into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use zip::ZipArchive;

    fn count(bytes: &[u8], what: &str) -> usize {
        memchr::memmem::find_iter(bytes, what.as_bytes()).count()
    }

    #[test]
    fn nesting_is_as_deep_as_asked() {
        assert_eq!(
            count(&nested_messages(1000), "Content-Type: message/rfc822"),
            1000
        );
        let parts = nested_multiparts(1000);
        assert_eq!(
            (count(&parts, "boundary="), count(&parts, "--\n")),
            (1000, 1000)
        );
        assert_eq!(count(&many_parts(20_000), "--b\n"), 20_000);
        assert!(huge_header(10_000_000).len() > 10_000_000);
        assert_eq!(count(&many_recipients(500), "@crowd.example"), 500);
    }

    #[test]
    fn the_endless_mbox_has_one_separator() {
        let mut out = Vec::new();
        write_mbox_without_separator(&mut out, 1_000_000).unwrap();
        assert!(out.len() >= 1_000_000);
        assert_eq!(count(&out, "\nFrom "), 0);
    }

    #[test]
    fn zips_open_as_they_should() {
        let mut bytes = nested_zip(100);
        for _ in 0..100 {
            let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
            let mut inner = Vec::new();
            io::copy(&mut archive.by_index(0).unwrap(), &mut inner).unwrap();
            bytes = inner;
        }
        assert!(bytes.starts_with(b"From: Mallory"));
        let climbing = ZipArchive::new(Cursor::new(climbing_zip())).unwrap();
        assert_eq!(
            climbing.name_for_index(0).unwrap().unwrap(),
            "../../outside.eml"
        );
        assert_eq!(climbing.len(), 9);
        assert!(ZipArchive::new(Cursor::new(truncated_zip())).is_err());
        let mut locked = ZipArchive::new(Cursor::new(encrypted_zip("tide"))).unwrap();
        assert!(locked.by_index(0).is_err());
        assert!(locked.by_index_decrypt(0, b"tide").is_ok());
    }

    #[test]
    fn the_bomb_is_small_until_it_is_opened() {
        let mut out = Cursor::new(Vec::new());
        write_zip_bomb(&mut out, 50_000_000).unwrap();
        assert!(out.get_ref().len() < 100_000, "{}", out.get_ref().len());
        let mut archive = ZipArchive::new(out).unwrap();
        assert!(archive.by_index(0).unwrap().size() > 50_000_000);
    }
}

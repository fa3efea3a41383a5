//! Sound archives with members as hostile as the bytes that they are made from: what a fuzzer
//! seldom reaches by itself, since checksums have to be right.

const FOLDERS: &[&str] = &[
    "",
    "../",
    "a/",
    "mail/cur/",
    "Inbox.mbox/",
    "C:\\",
    "!/",
    "/",
    "./",
];
const ENDINGS: &[&str] = &["", ".eml", ".mbox", ".zip", ".gz", "/", ".", ":2,S", "#2"];

/// A tar or zip of the members that the bytes tell: for each a byte for folder and ending, one
/// for the length of its name, two for that of its content, then both.
pub fn from_bytes(bytes: &[u8]) -> Vec<u8> {
    let Some((kind, rest)) = bytes.split_first() else {
        return Vec::new();
    };
    let members = members(rest);
    let mut archive = match kind % 3 {
        0 => tar(&members),
        1 => zip(&members, true),
        _ => zip(&members, false),
    };
    // One in four loses its end.
    if kind % 16 >= 12 {
        archive.truncate(archive.len() * usize::from(*kind) / 256);
    }
    archive
}

struct Member<'b> {
    name: Vec<u8>,
    content: &'b [u8],
}

fn members(mut rest: &[u8]) -> Vec<Member<'_>> {
    let mut members = Vec::new();
    while let Some((told, after)) = rest.split_first_chunk::<4>() {
        let (name, after) = after.split_at(after.len().min(usize::from(told[1])));
        let length = usize::from(u16::from_le_bytes([told[2], told[3]]));
        let (content, after) = after.split_at(after.len().min(length));
        let folder = FOLDERS[usize::from(told[0]) % FOLDERS.len()];
        let ending = ENDINGS[usize::from(told[0]) / FOLDERS.len() % ENDINGS.len()];
        let name = [folder.as_bytes(), name, ending.as_bytes()].concat();
        members.push(Member { name, content });
        rest = after;
    }
    members
}

/// POSIX.1-1988 ustar; long names by the GNU extension.
fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for member in members {
        if member.name.len() > 100 {
            tar_entry(&mut archive, b"././@LongLink", b'L', &member.name);
        }
        tar_entry(&mut archive, &member.name, b'0', member.content);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn tar_entry(archive: &mut Vec<u8>, name: &[u8], kind: u8, content: &[u8]) {
    let mut header = [0u8; 512];
    let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
    put(0, &name[..name.len().min(100)]);
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", content.len()).as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend(header);
    archive.extend(content);
    archive.resize(archive.len().next_multiple_of(512), 0);
}

/// Stored members (APPNOTE.TXT §4.3); `whole` has the directory at its end.
fn zip(members: &[Member<'_>], whole: bool) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let at = archive.len() as u32;
        // From "version needed" to the lengths of name and extra field, the same in both headers.
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        fields.extend(crc32(member.content).to_le_bytes());
        fields.extend((member.content.len() as u32).to_le_bytes());
        fields.extend((member.content.len() as u32).to_le_bytes());
        fields.extend((member.name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        archive.extend([b"PK\x03\x04", &*fields, &*member.name, member.content].concat());
        directory.extend(
            [
                b"PK\x01\x02\x14\0",
                &*fields,
                &[0; 10],
                &at.to_le_bytes(),
                &*member.name,
            ]
            .concat(),
        );
    }
    if whole {
        let (at, count) = (archive.len() as u32, members.len() as u16);
        archive.extend(&directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        archive.extend((directory.len() as u32).to_le_bytes());
        archive.extend(at.to_le_bytes());
        archive.extend([0, 0]);
    }
    archive
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

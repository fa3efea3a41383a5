//! Microsoft compound files ([MS-CFB]): which program wrote one.

use crate::kind::Kind;

const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// A directory entry ([MS-CFB] §2.6.1).
const ENTRY: usize = 128;
/// Directory sectors looked at; the streams that tell the program are among the first.
const MOST_SECTORS: usize = 256;

/// Streams and storages by which a program is known.
const NAMES: &[(&str, Kind)] = &[
    ("__properties_version1.0", Kind::Msg),
    ("__nameid_version1.0", Kind::Msg),
    ("WordDocument", Kind::Document),
    ("Workbook", Kind::Spreadsheet),
    ("Book", Kind::Spreadsheet),
    ("PowerPoint Document", Kind::Presentation),
    ("VisioDocument", Kind::Image),
];

/// Whether a file starts as a compound file does.
pub(crate) fn is_compound(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}

/// The kind of a compound file, told by the first names of its directory.
pub(crate) fn kind(head: &[u8]) -> Kind {
    read_kind(head).unwrap_or(Kind::Compound)
}

fn read_kind(head: &[u8]) -> Option<Kind> {
    let shift = u32::from(u16_at(head, 30)?);
    let sector_size = 1usize
        .checked_shl(shift)
        .filter(|size| matches!(size, 512 | 4096))?;
    let mut sector = u32_at(head, 48)?;
    for _ in 0..MOST_SECTORS {
        let start = (sector as usize).checked_add(1)?.checked_mul(sector_size)?;
        let bytes = head.get(start..start.checked_add(sector_size)?)?;
        if let Some(kind) = bytes.chunks_exact(ENTRY).find_map(entry_kind) {
            return Some(kind);
        }
        sector = next_sector(head, sector, sector_size)?;
    }
    None
}

/// The sector after one in its chain, by the table whose first 109 sectors the header lists.
fn next_sector(head: &[u8], sector: u32, sector_size: usize) -> Option<u32> {
    let per_sector = sector_size / 4;
    let table = sector as usize / per_sector;
    if table >= 109 {
        return None;
    }
    let table_sector = u32_at(head, 76 + 4 * table)? as usize;
    let start = table_sector.checked_add(1)?.checked_mul(sector_size)?;
    let next = u32_at(head, start.checked_add(4 * (sector as usize % per_sector))?)?;
    // Values from here on say that the chain ends.
    (next < 0xffff_fffa).then_some(next)
}

fn entry_kind(entry: &[u8]) -> Option<Kind> {
    let length = usize::from(u16_at(entry, 64)?)
        .checked_sub(2)
        .filter(|length| *length <= 62)?;
    let units = entry.get(..length)?.chunks_exact(2);
    let name: String = char::decode_utf16(units.map(|pair| u16::from_le_bytes([pair[0], pair[1]])))
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A compound file of three sectors: a header, an allocation table, a directory.
    fn compound(names: &[&str]) -> Vec<u8> {
        let mut file = vec![0u8; 512 * 3];
        file[..8].copy_from_slice(SIGNATURE);
        file[30] = 9;
        file[48] = 1;
        file[76] = 0;
        // In the table: sector 1, the directory, ends its chain.
        file[516..520].copy_from_slice(&0xffff_fffeu32.to_le_bytes());
        for (number, name) in names.iter().enumerate() {
            let entry = &mut file[1024 + ENTRY * number..][..ENTRY];
            for (at, unit) in name.encode_utf16().enumerate() {
                entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
            }
            entry[64] = (2 * name.len() + 2) as u8;
        }
        file
    }

    #[test]
    fn programs_are_known_by_their_streams() {
        let cases = [
            (&["Root Entry", "__nameid_version1.0"][..], Kind::Msg),
            (&["Root Entry", "1Table", "WordDocument"], Kind::Document),
            (&["Root Entry", "Workbook"], Kind::Spreadsheet),
            (&["Root Entry", "Other"], Kind::Compound),
        ];
        for (names, wanted) in cases {
            assert_eq!(kind(&compound(names)), wanted, "{names:?}");
        }
    }

    #[test]
    fn damage_is_no_more_than_unknown() {
        let whole = compound(&["Root Entry", "__nameid_version1.0"]);
        for length in [8, 30, 52, 512, 1100] {
            assert_eq!(kind(&whole[..length]), Kind::Compound);
        }
        let mut looping = compound(&["Root Entry"]);
        looping[516..520].copy_from_slice(&1u32.to_le_bytes());
        assert_eq!(kind(&looping), Kind::Compound);
    }
}

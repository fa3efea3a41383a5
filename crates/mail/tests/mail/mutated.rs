//! Damaged copies of the fixtures: nothing panics, nothing that is listed is missing.

use std::fs;

use muckrake_mail::DefectCode;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::parse;
use muckrake_mail::part_bytes;
use proptest::prelude::*;

use crate::fixtures::mails;

fn seeds() -> Vec<Vec<u8>> {
    let paths = [mails("rfc"), mails("malformed"), mails("hostile")].concat();
    paths
        .iter()
        .map(|path| fs::read(path).unwrap())
        .filter(|raw| raw.len() < 100_000)
        .collect()
}

/// Pieces that steer a parser.
const PIECES: [&[u8]; 20] = [
    b"\n",
    b"\r\n",
    b"\n\n",
    b"--",
    b"\n--outer\n",
    b"\n--b\n",
    b"=?utf-8?Q?",
    b"?=",
    b"=\n",
    b"=3D",
    b"\"",
    b"<",
    b">",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n",
    b"\xff\xfe",
    b"\x00",
    b"<!--",
    b"begin 644 x\n",
];

#[derive(Clone, Debug)]
enum Damage {
    Insert(usize, usize),
    Replace(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (any::<usize>(), 1usize..200).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<usize>(), 1usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn apply(raw: &mut Vec<u8>, damage: &Damage) {
    let place = |at: usize| at % (raw.len() + 1);
    match *damage {
        Damage::Insert(at, piece) => {
            let at = place(at);
            raw.splice(at..at, PIECES[piece].iter().copied());
        }
        Damage::Replace(at, byte) => {
            let at = place(at);
            if let Some(old) = raw.get_mut(at) {
                *old = byte;
            }
        }
        Damage::Remove(at, length) => {
            let at = place(at);
            let end = (at + length).min(raw.len());
            raw.drain(at..end);
        }
        Damage::Repeat(at, length) => {
            let at = place(at);
            let piece: Vec<u8> = raw[at..(at + length).min(raw.len())].to_vec();
            raw.splice(at..at, piece);
        }
    }
}

fn check(message: &Message, raw: &[u8]) {
    assert!(
        message
            .defects
            .iter()
            .all(|defect| defect.code != DefectCode::Unparsable),
        "{:?}",
        message.defects
    );
    for file in &message.attachments {
        let bytes = part_bytes(raw, &file.part, &Limits::default()).unwrap();
        assert_eq!(bytes.len() as u64, file.size);
    }
    for part in &message.body {
        assert!(part_bytes(raw, &part.part, &Limits::default()).is_some());
        let mut end = 0;
        for zone in &part.zones {
            assert_eq!(zone.start, end);
            end = zone.end;
        }
        assert!(part.zones.is_empty() || end as usize == part.text.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_mail_never_panics(seed in any::<usize>(), damages in prop::collection::vec(damage(), 1..12)) {
        let seeds = seeds();
        let mut raw = seeds[seed % seeds.len()].clone();
        for damage in &damages {
            apply(&mut raw, damage);
        }
        check(&parse(&raw, &Limits::default()), &raw);
    }

    #[test]
    fn any_bytes_never_panic(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        check(&parse(&raw, &Limits::default()), &raw);
    }

    #[test]
    fn tight_limits_never_panic(seed in any::<usize>(), small in 0usize..4, bytes in 0usize..64) {
        let seeds = seeds();
        let raw = &seeds[seed % seeds.len()];
        let limits = Limits { header_bytes: bytes, header_block_bytes: 4 * bytes, nesting: small, parts: small, body_text_bytes: bytes, attachment_text_bytes: bytes };
        let message = parse(raw, &limits);
        prop_assert!(message.defects.iter().all(|defect| defect.code != DefectCode::Unparsable));
    }
}

//! Reads single messages and says into which zones their texts are cut: a line for each zone, with
//! the file, the part, a digest of the text, the kind, the depth, and the first and last line.
//!
//! `cargo run --release -p muckrake-mail --example cut_zones -- FILE…`

#![allow(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::path::Path;

use muckrake_mail::Limits;
use muckrake_mail::TextPart;
use muckrake_mail::ZoneKind;
use muckrake_mail::parse;
use sha2::Digest;
use sha2::Sha256;

fn main() -> std::io::Result<()> {
    for file in std::env::args().skip(1) {
        let message = parse(&std::fs::read(&file)?, &Limits::default());
        for part in &message.body {
            print(Path::new(&file), part);
        }
    }
    Ok(())
}

fn print(file: &Path, part: &TextPart) {
    let digest = Sha256::digest(part.text.as_bytes());
    let digest: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut first = 1;
    for zone in &part.zones {
        let text = &part.text[zone.start as usize..zone.end as usize];
        let ended = text.ends_with('\n');
        let ends = text.bytes().filter(|&byte| byte == b'\n').count();
        let last = first + ends - usize::from(ended);
        let kind = match zone.kind {
            ZoneKind::Author => "author",
            ZoneKind::Quoted => "quoted",
            ZoneKind::Forwarded => "forwarded",
            ZoneKind::Signature => "signature",
            ZoneKind::Disclaimer => "disclaimer",
        };
        println!(
            "{}\t{}\t{digest}\t{kind}\t{}\t{first}\t{last}",
            file.display(),
            part.part,
            zone.depth
        );
        // A zone may begin within a line.
        first = last + usize::from(ended);
    }
}

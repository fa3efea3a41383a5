//! The words by which notices, footers and warnings are told, and the search for all of them at once.

use std::sync::LazyLock;

/// Cue words of confidentiality notices; several of them make one.
const NOTICES: &[&str] = &[
    "confidential",
    "privileged",
    "intended recipient",
    "intended only",
    "intended solely",
    "only for the use",
    "solely for the",
    "in error",
    "notify the sender",
    "notify us",
    "delete ",
    "destroy",
    "prohibited",
    "unauthorized",
    "disclosure",
    "dissemination",
    "copying",
    "addressee",
    "subject to review",
    "incoming and outgoing",
    "purchase or sale",
    "solicitation",
    "be monitored",
    "virus",
    "liability",
    "not necessarily",
    "views expressed",
    "legally binding",
    "vertraulich",
    "empfänger",
    "irrtümlich",
    "vernichten",
    "unbefugt",
    "confidentiel",
    "destinataire",
    "par erreur",
    "confidencial",
    "destinatario",
    "destinatário",
    "por error",
    "por engano",
    "riservat",
    "per errore",
    "vertrouwelijk",
    "geadresseerde",
    "保密",
    "收件人",
    "禁止",
    "错收",
];

/// Words with which notices and their headings start.
pub(super) const NOTICE_STARTS: &[&str] = &[
    "confidential",
    "privileged",
    "notice",
    "disclaimer",
    "important notice",
    "legal notice",
    "this e-mail",
    "this email",
    "this electronic",
    "this message",
    "this communication",
    "this transmission",
    "this document",
    "the information contained",
    "the information in this",
    "the information transmitted",
    "the contents of this",
    "if you are not the",
];

/// Cue words of what mailing lists and portals put under messages; all of one row, in lower case.
const FOOTERS: &[&[&str]] = &[
    &["to unsubscribe", "send"],
    &["to unsubscribe", "visit"],
    &["to unsubscribe", "http"],
    &["unsubscribe", "listinfo"],
    &["unsubscribe", "list archive"],
    &["unsubscribe", "majordomo"],
    &["subscription", "unsubscribe", "http"],
    &["mailing list", "listinfo"],
    &["mailing list", "/mailman"],
    &["mailing list", "mlist"],
    &["you are receiving this", "because"],
    &["received this message because you"],
    &["unsubscribe", "subject line"],
    &["prefer not to receive"],
    &["do not wish to receive"],
    &["to stop receiving", "unsubscribe"],
    &["to change your", "address", "send"],
    &["wish to stop receiving", "http"],
    &["yahoo! groups sponsor"],
    &["your use of yahoo! groups is subject to"],
    &["do you yahoo!?"],
    &["get your free", "http"],
    &["get your private, free", "http"],
    &["by signing up for a free", "http"],
    &["pentru dezabonare"],
    &["zum abbestellen", "http"],
    &["se désabonner", "http"],
    &["para cancelar la suscripción"],
];

/// Words of which a footer has one that a case may learn from few senders.
pub(super) const FOOTER_CUES: &[&str] = &[
    "confidential",
    "intended recipient",
    "intended only",
    "privileged",
    "disclaimer",
    "originated outside",
    "outside of the organization",
    "external email",
    "do not click",
    "unsubscribe",
    "mailing list",
    "vertraulich",
    "confidentiel",
    "confidencial",
    "riservat",
];

/// Cue words of warnings that mail comes from outside; all of one row.
const BANNERS: &[&[&str]] = &[
    &["originated", "outside"],
    &["originated", "external"],
    &["external email", "caution"],
    &["external sender", "caution"],
    &["outside of the organization", "links"],
    &["external email", "links"],
];

/// Of so many bytes is the beginning of a cue by which it is found.
const HEAD: usize = 4;
/// For each number that a head may have, one place; a power of two.
const PLACES: usize = 1 << 11;

/// Cues made ready to be looked for all at once.
struct Ready {
    cues: Vec<&'static str>,
    /// For each place which of `heads` is there.
    places: [u8; PLACES],
    /// The cues whose heads have one place, as bits of `cues`; at first none.
    heads: Vec<u128>,
    notices: u128,
    footers: Vec<(u128, &'static str)>,
    banners: Vec<u128>,
}

static READY: LazyLock<Ready> = LazyLock::new(Ready::new);

impl Ready {
    fn new() -> Self {
        let mut ready = Self {
            cues: Vec::new(),
            places: [0; PLACES],
            heads: vec![0],
            notices: 0,
            footers: Vec::new(),
            banners: Vec::new(),
        };
        ready.notices = ready.take(NOTICES);
        for row in FOOTERS {
            let first = row.first().copied().unwrap_or_default();
            let cues = ready.take(row);
            ready.footers.push((cues, first));
        }
        for row in BANNERS {
            let cues = ready.take(row);
            ready.banners.push(cues);
        }
        for (at, cue) in ready.cues.iter().enumerate() {
            let Some(head) = cue.as_bytes().first_chunk() else {
                continue;
            };
            let place = &mut ready.places[place(*head)];
            if *place == 0 {
                *place = u8::try_from(ready.heads.len()).unwrap_or(0);
                ready.heads.push(0);
            }
            ready.heads[usize::from(*place)] |= 1 << at;
        }
        ready
    }

    /// Takes some cues, each once, and gives their bits.
    fn take(&mut self, cues: &[&'static str]) -> u128 {
        let mut bits = 0;
        for cue in cues {
            let at = self.cues.iter().position(|known| known == cue);
            let at = at.unwrap_or_else(|| {
                self.cues.push(cue);
                self.cues.len() - 1
            });
            bits |= 1 << at;
        }
        bits
    }
}

/// The place of a head: a number that few others share.
fn place(head: [u8; HEAD]) -> usize {
    let number = u32::from_le_bytes(head).wrapping_mul(0x9E37_79B1);
    (number >> 16) as usize % PLACES
}

/// The cues that a passage holds.
#[derive(Clone, Copy)]
pub(super) struct Cues(u128);

impl Cues {
    /// Of a passage in lower case.
    pub(super) fn of(passage: &str) -> Self {
        let ready = &*READY;
        let passage = passage.as_bytes();
        let mut found = 0;
        for (at, head) in passage.windows(HEAD).enumerate() {
            let heads = ready.places[place([head[0], head[1], head[2], head[3]])];
            if heads == 0 {
                continue;
            }
            let mut possible = ready.heads[usize::from(heads)] & !found;
            while possible != 0 {
                let cue = possible.trailing_zeros();
                if passage[at..].starts_with(ready.cues[cue as usize].as_bytes()) {
                    found |= 1 << cue;
                }
                possible &= possible - 1;
            }
        }
        Self(found)
    }

    /// How many of the cues of confidentiality notices.
    pub(super) fn notices(self) -> u32 {
        (self.0 & READY.notices).count_ones()
    }

    /// The first cue of each row of [`FOOTERS`] that is there as a whole.
    pub(super) fn footers(self) -> impl Iterator<Item = &'static str> {
        let rows = READY.footers.iter();
        rows.filter(move |(row, _)| self.0 & row == *row)
            .map(|(_, first)| *first)
    }

    /// Whether they are those of a warning that mail comes from outside.
    pub(super) fn tell_banner(self) -> bool {
        READY.banners.iter().any(|row| self.0 & row == *row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cue_is_found_wherever_it_stands() {
        assert!(READY.cues.len() <= 128, "each has a bit");
        for cue in NOTICES.iter().chain(FOOTERS.concat().iter()) {
            assert!(cue.len() >= HEAD, "{cue}");
            assert_eq!(*cue, cue.to_lowercase());
        }
        for cue in NOTICES {
            for passage in [
                (*cue).to_owned(),
                format!("xx{cue}"),
                format!("{cue}{cue}yy"),
            ] {
                let others = NOTICES.iter().filter(|other| passage.contains(**other));
                assert_eq!(
                    Cues::of(&passage).notices() as usize,
                    others.count(),
                    "{cue}"
                );
            }
        }
        for row in FOOTERS {
            let passage = format!("a {} b", row.join(" c "));
            assert!(Cues::of(&passage).footers().any(|first| first == row[0]));
            let cut = &passage[..passage.len() - 3];
            let holds = |row: &&&[&str]| row.iter().all(|cue| cut.contains(cue));
            let rows = FOOTERS.iter().filter(holds).count();
            assert_eq!(Cues::of(cut).footers().count(), rows, "{cut}");
        }
        for row in BANNERS {
            assert!(Cues::of(&row.join(" ")).tell_banner());
        }
        for passage in ["", "a", "con", "outside originating"] {
            let cues = Cues::of(passage);
            assert!(cues.notices() == 0 && !cues.tell_banner() && cues.footers().next().is_none());
        }
    }
}

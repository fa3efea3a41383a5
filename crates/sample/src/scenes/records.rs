//! September to December 2022: a reporter asks, two agencies answer, an auditor reads.

use super::Act;
use super::BASE;
use super::Scene;
use crate::attachment::File;
use crate::attachment::csv;
use crate::attachment::docx;
use crate::attachment::note;
use crate::mail::Held;

fn search_terms() -> Vec<File> {
    vec![csv(
        "search terms.csv",
        "term,custodians,hits\n2021-CV-00417,14,1422\nBrackwater,14,1309\n\"change order no. 3\",14,203\nTidegate,14,1914\n",
    )]
}

fn no_records() -> Vec<File> {
    vec![docx(
        "Determination FOIL-2022-0193.docx",
        &["After a diligent search this office has located no responsive records."],
    )]
}

fn findings() -> Vec<File> {
    vec![note(
        "Preliminary findings (draft 2).txt",
        "AUDIT OF CONTRACT 2021-CV-00417 - PRELIMINARY FINDINGS - DRAFT\n\n\
         F-1 The score sheets were changed after the proposals were opened.\n\
         F-2 Change Order No. 3 was divided into two orders, neither of which went to the Council.\n\
         F-3 $615,000 was paid for cofferdam standby at a pier without a cofferdam.\n\
         F-4 Officials used private accounts for the business of the City.\n",
    )]
}

#[rustfmt::skip]
pub(super) static SCENES: &[Scene] = &[
    Scene {
        key: "foil", at: "2022-09-06 10:01:33", from: "ordway", to: &["achterberg", "castellan"],
        subject: "FOIL request: contract 2021-CV-00417 (Brackwater Controls)",
        text: "Dear Ms. Achterberg, dear Ms. Castellan,\n\nUnder the Freedom of Information Law I request all email of January 2021 to August 2022 \
               in which contract 2021-CV-00417, Brackwater Controls or Change Order No. 3 is mentioned, of the following officials: Marisol Tervane, \
               Desmond Okafor-Lyle, Ingrid Halvorsen-Pike, Tobias Wrenfield, Orrin Vale, Thea Lindqvist-Moreau and Gideon Parrish. I ask for \
               electronic form with all headers and attachments.\n\nSincerely,\nTamsin Ordway\nThe Rivermouth Courier",
        ..BASE
    },
    Scene {
        key: "foil-search", at: "2022-09-14 15:40:57", from: "achterberg", to: &["stallybrass"], cc: &["feyzi"],
        subject: "FOIL-2022-0193: search", files: search_terms, held: Held::ProcurementOnly,
        text: "Owen,\n\nPlease run the attached terms over the mailboxes of our fourteen custodians and tell me the numbers before anybody reads \
               anything.",
        ..BASE
    },
    Scene {
        key: "foil-search-2", at: "2022-09-16 09:12:04", from: "stallybrass", to: &["achterberg"], cc: &["feyzi"], act: Act::Answer("foil-search"),
        text: "1,914 messages after removing duplicates, of which 611 have somebody at the Mayor's Office on them. The export took eleven minutes, \
               so I would not call it a burden, if that is what I am being asked.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "foil-burden", at: "2022-09-27 16:59:00", from: "achterberg", to: &["ordway"], bcc: &["feyzi", "lindqvist"],
        act: Act::Answer("foil"),
        text: "Dear Ms. Ordway,\n\nThe Bureau of Procurement has located 1,914 emails that may be responsive. Reviewing them would place an undue \
               burden on the agency. You are invited to narrow your request.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "foil-coordinate", at: "2022-09-28 08:45:13", from: "lindqvist", to: &["castellan"], cc: &["ashgrove"],
        subject: "FOIL-2022-0193", held: Held::MayorOnly,
        text: "Miriam,\n\nProcurement is saying burden. Our position is that this office does not keep records of individual contracts. Please \
               answer in that sense. Whatever exists is theirs to release.",
        ..BASE
    },
    Scene {
        key: "foil-coordinate-2", at: "2022-09-28 09:30:50", from: "castellan", to: &["lindqvist"], cc: &["ashgrove"], act: Act::Answer("foil-coordinate"),
        text: "I can only certify a search that was made. Shall I make one?", held: Held::MayorOnly, ..BASE
    },
    Scene {
        key: "foil-none", at: "2022-10-06 16:30:00", from: "castellan", to: &["ordway"], cc: &["ashgrove"], files: no_records,
        act: Act::Answer("foil"),
        text: "Dear Ms. Ordway,\n\nAfter a diligent search the Office of the Mayor has located no records responsive to your request. You may appeal \
               within thirty days to the undersigned's supervisor.",
        held: Held::MayorOnly, ..BASE
    },
    Scene {
        key: "foil-appeal", at: "2022-10-20 11:11:11", from: "ordway", to: &["castellan", "achterberg"], act: Act::Answer("foil-none"),
        text: "Dear Ms. Castellan,\n\nI appeal. Your own press office wrote about the contract on May 11, 2021, and Procurement counts 611 messages \
               with your office on them. Both cannot be true.",
        ..BASE
    },
    Scene {
        key: "audit", at: "2022-11-02 10:05:00", from: "rainsford", to: &["tervane"], cc: &["ketteridge"], subject: "Audit of contract 2021-CV-00417: entrance letter",
        held: Held::ProcurementOnly,
        text: "Director Tervane,\n\nThe Comptroller will audit the award and the change orders of the above contract. Please preserve all records, \
               including text messages and private accounts that were used for the business of the City.",
        ..BASE
    },
    Scene {
        key: "audit-2", at: "2022-11-02 10:58:21", from: "tervane", to: &["okafor", "halvorsen", "wrenfield", "sundaresh", "motley", "oyelaran"], cc: &["feyzi"],
        act: Act::Forward("audit"),
        text: "Nothing is to be deleted from this hour on. If you have wondered whether something counts, it counts.", held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "audit-findings", at: "2022-12-08 14:36:42", from: "rainsford", to: &["tervane", "lindqvist"], cc: &["ketteridge"],
        subject: "2021-CV-00417: preliminary findings for comment", files: findings, held: Held::ProcurementOnly,
        text: "Attached are our preliminary findings. Written comments are due by December 22. They will be printed with the report.",
        ..BASE
    },
    Scene {
        key: "audit-chain", at: "2022-12-09 09:20:15", from: "halvorsen", to: &["rainsford"], cc: &["tervane"], subject: "What Calvin received, as messages",
        held: Held::ProcurementOnly, carries: &["walkthrough-2"],
        text: "Odette, as you asked: Calvin's copy of the walkthrough mail, attached whole. It has Bertrand's own message inside it.",
        ..BASE
    },
];

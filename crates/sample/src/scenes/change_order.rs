//! May to August 2022: the third change order, and what was billed under it.

use super::Act;
use super::BASE;
use super::Scene;
use crate::attachment::File;
use crate::attachment::csv;
use crate::attachment::docx;
use crate::attachment::note;
use crate::attachment::page;
use crate::attachment::pdf;
use crate::attachment::photo;
use crate::mail::Held;

fn proposal() -> Vec<File> {
    vec![
        pdf(
            "Change_Order_No_3_proposal.pdf",
            "Brackwater Controls LLC - Proposal, Change Order No. 3 - $4,150,000.00",
        ),
        csv(
            "CO3 price breakdown.csv",
            "item,description,quantity,unit,unit price,amount\n\
             3.01,Acceleration of pier cabling,1,lump sum,1260000,1260000\n\
             3.02,Replacement level sensors,96,each,11250,1080000\n\
             3.03,Cofferdam standby,74,day,15000,1110000\n\
             3.04,Extended site supervision,14,week,50000,700000\n",
        ),
    ]
}

fn split_proposal() -> Vec<File> {
    vec![docx(
        "CO 3A and 3B (draft).docx",
        &["Change Order 3A: $2,340,000", "Change Order 3B: $1,810,000"],
    )]
}

fn invoice() -> Vec<File> {
    vec![csv(
        "INV-1031 detail.csv",
        "invoice,period,item,description,days,rate,amount\n\
         INV-1031,2022-06,3.01,Acceleration of pier cabling,,,420000.00\n\
         INV-1031,2022-06,3.03,Cofferdam standby Pier 9,41,15000.00,615000.00\n\
         INV-1031,2022-06,3.04,Extended site supervision,,,200000.00\n",
    )]
}

fn walkthrough() -> Vec<File> {
    vec![
        note(
            "Pier 9 walkthrough notes 2022-06-09.txt",
            "Pier 9 walkthrough, June 9 2022, 7:40 to 9:15, low water\n\n\
             Present: B. Oyelaran, A. Velisarov, B. Salgueiro\n\n\
             1. Gate frame: level, paint fresh.\n\
             2. Sensors: 22 of 96 mounted, 9 of those without cable.\n\
             3. No cofferdam in place. Sheet piles are stacked on the quay, still banded, rust on the top row.\n\
             4. Supervisor's trailer locked; neighbour says nobody since the second week of May.\n\
             5. Standby crew: none seen.\n",
        ),
        photo("IMG_2217.png"),
        photo("IMG_2218.png"),
    ]
}

fn diary() -> Vec<File> {
    vec![page(
        "Site diary May-June 2022.html",
        "Site diary, Pier 9",
        &[
            "2022-05-11: crane off hire.",
            "2022-05-13: crew of four sent to another job by D. Corrigan-Voss.",
            "2022-06-03: delivery refused, gate locked.",
            "2022-06-20: cofferdam standby claimed for each calendar day since May 9, weekends included.",
        ],
    )]
}

fn final_order() -> Vec<File> {
    vec![pdf(
        "2021-CV-00417 CO3 executed.pdf",
        "Executed: Change Order No. 3A and 3B, Contract 2021-CV-00417",
    )]
}

#[rustfmt::skip]
pub(super) static SCENES: &[Scene] = &[
    Scene {
        key: "co3-proposal", at: "2022-05-16 08:47:12", from: "strood", to: &["halvorsen"], cc: &["corrigan", "mcgillivray"],
        subject: "2021-CV-00417 - Change Order No. 3 - proposal", files: proposal, held: Held::ProcurementOnly,
        text: "Ingrid,\n\nPlease find attached our proposal for Change Order No. 3 in the amount of $4,150,000. It covers the acceleration that \
               the Deputy Mayor's office has asked for, the replacement sensors, and the time that our marine crew has been kept waiting at \
               Pier 9.\n\nWe would be grateful for a notice to proceed by the end of the month.",
        ..BASE
    },
    Scene {
        key: "co3-question", at: "2022-05-17 10:26:03", from: "halvorsen", to: &["okafor", "wrenfield"], cc: &["kowalczyk"], act: Act::Forward("co3-proposal"),
        held: Held::ProcurementOnly,
        text: "Desmond, Tobias,\n\nThis came in last night. I know of no request for acceleration; does either of you? With CO 1 and CO 2 we are \
               at $852,000. This one alone is over the four million that takes it to the Council.",
        ..BASE
    },
    Scene {
        key: "co3-okafor", at: "2022-05-17 14:55:38", from: "okafor", to: &["halvorsen"], cc: &["wrenfield", "kowalczyk"], act: Act::Answer("co3-question"),
        text: "I asked Thea. The Deputy Mayor told the vendor to accelerate at the ribbon cutting in April. Nothing in writing.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "co3-ask", at: "2022-05-19 19:22:40", from: "tervane", to: &["vale"], cc: &["lindqvist"],
        subject: "Change Order No. 3 (2021-CV-00417)", held: Held::ProcurementOnly,
        text: "Deputy Mayor,\n\nBrackwater has sent us Change Order No. 3 for $4.15 million and says that your office asked for it. I need two \
               things before I can move it: the request in writing, and a decision on the Council calendar. As it stands it has to go to the \
               finance committee.\n\nMarisol",
        ..BASE
    },
    Scene {
        key: "co3-not-council", at: "2022-05-19 22:41:09", from: "vale", to: &["tervane"], cc: &["lindqvist"], act: Act::Answer("co3-ask"),
        text: "Not the Council. Not in June. Find another way to paper it.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "co3-home", at: "2022-05-20 06:58:13", from: "vale-home", to: &["corrigan"], bcc: &["lindqvist"],
        subject: "the third one", held: Held::MayorOnly,
        text: "Dale - use this address for now.\n\nCan your people send Change Order No. 3 again as two pieces, each under four? Procurement needs \
               something that it can sign without a hearing. Thea will tell you the numbers that work.",
        ..BASE
    },
    Scene {
        key: "co3-ghost", at: "2022-05-20 09:30:44", from: "corrigan", to: &["vale-home"],
        subject: "numbers", held: Held::Nowhere,
        text: "2.34 and 1.81. We keep the standby in the first one. Ivo will not like it but he will book it.",
        ..BASE
    },
    Scene {
        key: "co3-numbers", at: "2022-05-20 11:15:27", from: "vale-home", to: &["lindqvist"], act: Act::Answer("co3-ghost"), held: Held::MayorOnly,
        text: "See below. Print it for me, do not file it.",
        ..BASE
    },
    Scene {
        key: "co3-split", at: "2022-05-24 16:03:51", from: "lindqvist", to: &["okafor"], cc: &["wrenfield"], bcc: &["vale"],
        subject: "CO 3A / 3B", files: split_proposal, held: Held::ProcurementOnly,
        text: "Desmond,\n\nAs discussed on the phone, a draft that treats the sensors and the supervision apart from the rest. Two orders, each \
               within your Director's own authority. We would like both signed before the recess and would rather not see Change Order No. 3 \
               as such on any agenda.",
        ..BASE
    },
    Scene {
        key: "co3-split-2", at: "2022-05-24 17:20:33", from: "wrenfield", to: &["lindqvist", "okafor"], act: Act::Answer("co3-split"),
        text: "Splitting a change to stay below a threshold is exactly what Rule 4-02(c) forbids. I am the contracting officer and it is my \
               signature. I will not sign it on that footing.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "co3-split-3", at: "2022-05-25 08:12:00", from: "lindqvist", to: &["okafor"], act: Act::Answer("co3-split-2"), held: Held::ProcurementOnly,
        text: "Can somebody else be acting contracting officer that week? Please call, do not write.",
        ..BASE
    },
    Scene {
        key: "walkthrough", at: "2022-06-09 12:33:19", from: "oyelaran", to: &["halvorsen"], cc: &["velisarov", "salgueiro"],
        subject: "Pier 9 walkthrough this morning", files: walkthrough, held: Held::ProcurementOnly,
        text: "Ingrid, notes and two pictures attached.\n\nFrom the quay you can see straight to the sill: there is nothing in the water. I have \
               been inspecting this pier since March and there never was.",
        ..BASE
    },
    Scene {
        key: "walkthrough-2", at: "2022-06-09 13:01:46", from: "halvorsen", to: &["motley"], cc: &["okafor", "oyelaran"], act: Act::Forward("walkthrough"),
        text: "Calvin, before you pay anything for June please read Bertrand's notes, point 3 above all.",
        carries: &["walkthrough"], held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "co3-pressure", at: "2022-06-14 16:52:10", from: "lindqvist", to: &["tervane"], cc: &["vale", "ashgrove"],
        subject: "Change Order No. 3 - timing",
        text: "Marisol,\n\nThe Mayor cuts the ribbon at Pier 9 on July 21 and the vendor will not return to the site without a signed order. The \
               Deputy Mayor's instruction is that Change Order No. 3 be executed as 3A and 3B by June 30. Felix sees no legal obstacle provided \
               that the two have different scopes. If your contracting officer is unable, please name one who is able.",
        ..BASE
    },
    Scene {
        key: "co3-acting", at: "2022-06-27 09:03:12", from: "tervane", to: &["okafor", "wrenfield"], cc: &["abernethy"],
        subject: "Acting Agency Chief Contracting Officer, June 28 to July 5", held: Held::ProcurementOnly,
        text: "Tobias will be on leave from tomorrow. Desmond is acting contracting officer with full authority until July 5. June, please post \
               the designation.",
        ..BASE
    },
    Scene {
        key: "co3-executed", at: "2022-06-30 17:44:58", from: "okafor", to: &["strood", "corrigan"], cc: &["halvorsen", "lindqvist", "motley"],
        subject: "2021-CV-00417 - Change Orders 3A and 3B executed", files: final_order,
        text: "Both orders were executed this afternoon. Please treat this message as notice to proceed. They replace your proposal of May 16 \
               for Change Order No. 3.",
        ..BASE
    },
    Scene {
        key: "co3-thanks", at: "2022-06-30 18:20:02", from: "corrigan", to: &["okafor"], cc: &["lindqvist"], bcc: &["vale-home"], act: Act::Answer("co3-executed"),
        text: "Thank you all. We will not forget it.",
        ..BASE
    },
    Scene {
        key: "co3-wrenfield", at: "2022-07-06 08:31:25", from: "wrenfield", to: &["rainsford"], cc: &[], act: Act::Forward("co3-executed"), held: Held::ProcurementOnly,
        text: "Odette,\n\nI was on leave when this was signed, at nobody's wish but theirs. The correspondence that went before it is attached as \
               messages, so that you have the headers. I ask that you treat it as a referral under section 93 of the audit rules.",
        carries: &["co3-split-2", "co3-not-council"], ..BASE
    },
    Scene {
        key: "invoice", at: "2022-07-11 15:08:36", from: "pasternek", to: &["motley"], cc: &["strood"],
        subject: "Invoice INV-1031, June 2022, 2021-CV-00417", files: invoice, held: Held::ProcurementOnly,
        text: "Dear Mr. Motley,\n\nPlease find attached our invoice for June in the amount of $1,235,000.00. Payment within 30 days is \
               appreciated.",
        ..BASE
    },
    Scene {
        key: "invoice-2", at: "2022-07-12 09:44:20", from: "motley", to: &["halvorsen"], cc: &["oyelaran"], act: Act::Forward("invoice"),
        text: "Forty-one days at fifteen thousand for waiting at Pier 9. June has thirty. What am I looking at?",
        files: invoice, held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "invoice-3", at: "2022-07-12 10:06:51", from: "halvorsen", to: &["motley"], cc: &["oyelaran", "okafor"], act: Act::Answer("invoice-2"),
        text: "Hold it. Bertrand has the site diary and will send it round. Nothing is to be paid against 3.03 until Desmond says so in writing.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "diary", at: "2022-07-13 07:15:30", from: "oyelaran", to: &["halvorsen", "motley"], subject: "Site diary", files: diary,
        text: "Exported from the tablet. Read the last line.", held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "pay-it", at: "2022-07-15 20:11:44", from: "vale", to: &["okafor"], subject: "Brackwater", held: Held::ProcurementOnly,
        text: "I hear that an invoice is stuck. The Mayor is at Pier 9 in six days. Pay it and argue later.",
        ..BASE
    },
    Scene {
        key: "pay-it-2", at: "2022-07-18 08:20:17", from: "okafor", to: &["motley"], cc: &["halvorsen"], act: Act::Forward("pay-it"),
        text: "Calvin, please release INV-1031 in full. I take responsibility.", held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "paid", at: "2022-07-19 11:30:00", from: "motley", to: &["okafor", "halvorsen"], cc: &["pasternek"], act: Act::Answer("pay-it-2"),
        text: "Released today under protest. I have put my objection into the payment file.", held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "ribbon", at: "2022-07-20 16:18:29", from: "adeyemi", to: &["vasterling"], cc: &["lindqvist", "parrish"],
        subject: "Talking points: Pier 9, Thursday",
        text: "Mayor, three points for tomorrow:\n\n1. On time and on budget. Do not mention Change Order No. 3 or the number four million.\n2. Local \
               company, local jobs.\n3. The gates move twice a day. Please do not touch the panel, it is not connected.",
        ..BASE
    },
    Scene {
        key: "ribbon-2", at: "2022-07-20 17:02:08", from: "vasterling", to: &["adeyemi"], act: Act::Answer("ribbon"),
        text: "Why is it not connected?", ..BASE
    },
    Scene {
        key: "mailmerge-1", at: "2022-08-03 09:00:00", from: "langtry", to: &["parrish"], subject: "An evening on the river",
        text: "Brackwater Controls invites you to an evening on the river on August 25. Boats leave from Pier 9 at seven. Families are welcome.", ..BASE
    },
    Scene {
        key: "mailmerge-2", at: "2022-08-03 09:00:00", from: "langtry", to: &["parrish"], subject: "An evening on the river",
        text: "Brackwater Controls invites you to an evening on the river on August 25. Boats leave from Pier 9 at seven. Families are welcome.", ..BASE
    },
];

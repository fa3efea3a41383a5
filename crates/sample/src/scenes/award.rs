//! January to June 2021: the proposals are rated, the contract is awarded and registered.

use super::Act;
use super::BASE;
use super::Scene;
use crate::attachment::File;
use crate::attachment::csv;
use crate::attachment::docx;
use crate::attachment::invitation;
use crate::attachment::pdf;
use crate::mail::Held;
use crate::moment::Moment;
use crate::people::person;

fn scores() -> Vec<File> {
    vec![csv(
        "Evaluation scores EPIN 85721P0009.csv",
        "proposer,technical,price,references,total\n\
         Loch & Sluice Engineering,84.0,61.5,78.0,76.4\n\
         Brackwater Controls LLC,71.5,80.0,66.0,73.2\n\
         Haventide Automation,69.0,64.0,70.5,67.9\n",
    )]
}

fn revised_scores() -> Vec<File> {
    vec![csv(
        "Evaluation scores EPIN 85721P0009 (rev 2).csv",
        "proposer,technical,price,references,local presence,total\n\
         Brackwater Controls LLC,74.5,80.0,66.0,95.0,77.8\n\
         Loch & Sluice Engineering,84.0,61.5,78.0,40.0,74.9\n\
         Haventide Automation,69.0,64.0,70.5,35.0,65.2\n",
    )]
}

fn recommendation() -> Vec<File> {
    vec![
        docx(
            "Recommendation for award 2021-CV-00417.docx",
            &[
                "Recommendation for Award",
                "The committee recommends Brackwater Controls LLC for Contract 2021-CV-00417.",
            ],
        ),
        pdf(
            "Vendor responsibility determination.pdf",
            "Vendor responsibility determination: Brackwater Controls LLC",
        ),
    ]
}

fn kickoff() -> Vec<File> {
    let guests = ["strood", "mcgillivray", "velisarov", "oyelaran", "parrish"].map(person);
    vec![invitation(
        "Kickoff: Tidegate Monitoring and Control System (2021-CV-00417)",
        "Harbor Department\\, 3rd floor conference room",
        Moment::city("2021-06-08 10:00:00"),
        person("halvorsen"),
        &guests,
    )]
}

#[rustfmt::skip]
pub(super) static SCENES: &[Scene] = &[
    Scene {
        key: "rating", at: "2021-02-09 11:21:34", from: "sundaresh", to: &["halvorsen", "wrenfield"], cc: &["mcgillivray"],
        subject: "Tidegate RFP: committee scores", files: scores, held: Held::ProcurementOnly,
        text: "Ingrid, Tobias,\n\nThe five score sheets are in and the averages are attached. Loch & Sluice is first by a little over three \
               points, almost all of it on the technical volume. Brackwater is the cheapest but three raters noted that their telemetry \
               has never been run on a tidal site.\n\nI have locked the workbook. If anybody wants to change a score I will need the \
               reason in writing.\n\nPriya",
        ..BASE
    },
    Scene {
        key: "rating-2", at: "2021-02-09 13:02:10", from: "halvorsen", to: &["sundaresh"], cc: &["wrenfield"], act: Act::Answer("rating"),
        held: Held::ProcurementOnly,
        text: "Thank you Priya. Please hold the memo to the file until I have spoken to Marisol. The Mayor's Office has asked for a \
               briefing before the ranking leaves the building.",
        ..BASE
    },
    Scene {
        key: "local-presence", at: "2021-02-17 17:48:55", from: "lindqvist", to: &["tervane"], cc: &["vale"],
        subject: "Tidegate evaluation criteria", held: Held::ProcurementOnly,
        text: "Marisol,\n\nOrrin would like the committee to look again at local presence. It was in the draft of the RFP and he does not \
               recall agreeing to drop it. A vendor with people in the city is worth something when a gate sticks at two in the \
               morning.\n\nCan this be done without reissuing? He is free after 4 on Thursday.",
        ..BASE
    },
    Scene {
        key: "local-presence-2", at: "2021-02-18 09:05:41", from: "tervane", to: &["lindqvist"], cc: &["vale", "feyzi"],
        act: Act::Answer("local-presence"),
        text: "Thea, a criterion that was not published cannot be scored. Nadia is copied and will say the same. If the Deputy Mayor wants \
               it in, we reissue and lose ten weeks.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "local-presence-3", at: "2021-02-18 18:31:07", from: "vale", to: &["tervane"], act: Act::Answer("local-presence-2"),
        text: "Addendum 2 has a sentence on response times. Read it generously.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "rating-3", at: "2021-03-02 10:12:00", from: "wrenfield", to: &["sundaresh", "halvorsen"], cc: &["tervane"],
        subject: "Tidegate RFP: committee scores, second round", files: revised_scores,
        text: "All,\n\nThe committee met again on Friday. Following Addendum 2 response time has been rated as a factor of its own. Please \
               replace the earlier table with the one attached and destroy working copies.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "rating-4", at: "2021-03-02 10:40:19", from: "sundaresh", to: &["wrenfield"], cc: &["halvorsen", "tervane"], act: Act::Answer("rating-3"),
        text: "I cannot destroy score sheets. They are records and the retention schedule says six years after the contract ends. The \
               first table stays in the file.",
        held: Held::ProcurementOnly, ..BASE
    },
    Scene {
        key: "lunch", at: "2021-03-11 12:14:26", from: "langtry", to: &["vale"], bcc: &["corrigan"],
        subject: "Thank you for Tuesday",
        text: "Dear Orrin,\n\nDale and I enjoyed lunch at the Customs House. As promised, two pages on what a local service desk would look \
               like are on their way to your office. We quite understand that the committee must finish its work.\n\nWarmly,\nSaoirse",
        held: Held::MayorOnly, ..BASE
    },
    Scene {
        key: "award", at: "2021-04-29 15:30:00", from: "wrenfield", to: &["tervane", "halvorsen"], cc: &["lindqvist", "parrish", "ketteridge"],
        subject: "Recommendation for award: 2021-CV-00417 Tidegate Monitoring and Control System", files: recommendation,
        text: "Attached is the recommendation for award to Brackwater Controls LLC in the amount of $18,400,000 for a term of four years. The \
               public hearing is on May 11. Law has approved the form of contract.",
        ..BASE
    },
    Scene {
        key: "award-2", at: "2021-04-29 16:02:47", from: "lindqvist", to: &["wrenfield"], cc: &["tervane", "halvorsen"], act: Act::Answer("award"),
        text: "Good news. Simone will want three sentences for the press office before the hearing notice goes up.",
        ..BASE
    },
    Scene {
        key: "registered", at: "2021-05-27 14:20:05", from: "finchley", to: &["wrenfield"], cc: &["kowalczyk", "watanabe"],
        subject: "Registered: 2021-CV-00417 BRACKWATER CONTROLS LLC",
        text: "The Comptroller has today registered the above contract.\n\nContract amount: $18,400,000.00\nContingency: $920,000.00\n\n\
               Please remember that changes which bring the total of all change orders above 20 percent of the contract amount, or any single \
               change of $4,000,000 or more, go to the Council's finance committee before work under them begins (Procurement Rules 4-02).",
        ..BASE
    },
    Scene {
        key: "kickoff", at: "2021-06-01 09:10:00", from: "halvorsen", to: &["strood", "mcgillivray", "velisarov"], cc: &["oyelaran", "parrish"],
        subject: "Kickoff: Tidegate Monitoring and Control System (2021-CV-00417)", files: kickoff,
        text: "Dear all,\n\nPlease find an invitation for the kickoff on June 8. Melanie will present the schedule, Lorna the access rules for \
               Piers 7 to 11. Safety vests are required for the walk afterwards.",
        ..BASE
    },
];

//! Which column of a load file says what, by the names that are in use.

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Parent,
    Family,
    From,
    To,
    Cc,
    Bcc,
    Subject,
    DateSent,
    TimeSent,
    TimeZone,
    MessageId,
    InReplyTo,
    References,
    ConversationIndex,
    Folder,
    Native,
    Text,
}

/// Names in capitals without what is no letter or digit. The first of several that a table has is taken.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Id,
        &[
            "BEGBATES",
            "PRODBEG",
            "PRODBEGBATES",
            "PRODBEGDOC",
            "BEGPROD",
            "BATESBEG",
            "BATESBEGIN",
            "BEGINBATES",
            "BEGINNINGBATES",
            "BEGDOC",
            "BEGDOCNO",
            "BEGNO",
            "BEGCONTROL",
            "CONTROLNUMBER",
            "DOCID",
            "DOCUMENTID",
            "BATESNUMBER",
            "BATES",
            "ITEMID",
        ],
    ),
    (
        Role::Parent,
        &[
            "PARENTID",
            "PARENTBATES",
            "PARENTBEGBATES",
            "PARENTDOCUMENTID",
            "PARENTDOCID",
            "PARENTCONTROLNUMBER",
            "PARENT",
        ],
    ),
    (
        Role::Family,
        &[
            "BEGATTACH",
            "BEGATTACHMENT",
            "BEGINATTACH",
            "PRODBEGATTACH",
            "ATTACHBEG",
            "BEGATT",
            "BEGFAMILY",
            "FAMILYID",
            "GROUPIDENTIFIER",
            "GROUPID",
        ],
    ),
    (
        Role::From,
        &["FROM", "EMAILFROM", "SENDER", "EMAILSENDER", "MAILFROM"],
    ),
    (
        Role::To,
        &["TO", "EMAILTO", "RECIPIENTS", "RECIPIENT", "MAILTO"],
    ),
    (Role::Cc, &["CC", "EMAILCC", "MAILCC"]),
    (Role::Bcc, &["BCC", "EMAILBCC", "MAILBCC"]),
    (Role::Subject, &["SUBJECT", "EMAILSUBJECT", "MAILSUBJECT"]),
    (
        Role::DateSent,
        &[
            "DATESENT",
            "DATETIMESENT",
            "SENTDATE",
            "SENTDATETIME",
            "EMAILDATESENT",
            "EMAILSENTDATE",
            "DATETIMESENTUTC",
            "SENTON",
            "SENT",
            "MASTERDATE",
        ],
    ),
    (
        Role::TimeSent,
        &["TIMESENT", "SENTTIME", "EMAILTIMESENT", "EMAILSENTTIME"],
    ),
    (
        Role::TimeZone,
        &["TIMEZONE", "TIMEZONEPROCESSED", "TIMEZONEUSED"],
    ),
    (
        Role::MessageId,
        &[
            "MESSAGEID",
            "INTERNETMESSAGEID",
            "EMAILMESSAGEID",
            "INTERNETMSGID",
            "MSGID",
        ],
    ),
    (
        Role::InReplyTo,
        &["INREPLYTO", "INREPLYTOID", "EMAILINREPLYTO"],
    ),
    (Role::References, &["REFERENCES", "EMAILREFERENCES"]),
    (
        Role::ConversationIndex,
        &["CONVERSATIONINDEX", "EMAILCONVERSATIONINDEX", "THREADINDEX"],
    ),
    (
        Role::Folder,
        &[
            "FOLDERPATH",
            "EMAILFOLDER",
            "EMAILFOLDERPATH",
            "ORIGINALFOLDERPATH",
        ],
    ),
    (
        Role::Native,
        &[
            "NATIVELINK",
            "NATIVEFILE",
            "NATIVEPATH",
            "NATIVEFILEPATH",
            "NATIVEFILELINK",
            "FILEPATH",
            "NATIVE",
            "DOCLINK",
        ],
    ),
    (
        Role::Text,
        &[
            "TEXTLINK",
            "TEXTPATH",
            "TEXTFILE",
            "TEXTFILEPATH",
            "EXTRACTEDTEXTPATH",
            "EXTRACTEDTEXT",
            "OCRPATH",
            "OCRTEXTPATH",
            "TEXTPRECEDENCE",
            "FULLTEXT",
            "EXTTEXT",
        ],
    ),
];

/// The columns of one load file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    places: Vec<(Role, usize)>,
    count: usize,
}

impl Columns {
    pub(super) fn of(header: &[String]) -> Self {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let places = NAMES
            .iter()
            .filter_map(|(role, known)| {
                let place = known
                    .iter()
                    .find_map(|known| names.iter().position(|name| name == known))?;
                Some((*role, place))
            })
            .collect();
        Self {
            places,
            count: header.len(),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether it is a table of documents that were delivered with it: one that names each and links to its file. A table
    /// without links is a list, such as a log of what was withheld.
    pub(super) fn is_production(&self) -> bool {
        self.has(Role::Id) && (self.has(Role::Native) || self.has(Role::Text))
    }

    fn has(&self, role: Role) -> bool {
        self.places.iter().any(|(known, _)| *known == role)
    }

    /// What a row says, without white space around it; empty where it says nothing.
    pub(super) fn get<'r>(&self, row: &'r [String], role: Role) -> &'r str {
        let place = match self.places.iter().find(|(known, _)| *known == role) {
            Some((_, place)) => *place,
            // The first column names the document, whatever it is called.
            None if role == Role::Id => 0,
            None => return "",
        };
        row.get(place).map_or("", |value| value.trim())
    }
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn columns(header: &str) -> Columns {
        let header: Vec<String> = header.split('|').map(str::to_owned).collect();
        Columns::of(&header)
    }

    // The header of a sample load file that a vendor publishes.
    #[test]
    fn knows_the_names_that_are_in_use() {
        let header = "Control Number|Custodian|Date Created|Date Last Modified|Date Received|Date Sent|Document Extension|Email BCC|Email CC|Email From|Email Subject|Email To|Extracted Text|Filename|Filesize|Folder Path|Group Identifier|MD5 Hash|number of attachments|Parent Document ID|Subject|Title|FILE_PATH";
        let columns = columns(header);
        assert!(columns.is_production());
        let row: Vec<String> = (0..23).map(|number| number.to_string()).collect();
        for (role, place) in [
            (Role::Id, "0"),
            (Role::DateSent, "5"),
            (Role::Bcc, "7"),
            (Role::Cc, "8"),
            (Role::From, "9"),
            (Role::To, "11"),
            (Role::Text, "12"),
            (Role::Folder, "15"),
            (Role::Family, "16"),
            (Role::Parent, "19"),
            (Role::Subject, "20"),
            (Role::Native, "22"),
        ] {
            assert_eq!(columns.get(&row, role), place, "{role:?}");
        }
    }

    #[test]
    fn a_list_without_links_is_no_production() {
        assert!(!columns("From|To|Subject|Date").is_production());
        assert!(!columns("Control Number|From|To|Privilege").is_production());
        assert!(columns("DocID|TEXT PATH").is_production());
    }
}

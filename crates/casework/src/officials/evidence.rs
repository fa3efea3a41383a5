//! Why two person strings are of one person, and how sure that is.

/// What joins two addresses or names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The user says so.
    Confirmed,
    /// A header names both for one person (`From` and `X-From`).
    Header,
    /// The person asks for answers to the other address, under the same name.
    ReplyTo,
    /// The name under the author's own words.
    Signature,
    /// The last common name of a directory name is the local part, and the names agree.
    CommonName,
    /// The same local part in a domain and one below it.
    Subdomain,
    /// The same name in one organisation, and both addresses are made of it.
    NameInOrganisation,
    /// The same name and the same mark of an agency.
    NameAndAgency,
    /// A name without an address in messages that go to or come from the address of that name, and of no other of it.
    Conversation,
    /// The same name without an address in another shape.
    Shape,
    /// The same name somewhere else.
    Name,
    /// A name that people of the other name are called by, or an initial.
    NearName,
    /// An address or account without a name that is made of the name of few people of the case.
    MadeOfName,
    /// A name that differs by a letter or two, as print-outs read by machine do.
    Spelling,
}

impl Reason {
    /// All reasons, the surest first.
    pub const ALL: [Reason; 14] = [
        Reason::Confirmed,
        Reason::Header,
        Reason::ReplyTo,
        Reason::Signature,
        Reason::CommonName,
        Reason::Subdomain,
        Reason::NameInOrganisation,
        Reason::NameAndAgency,
        Reason::Conversation,
        Reason::Shape,
        Reason::Name,
        Reason::NearName,
        Reason::MadeOfName,
        Reason::Spelling,
    ];

    /// The word for it in answers and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Header => "header",
            Self::ReplyTo => "reply_to",
            Self::Signature => "signature",
            Self::CommonName => "common_name",
            Self::Subdomain => "subdomain",
            Self::NameInOrganisation => "name_in_organisation",
            Self::NameAndAgency => "name_and_agency",
            Self::Conversation => "conversation",
            Self::Shape => "shape",
            Self::Name => "name",
            Self::NearName => "near_name",
            Self::MadeOfName => "made_of_name",
            Self::Spelling => "spelling",
        }
    }

    /// What it says, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Confirmed => "you said so",
            Self::Header => "one header names both",
            Self::ReplyTo => "asks for answers there, under the same name",
            Self::Signature => "signs so",
            Self::CommonName => "the directory name ends with the local part, and the names agree",
            Self::Subdomain => "the same local part in a domain and one below it",
            Self::NameInOrganisation => {
                "the same name in one organisation, and both addresses are made of it"
            }
            Self::NameAndAgency => "the same name and the same agency behind it",
            Self::Conversation => {
                "named in messages with the address of that name, and of no other of it"
            }
            Self::Shape => "the same name in another shape",
            Self::Name => "the same name elsewhere",
            Self::NearName => "a short form or an initial of the name",
            Self::MadeOfName => "made of this name",
            Self::Spelling => "a name that differs by a letter or two",
        }
    }
}

/// A join that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// A node; see [`super::Resolution::keys`].
    pub one: u32,
    /// The other.
    pub other: u32,
    /// Why.
    pub reason: Reason,
    /// How sure, in percent.
    pub confidence: u8,
}

/// A join that somebody has to confirm or reject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// A node.
    pub one: u32,
    /// The other.
    pub other: u32,
    /// Why.
    pub reason: Reason,
    /// How likely, in percent.
    pub confidence: u8,
    /// Messages that it would bring to the one that has more.
    pub messages: u32,
}

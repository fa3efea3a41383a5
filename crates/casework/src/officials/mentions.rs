//! Who is named in one message and in which role, packed small.
//!
//! A person string is a number here: the ledger keeps each string once. Roles follow one another as in the message,
//! and a string stands in its group at the place at which it was named.

/// In which role a person string stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// From
    From,
    /// To
    To,
    /// Cc
    Cc,
    /// Bcc
    Bcc,
    /// Sender: who sent in the name of From.
    Sender,
    /// Reply-To
    ReplyTo,
    /// Who wrote a message that is quoted or passed on.
    QuotedFrom,
    /// Who got it.
    QuotedTo,
    /// Who got a copy of it.
    QuotedCc,
    /// Two strings that a header says to be of one person, one after the other.
    Same,
    /// The name under the author's own words, after the string of the author.
    Signed,
    /// Named in another way: in a list beside the header fields, or as who passed a message on.
    Told,
}

impl Role {
    /// All roles, in the order of their numbers.
    pub const ALL: [Role; 12] = [
        Role::From,
        Role::To,
        Role::Cc,
        Role::Bcc,
        Role::Sender,
        Role::ReplyTo,
        Role::QuotedFrom,
        Role::QuotedTo,
        Role::QuotedCc,
        Role::Same,
        Role::Signed,
        Role::Told,
    ];

    /// Its number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The word for it in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
            Self::Sender => "sender",
            Self::ReplyTo => "reply_to",
            Self::QuotedFrom => "quoted_from",
            Self::QuotedTo => "quoted_to",
            Self::QuotedCc => "quoted_cc",
            Self::Same => "same",
            Self::Signed => "signed",
            Self::Told => "told",
        }
    }
}

/// The people of one role, by the numbers of their strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The role.
    pub role: Role,
    /// The strings, in order.
    pub people: Vec<u32>,
}

/// Packs the groups of a message: about two bytes and two or three for each string.
pub fn pack(groups: &[Group]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in groups.iter().filter(|group| !group.people.is_empty()) {
        bytes.push(group.role.number());
        push(&mut bytes, group.people.len() as u64);
        for person in &group.people {
            push(&mut bytes, u64::from(*person));
        }
    }
    bytes
}

/// Reads what [`pack`] wrote; what is cut off at the end is not there.
pub fn unpack(bytes: &[u8]) -> Vec<Group> {
    let mut rest = bytes;
    let mut groups = Vec::new();
    while let Some((number, after)) = rest.split_first() {
        rest = after;
        let Some(role) = Role::ALL.get(usize::from(*number)) else {
            break;
        };
        let Some(count) = pop(&mut rest) else { break };
        let mut people = Vec::new();
        for _ in 0..count {
            match pop(&mut rest).and_then(|number| u32::try_from(number).ok()) {
                Some(person) => people.push(person),
                None => break,
            }
        }
        groups.push(Group {
            role: *role,
            people,
        });
    }
    groups
}

/// Adds a number: seven bits a byte, the least first.
pub fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number that [`push`] added off the start; `None` where none is.
pub fn pop(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_back_in_order() {
        let groups = vec![
            Group {
                role: Role::From,
                people: vec![1],
            },
            Group {
                role: Role::To,
                people: vec![0, 127, 128, 300_000, u32::MAX, 300_000],
            },
            Group {
                role: Role::QuotedFrom,
                people: vec![2],
            },
            Group {
                role: Role::QuotedFrom,
                people: vec![3],
            },
        ];
        let packed = pack(&groups);
        assert_eq!(unpack(&packed), groups);
        for end in 0..packed.len() {
            assert!(unpack(&packed[..end]).len() <= groups.len());
        }
        assert_eq!(unpack(&[99, 1, 1]), []);
        assert_eq!(
            unpack(&[0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
            []
        );
        for (number, role) in (0..).zip(Role::ALL) {
            assert_eq!(role.number(), number);
        }
    }
}

//! A letter made of a row: what the load file says, in the form of a mail.

use muckrake_mail::date;

use super::columns::{Columns, Role};

/// Whether a row tells of an email.
pub(super) fn is_email(columns: &Columns, row: &[String]) -> bool {
    let says = |role| !columns.get(row, role).is_empty();
    says(Role::From) || says(Role::To) && (says(Role::Subject) || says(Role::DateSent))
}

/// The letter of a row. The same row and text give the same bytes, by which it is known again.
pub(super) fn compose(columns: &Columns, row: &[String], text: &str) -> Vec<u8> {
    let mut letter = String::new();
    let mut put = |name: &str, value: &str| {
        let value = one_line(value);
        if !value.is_empty() {
            letter.push_str(&format!("{name}: {value}\r\n"));
        }
    };
    for (name, role) in [
        ("From", Role::From),
        ("To", Role::To),
        ("Cc", Role::Cc),
        ("Bcc", Role::Bcc),
    ] {
        put(name, &people(columns.get(row, role)));
    }
    put("Subject", columns.get(row, Role::Subject));
    put("Date", &sent(columns, row));
    put("Message-ID", &ids(columns.get(row, Role::MessageId)));
    put("In-Reply-To", &ids(columns.get(row, Role::InReplyTo)));
    put("References", &ids(columns.get(row, Role::References)));
    put("Thread-Index", columns.get(row, Role::ConversationIndex));
    put("X-Load-File-Document", columns.get(row, Role::Id));
    letter.push_str("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n");
    letter.push_str("Content-Transfer-Encoding: 8bit\r\n\r\n");
    letter.push_str(text);
    letter.into_bytes()
}

/// A value without what would end the line of a header field.
fn one_line(value: &str) -> String {
    let words = value.split(|letter: char| letter.is_control() || letter.is_whitespace());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// People as they stand in a mail: names quoted, since most are written `Last, First`.
fn people(value: &str) -> String {
    let people = value.split(';').map(person).filter(|one| !one.is_empty());
    people.collect::<Vec<_>>().join(", ")
}

fn person(text: &str) -> String {
    let text = one_line(text);
    let (name, address) = match text
        .rsplit_once('<')
        .filter(|(_, rest)| rest.ends_with('>'))
    {
        Some((name, address)) => (name.trim(), Some(address.trim_end_matches('>'))),
        None if text.contains('@') && !text.contains(' ') => return text,
        None => (text.as_str(), None),
    };
    let name = name.trim_matches(['"', '\'', ' ']);
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    match (name.is_empty(), address) {
        (true, Some(address)) => format!("<{address}>"),
        (false, Some(address)) => format!("\"{name}\" <{address}>"),
        (false, None) => format!("\"{name}\""),
        (true, None) => String::new(),
    }
}

/// When it was sent: day and time of one column or of two, with the zone where the table tells one.
fn sent(columns: &Columns, row: &[String]) -> String {
    let day = one_line(columns.get(row, Role::DateSent));
    let time = one_line(columns.get(row, Role::TimeSent));
    let whole = match date::parse(&day) {
        Some(date) if date.precision != muckrake_mail::DatePrecision::Day => day,
        _ if time.is_empty() => day,
        _ => format!("{day} {time}"),
    };
    let zone = one_line(columns.get(row, Role::TimeZone));
    let zone = match zone.to_ascii_uppercase().as_str() {
        "UTC" | "GMT" | "Z" | "(UTC)" | "COORDINATED UNIVERSAL TIME" => "+0000",
        _ => zone.as_str(),
    };
    let zoned = format!("{whole} {zone}");
    let told = |text: &str| date::parse(text).and_then(|date| date.offset);
    match told(&whole).is_none() && told(&zoned).is_some() {
        true => zoned,
        false => whole,
    }
}

/// Message-IDs in their brackets.
fn ids(value: &str) -> String {
    let ids = value
        .split([';', ' ', '\n', '\t'])
        .map(|id| id.trim_matches(['<', '>', ',']))
        .filter(|id| !id.is_empty())
        .map(|id| format!("<{id}>"));
    ids.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use muckrake_mail::{Limits, Mention};

    fn read(header: &str, row: &str, text: &str) -> muckrake_mail::Message {
        let header: Vec<String> = header.split('|').map(str::to_owned).collect();
        let row: Vec<String> = row.split('|').map(str::to_owned).collect();
        let letter = compose(&Columns::of(&header), &row, text);
        muckrake_mail::parse(&letter, &Limits::default())
    }

    #[test]
    fn a_row_reads_as_the_mail_it_tells_of() {
        let message = read(
            "BEGBATES|FROM|TO|SUBJECT|DATESENT|TIMESENT|MESSAGEID|REFERENCES",
            "P-1|Example, Anne (BOP) <anne@harbour.example>|Sample, Bob; carol@city.example|Pier: \"north\"|3/1/2021|10:30 AM|a@b|c@d; <e@f>",
            "The pier\nis ready.\n",
        );
        let mention = |name: &str, address: &str| Mention {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: (!address.is_empty()).then(|| address.to_owned()),
        };
        assert_eq!(
            message.from,
            [mention("Example, Anne (BOP)", "anne@harbour.example")]
        );
        assert_eq!(
            message.to,
            [
                mention("Sample, Bob", ""),
                mention("", "carol@city.example")
            ]
        );
        assert_eq!(message.subject.as_deref(), Some("Pier: \"north\""));
        let date = message.date.unwrap();
        // By `date -u -d '2021-03-01 10:30' +%s`.
        assert_eq!((date.local, date.offset), (1_614_594_600, None));
        assert_eq!(message.message_id.as_deref(), Some("a@b"));
        assert_eq!(message.references, ["c@d", "e@f"]);
        assert_eq!(message.body[0].text, "The pier\nis ready.\n");
    }

    #[test]
    fn a_zone_that_the_table_tells_counts() {
        for (day, time, zone, local, offset) in [
            (
                "2021-03-01 10:30:00",
                "10:30:00",
                "UTC",
                1_614_594_600,
                Some(0),
            ),
            ("2021-03-01", "10:30", "GMT", 1_614_594_600, Some(0)),
            (
                "2021-03-01 10:30:00 -0500",
                "",
                "UTC",
                1_614_594_600,
                Some(-18_000),
            ),
            ("20210301", "", "", 1_614_556_800, None),
            ("3/1/2021 10:30 AM", "", "Eastern", 1_614_594_600, None),
        ] {
            let row = format!("1|a@b.example|{day}|{time}|{zone}");
            let message = read("DOCID|FROM|DATESENT|TIMESENT|TIMEZONE", &row, "");
            let date = message.date.unwrap_or_else(|| panic!("{row}"));
            assert_eq!((date.local, date.offset), (local, offset), "{row}");
        }
    }

    #[test]
    fn no_value_makes_a_field_of_its_own() {
        let message = read(
            "DOCID|FROM|SUBJECT",
            "1|a@b.example|x\r\nBcc: evil@x.example\u{b}y",
            "",
        );
        assert_eq!(message.subject.as_deref(), Some("x Bcc: evil@x.example y"));
        assert!(message.bcc.is_empty());
    }
}

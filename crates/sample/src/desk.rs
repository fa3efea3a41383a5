//! Writing mail as the cast would: ids, quoting, signatures, subject prefixes.

use crate::attachment::File;
use crate::encode::Charset;
use crate::encode::wrap;
use crate::mail::Form;
use crate::mail::Held;
use crate::mail::Mail;
use crate::mail::Party;
use crate::mail::Transfer;
use crate::moment::Moment;
use crate::people::Agency;
use crate::people::Client;
use crate::people::Person;
use crate::random::Random;
use crate::thread_index;

/// What a message does with an earlier one, named by its place among all messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Write,
    Answer(usize),
    Forward(usize),
}

/// What is needed to send a message.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub key: &'static str,
    pub at: Moment,
    pub from: &'static Person,
    pub to: Vec<&'static Person>,
    pub cc: Vec<&'static Person>,
    pub bcc: Vec<&'static Person>,
    pub does: Does,
    /// Used by first messages; answers take that of what they answer.
    pub subject: String,
    pub text: String,
    pub files: Vec<File>,
    pub attached: Vec<usize>,
    pub held: Held,
}

/// Where messages are written, in order.
pub(crate) struct Desk {
    pub random: Random,
    pub mails: Vec<Mail>,
}

impl Desk {
    pub(crate) fn new(random: Random) -> Self {
        Self {
            random,
            mails: Vec::new(),
        }
    }

    /// The place of a planted message. Panics on an unknown key: keys are constants of this crate.
    pub(crate) fn find(&self, key: &str) -> usize {
        self.mails
            .iter()
            .position(|mail| mail.key == key)
            .unwrap_or_else(|| panic!("no message `{key}` yet"))
    }

    /// Writes a message and gives its place.
    pub(crate) fn send(&mut self, draft: Draft) -> usize {
        let writer = draft.from;
        let by = |people: &[&'static Person]| {
            people
                .iter()
                .map(|person| Party::by(person, writer))
                .collect()
        };
        let subject = self.subject(&draft);
        let (in_reply_to, references) = self.ancestry(draft.does);
        let own = dress(&draft.text, writer.client);
        let closing = self.closing(writer, draft.does != Does::Write);
        let quoted = self.quotation(draft.does, writer.client);
        let enclosed = !draft.files.is_empty() || !draft.attached.is_empty();
        let mut mail = Mail {
            key: draft.key,
            message_id: Some(self.message_id(writer)),
            in_reply_to,
            references,
            at: draft.at,
            dated: true,
            client: writer.client,
            from: Party {
                name: writer.name_by(writer),
                address: writer.address.to_owned(),
            },
            to: by(&draft.to),
            cc: by(&draft.cc),
            bcc: by(&draft.bcc),
            thread_topic: base_subject(&subject).to_owned(),
            subject,
            own,
            closing,
            quoted,
            form: Form::Plain,
            charset: Charset::Ascii,
            transfer: Transfer::SevenBit,
            files: draft.files,
            attached: draft.attached,
            thread_index: self.thread_index(writer, draft.does, draft.at),
            extra: extra_fields(writer.client, enclosed),
            held: draft.held,
            raw: None,
            traced: true,
            marks: Vec::new(),
        };
        self.pack(&mut mail);
        self.mails.push(mail);
        self.mails.len() - 1
    }

    fn subject(&self, draft: &Draft) -> String {
        let outlook = matches!(draft.from.client, Client::Outlook | Client::BlackBerry);
        let (parent, prefix) = match draft.does {
            Does::Write => return draft.subject.clone(),
            Does::Answer(parent) => (parent, if outlook { "RE: " } else { "Re: " }),
            Does::Forward(parent) => (parent, if outlook { "FW: " } else { "Fwd: " }),
        };
        let subject = &self.mails[parent].subject;
        match draft.does {
            Does::Answer(_) => format!("{prefix}{}", base_subject(subject)),
            _ => format!("{prefix}{subject}"),
        }
    }

    fn ancestry(&self, does: Does) -> (Option<String>, Vec<String>) {
        let (Does::Answer(parent) | Does::Forward(parent)) = does else {
            return (None, Vec::new());
        };
        let parent = &self.mails[parent];
        let Some(id) = parent.message_id.clone() else {
            return (None, Vec::new());
        };
        let mut references = parent.references.clone();
        references.push(id.clone());
        (matches!(does, Does::Answer(_)).then_some(id), references)
    }

    /// A Message-ID in the manner of the writer's program.
    pub(crate) fn message_id(&mut self, writer: &Person) -> String {
        let random = &mut self.random;
        let domain = writer.domain();
        match writer.client {
            Client::Outlook => {
                let host = format!(
                    "RM{}MB{:04}.prod.{domain}",
                    random.hex(4),
                    random.below(10_000)
                );
                format!("{}@{host}", random.hex(32))
            }
            Client::Phone => format!(
                "{}-{}-{}-{}-{}@{domain}",
                random.hex(8),
                random.hex(4),
                random.hex(4),
                random.hex(4),
                random.hex(12)
            ),
            Client::Gmail => format!(
                "CA+{}={}@mail.{domain}",
                random.hex(20).to_lowercase(),
                random.hex(12).to_lowercase()
            ),
            Client::Thunderbird => {
                format!(
                    "{}-{}@{domain}",
                    random.hex(8).to_lowercase(),
                    random.hex(12).to_lowercase()
                )
            }
            Client::BlackBerry => format!(
                "{}-{}@b{}.bisx.{domain}",
                random.below(1 << 31),
                random.below(1 << 31),
                random.below(30)
            ),
            Client::Machine => format!("{}.{}@{domain}", random.below(1 << 40), random.hex(10)),
        }
    }

    fn thread_index(&mut self, writer: &Person, does: Does, at: Moment) -> Option<Vec<u8>> {
        if writer.client != Client::Outlook {
            return None;
        }
        let parent = match does {
            Does::Write => None,
            Does::Answer(parent) | Does::Forward(parent) => self.mails[parent].thread_index.clone(),
        };
        Some(match parent {
            Some(parent) => thread_index::child(&parent, at, &mut self.random),
            None => thread_index::root(at, &mut self.random),
        })
    }

    /// Signature and footer. Answers are signed more shortly.
    fn closing(&mut self, writer: &Person, answer: bool) -> String {
        let telephone = 100 + writer.address.bytes().map(usize::from).sum::<usize>() % 100;
        match writer.client {
            Client::Phone => return "Sent from my iPhone".to_owned(),
            Client::BlackBerry => return "Sent from my BlackBerry 10 smartphone.".to_owned(),
            Client::Machine => return String::new(),
            Client::Gmail | Client::Thunderbird if writer.title.is_empty() => {
                return writer.first.to_owned();
            }
            Client::Gmail => return format!("-- \n{}\n{}", writer.name(), writer.title),
            Client::Thunderbird => {
                return format!(
                    "-- \n{}\n{}\nTel. 555-0{telephone}",
                    writer.name(),
                    writer.title
                );
            }
            Client::Outlook => {}
        }
        if answer && self.random.chance(55) {
            return initials(writer);
        }
        let mut lines = vec![writer.name(), writer.title.to_owned()];
        if !writer.agency.name().is_empty() {
            lines.push(writer.agency.name().to_owned());
        }
        lines.push(format!("(555) 555-0{telephone} | {}", writer.address));
        let signature = lines.join("\n");
        match footer(writer.agency) {
            Some(footer) => format!("{signature}\n\n{footer}"),
            None => signature,
        }
    }

    fn quotation(&mut self, does: Does, client: Client) -> String {
        match does {
            Does::Write => String::new(),
            // Some answer without quoting.
            Does::Answer(_) if self.random.chance(8) => String::new(),
            Does::Answer(parent) => quote(&self.mails[parent], client, self.random.chance(50)),
            Does::Forward(parent) => pass_on(&self.mails[parent], client),
        }
    }

    /// Chooses form, character set and transfer encoding as the writer's program does.
    fn pack(&mut self, mail: &mut Mail) {
        let text = mail.text();
        let ascii = text.is_ascii();
        let long = text.lines().any(|line| line.len() > 900);
        let roll = self.random.below(100);
        (mail.form, mail.charset, mail.transfer) = match mail.client {
            Client::Outlook if roll < 30 => (
                Form::Alternative,
                Charset::Windows1252,
                Transfer::QuotedPrintable,
            ),
            Client::Outlook if roll < 36 => (Form::Html, Charset::Utf8, Transfer::Base64),
            Client::Outlook if ascii && !long && roll < 70 => {
                (Form::Plain, Charset::Ascii, Transfer::SevenBit)
            }
            Client::Outlook => (Form::Plain, Charset::Windows1252, Transfer::QuotedPrintable),
            Client::Gmail if roll < 70 => {
                (Form::Alternative, Charset::Utf8, Transfer::QuotedPrintable)
            }
            Client::Gmail => (Form::Plain, Charset::Utf8, Transfer::Base64),
            Client::Thunderbird if roll < 60 => (Form::Flowed, Charset::Utf8, Transfer::EightBit),
            Client::Thunderbird => (Form::Plain, Charset::Latin1, Transfer::EightBit),
            Client::Phone if ascii && roll < 40 => {
                (Form::Flowed, Charset::Ascii, Transfer::SevenBit)
            }
            Client::Phone => (Form::Plain, Charset::Utf8, Transfer::QuotedPrintable),
            Client::BlackBerry => (Form::Plain, Charset::Windows1252, Transfer::Base64),
            Client::Machine => (Form::Plain, Charset::Ascii, Transfer::SevenBit),
        };
        if mail.charset.encode(&text).is_none() {
            (mail.charset, mail.transfer) = (Charset::Utf8, Transfer::QuotedPrintable);
        }
    }
}

/// Outlook puts curly quotes and dashes where the writer typed plain ones; others wrap their lines.
fn dress(text: &str, client: Client) -> String {
    match client {
        Client::Outlook => {
            let mut out = String::with_capacity(text.len() + 16);
            let mut before = ' ';
            for character in text.chars() {
                out.push(match character {
                    '\'' => '\u{2019}',
                    '"' if before.is_whitespace() || before == '(' => '\u{201c}',
                    '"' => '\u{201d}',
                    other => other,
                });
                before = character;
            }
            out.replace(" - ", " \u{2013} ")
        }
        Client::Gmail | Client::Machine => wrap(text, 72, "\n"),
        Client::Thunderbird | Client::Phone | Client::BlackBerry => text.to_owned(),
    }
}

fn initials(writer: &Person) -> String {
    writer
        .first
        .chars()
        .next()
        .into_iter()
        .chain(writer.last.chars().next())
        .collect()
}

fn footer(agency: Agency) -> Option<&'static str> {
    match agency {
        Agency::Procurement => Some(
            "CONFIDENTIALITY NOTICE: This message and any attachment may contain confidential or privileged procurement \
             information and is intended only for the person named above. If you have received it in error, please notify the \
             sender and delete it.",
        ),
        Agency::Law => Some(
            "ATTORNEY-CLIENT COMMUNICATION. This e-mail is confidential and may be protected by the attorney-client privilege \
             or the work product doctrine. Do not forward it outside the City without consulting the sender.",
        ),
        Agency::Mayor => Some("Please consider the river before printing this e-mail."),
        Agency::Harbor | Agency::Comptroller | Agency::Vendor | Agency::Outside => None,
    }
}

/// The subject without prefixes of answers and forwards.
pub(crate) fn base_subject(subject: &str) -> &str {
    let mut rest = subject;
    while let Some((prefix, after)) = rest.split_once(": ") {
        if !matches!(prefix.to_ascii_lowercase().as_str(), "re" | "fw" | "fwd") {
            break;
        }
        rest = after;
    }
    rest
}

fn extra_fields(client: Client, enclosed: bool) -> Vec<String> {
    let fields: &[&str] = match client {
        Client::Outlook => &[
            if enclosed {
                "X-MS-Has-Attach: yes"
            } else {
                "X-MS-Has-Attach:"
            },
            "X-MS-TNEF-Correlator:",
            "Accept-Language: en-US",
        ],
        Client::Phone => &["X-Mailer: iPhone Mail (19F77)"],
        Client::Thunderbird => &["User-Agent: Mozilla/5.0 Thunderbird/91.9.1"],
        Client::BlackBerry => &["X-Mailer: BlackBerry Email (10.3.3.3216)"],
        Client::Gmail | Client::Machine => &[],
    };
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// The lines of a text, each behind `> `.
fn angled(text: &str) -> String {
    let wrapped = wrap(text, 76, "\n");
    let lines: Vec<String> = wrapped
        .lines()
        .map(|line| match line {
            "" => ">".to_owned(),
            quoted if quoted.starts_with('>') => format!(">{quoted}"),
            plain => format!("> {plain}"),
        })
        .collect();
    lines.join("\n")
}

fn quote(parent: &Mail, client: Client, variant: bool) -> String {
    let text = parent.text();
    let who = parent.from.in_text();
    match client {
        Client::Outlook => {
            let mark = if variant {
                "-----Original Message-----"
            } else {
                "________________________________"
            };
            format!("{mark}\n{}\n\n{text}", outlook_block(parent))
        }
        Client::BlackBerry => format!(
            "----- Original Message -----\n{}\n\n{text}",
            outlook_block(parent)
        ),
        Client::Gmail => {
            let introduction = wrap(&format!("On {} {who} wrote:", parent.at.gmail()), 76, "\n");
            format!("{introduction}\n\n{}", angled(&text))
        }
        Client::Phone => format!(
            "On {}, {who} wrote:\n\n{}",
            parent.at.apple(),
            angled(&text)
        ),
        Client::Thunderbird | Client::Machine => {
            format!(
                "On {}, {} wrote:\n{}",
                parent.at.numeric(),
                parent.from.name,
                angled(&text)
            )
        }
    }
}

fn pass_on(parent: &Mail, client: Client) -> String {
    let text = parent.text();
    let to = list_in_text(&parent.to, ", ");
    let (from, subject) = (parent.from.in_text(), &parent.subject);
    match client {
        Client::Outlook | Client::BlackBerry => {
            format!(
                "-----Original Message-----\n{}\n\n{text}",
                outlook_block(parent)
            )
        }
        Client::Gmail => format!(
            "---------- Forwarded message ---------\nFrom: {from}\nDate: {}\nSubject: {subject}\nTo: {to}\n\n{text}",
            parent.at.gmail()
        ),
        Client::Phone => format!(
            "Begin forwarded message:\n\nFrom: {from}\nSubject: {subject}\nDate: {}\nTo: {to}\n\n{text}",
            parent.at.apple()
        ),
        Client::Thunderbird | Client::Machine => format!(
            "-------- Forwarded Message --------\nSubject: {subject}\nDate: {}\nFrom: {from}\nTo: {to}\n\n{text}",
            parent.at.rfc5322()
        ),
    }
}

fn outlook_block(parent: &Mail) -> String {
    let mut lines = vec![
        format!("From: {}", parent.from.in_text()),
        format!("Sent: {}", parent.at.outlook()),
        format!("To: {}", list_in_text(&parent.to, "; ")),
    ];
    if !parent.cc.is_empty() {
        lines.push(format!("Cc: {}", list_in_text(&parent.cc, "; ")));
    }
    lines.push(format!("Subject: {}", parent.subject));
    lines.join("\n")
}

fn list_in_text(parties: &[Party], separator: &str) -> String {
    let written: Vec<String> = parties.iter().map(Party::in_text).collect();
    written.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_taken_off() {
        assert_eq!(base_subject("RE: FW: Re: Pier 9: access"), "Pier 9: access");
        assert_eq!(base_subject("Invoice"), "Invoice");
    }

    #[test]
    fn outlook_text_gets_curly_quotes() {
        assert_eq!(
            dress("it's \"done\" - now", Client::Outlook),
            "it\u{2019}s \u{201c}done\u{201d} \u{2013} now"
        );
    }

    #[test]
    fn quotations_nest() {
        assert_eq!(angled("one\n\n> two"), "> one\n>\n>> two");
    }
}
